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

const SET_ATTEMPTS: &str = "UPDATE call_attempts SET";
const SET_CALLS: &str = "UPDATE calls SET";
const PRESENT: &str = "SELECT created_us, unique_id, revision, complete FROM calls";

const CALL_KEY: [&str; 3] = ["node", "created_us", "unique_id"];
const ATTEMPT_KEY: [&str; 3] = ["node", "call_created_us", "call_unique_id"];

pub(super) fn built_statements(dialect: Dialect) -> Vec<(&'static str, String)> {
    vec![
        (SET_ATTEMPTS, set_attempts(dialect, 1)),
        (SET_CALLS, set_calls(dialect, 1)),
        (PRESENT, present(dialect, 1)),
    ]
}

fn set_attempts(dialect: Dialect, ids: usize) -> String {
    let at = |number| dialect.placeholder(number);
    format!(
        "{SET_ATTEMPTS} kind = {}, provider = {}, prefix = {}, country = {}, outcome = {} WHERE position = {} AND {}",
        at(1),
        at(2),
        at(3),
        at(4),
        at(5),
        at(6),
        of_calls(dialect, ATTEMPT_KEY, ids, 7)
    )
}

fn set_calls(dialect: Dialect, ids: usize) -> String {
    let at = |number| dialect.placeholder(number);
    format!(
        "{SET_CALLS} provider_in = {}, provider_out = {}, country = {}, outcome = {} WHERE {}",
        at(1),
        at(2),
        at(3),
        at(4),
        of_calls(dialect, CALL_KEY, ids, 5)
    )
}

/// Holds the rows, so that nobody replaces what they say while theirs is filled in.
fn present(dialect: Dialect, ids: usize) -> String {
    let select = format!("{PRESENT} WHERE {}", of_calls(dialect, CALL_KEY, ids, 1));
    match dialect {
        Dialect::MariaDb | Dialect::Postgres => format!("{select} FOR UPDATE"),
        Dialect::Sqlite => select,
    }
}

/// What is to be written: rows that get the same share a statement.
#[derive(Debug, Default)]
pub(super) struct Changes<'c> {
    calls: BTreeMap<CallFacts, Vec<&'c Id>>,
    attempts: BTreeMap<(Told, Outcome, i64), Vec<&'c Id>>,
    /// Revision and completeness of each call, as they were read.
    seen: BTreeMap<&'c Id, (i64, bool)>,
}

impl<'c> Changes<'c> {
    /// Notes what differs from what stood in the rows of a call.
    pub(super) fn note(&mut self, call: &'c CallRow, was: &CallFacts, told: &[Told], outcomes: &[Outcome]) {
        let mut is_changed = *was != call.facts;
        if is_changed {
            self.calls.entry(call.facts.clone()).or_default().push(&call.id);
        }
        for ((attempt, told), outcome) in call.attempts.iter().zip(told).zip(outcomes) {
            if attempt.told != *told || attempt.outcome != Some(*outcome) {
                let change = (attempt.told.clone(), *outcome, attempt.position);
                self.attempts.entry(change).or_default().push(&call.id);
                is_changed = true;
            }
        }
        if is_changed {
            self.seen.insert(&call.id, (call.revision, call.complete));
        }
    }

    pub(super) async fn write<C: Connection>(
        mut self,
        connection: &mut C,
        place: &Place,
    ) -> Result<u64, StoreError> {
        self.leave_out_replaced(connection, place).await?;
        let mut written = 0;
        for (facts, ids) in &self.calls {
            let facts = [
                facts.provider_in.value(),
                facts.provider_out.value(),
                facts.country.value(),
                facts.outcome.value(),
            ];
            written += write(connection, set_calls, SET_CALLS, &facts, place, ids).await?;
        }
        for ((told, outcome, position), ids) in &self.attempts {
            let facts = [
                Value::Text(told.kind.map(|kind| kind.word().into())),
                told.provider.value(),
                told.prefix.value(),
                told.country.value(),
                outcome.value(),
                position.value(),
            ];
            written += write(connection, set_attempts, SET_ATTEMPTS, &facts, place, ids).await?;
        }
        Ok(written)
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
            let mut rows = connection.rows_built(sql, &values(&[], place, ids));
            while let Some(row) = rows.try_next().await.map_err(StoreError::driver(PRESENT))? {
                let columns = &["created_us", "unique_id", "revision", "complete"];
                let mut cells = CellReader::new(&row, "calls", columns);
                let id = Id { created_us: cells.take()?, unique_id: cells.take()? };
                present_ids.insert(id, (cells.take::<i64>()?, cells.take::<bool>()?));
            }
        }
        let seen = &self.seen;
        let stays = |id: &&Id| present_ids.get(*id) == seen.get(*id);
        self.calls.values_mut().for_each(|ids| ids.retain(stays));
        self.attempts.values_mut().for_each(|ids| ids.retain(stays));
        Ok(())
    }
}

async fn write<C: Connection>(
    connection: &mut C,
    statement: fn(Dialect, usize) -> String,
    name: &'static str,
    facts: &[Value<'_>],
    place: &Place,
    ids: &[&Id],
) -> Result<u64, StoreError> {
    let mut written = 0;
    for ids in ids.chunks(IDS_PER_STATEMENT) {
        let done = connection.run_built(statement(C::DIALECT, ids.len()), &values(facts, place, ids)).await;
        written += done.map_err(StoreError::driver(name))?;
    }
    Ok(written)
}

fn values<'v>(facts: &[Value<'v>], place: &'v Place, ids: &[&'v Id]) -> Vec<Value<'v>> {
    let mut values = facts.to_vec();
    let range = place.quarter.range_us();
    values.extend([
        text(place.node.as_str()),
        Value::Key(Some(*range.start())),
        Value::Key(Some(*range.end())),
    ]);
    for id in ids {
        id.push(&mut values);
    }
    values
}
