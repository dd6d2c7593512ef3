//! One batch, one transaction: the lease, what is there, what replaces it, the aliases, the gaps.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use ::traffic::Quarter;
use calls::{CallRecord, CallUpdate};
use domain::NodeName;
use futures_util::TryStreamExt;

use super::{
    CallBatch, NodeGap, NodeLease, WriteCallsError, Written,
    aliases::Aliases,
    bulk::{self, GAPS, IDS_PER_STATEMENT, Present, id_values, select_calls},
    leases,
    plan::{Plan, age},
    rows::{self, ATTEMPTS, CALLS, Key, LEGS, Rows, stands_as_told},
    set_aside::{Newer, OfNode},
};
use crate::{
    column::Column,
    dialect::Dialect,
    driver::{Connection, Value},
    error::StoreError,
    halving::{Halved, write_or_set_aside},
    lease::in_transaction,
    store::Store,
    table::CellReader,
    traffic::{self, Place},
};

const PRESENT: &str = "SELECT created_us, unique_id, revision, complete FROM calls";
/// Who marks the quarters of an hour that records are in.
const MARKED_BY: &str = "collector";
const PRESENT_COLUMNS: &[&str] = &["created_us", "unique_id", "revision", "complete"];

pub(super) fn built_statements(dialect: Dialect) -> Vec<(&'static str, String)> {
    vec![(PRESENT, present_statement(dialect, 1))]
}

/// MariaDB: whoever reads a table first and writes to it then, and whoever wants to alter it in between, wait for each
/// other, so it is read as one that will be written to.
fn present_statement(dialect: Dialect, ids: usize) -> String {
    let select = select_calls(dialect, PRESENT, CALLS.id(), ids);
    match dialect {
        Dialect::MariaDb => format!("{select} FOR UPDATE"),
        Dialect::Postgres | Dialect::Sqlite => select,
    }
}

impl Store {
    /// Writes what became of calls of one node, all of it or nothing. A record replaces one of the same id with a lower
    /// revision, and of the same revision one that is not complete; what the tables refuse is set aside, see
    /// [`super::CallSetAside`]. Writing also keeps the lease.
    pub async fn write_calls(
        &self,
        lease: &NodeLease,
        batch: &CallBatch<'_>,
    ) -> Result<Written, WriteCallsError> {
        check_node(&lease.node, batch.updates)?;
        in_transaction!(self, begin_bulk, connection => write(connection, lease, batch).await)
    }
}

/// A lease is good for the calls of its own node.
fn check_node(node: &NodeName, updates: &[CallUpdate]) -> Result<(), StoreError> {
    let other = updates.iter().find_map(|update| match update {
        CallUpdate::Ended(record) => {
            [&record.id].into_iter().chain(&record.aliases).find(|id| id.node != *node)
        }
        CallUpdate::Superseded { id, by } => [id, by].into_iter().find(|id| id.node != *node),
    });
    match other {
        None => Ok(()),
        Some(other) => Err(StoreError::Refused {
            table: CALLS.table,
            row: format!("a call of {}", other.node.as_str()),
            constraint: format!("the lease is of {}", node.as_str()),
        }),
    }
}

async fn write<C: Connection>(
    connection: &mut C,
    lease: &NodeLease,
    batch: &CallBatch<'_>,
) -> Result<Written, WriteCallsError> {
    if !leases::hold(connection, lease, batch.written_us).await? {
        return Err(WriteCallsError::LeaseLost);
    }
    let node = &lease.node;
    let mut plan = Plan::of(batch.updates);
    let mut written = Written::default();
    let mut changed = write_aliases(connection, node, &mut plan, &mut written).await?;
    let newer = newer(connection, node, &mut plan).await?;
    changed.extend(newer.iter().map(|newer| place(node, &newer.id)));
    let Halved { written: calls, set_aside } = write_or_set_aside(connection, &OfNode(node), &newer).await?;
    (written.calls, written.set_aside) = (calls, set_aside);
    write_gaps(connection, node, batch.gaps).await?;
    traffic::mark(connection, MARKED_BY, &changed).await?;
    written.outdated = plan.outdated;
    written.altered = newer.iter().filter(|newer| !stands_as_told(newer.record)).count() as u64;
    Ok(written)
}

/// Where a call is summed up: its id says so, so that every revision of it counts in the same quarter.
fn place(node: &NodeName, id: &Key<'_>) -> Place {
    Place { quarter: Quarter::of(id.created_us), node: node.clone() }
}

/// What became part of another call goes, and its records with it; tells where those were summed up.
async fn write_aliases<C: Connection>(
    connection: &mut C,
    node: &NodeName,
    plan: &mut Plan<'_>,
    written: &mut Written,
) -> Result<BTreeSet<Place>, StoreError> {
    let mut aliases = Aliases::default();
    aliases.read(connection, node, &plan.ids()).await?;
    plan.join(&mut aliases);
    let superseded = aliases.superseded();
    let ids: Vec<_> = superseded.iter().collect();
    aliases.read_led_to(connection, node, &ids).await?;
    remove(connection, node, &ids).await?;
    aliases.write(connection, node).await?;
    written.superseded = superseded.len() as u64;
    plan.keep(|id, _| !aliases.is_alias(id));
    Ok(superseded.iter().map(|id| place(node, id)).collect())
}

async fn remove<C: Connection>(
    connection: &mut C,
    node: &NodeName,
    ids: &[&Key<'_>],
) -> Result<(), StoreError> {
    for rows in [CALLS, LEGS, ATTEMPTS] {
        bulk::delete(connection, rows, node.as_str(), ids).await?;
    }
    Ok(())
}

/// The records that are newer than what is there.
async fn newer<'a, C: Connection>(
    connection: &mut C,
    node: &NodeName,
    plan: &mut Plan<'a>,
) -> Result<Vec<Newer<'a>>, StoreError> {
    let ids: Vec<_> = plan.records.iter().map(|(id, _)| id).collect();
    let present = present(connection, node, &ids).await?;
    plan.keep(|id, record| present.get(id).is_none_or(|there| age(record) > *there));
    let newer = plan.records.iter().map(|(id, record)| Newer {
        id: id.clone(),
        record,
        replaces: present.contains_key(id),
    });
    Ok(newer.collect())
}

/// How new is what is there of some calls.
async fn present<C: Connection>(
    connection: &mut C,
    node: &NodeName,
    ids: &[&Key<'_>],
) -> Result<HashMap<Key<'static>, (i64, bool)>, StoreError> {
    let mut present = HashMap::new();
    for ids in ids.chunks(IDS_PER_STATEMENT) {
        let sql = present_statement(C::DIALECT, ids.len());
        let mut rows = connection.rows_built(sql, &id_values(node.as_str(), ids));
        while let Some(row) = rows.try_next().await.map_err(StoreError::driver(PRESENT))? {
            let mut cells = CellReader::new(&row, CALLS.table, PRESENT_COLUMNS);
            present.insert(Key::read(&mut cells)?, (cells.take()?, cells.take()?));
        }
    }
    Ok(present)
}

/// Writes records over what they replace.
pub(super) async fn replace<C: Connection>(
    connection: &mut C,
    node: &NodeName,
    newer: &[Newer<'_>],
) -> Result<(), StoreError> {
    let replaced: Vec<_> = newer.iter().filter(|newer| newer.replaces).map(|newer| &newer.id).collect();
    for rows in [LEGS, ATTEMPTS] {
        bulk::delete(connection, rows, node.as_str(), &replaced).await?;
    }
    // MariaDB takes several times as long to insert over what may be there as to insert what is new.
    let is_new = |newer: &&Newer<'_>| !newer.replaces;
    write_rows(connection, CALLS, Present::Never, newer.iter().filter(is_new), rows::push_call).await?;
    let replaces = |newer: &&Newer<'_>| newer.replaces;
    write_rows(connection, CALLS, Present::Replaced, newer.iter().filter(replaces), rows::push_call).await?;
    write_rows(connection, LEGS, Present::Never, newer.iter(), rows::push_legs).await?;
    write_rows(connection, ATTEMPTS, Present::Never, newer.iter(), rows::push_attempts).await
}

async fn write_rows<'a, C: Connection>(
    connection: &mut C,
    rows: Rows,
    present: Present,
    newer: impl Iterator<Item = &'a Newer<'a>>,
    push: fn(&'a CallRecord, &mut Vec<Value<'a>>),
) -> Result<(), StoreError> {
    let mut values = Vec::new();
    for newer in newer {
        push(newer.record, &mut values);
    }
    bulk::write(connection, rows, present, &values).await.map_err(StoreError::driver(rows.insert))
}

async fn write_gaps<C: Connection>(
    connection: &mut C,
    node: &NodeName,
    gaps: &[NodeGap],
) -> Result<(), StoreError> {
    let mut longest = BTreeMap::new();
    for gap in gaps {
        let to_us = longest.entry((gap.from_us, gap.reason)).or_insert(gap.to_us);
        *to_us = gap.to_us.max(*to_us);
    }
    let mut values: Vec<Value<'_>> = Vec::new();
    for ((from_us, reason), to_us) in &longest {
        values.extend([rows::node(node), from_us.value(), reason.value(), to_us.value()]);
    }
    let written = bulk::write(connection, GAPS, Present::Widened, &values).await;
    written.map_err(StoreError::driver(GAPS.insert))
}
