//! Reading decisions back.

use std::collections::HashMap;

use futures_util::TryStreamExt;

use super::{
    DecisionFilter, DecisionSetAside, LoggedDecision,
    rows::{Attempt, read_attempt, read_decision},
    write::ASIDE,
};
use crate::{
    column::Column,
    dialect::Dialect,
    driver::{Connection, Value},
    error::StoreError,
    lease::{in_transaction, on_connection},
    store::Store,
    table::CellReader,
};

/// All columns of a decision, in the order of [`super::rows::DECISIONS`].
macro_rules! decisions {
    ($which:literal) => {
        concat!(
            "SELECT decided_us, id, router, node, verb, call_id, root, generation, hopped, class, status, reason, ",
            "cause, caller_e164, called_e164, country, provider_in, attempts, request FROM decisions ",
            $which
        )
    };
}

const ONE: &str = decisions!("WHERE id = $1 ORDER BY decided_us LIMIT 1");
const LATEST: &str = decisions!(
    "WHERE decided_us >= $1 AND decided_us < $2 AND node = COALESCE($3, node) \
     AND status = COALESCE($4, status) ORDER BY decided_us DESC, id DESC LIMIT $5"
);
const ATTEMPTS_OF: &str = "SELECT decided_us, decision, position, kind, provider, prefix, gate, number_shown, dial \
     FROM decision_attempts WHERE decision IN ($1)";
const SET_ASIDE: &str = "SELECT decided_us, id, refused_us, rule, record FROM decisions_set_aside \
     ORDER BY refused_us DESC, decided_us, id LIMIT $1";

/// Decisions one statement names.
const IDS_PER_STATEMENT: usize = 400;

pub(super) const STATEMENTS: [&str; 3] = [ONE, LATEST, SET_ASIDE];

pub(super) fn built_statements(dialect: Dialect) -> Vec<(&'static str, String)> {
    vec![(ATTEMPTS_OF, dialect.widened(ATTEMPTS_OF, 2))]
}

impl Store {
    /// The decision with this id.
    pub async fn decision(&self, id: &str) -> Result<Option<LoggedDecision>, StoreError> {
        let values = [Value::Text(Some(id.into()))];
        let found = in_transaction!(self, begin_read, connection => select(connection, ONE, &values).await)?;
        Ok(found.into_iter().next())
    }

    /// Decisions of some time, the latest first.
    pub async fn decisions(&self, filter: &DecisionFilter<'_>) -> Result<Vec<LoggedDecision>, StoreError> {
        let values = [
            filter.from_us.value(),
            filter.to_us.value(),
            Value::Text(filter.node.map(|node| node.as_str().into())),
            Value::Text(filter.status.map(Into::into)),
            Value::Key(Some(filter.limit.into())),
        ];
        in_transaction!(self, begin_read, connection => select(connection, LATEST, &values).await)
    }

    /// Up to `limit` decisions that were set aside, the latest first.
    pub async fn decisions_set_aside(&self, limit: u32) -> Result<Vec<DecisionSetAside>, StoreError> {
        on_connection!(self, connection => set_aside(connection, limit).await)
    }
}

async fn select<C: Connection>(
    connection: &mut C,
    statement: &'static str,
    values: &[Value<'_>],
) -> Result<Vec<LoggedDecision>, StoreError> {
    let rows: Vec<_> =
        connection.rows(statement, values).try_collect().await.map_err(StoreError::driver(statement))?;
    let mut found = rows.iter().map(read_decision).collect::<Result<Vec<_>, _>>()?;
    for part in found.chunks_mut(IDS_PER_STATEMENT) {
        complete(connection, part).await?;
    }
    Ok(found)
}

/// Adds the attempts.
async fn complete<C: Connection>(
    connection: &mut C,
    decisions: &mut [LoggedDecision],
) -> Result<(), StoreError> {
    let ids: Vec<_> = decisions.iter().map(|decision| decision.record.id.value()).collect();
    let sql = C::DIALECT.widened(ATTEMPTS_OF, ids.len());
    let rows: Vec<_> =
        connection.rows_built(sql, &ids).try_collect().await.map_err(StoreError::driver(ATTEMPTS_OF))?;
    let mut attempts: HashMap<_, Vec<_>> = HashMap::new();
    for row in &rows {
        let Attempt { of, position, decided } = read_attempt(row)?;
        attempts.entry(of).or_default().push((position, decided));
    }
    for LoggedDecision { record, .. } in decisions {
        let mut of_it = attempts.remove(&(record.decided_us, record.id.clone())).unwrap_or_default();
        of_it.sort_unstable_by_key(|(position, _)| *position);
        record.decided.attempts = of_it.into_iter().map(|(_, attempt)| attempt).collect();
    }
    Ok(())
}

async fn set_aside<C: Connection>(
    connection: &mut C,
    limit: u32,
) -> Result<Vec<DecisionSetAside>, StoreError> {
    let mut found = Vec::new();
    let mut rows = connection.rows(SET_ASIDE, &[Value::Key(Some(limit.into()))]);
    while let Some(row) = rows.try_next().await.map_err(StoreError::driver(SET_ASIDE))? {
        let mut cells = CellReader::new(&row, ASIDE.table, ASIDE.columns);
        let (decided_us, id) = (cells.take()?, cells.take()?);
        let (refused_us, rule, record) = (cells.take()?, cells.take()?, cells.take()?);
        found.push(DecisionSetAside { id, decided_us, refused_us, rule, record });
    }
    Ok(found)
}
