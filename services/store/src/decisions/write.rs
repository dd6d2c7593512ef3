use std::collections::{BTreeMap, BTreeSet};

use ::traffic::Quarter;

use super::{
    LoggedDecision,
    rows::{self, ATTEMPTS, DECISIONS, stands_as_told},
};
use crate::{
    bulk::{self, Present, Rows},
    dialect::Dialect,
    driver::{Connection, Value},
    error::StoreError,
    halving::{Halved, Writing, write_or_set_aside},
    lease::in_transaction,
    marks::clock,
    store::Store,
    traffic::{self, Place},
};

/// What became of a batch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DecisionsWritten {
    /// Decisions that stand in the tables now, be it since before.
    pub decisions: u64,
    /// Those with a text that stands otherwise than it was told: cut, or without its NULs.
    pub altered: u64,
    /// Those the tables refused, see [`super::DecisionSetAside`].
    pub set_aside: u64,
}

pub(super) const ASIDE: Rows = Rows {
    table: "decisions_set_aside",
    insert: "INSERT INTO decisions_set_aside",
    delete: "DELETE FROM decisions_set_aside",
    columns: &["decided_us", "id", "refused_us", "rule", "record"],
    key: 2,
};

pub(super) fn built_statements(dialect: Dialect) -> Vec<(&'static str, String)> {
    let insert = |rows: Rows| (rows.insert, bulk::insert(dialect, rows, Present::Kept, 1));
    [DECISIONS, ATTEMPTS, ASIDE].map(insert).into()
}

impl Store {
    /// Writes decisions, all of them or nothing; what is there already stays as it is. Some thousand at most: they are in
    /// memory as rows, too.
    pub async fn write_decisions(
        &self,
        decisions: &[LoggedDecision],
    ) -> Result<DecisionsWritten, StoreError> {
        in_transaction!(self, begin_bulk, connection => write(connection, decisions).await)
    }
}

async fn write<C: Connection>(
    connection: &mut C,
    decisions: &[LoggedDecision],
) -> Result<DecisionsWritten, StoreError> {
    let Halved { written, set_aside } = write_or_set_aside(connection, &Writer, decisions).await?;
    mark(connection, decisions).await?;
    let altered = decisions.iter().filter(|decision| !stands_as_told(decision)).count() as u64;
    Ok(DecisionsWritten { decisions: written, altered, set_aside })
}

/// Has the quarters of an hour they belong to summed up again.
async fn mark<C: Connection>(connection: &mut C, decisions: &[LoggedDecision]) -> Result<(), StoreError> {
    let mut places = BTreeMap::<_, BTreeSet<_>>::new();
    for LoggedDecision { router, record } in decisions {
        let quarter = Quarter::of(record.decided_us);
        let place = Place { quarter, node: record.question.node.clone() };
        places.entry(router).or_default().insert(place);
    }
    for (router, places) in places {
        traffic::mark(connection, router, &places).await?;
    }
    Ok(())
}

struct Writer;

impl<C: Connection> Writing<C, LoggedDecision> for Writer {
    async fn write(&self, connection: &mut C, decisions: &[LoggedDecision]) -> Result<(), StoreError> {
        write_rows(connection, DECISIONS, decisions, rows::push_decision).await?;
        write_rows(connection, ATTEMPTS, decisions, rows::push_attempts).await
    }

    async fn set_aside(
        &self,
        connection: &mut C,
        refused: &LoggedDecision,
        rule: &str,
    ) -> Result<(), StoreError> {
        let mut values = Vec::new();
        rows::push_key(&refused.record, &mut values);
        let refused_us = clock(connection).await?;
        let record = rows::json(refused);
        values.extend([
            Value::Key(Some(refused_us)),
            Value::Text(Some(rule.into())),
            Value::Text(Some(record.into())),
        ]);
        let kept = bulk::write(connection, ASIDE, Present::Kept, &values).await;
        kept.map_err(StoreError::driver(ASIDE.insert))
    }
}

async fn write_rows<'a, C: Connection>(
    connection: &mut C,
    rows: Rows,
    decisions: &'a [LoggedDecision],
    push: fn(&'a LoggedDecision, &mut Vec<Value<'a>>),
) -> Result<(), StoreError> {
    let mut values = Vec::new();
    for decision in decisions {
        push(decision, &mut values);
    }
    let written = bulk::write(connection, rows, Present::Kept, &values).await;
    written.map_err(StoreError::driver(rows.insert))
}
