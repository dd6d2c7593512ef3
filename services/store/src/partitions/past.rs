//! Months that are over, and how one goes.

use std::{collections::BTreeMap, fmt};

use futures_util::TryStreamExt;

use super::{Start, bounds};
use crate::{
    dialect::Dialect,
    driver::{Connection, Value},
    error::StoreError,
    table::CellReader,
};

/// What a part of a table holds: times from one on, and before another, microseconds of UTC. It is a month, or all before
/// the end of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Month {
    pub to_us: i64,
    pub from_us: i64,
}

/// The last month it holds: `2026-11`.
impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = Start::of(self.to_us.saturating_sub(1)).map(Start::name).unwrap_or_default();
        f.write_str(&name.replace('_', "-"))
    }
}

const PARTS: &str = "SELECT CAST(part.relname AS TEXT) FROM pg_inherits \
     JOIN pg_class part ON part.oid = pg_inherits.inhrelid WHERE pg_inherits.inhparent = to_regclass($1)";
const DROP: &str = "the parts of a month that is over";

pub(super) fn built_statement() -> (&'static str, String) {
    (PARTS, PARTS.to_owned())
}

/// The parts of tables by their ends, and which of the tables have such a part; not those for what belongs to no month.
pub(crate) async fn parts<C: Connection>(
    connection: &mut C,
    tables: &[&'static str],
) -> Result<BTreeMap<i64, (Month, Vec<&'static str>)>, StoreError> {
    let mut parts: BTreeMap<i64, (Month, Vec<_>)> = BTreeMap::new();
    for &table in tables {
        for month in of_table(connection, table).await? {
            let (known, tables) = parts.entry(month.to_us).or_insert((month, Vec::new()));
            known.from_us = known.from_us.min(month.from_us);
            tables.push(table);
        }
    }
    Ok(parts)
}

async fn of_table<C: Connection>(connection: &mut C, table: &str) -> Result<Vec<Month>, StoreError> {
    match C::DIALECT {
        Dialect::Sqlite => Ok(Vec::new()),
        Dialect::Postgres => named(connection, table).await,
        Dialect::MariaDb => {
            let mut ends = bounds(connection, table).await?;
            ends.sort_unstable();
            let starts = [i64::MIN].into_iter().chain(ends.iter().copied());
            Ok(starts.zip(&ends).map(|(from_us, to_us)| Month { to_us: *to_us, from_us }).collect())
        }
    }
}

async fn named<C: Connection>(connection: &mut C, table: &str) -> Result<Vec<Month>, StoreError> {
    let values = [Value::Text(Some(table.into()))];
    let rows: Vec<_> = connection
        .rows_built(PARTS.to_owned(), &values)
        .try_collect()
        .await
        .map_err(StoreError::driver(PARTS))?;
    let mut months = Vec::new();
    for row in &rows {
        let name: String = CellReader::new(row, "pg_class", &["relname"]).take()?;
        let name = name.strip_prefix(table).and_then(|name| name.strip_prefix('_'));
        let start = name.and_then(Start::named);
        let end = start.and_then(Start::next);
        months.extend(start.zip(end).map(|(start, end)| Month { to_us: end.us(), from_us: start.us() }));
    }
    Ok(months)
}

/// How a question names the part of a table that a month is.
pub(crate) fn part(dialect: Dialect, table: &str, month: Month) -> String {
    let name = |us| Start::of(us).map(Start::name).unwrap_or_default();
    match dialect {
        Dialect::MariaDb => format!("{table} PARTITION (before_{})", name(month.to_us)),
        Dialect::Postgres | Dialect::Sqlite => format!("{table}_{}", name(month.from_us)),
    }
}

/// Postgres, in a transaction: all or nothing. Who writes or reads meanwhile waits, and not for long: whoever is there
/// already is waited for a moment only. The tables are locked in the order in which they are written to, and ours is the
/// first wait to end where two wait for each other.
pub(crate) async fn drop_parts_at_once<C: Connection>(
    connection: &mut C,
    tables: &[&'static str],
    month: Month,
) -> Result<(), StoreError> {
    let parts: Vec<_> = tables.iter().map(|table| part(C::DIALECT, table, month)).collect();
    for sql in [
        "SET LOCAL lock_timeout = '900ms'".to_owned(),
        format!("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE", tables.join(", ")),
        format!("DROP TABLE {}", parts.join(", ")),
    ] {
        run(connection, sql).await?;
    }
    Ok(())
}

/// MariaDB, where each is a transaction: in the order of the tables, and counted.
pub(crate) async fn drop_parts<C: Connection>(
    connection: &mut C,
    tables: &[&'static str],
    month: Month,
    dropped: &mut usize,
) -> Result<(), StoreError> {
    let name = Start::of(month.to_us).map(Start::name).unwrap_or_default();
    for table in tables {
        let sql = format!(
            "SET STATEMENT lock_wait_timeout = 2 FOR ALTER TABLE {table} DROP PARTITION before_{name}"
        );
        run(connection, sql).await?;
        *dropped += 1;
    }
    Ok(())
}

async fn run<C: Connection>(connection: &mut C, sql: String) -> Result<(), StoreError> {
    connection.run_built(sql, &[]).await.map(|_| ()).map_err(StoreError::driver(DROP))
}
