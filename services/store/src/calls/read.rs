//! Reading records back.

use std::{borrow::BorrowMut, collections::HashMap};

use calls::{CallId, CallRecord};
use domain::NodeName;
use futures_util::TryStreamExt;

use super::{
    NodeGap, aliases,
    bulk::{GAPS, IDS_PER_STATEMENT, id_values, select_calls},
    list::StoredCall,
    rows::{
        ATTEMPTS, CALLS, FACTS_OF_ATTEMPT, FACTS_OF_CALL, Key, LEGS, Rows, node as node_value, read_attempt,
        read_leg, read_stored,
    },
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

const CALL: &str = "the call";
const LISTED: &str = "SELECT created_us, unique_id FROM calls \
     WHERE node = $1 AND created_us >= $2 AND created_us < $3 ORDER BY created_us, unique_id LIMIT $4";
const OVERLAPPING: &str = "SELECT node, from_us, reason, to_us FROM call_gaps \
     WHERE node = $1 AND from_us < $2 AND to_us > $3 ORDER BY from_us, reason";

pub(super) const STATEMENTS: [&str; 2] = [LISTED, OVERLAPPING];

pub(super) fn built_statements(dialect: Dialect) -> Vec<(&'static str, String)> {
    [CALLS, LEGS, ATTEMPTS].map(|rows| (rows.table, select(dialect, rows, 1))).into()
}

fn select(dialect: Dialect, rows: Rows, ids: usize) -> String {
    let facts: &[&str] = match rows.table {
        table if table == CALLS.table => FACTS_OF_CALL,
        table if table == ATTEMPTS.table => FACTS_OF_ATTEMPT,
        _ => &[],
    };
    let columns = [facts, rows.columns].concat().join(", ");
    let statement = format!("SELECT {columns} FROM {}", rows.table);
    let order = rows.columns[1..rows.key].join(", ");
    format!("{} ORDER BY {order}", select_calls(dialect, &statement, rows.id(), ids))
}

impl Store {
    /// The newest record of a call, by its own id or by one it was known under.
    pub async fn call(&self, id: &CallId) -> Result<Option<CallRecord>, StoreError> {
        Ok(self.stored_call(id).await?.map(|call| call.record))
    }

    /// The same with what is not the recorder's.
    pub async fn stored_call(&self, id: &CallId) -> Result<Option<StoredCall>, StoreError> {
        in_transaction!(self, begin_read, connection => call(connection, id).await)
    }

    /// Up to `limit` calls of a node that came to be from `from_us` on and before `to_us`, oldest first.
    pub async fn calls_of(
        &self,
        node: &NodeName,
        from_us: i64,
        to_us: i64,
        limit: u32,
    ) -> Result<Vec<CallRecord>, StoreError> {
        let values = [node_value(node), from_us.value(), to_us.value(), Value::Key(Some(limit.into()))];
        in_transaction!(self, begin_read, connection => {
            async {
                let listed = listed(connection, &values).await?;
                let calls = records(connection, node, &listed).await?;
                Ok(calls.into_iter().map(|call| call.record).collect())
            }
            .await
        })
    }

    /// The gaps of a node that touch a time, the first first.
    pub async fn gaps_of(
        &self,
        node: &NodeName,
        from_us: i64,
        to_us: i64,
    ) -> Result<Vec<NodeGap>, StoreError> {
        let values = [node_value(node), to_us.value(), from_us.value()];
        on_connection!(self, connection => gaps(connection, &values).await)
    }
}

async fn call<C: Connection>(connection: &mut C, id: &CallId) -> Result<Option<StoredCall>, StoreError> {
    let key = Key::of(id);
    let found = records(connection, &id.node, std::slice::from_ref(&key)).await?;
    if !found.is_empty() {
        return Ok(found.into_iter().next());
    }
    let mut known = aliases::Aliases::default();
    known.read(connection, &id.node, &[&key]).await?;
    let by = known.call(&key);
    if *by == key {
        return Ok(None);
    }
    Ok(records(connection, &id.node, std::slice::from_ref(by)).await?.into_iter().next())
}

async fn listed<C: Connection>(
    connection: &mut C,
    values: &[Value<'_>],
) -> Result<Vec<Key<'static>>, StoreError> {
    let rows: Vec<_> =
        connection.rows(LISTED, values).try_collect().await.map_err(StoreError::driver(LISTED))?;
    rows.iter()
        .map(|row| Key::read(&mut CellReader::new(row, CALLS.table, &["created_us", "unique_id"])))
        .collect()
}

/// The records of these calls, as far as there are any, in their order.
async fn records<C: Connection>(
    connection: &mut C,
    node: &NodeName,
    ids: &[Key<'_>],
) -> Result<Vec<StoredCall>, StoreError> {
    let ids: Vec<_> = ids.iter().collect();
    let mut found = Vec::new();
    for ids in ids.chunks(IDS_PER_STATEMENT) {
        let mut part = HashMap::new();
        for row in &rows(connection, CALLS, node, ids).await? {
            let call = read_stored(row)?;
            part.insert(call.record.id.clone(), call);
        }
        complete(connection, node, ids, &mut part).await?;
        found.extend(ids.iter().filter_map(|id| part.remove(&id.id(node))));
    }
    Ok(found)
}

/// Adds what stands in the other tables, up to [`IDS_PER_STATEMENT`] calls at once.
pub(super) async fn complete<C: Connection>(
    connection: &mut C,
    node: &NodeName,
    ids: &[&Key<'_>],
    calls: &mut HashMap<CallId, impl BorrowMut<StoredCall> + Send>,
) -> Result<(), StoreError> {
    for row in &rows(connection, LEGS, node, ids).await? {
        let (key, leg) = read_leg(row)?;
        if let Some(call) = calls.get_mut(&key.id(node)) {
            call.borrow_mut().record.legs.push(leg);
        }
    }
    for row in &rows(connection, ATTEMPTS, node, ids).await? {
        let (key, attempt, facts) = read_attempt(row)?;
        if let Some(call) = calls.get_mut(&key.id(node)) {
            let call = call.borrow_mut();
            call.record.attempts.push(attempt);
            call.facts.push(facts);
        }
    }
    for (id, alias) in aliases::of(connection, node, ids).await? {
        if let Some(call) = calls.get_mut(&alias.by.id(node)) {
            call.borrow_mut().record.aliases.push(id.id(node));
        }
    }
    Ok(())
}

async fn rows<C: Connection>(
    connection: &mut C,
    rows: Rows,
    node: &NodeName,
    ids: &[&Key<'_>],
) -> Result<Vec<C::Row>, StoreError> {
    let sql = select(C::DIALECT, rows, ids.len());
    let found = connection.rows_built(sql, &id_values(node.as_str(), ids)).try_collect().await;
    found.map_err(StoreError::driver(CALL))
}

async fn gaps<C: Connection>(connection: &mut C, values: &[Value<'_>]) -> Result<Vec<NodeGap>, StoreError> {
    let mut found = Vec::new();
    let mut rows = connection.rows(OVERLAPPING, values);
    while let Some(row) = rows.try_next().await.map_err(StoreError::driver(OVERLAPPING))? {
        let mut cells = CellReader::new(&row, GAPS.table, GAPS.columns);
        let _node: NodeName = cells.take()?;
        let (from_us, reason) = (cells.take()?, cells.take()?);
        found.push(NodeGap { from_us, reason, to_us: cells.take()? });
    }
    Ok(found)
}
