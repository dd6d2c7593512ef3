//! What a court or an authority wants kept.

use domain::{E164, NodeName};
use futures_util::TryStreamExt;

use super::{
    audit::{self, AuditEntry},
    slices,
};
use crate::{
    column::Column,
    driver::Connection,
    error::StoreError,
    lease::{in_transaction, on_connection},
    marks::clock,
    store::Store,
    table::CellReader,
};

/// Calls and decisions that are neither masked nor removed. What was masked before it was made stays masked, and is not
/// found by a number any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewHold {
    /// None: whatever the number.
    pub number: Option<E164>,
    /// None: on every node.
    pub node: Option<NodeName>,
    /// Of calls that began from then on, microseconds of UTC.
    pub from_us: i64,
    /// And before then; None: for as long as it holds.
    pub to_us: Option<i64>,
    /// Up to 200 characters, not empty.
    pub reason: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LegalHold {
    pub id: i64,
    pub hold: NewHold,
    pub made_us: i64,
    pub made_by: String,
    /// None: it holds.
    pub released_us: Option<i64>,
    pub released_by: Option<String>,
}

const TABLE: &str = "legal_holds";
const COLUMNS: &[&str] = &[
    "id",
    "number",
    "node",
    "from_us",
    "to_us",
    "reason",
    "made_us",
    "made_by",
    "released_us",
    "released_by",
];
const ADD: &str = "INSERT INTO legal_holds (number, node, from_us, to_us, reason, made_us, made_by) \
     VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING id";
const LIST: &str = "SELECT id, number, node, from_us, to_us, reason, made_us, made_by, released_us, released_by \
     FROM legal_holds ORDER BY id";
const RELEASE: &str =
    "UPDATE legal_holds SET released_us = $1, released_by = $2 WHERE id = $3 AND released_us IS NULL";
/// What a hold kept is looked at again.
const LOOK_AGAIN: &str = "UPDATE retention_progress SET \
     masked_us = CASE WHEN masked_us > $1 THEN $2 ELSE masked_us END, \
     removed_us = CASE WHEN removed_us > $3 THEN $4 ELSE removed_us END";

pub(super) const STATEMENTS: [&str; 4] = [ADD, LIST, RELEASE, LOOK_AGAIN];

impl Store {
    /// Makes a hold, signed by this handle's author, and notes it in the audit. It is in force when this returns: a
    /// slice that is masked or removed after that leaves alone what it fits.
    pub async fn make_hold(&self, hold: &NewHold) -> Result<i64, StoreError> {
        in_transaction!(self, begin_write, connection => make(connection, hold, &self.author.actor).await)
    }

    /// All holds ever made.
    pub async fn legal_holds(&self) -> Result<Vec<LegalHold>, StoreError> {
        on_connection!(self, connection => list(connection).await)
    }

    /// Releases a hold, signed by this handle's author, for a reason; `false` if there is none in force with this id.
    pub async fn release_hold(&self, id: i64, reason: &str) -> Result<bool, StoreError> {
        let actor = &self.author.actor;
        in_transaction!(self, begin_write, connection => release(connection, id, actor, reason).await)
    }
}

async fn make<C: Connection>(connection: &mut C, hold: &NewHold, actor: &str) -> Result<i64, StoreError> {
    // What is being masked or removed meanwhile would not see it.
    slices::lock(connection).await?;
    let now_us = clock(connection).await?;
    let NewHold { number, node, from_us, to_us, reason } = hold;
    let actor = actor.to_owned();
    let values = [
        number.value(),
        node.value(),
        from_us.value(),
        to_us.value(),
        reason.value(),
        now_us.value(),
        actor.value(),
    ];
    // Read to the end: SQLite commits the statement only then.
    let rows: Vec<_> = connection
        .rows(ADD, &values)
        .try_collect()
        .await
        .map_err(|error| C::DIALECT.refusal(error, ADD, TABLE, "a hold".to_owned()))?;
    let row = rows.first().ok_or(sqlx::Error::RowNotFound).map_err(StoreError::driver(ADD))?;
    let id: i64 = CellReader::new(row, TABLE, &["id"]).take()?;
    note(connection, now_us, actor, "hold_made", id, reason.clone()).await?;
    Ok(id)
}

async fn list<C: Connection>(connection: &mut C) -> Result<Vec<LegalHold>, StoreError> {
    let mut holds = Vec::new();
    let mut rows = connection.rows(LIST, &[]);
    while let Some(row) = rows.try_next().await.map_err(StoreError::driver(LIST))? {
        let mut cells = CellReader::new(&row, TABLE, COLUMNS);
        let id = cells.take()?;
        let (number, node) = (cells.take()?, cells.take()?);
        let (from_us, to_us, reason) = (cells.take()?, cells.take()?, cells.take()?);
        holds.push(LegalHold {
            id,
            hold: NewHold { number, node, from_us, to_us, reason },
            made_us: cells.take()?,
            made_by: cells.take()?,
            released_us: cells.take()?,
            released_by: cells.take()?,
        });
    }
    Ok(holds)
}

async fn release<C: Connection>(
    connection: &mut C,
    id: i64,
    actor: &str,
    reason: &str,
) -> Result<bool, StoreError> {
    let now_us = clock(connection).await?;
    let actor = actor.to_owned();
    let released = connection.run(RELEASE, &[now_us.value(), actor.value(), id.value()]).await;
    if released.map_err(StoreError::driver(RELEASE))? == 0 {
        return Ok(false);
    }
    let from_us =
        list(connection).await?.into_iter().find(|hold| hold.id == id).map(|hold| hold.hold.from_us);
    let from_us = from_us.unwrap_or_default();
    let values = [from_us.value(), from_us.value(), from_us.value(), from_us.value()];
    connection.run(LOOK_AGAIN, &values).await.map_err(StoreError::driver(LOOK_AGAIN))?;
    note(connection, now_us, actor, "hold_released", id, reason.to_owned()).await?;
    Ok(true)
}

async fn note<C: Connection>(
    connection: &mut C,
    at_us: i64,
    actor: String,
    action: &str,
    id: i64,
    reason: String,
) -> Result<(), StoreError> {
    let (action, subject) = (action.to_owned(), format!("hold {id}"));
    audit::note(connection, &AuditEntry { at_us, actor, action, subject, reason }).await
}
