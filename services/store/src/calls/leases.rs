//! Who writes the calls of a node. A collector keeps the lease by asking for it again; one that was silent for longer than
//! its time loses it to the next that asks. Every new holder gets a higher fence, and whoever comes with an older one
//! writes nothing. All times are the database's.

use std::time::Duration;

use domain::NodeName;
use futures_util::TryStreamExt;

use super::rows;
use crate::{
    column::Column,
    dialect::Dialect,
    driver::{Cells, Connection, Value},
    error::StoreError,
    lease::{in_transaction, on_connection},
    marks::clock,
    store::Store,
    table::{CellReader, first_row},
};

/// The right to write the calls of a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeLease {
    pub node: NodeName,
    pub holder: Box<str>,
    /// Higher than that of any holder before.
    pub fence: i64,
}

/// What asking for a lease gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LeaseOutcome {
    Ours {
        lease: NodeLease,
        /// Everything up to then is written, by the clock of the records.
        written_us: Option<i64>,
    },
    Theirs {
        holder: Box<str>,
        /// How long ago the holder was heard of.
        age: Duration,
        written_us: Option<i64>,
    },
}

/// What is known of a node's lease.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeLeaseSeen {
    pub node: NodeName,
    /// None: it was given back.
    pub holder: Option<Box<str>>,
    pub fence: i64,
    /// How long ago the holder was heard of.
    pub age: Duration,
    pub written_us: Option<i64>,
}

const TABLE: &str = "collector_leases";
const COLUMNS: &[&str] = &["node", "holder", "fence", "seen_us", "written_us"];
/// Makes the row where it is missing, and locks it.
const LOCK: &str = "INSERT INTO collector_leases (node, fence, seen_us)";
const READ: &str = "SELECT node, holder, fence, seen_us, written_us FROM collector_leases WHERE node = $1";
const LIST: &str = "SELECT node, holder, fence, seen_us, written_us FROM collector_leases ORDER BY node";
const TAKE: &str = "UPDATE collector_leases SET holder = $1, fence = $2, seen_us = $3 WHERE node = $4";
const RELEASE: &str =
    "UPDATE collector_leases SET holder = NULL WHERE node = $1 AND holder = $2 AND fence = $3";
const HOLD: &str = "UPDATE collector_leases SET seen_us = $1, \
     written_us = CASE WHEN written_us > $2 THEN written_us ELSE COALESCE($3, written_us) END \
     WHERE node = $4 AND holder = $5 AND fence = $6";

pub(super) const STATEMENTS: [&str; 5] = [READ, LIST, TAKE, RELEASE, HOLD];

pub(super) fn built_statements(dialect: Dialect) -> Vec<(&'static str, String)> {
    vec![(LOCK, lock_statement(dialect))]
}

fn lock_statement(dialect: Dialect) -> String {
    let insert = dialect.bulk(LOCK, 3, 1);
    match dialect {
        Dialect::MariaDb => format!("{insert} ON DUPLICATE KEY UPDATE fence = fence"),
        Dialect::Postgres | Dialect::Sqlite => {
            format!("{insert} ON CONFLICT (node) DO UPDATE SET fence = collector_leases.fence")
        }
    }
}

impl Store {
    /// Takes or keeps the right to write a node's calls: it is free, or its holder was silent for longer than `ttl`, or
    /// it is ours already. `holder` (1 to 200 characters) must name this one process: two of one name write side by
    /// side. Whoever keeps a lease keeps its fence.
    pub async fn lease_node(
        &self,
        node: &NodeName,
        holder: &str,
        ttl: Duration,
    ) -> Result<LeaseOutcome, StoreError> {
        // The row is locked while its holder writes: who only looks does not wait for that.
        if let Some(seen) = on_connection!(self, connection => look(connection, node).await)?
            && let Some(theirs) = seen.held_by_another(holder, ttl)
        {
            return Ok(theirs);
        }
        in_transaction!(self, begin_bulk, connection => take(connection, node, holder, ttl).await)
    }

    /// Gives a lease back, so that the next who asks has it at once. Does nothing if it is somebody else's by now.
    pub async fn release_node(&self, lease: &NodeLease) -> Result<(), StoreError> {
        let values = [rows::node(&lease.node), text(&lease.holder), lease.fence.value()];
        let done = on_connection!(self, connection => connection.run(RELEASE, &values).await);
        done.map(|_| ()).map_err(StoreError::driver(RELEASE))
    }

    /// The leases of all nodes that ever had one, by node.
    pub async fn node_leases(&self) -> Result<Vec<NodeLeaseSeen>, StoreError> {
        on_connection!(self, connection => list(connection).await)
    }
}

/// Keeps the lease to the end of the transaction, and notes how far its node is written. False: it is somebody else's.
pub(super) async fn hold<C: Connection>(
    connection: &mut C,
    lease: &NodeLease,
    written_us: Option<i64>,
) -> Result<bool, StoreError> {
    let now_us = clock(connection).await?;
    let values = [
        now_us.value(),
        written_us.value(),
        written_us.value(),
        rows::node(&lease.node),
        text(&lease.holder),
        lease.fence.value(),
    ];
    Ok(connection.run(HOLD, &values).await.map_err(StoreError::driver(HOLD))? > 0)
}

impl NodeLeaseSeen {
    fn held_by_another(&self, holder: &str, ttl: Duration) -> Option<LeaseOutcome> {
        let theirs = self.holder.clone().filter(|theirs| **theirs != *holder && self.age <= ttl)?;
        Some(LeaseOutcome::Theirs { holder: theirs, age: self.age, written_us: self.written_us })
    }
}

async fn take<C: Connection>(
    connection: &mut C,
    node: &NodeName,
    holder: &str,
    ttl: Duration,
) -> Result<LeaseOutcome, StoreError> {
    let free = [rows::node(node), Value::Key(Some(0)), Value::Key(Some(0))];
    connection.run_built(lock_statement(C::DIALECT), &free).await.map_err(StoreError::driver(LOCK))?;
    let seen = look(connection, node).await?;
    let seen = seen.ok_or_else(|| StoreError::NoSuch { table: TABLE, row: node.as_str().to_owned() })?;
    if let Some(theirs) = seen.held_by_another(holder, ttl) {
        return Ok(theirs);
    }
    let is_kept = seen.holder.as_deref() == Some(holder);
    let fence = if is_kept { seen.fence } else { seen.fence + 1 };
    let now_us = clock(connection).await?;
    let values = [text(holder), fence.value(), now_us.value(), rows::node(node)];
    let refused = |error| C::DIALECT.refusal(error, TAKE, TABLE, node.as_str().to_owned());
    connection.run(TAKE, &values).await.map_err(refused)?;
    let lease = NodeLease { node: node.clone(), holder: holder.into(), fence };
    Ok(LeaseOutcome::Ours { lease, written_us: seen.written_us })
}

async fn look<C: Connection>(
    connection: &mut C,
    node: &NodeName,
) -> Result<Option<NodeLeaseSeen>, StoreError> {
    let now_us = clock(connection).await?;
    let row = first_row(connection, READ, &[rows::node(node)]).await?;
    row.map(|row| read(&row, now_us)).transpose()
}

async fn list<C: Connection>(connection: &mut C) -> Result<Vec<NodeLeaseSeen>, StoreError> {
    let now_us = clock(connection).await?;
    let rows: Vec<_> = connection.rows(LIST, &[]).try_collect().await.map_err(StoreError::driver(LIST))?;
    rows.iter().map(|row| read(row, now_us)).collect()
}

fn read(row: &impl Cells, now_us: i64) -> Result<NodeLeaseSeen, StoreError> {
    let mut cells = CellReader::new(row, TABLE, COLUMNS);
    Ok(NodeLeaseSeen {
        node: cells.take()?,
        holder: cells.take()?,
        fence: cells.take()?,
        age: age(now_us, cells.take()?),
        written_us: cells.take()?,
    })
}

/// A clock that was set back makes nobody older.
fn age(now_us: i64, seen_us: i64) -> Duration {
    Duration::from_micros(now_us.saturating_sub(seen_us).try_into().unwrap_or(0))
}

fn text(text: &str) -> Value<'_> {
    Value::Text(Some(text.into()))
}
