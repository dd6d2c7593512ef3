//! What became known of calls and attempts goes into their rows, as far as those are still the ones that were read.

use std::collections::{BTreeMap, HashMap};

use futures_util::TryStreamExt;
use traffic::Outcome;

use super::{
    Place,
    ids::{IDS_PER_STATEMENT, Id, of_calls},
    marks::text,
    rows::{CallFacts, CallRow, Told},
};
use crate::{
    column::Column,
    dialect::Dialect,
    driver::{Connection, Value},
    error::StoreError,
    table::CellReader,
};

const SET_ATTEMPTS: &str = "INSERT INTO call_attempts";
const SET_CALLS: &str = "INSERT INTO calls";
const PRESENT: &str = "SELECT created_us, unique_id, revision, complete FROM calls";
const CALL_KEY: [&str; 3] = ["node", "created_us", "unique_id"];

/// A table whose rows are filled in. Many rows that each get something else are set by inserting them over those that
/// are there, which are held: of what an INSERT has to name besides nothing is written.
struct Filled {
    insert: &'static str,
    key: &'static [&'static str],
    /// What an INSERT has to name.
    named: &'static [&'static str],
    set: &'static [&'static str],
}

const ATTEMPTS: Filled = Filled {
    insert: SET_ATTEMPTS,
    key: &["node", "call_created_us", "call_unique_id", "position"],
    named: &["leg", "start_us"],
    set: &["kind", "provider", "prefix", "country", "outcome"],
};
const CALLS: Filled = Filled {
    insert: SET_CALLS,
    key: &CALL_KEY,
    named: &["revision", "complete", "flaws"],
    set: &["provider_in", "provider_out", "country", "outcome"],
};

pub(super) fn built_statements(dialect: Dialect) -> Vec<(&'static str, String)> {
    vec![
        (SET_ATTEMPTS, ATTEMPTS.statement(dialect, 1)),
        (SET_CALLS, CALLS.statement(dialect, 1)),
        (PRESENT, present(dialect, 1)),
    ]
}

impl Filled {
    fn width(&self) -> usize {
        self.key.len() + self.named.len() + self.set.len()
    }

    fn statement(&self, dialect: Dialect, rows: usize) -> String {
        let columns = [self.key, self.named, self.set].concat().join(", ");
        let insert = dialect.bulk(&format!("{} ({columns})", self.insert), self.width(), rows);
        let sets = |set: fn(&str) -> String| self.set.iter().map(|it| set(it)).collect::<Vec<_>>().join(", ");
        match dialect {
            Dialect::MariaDb => {
                format!("{insert} ON DUPLICATE KEY UPDATE {}", sets(|it| format!("{it} = VALUES({it})")))
            }
            Dialect::Postgres | Dialect::Sqlite => format!(
                "{insert} ON CONFLICT ({}) DO UPDATE SET {}",
                self.key.join(", "),
                sets(|it| format!("{it} = excluded.{it}"))
            ),
        }
    }

    /// Fills in rows, given as the values of all of them.
    async fn write<C: Connection>(
        &self,
        connection: &mut C,
        values: &[Value<'_>],
    ) -> Result<u64, StoreError> {
        for part in values.chunks(self.width() * IDS_PER_STATEMENT) {
            let sql = self.statement(C::DIALECT, part.len() / self.width());
            connection.run_built(sql, part).await.map_err(StoreError::driver(self.insert))?;
        }
        Ok((values.len() / self.width()) as u64)
    }
}

/// Holds the rows, so that nobody replaces what they say while theirs is filled in.
fn present(dialect: Dialect, ids: usize) -> String {
    let select = format!("{PRESENT} WHERE {}", of_calls(dialect, CALL_KEY, ids, 1));
    match dialect {
        Dialect::MariaDb | Dialect::Postgres => format!("{select} FOR UPDATE"),
        Dialect::Sqlite => select,
    }
}

/// An attempt of which more is known than its row says.
#[derive(Debug)]
struct Attempt<'c> {
    id: &'c Id,
    position: i64,
    told: &'c Told,
    outcome: Outcome,
}

/// What is to be written.
#[derive(Debug, Default)]
pub(super) struct Changes<'c> {
    calls: Vec<(&'c Id, &'c CallFacts)>,
    attempts: Vec<Attempt<'c>>,
    /// Revision and completeness of each call, as they were read.
    seen: BTreeMap<&'c Id, (i64, bool)>,
}

impl<'c> Changes<'c> {
    /// Notes what differs from what stood in the rows of a call.
    pub(super) fn note(&mut self, call: &'c CallRow, was: &CallFacts, told: &[Told], outcomes: &[Outcome]) {
        let (calls, attempts) = (self.calls.len(), self.attempts.len());
        if *was != call.facts {
            self.calls.push((&call.id, &call.facts));
        }
        for ((attempt, told), outcome) in call.attempts.iter().zip(told).zip(outcomes) {
            if attempt.told != *told || attempt.outcome != Some(*outcome) {
                let (position, told) = (attempt.position, &attempt.told);
                self.attempts.push(Attempt { id: &call.id, position, told, outcome: *outcome });
            }
        }
        if (calls, attempts) != (self.calls.len(), self.attempts.len()) {
            self.seen.insert(&call.id, (call.revision, call.complete));
        }
    }

    /// Tells how many rows were filled in.
    pub(super) async fn write<C: Connection>(
        mut self,
        connection: &mut C,
        place: &Place,
    ) -> Result<u64, StoreError> {
        self.leave_out_replaced(connection, place).await?;
        let mut values = Vec::new();
        for (id, facts) in &self.calls {
            values.push(text(place.node.as_str()));
            id.push(&mut values);
            values.extend([Value::Key(Some(0)), Value::Flag(Some(false)), text("")]);
            values.extend([
                facts.provider_in.value(),
                facts.provider_out.value(),
                facts.country.value(),
                facts.outcome.value(),
            ]);
        }
        let calls = CALLS.write(connection, &values).await?;
        let mut values = Vec::new();
        for Attempt { id, position, told, outcome } in &self.attempts {
            values.push(text(place.node.as_str()));
            id.push(&mut values);
            values.extend([position.value(), text(""), Value::Key(Some(0))]);
            values.extend([
                Value::Text(told.kind.map(|kind| kind.word().into())),
                told.provider.value(),
                told.prefix.value(),
                told.country.value(),
                outcome.value(),
            ]);
        }
        Ok(calls + ATTEMPTS.write(connection, &values).await?)
    }

    /// A revision that came meanwhile has attempts of its own, and has marked its quarter.
    async fn leave_out_replaced<C: Connection>(
        &mut self,
        connection: &mut C,
        place: &Place,
    ) -> Result<(), StoreError> {
        let mut present_ids = HashMap::new();
        let ids: Vec<_> = self.seen.keys().copied().collect();
        for ids in ids.chunks(IDS_PER_STATEMENT) {
            let sql = present(C::DIALECT, ids.len());
            let mut rows = connection.rows_built(sql, &values(place, ids));
            while let Some(row) = rows.try_next().await.map_err(StoreError::driver(PRESENT))? {
                let columns = &["created_us", "unique_id", "revision", "complete"];
                let mut cells = CellReader::new(&row, "calls", columns);
                let id = Id { created_us: cells.take()?, unique_id: cells.take()? };
                present_ids.insert(id, (cells.take::<i64>()?, cells.take::<bool>()?));
            }
        }
        let seen = &self.seen;
        let stays = |id: &Id| present_ids.get(id) == seen.get(id);
        self.calls.retain(|(id, _)| stays(id));
        self.attempts.retain(|attempt| stays(attempt.id));
        Ok(())
    }
}

fn values<'v>(place: &'v Place, ids: &[&'v Id]) -> Vec<Value<'v>> {
    let range = place.quarter.range_us();
    let ends = [range.start(), range.end()].map(|us| Value::Key(Some(*us)));
    let mut values = vec![text(place.node.as_str())];
    values.extend(ends);
    for id in ids {
        id.push(&mut values);
    }
    values
}
