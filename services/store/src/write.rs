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

/// Writes a chunk in one statement. Where that is refused, the savepoint lets the transaction go on to find out which
/// row it was: Postgres answers nothing more after an error.
async fn insert_chunk<T: Table, C: Connection>(connection: &mut C, chunk: &[T]) -> Result<(), StoreError> {
    connection.command(SAVEPOINT).await.map_err(StoreError::driver(SAVEPOINT))?;
    let Err(refused) = run(connection, chunk).await else {
        return connection.command(RELEASE).await.map_err(StoreError::driver(RELEASE));
    };
    if refused.as_database_error().is_none() {
        return Err(StoreError::Driver { statement: T::INSERT, source: refused });
    }
    connection.command(ROLLBACK).await.map_err(StoreError::driver(ROLLBACK))?;
    for row in chunk {
        run(connection, std::slice::from_ref(row))
            .await
            .map_err(|error| C::DIALECT.refusal(error, T::INSERT, T::NAME, row_name(row.key())))?;
    }
    // Row by row nothing was refused, so the statement itself failed (a lock, a limit): the caller may try again.
    Err(StoreError::Driver { statement: T::INSERT, source: refused })
}

async fn run<T: Table, C: Connection>(connection: &mut C, rows: &[T]) -> Result<u64, sqlx::Error> {
    let mut values = Vec::with_capacity(rows.len() * T::COLUMNS.len());
    rows.iter().for_each(|row| row.push_values(&mut values));
    let sql = C::DIALECT.bulk(T::INSERT, T::COLUMNS.len(), rows.len());
    connection.run_bulk(sql, &values).await
}
