//! What was done to records, by whom, and why.

use futures_util::TryStreamExt;

use crate::{
    column::Column,
    driver::Connection,
    error::StoreError,
    lease::{in_transaction, on_connection},
    marks::clock,
    store::Store,
    table::CellReader,
    text,
};

/// One entry. Nobody changes or removes one through here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditEntry {
    /// By the database's clock, microseconds of UTC.
    pub at_us: i64,
    pub actor: String,
    pub action: String,
    pub subject: String,
    pub reason: String,
}

const TABLE: &str = "audit";
const COLUMNS: &[&str] = &["at_us", "actor", "action", "subject", "reason"];
const ADD: &str = "INSERT INTO audit (at_us, actor, action, subject, reason) VALUES ($1, $2, $3, $4, $5)";
const LIST: &str = "SELECT at_us, actor, action, subject, reason FROM audit ORDER BY id DESC LIMIT $1";

pub(super) const STATEMENTS: [&str; 2] = [ADD, LIST];

/// Characters of a subject that are kept.
const SUBJECT_CHARS_MAX: usize = 2_000;

impl Store {
    /// Notes that this handle's author asked to see whole numbers: what of, of how many calls where that is known, and why
    /// (up to 200 characters). When it returns it is noted.
    pub async fn note_numbers_shown(
        &self,
        subject: &str,
        calls: Option<usize>,
        reason: &str,
    ) -> Result<(), StoreError> {
        let calls = calls.map(|calls| format!("{calls} calls of ")).unwrap_or_default();
        let subject = text::fitting(&format!("{calls}{subject}"), SUBJECT_CHARS_MAX).into_owned();
        let (actor, action) = (self.author.actor.clone(), "numbers_shown".to_owned());
        let reason = reason.to_owned();
        in_transaction!(self, begin_write, connection => {
            async {
                let at_us = clock(connection).await?;
                note(connection, &AuditEntry { at_us, actor, action, subject, reason }).await
            }
            .await
        })
    }

    /// The newest entries, the newest first.
    pub async fn audit(&self, limit: u32) -> Result<Vec<AuditEntry>, StoreError> {
        on_connection!(self, connection => list(connection, limit).await)
    }
}

async fn list<C: Connection>(connection: &mut C, limit: u32) -> Result<Vec<AuditEntry>, StoreError> {
    let mut entries = Vec::new();
    let mut rows = connection.rows(LIST, &[i64::from(limit).value()]);
    while let Some(row) = rows.try_next().await.map_err(StoreError::driver(LIST))? {
        let mut cells = CellReader::new(&row, TABLE, COLUMNS);
        entries.push(AuditEntry {
            at_us: cells.take()?,
            actor: cells.take()?,
            action: cells.take()?,
            subject: cells.take()?,
            reason: cells.take()?,
        });
    }
    Ok(entries)
}

/// Writes an entry, in the transaction of what it is about.
pub(crate) async fn note<C: Connection>(connection: &mut C, entry: &AuditEntry) -> Result<(), StoreError> {
    let AuditEntry { at_us, actor, action, subject, reason } = entry;
    let values = [at_us.value(), actor.value(), action.value(), subject.value(), reason.value()];
    connection.run(ADD, &values).await.map(|_| ()).map_err(StoreError::driver(ADD))
}
