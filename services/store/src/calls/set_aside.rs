//! Calls that the tables refuse.

use calls::CallRecord;
use domain::NodeName;
use futures_util::TryStreamExt;

use super::{
    rows::{self, Key},
    write::replace,
};
use crate::{
    column::Column,
    driver::{Connection, Value},
    error::StoreError,
    halving::Writing,
    lease::on_connection,
    marks::clock,
    store::Store,
    table::{CellReader, first_row},
};

/// A call the tables refused: a rule somebody added, a trigger, two attempts of one position. Nothing of this revision is
/// in the other tables; an earlier one stays where it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallSetAside {
    pub id: calls::CallId,
    pub revision: u32,
    /// By the database's clock, microseconds of UTC.
    pub refused_us: i64,
    /// What the database calls the rule, shortened. It may repeat values of the row.
    pub rule: String,
    /// The record as JSON, unless it was too long.
    pub record: Option<String>,
}

/// Longest record that is kept, bytes of JSON.
const RECORD_BYTES_MAX: usize = 1 << 20;

const TABLE: &str = "calls_set_aside";
const COLUMNS: &[&str] = &["node", "created_us", "unique_id", "revision", "refused_us", "rule", "record"];
const KNOWN: &str = "SELECT node FROM calls_set_aside \
     WHERE node = $1 AND created_us = $2 AND unique_id = $3 AND revision = $4";
const ADD: &str = "INSERT INTO calls_set_aside (node, created_us, unique_id, revision, refused_us, rule, record) \
     VALUES ($1, $2, $3, $4, $5, $6, $7)";
const LIST: &str = "SELECT node, created_us, unique_id, revision, refused_us, rule, record FROM calls_set_aside \
     ORDER BY refused_us DESC, node, created_us, unique_id, revision LIMIT $1";

pub(super) const STATEMENTS: [&str; 3] = [KNOWN, ADD, LIST];

/// A record that is newer than what is there, if there is something.
pub(super) struct Newer<'a> {
    pub(super) id: Key<'a>,
    pub(super) record: &'a CallRecord,
    pub(super) replaces: bool,
}

impl Store {
    /// Up to `limit` calls that were set aside, the latest first.
    pub async fn calls_set_aside(&self, limit: u32) -> Result<Vec<CallSetAside>, StoreError> {
        on_connection!(self, connection => list(connection, limit).await)
    }
}

/// The calls of one node on their way into the tables.
pub(super) struct OfNode<'n>(pub(super) &'n NodeName);

impl<'a, C: Connection> Writing<C, Newer<'a>> for OfNode<'_> {
    async fn write(&self, connection: &mut C, newer: &[Newer<'a>]) -> Result<(), StoreError> {
        replace(connection, self.0, newer).await
    }

    async fn set_aside(&self, connection: &mut C, refused: &Newer<'a>, rule: &str) -> Result<(), StoreError> {
        add(connection, self.0, refused, rule).await
    }
}

async fn add<C: Connection>(
    connection: &mut C,
    node: &NodeName,
    refused: &Newer<'_>,
    rule: &str,
) -> Result<(), StoreError> {
    let mut values = vec![rows::node(node)];
    refused.id.push(&mut values);
    values.push(refused.record.revision.value());
    if first_row(connection, KNOWN, &values).await?.is_some() {
        return Ok(());
    }
    let record = serde_json::to_string(refused.record).ok().filter(|record| record.len() <= RECORD_BYTES_MAX);
    values.push(Value::Key(Some(clock(connection).await?)));
    values.extend([Value::Text(Some(rule.into())), record.value()]);
    connection.run(ADD, &values).await.map(|_| ()).map_err(StoreError::driver(ADD))
}

async fn list<C: Connection>(connection: &mut C, limit: u32) -> Result<Vec<CallSetAside>, StoreError> {
    let mut found = Vec::new();
    let mut rows = connection.rows(LIST, &[Value::Key(Some(limit.into()))]);
    while let Some(row) = rows.try_next().await.map_err(StoreError::driver(LIST))? {
        let mut cells = CellReader::new(&row, TABLE, COLUMNS);
        let node: NodeName = cells.take()?;
        found.push(CallSetAside {
            id: Key::read(&mut cells)?.id(&node),
            revision: cells.take()?,
            refused_us: cells.take()?,
            rule: cells.take()?,
            record: cells.take()?,
        });
    }
    Ok(found)
}
