//! Automatic activations that were refused: what an operator has to look at.

use crate::{
    column::Column,
    driver::{Connection, Value},
    error::StoreError,
    lease::{in_transaction, on_connection},
    marks::clock,
    store::Store,
    table::{CellReader, first_row},
};

/// Why edits were not activated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// By the database's clock, microseconds of UTC.
    pub refused_us: i64,
    pub actor: String,
    /// The latest mark that was considered; newer ones are worth another try.
    pub last_mark: Option<i64>,
    /// JSON.
    pub findings: String,
}

/// Bytes of findings that are kept of one refusal; whoever writes them leaves out what is too much.
pub const FINDINGS_BYTES_MAX: usize = 64 << 10;

/// How many refusals are kept.
const KEPT: i64 = 20;

const TABLE: &str = "activation_refusals";
const ADD: &str = "INSERT INTO activation_refusals (refused_us, actor, last_mark, findings) \
     VALUES ($1, $2, $3, $4) RETURNING id";
const PRUNE: &str = "DELETE FROM activation_refusals WHERE id <= $1";
const LAST: &str =
    "SELECT refused_us, actor, last_mark, findings FROM activation_refusals ORDER BY id DESC LIMIT 1";

pub(crate) const STATEMENTS: [&str; 3] = [ADD, PRUNE, LAST];

impl Store {
    /// Notes that an automatic activation was refused. Findings longer than [`FINDINGS_BYTES_MAX`] are `Refused`.
    pub async fn refuse(
        &self,
        actor: &str,
        last_mark: Option<i64>,
        findings: &str,
    ) -> Result<(), StoreError> {
        in_transaction!(self, begin_write, connection => add(connection, actor, last_mark, findings).await)
    }

    /// The last automatic activation that was refused, be there later ones that were not.
    pub async fn last_refusal(&self) -> Result<Option<Refusal>, StoreError> {
        on_connection!(self, connection => last(connection).await)
    }
}

async fn add<C: Connection>(
    connection: &mut C,
    actor: &str,
    last_mark: Option<i64>,
    findings: &str,
) -> Result<(), StoreError> {
    let now_us = clock(connection).await?;
    let values = [
        now_us.value(),
        Value::Text(Some(actor.into())),
        last_mark.value(),
        Value::Text(Some(findings.into())),
    ];
    let row = first_row(connection, ADD, &values).await.map_err(|error| match error {
        StoreError::Driver { source, .. } => C::DIALECT.refusal(source, ADD, TABLE, "a refusal".to_owned()),
        other => other,
    })?;
    let row = row.ok_or(sqlx::Error::RowNotFound).map_err(StoreError::driver(ADD))?;
    let id: i64 = CellReader::new(&row, TABLE, &["id"]).take()?;
    connection.run(PRUNE, &[(id - KEPT).value()]).await.map_err(StoreError::driver(PRUNE))?;
    Ok(())
}

async fn last<C: Connection>(connection: &mut C) -> Result<Option<Refusal>, StoreError> {
    let Some(row) = first_row(connection, LAST, &[]).await? else { return Ok(None) };
    let mut cells = CellReader::new(&row, TABLE, &["refused_us", "actor", "last_mark", "findings"]);
    Ok(Some(Refusal {
        refused_us: cells.take()?,
        actor: cells.take()?,
        last_mark: cells.take()?,
        findings: cells.take()?,
    }))
}
