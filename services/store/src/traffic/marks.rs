//! Which quarters have to be summed up.

use std::collections::BTreeSet;

use futures_util::TryStreamExt;
use traffic::{QUARTER_US, Quarter};

use super::Place;
use crate::{
    column::Column,
    dialect::Dialect,
    driver::{Connection, Value},
    error::StoreError,
    lease::{in_transaction, on_connection},
    store::Store,
    table::CellReader,
};

const TABLE: &str = "traffic_marks";
const ADD: &str = "INSERT INTO traffic_marks (quarter_us, node, writer, marks)";
const ADDED: usize = 4;
const DIRTY: &str =
    "SELECT DISTINCT quarter_us, node FROM traffic_marks ORDER BY quarter_us DESC, node LIMIT $1";
const COUNT: &str = "SELECT COUNT(*), MIN(quarter_us) FROM traffic_marks";
const SEEN: &str = "SELECT writer, marks FROM traffic_marks WHERE quarter_us = $1 AND node = $2";
const REMOVE: &str =
    "DELETE FROM traffic_marks WHERE quarter_us = $1 AND node = $2 AND writer = $3 AND marks = $4";
const FORGET: &str = "DELETE FROM traffic_awaited WHERE quarter_us < $1";

pub(super) const STATEMENTS: [&str; 5] = [DIRTY, COUNT, SEEN, REMOVE, FORGET];

/// Marks one statement adds.
const PER_STATEMENT: usize = 1_000;

/// What is marked all at once, because it has to be summed up again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Everything {
    /// With calls in the tables.
    Recorded,
    /// With decisions in the tables.
    Decided,
    /// With calls that were summed up before.
    SummedUp,
}

impl Everything {
    const ALL: [Self; 3] = [Self::Recorded, Self::Decided, Self::SummedUp];

    fn name(self) -> &'static str {
        match self {
            Self::Recorded => "INSERT INTO traffic_marks … FROM calls",
            Self::Decided => "INSERT INTO traffic_marks … FROM decisions",
            Self::SummedUp => "INSERT INTO traffic_marks … FROM traffic_calls",
        }
    }

    fn statement(self, dialect: Dialect) -> String {
        let (time, table) = match self {
            Self::Recorded => ("created_us", "calls"),
            Self::Decided => ("decided_us", "decisions"),
            Self::SummedUp => ("quarter_us", "traffic_calls"),
        };
        let (since, again) = (dialect.placeholder(1), counted_up(dialect));
        format!(
            "{ADD} SELECT DISTINCT {time} - {time} % {QUARTER_US}, node, 'recalculation', 1 FROM {table} \
             WHERE {time} >= {since}{again}"
        )
    }
}

pub(super) fn built_statements(dialect: Dialect) -> Vec<(&'static str, String)> {
    let mut built = vec![(ADD, add_statement(dialect, 1))];
    built.extend(Everything::ALL.map(|everything| (everything.name(), everything.statement(dialect))));
    built
}

fn add_statement(dialect: Dialect, places: usize) -> String {
    dialect.bulk(ADD, ADDED, places) + counted_up(dialect)
}

fn counted_up(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::MariaDb => " ON DUPLICATE KEY UPDATE marks = traffic_marks.marks + 1",
        Dialect::Postgres | Dialect::Sqlite => {
            " ON CONFLICT (quarter_us, node, writer) DO UPDATE SET marks = traffic_marks.marks + 1"
        }
    }
}

/// Notes, as the last thing a transaction does, that it has written rows of these quarters. `writer` (1 to 200
/// characters) is who writes: writers of different names do not wait for each other.
pub(crate) async fn mark<C: Connection>(
    connection: &mut C,
    writer: &str,
    places: &BTreeSet<Place>,
) -> Result<(), StoreError> {
    let places: Vec<_> = places.iter().collect();
    for places in places.chunks(PER_STATEMENT) {
        let mut values = Vec::with_capacity(places.len() * ADDED);
        for Place { quarter, node } in places {
            values.extend([Value::Key(Some(quarter.from_us())), text(node.as_str()), text(writer)]);
            values.push(Value::Key(Some(1)));
        }
        let sql = add_statement(C::DIALECT, places.len());
        connection.run_built(sql, &values).await.map_err(StoreError::driver(ADD))?;
    }
    Ok(())
}

impl Store {
    /// Up to `limit` quarters whose rows have changed since they were summed up, the latest first.
    pub async fn marked_quarters(&self, limit: u32) -> Result<Vec<Place>, StoreError> {
        on_connection!(self, connection => list(connection, limit).await)
    }

    /// How many marks there are, and the oldest quarter with one.
    pub async fn marks_of_quarters(&self) -> Result<(u64, Option<Quarter>), StoreError> {
        on_connection!(self, connection => count(connection).await)
    }

    /// Marks every quarter since `since_us` that has calls or decisions, so that it is summed up again; tells how many.
    /// Work for the database: it reads the keys of all calls since then.
    pub async fn recalculate_quarters(&self, since_us: i64) -> Result<u64, StoreError> {
        in_transaction!(self, begin_bulk, connection => everything(connection, since_us).await)
    }

    /// Waits no longer for decisions that calls of the time before `before_us` name.
    pub async fn forget_awaited_decisions(&self, before_us: i64) -> Result<u64, StoreError> {
        let values = [before_us.value()];
        on_connection!(self, connection => connection.run(FORGET, &values).await)
            .map_err(StoreError::driver(FORGET))
    }
}

/// What has calls or decisions.
pub(super) async fn everything<C: Connection>(connection: &mut C, since_us: i64) -> Result<u64, StoreError> {
    let recorded = mark_all(connection, Everything::Recorded, since_us).await?;
    Ok(recorded.max(mark_all(connection, Everything::Decided, since_us).await?))
}

pub(super) async fn mark_all<C: Connection>(
    connection: &mut C,
    everything: Everything,
    since_us: i64,
) -> Result<u64, StoreError> {
    // Calls from before 1970 are nonsense, and the remainder of their times is another one on each database.
    let since = [Value::Key(Some(since_us.max(0)))];
    let done = connection.run_built(everything.statement(C::DIALECT), &since).await;
    done.map_err(StoreError::driver(everything.name()))
}

async fn list(connection: &mut impl Connection, limit: u32) -> Result<Vec<Place>, StoreError> {
    let mut places = Vec::new();
    let mut rows = connection.rows(DIRTY, &[Value::Key(Some(limit.into()))]);
    while let Some(row) = rows.try_next().await.map_err(StoreError::driver(DIRTY))? {
        let mut cells = CellReader::new(&row, TABLE, &["quarter_us", "node"]);
        places.push(Place { quarter: Quarter::of(cells.take()?), node: cells.take()? });
    }
    Ok(places)
}

async fn count(connection: &mut impl Connection) -> Result<(u64, Option<Quarter>), StoreError> {
    let rows: Vec<_> = connection.rows(COUNT, &[]).try_collect().await.map_err(StoreError::driver(COUNT))?;
    let Some(row) = rows.first() else { return Ok((0, None)) };
    let mut cells = CellReader::new(row, TABLE, &["count", "quarter_us"]);
    Ok((cells.take()?, cells.take::<Option<i64>>()?.map(Quarter::of)))
}

/// The marks of a quarter as they stand now.
pub(super) struct SeenMarks(Vec<(String, i64)>);

impl SeenMarks {
    pub(super) async fn read<C: Connection>(connection: &mut C, place: &Place) -> Result<Self, StoreError> {
        let mut seen = Vec::new();
        let mut rows = connection.rows(SEEN, &key(place));
        while let Some(row) = rows.try_next().await.map_err(StoreError::driver(SEEN))? {
            let mut cells = CellReader::new(&row, TABLE, &["writer", "marks"]);
            seen.push((cells.take()?, cells.take()?));
        }
        Ok(Self(seen))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Removes those that nobody has counted up since.
    pub(super) async fn remove<C: Connection>(
        &self,
        connection: &mut C,
        place: &Place,
    ) -> Result<(), StoreError> {
        for (writer, marks) in &self.0 {
            let [quarter, node] = key(place);
            let values = [quarter, node, text(writer), marks.value()];
            connection.run(REMOVE, &values).await.map_err(StoreError::driver(REMOVE))?;
        }
        Ok(())
    }
}

/// The values of `quarter_us` and `node`.
pub(super) fn key(place: &Place) -> [Value<'_>; 2] {
    [Value::Key(Some(place.quarter.from_us())), text(place.node.as_str())]
}

pub(super) fn text(text: &str) -> Value<'_> {
    Value::Text(Some(text.into()))
}
