//! Bulk writing that still names the one row that is refused.

use crate::{
    dialect::Dialect,
    driver::Connection,
    error::StoreError,
    table::{Table, row_name},
};

/// Values one statement may carry: SQLite takes 32,766, the others 65,535.
const VALUES_PER_STATEMENT: usize = 20_000;

const SAVEPOINT: &str = "SAVEPOINT chunk";
const RELEASE: &str = "RELEASE SAVEPOINT chunk";
const ROLLBACK: &str = "ROLLBACK TO SAVEPOINT chunk";

pub(crate) async fn insert<T: Table, C: Connection>(
    connection: &mut C,
    rows: &[T],
) -> Result<(), StoreError> {
    if let Some(row) = rows.iter().find(|row| row.key() < 1) {
        // MariaDB would read 0 as "the next free one" and store the row under another key.
        return Err(StoreError::Refused {
            table: T::NAME,
            row: row_name(row.key()),
            constraint: "ids start at 1".to_owned(),
        });
    }
    for chunk in rows.chunks(VALUES_PER_STATEMENT / T::COLUMNS.len()) {
        insert_chunk(connection, chunk).await?;
    }
    if C::DIALECT == Dialect::Postgres && !rows.is_empty() {
        connection.run(T::ADVANCE, &[]).await.map_err(StoreError::driver(T::ADVANCE))?;
    }
    Ok(())
}

/// Writes a chunk in one statement. Where that is refused, halves it until the one row is left that is to blame.
async fn insert_chunk<T: Table, C: Connection>(connection: &mut C, chunk: &[T]) -> Result<(), StoreError> {
    let Some(refused) = attempt(connection, chunk).await? else { return Ok(()) };
    let mut suspects = chunk;
    while suspects.len() > 1 {
        let (first, second) = suspects.split_at(suspects.len() / 2);
        // Rows that are written stay, so that of two equal ones the second is to blame.
        suspects = if attempt(connection, first).await?.is_some() { first } else { second };
    }
    match (attempt(connection, suspects).await?, suspects) {
        (Some(error), [row]) => Err(C::DIALECT.refusal(error, T::INSERT, T::NAME, row_name(row.key()))),
        // Row by row nothing is refused, so the statement itself failed (a lock, a limit): the caller may try again.
        _ => Err(StoreError::Driver { statement: T::INSERT, source: refused }),
    }
}

/// Writes the rows, or gives what the database has against them. Postgres answers nothing more in a transaction after
/// an error, hence the savepoint.
async fn attempt<T: Table, C: Connection>(
    connection: &mut C,
    rows: &[T],
) -> Result<Option<sqlx::Error>, StoreError> {
    connection.command(SAVEPOINT).await.map_err(StoreError::driver(SAVEPOINT))?;
    match run(connection, rows).await {
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

async fn run<T: Table, C: Connection>(connection: &mut C, rows: &[T]) -> Result<u64, sqlx::Error> {
    let mut values = Vec::with_capacity(rows.len() * T::COLUMNS.len());
    for row in rows {
        row.push_values(&mut values);
    }
    let sql = C::DIALECT.bulk(T::INSERT, T::COLUMNS.len(), rows.len());
    connection.run_bulk(sql, &values).await
}
