//! Bulk writing that still names the one row that is refused.

use std::borrow::Borrow;

use crate::{
    driver::Connection,
    edits::advance,
    error::StoreError,
    table::{Table, row_name},
};

/// Values one statement may carry: SQLite takes 32,766, the others 65,535.
pub(crate) const VALUES_PER_STATEMENT: usize = 20_000;

pub(crate) const SAVEPOINT: &str = "SAVEPOINT chunk";
pub(crate) const RELEASE: &str = "RELEASE SAVEPOINT chunk";
pub(crate) const ROLLBACK: &str = "ROLLBACK TO SAVEPOINT chunk";

/// Whether rows must refer to rows that exist, at once or only when the transaction is committed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum References {
    Held,
    Open,
}

pub(crate) async fn insert<T: Table, R: Borrow<T> + Sync, C: Connection>(
    connection: &mut C,
    rows: &[R],
    references: References,
) -> Result<(), StoreError> {
    rows.iter().map(Borrow::borrow).try_for_each(check_key)?;
    for chunk in rows.chunks(VALUES_PER_STATEMENT / T::COLUMNS.len()) {
        insert_chunk::<T, R, C>(connection, chunk, references).await?;
    }
    if rows.is_empty() { Ok(()) } else { advance::<T, C>(connection).await }
}

/// MariaDB would read 0 as "the next free one" and store the row under another key.
pub(crate) fn check_key<T: Table>(row: &T) -> Result<(), StoreError> {
    if row.key() >= 1 {
        return Ok(());
    }
    let constraint = "ids start at 1".to_owned();
    Err(StoreError::Refused { table: T::NAME, row: row_name(row.key()), constraint })
}

/// Writes a chunk in one statement. Where that is refused, halves it until the one row is left that is to blame.
async fn insert_chunk<T: Table, R: Borrow<T> + Sync, C: Connection>(
    connection: &mut C,
    chunk: &[R],
    references: References,
) -> Result<(), StoreError> {
    let Some(refused) = attempt::<T, R, C>(connection, chunk, references).await? else { return Ok(()) };
    let mut suspects = chunk;
    while suspects.len() > 1 {
        let (first, second) = suspects.split_at(suspects.len() / 2);
        // Rows that are written stay, so that of two equal ones the second is to blame.
        suspects =
            if attempt::<T, R, C>(connection, first, references).await?.is_some() { first } else { second };
    }
    match (attempt::<T, R, C>(connection, suspects, references).await?, suspects) {
        (Some(error), [row]) => {
            Err(C::DIALECT.refusal(error, T::INSERT, T::NAME, row_name(row.borrow().key())))
        }
        // Row by row nothing is refused, so the statement itself failed (a lock, a limit): the caller may try again.
        _ => Err(StoreError::Driver { statement: T::INSERT, source: refused }),
    }
}

/// Writes the rows, or gives what the database has against them. Postgres answers nothing more in a transaction after
/// an error, hence the savepoint.
async fn attempt<T: Table, R: Borrow<T> + Sync, C: Connection>(
    connection: &mut C,
    rows: &[R],
    references: References,
) -> Result<Option<sqlx::Error>, StoreError> {
    connection.command(SAVEPOINT).await.map_err(StoreError::driver(SAVEPOINT))?;
    match run::<T, R, C>(connection, rows, references).await {
        Ok(_) => {
            connection.command(RELEASE).await.map_err(StoreError::driver(RELEASE))?;
            Ok(None)
        }
        Err(refused) if refused.as_database_error().is_some() => {
            connection.command(ROLLBACK).await.map_err(StoreError::driver(ROLLBACK))?;
            Ok(Some(refused))
        }
        Err(source) => Err(StoreError::Driver { statement: T::INSERT, source }),
    }
}

async fn run<T: Table, R: Borrow<T> + Sync, C: Connection>(
    connection: &mut C,
    rows: &[R],
    references: References,
) -> Result<u64, sqlx::Error> {
    let mut values = Vec::with_capacity(rows.len() * T::COLUMNS.len());
    for row in rows {
        row.borrow().push_values(&mut values);
    }
    let insert = match references {
        References::Held => T::INSERT.into(),
        References::Open => C::DIALECT.unreferenced(T::INSERT),
    };
    let sql = C::DIALECT.bulk(&insert, T::COLUMNS.len(), rows.len());
    connection.run_built(sql, &values).await
}
