//! The working copy in chunks: all of it, or what was edited since the last look.

use std::sync::Arc;

use futures_util::TryStreamExt;
use routing::{Chunk, Chunked, ChunkedTables, KEYS_PER_CHUNK, KeyRange, TableName, range_of};

use crate::{
    driver::{Connection, Value},
    error::StoreError,
    lease::in_transaction,
    marks::{self, Marks},
    store::Store,
    table::{Table, reread, scan_all},
};

/// The working copy at one moment, and the marks that were visible at that moment: what they stand for is in.
#[derive(Clone, Debug, Default)]
pub struct WorkingCopy {
    pub tables: ChunkedTables,
    pub marks: Marks,
}

impl Store {
    /// Reads the whole working copy in one consistent transaction, straight into chunks.
    pub async fn tables_chunked(&self) -> Result<WorkingCopy, StoreError> {
        self.scan(&ChunkedTables::default(), &TableName::ALL).await
    }

    /// Reads the tables in `scope` to the last row, in one consistent transaction, and takes the others from `base`:
    /// edits by any hand are found. Chunks that are equal to those of `base` are those of `base`. The marks are those
    /// of the tables in `scope`.
    pub async fn scan(&self, base: &ChunkedTables, scope: &[TableName]) -> Result<WorkingCopy, StoreError> {
        in_transaction!(self, begin_read, connection => {
            async {
                let marks = marks::read(connection, scope).await?;
                let tables = scan_all(connection, base, scope).await?;
                Ok(WorkingCopy { tables, marks })
            }
            .await
        })
    }

    /// Reads again what is marked in the tables in `scope`, in one consistent transaction, and takes everything else
    /// from `base`; edits that nobody marked are not found. Chunks that are equal to those of `base` are those of
    /// `base`.
    pub async fn reread(&self, base: &ChunkedTables, scope: &[TableName]) -> Result<WorkingCopy, StoreError> {
        in_transaction!(self, begin_read, connection => {
            async {
                let marks = marks::read(connection, scope).await?;
                let mut tables = base.clone();
                for &place in marks.places() {
                    reread(connection, &mut tables, place).await?;
                }
                Ok(WorkingCopy { tables, marks })
            }
            .await
        })
    }
}

/// Reads a table in the order of its keys; beside the chunks there is never more than one row in memory.
pub(crate) async fn scan<T: Table, C: Connection>(
    connection: &mut C,
    base: &Chunked<T>,
) -> Result<Chunked<T>, StoreError> {
    let mut table = Chunked::default();
    let mut pending: Vec<T> = Vec::new();
    let mut rows = connection.rows(T::SELECT, &[]);
    while let Some(row) = rows.try_next().await.map_err(StoreError::driver(T::SELECT))? {
        let row = T::read(&row)?;
        if let Some(range) = pending.first().map(|first| range_of(first.key()))
            && range != range_of(row.key())
        {
            put(&mut table, range, std::mem::take(&mut pending), base);
        }
        pending.push(row);
    }
    if let Some(range) = pending.first().map(|first| range_of(first.key())) {
        put(&mut table, range, pending, base);
    }
    Ok(table)
}

/// Reads the rows of one range of a table again.
pub(crate) async fn reread_range<T: Table, C: Connection>(
    connection: &mut C,
    table: &mut Chunked<T>,
    range: KeyRange,
) -> Result<(), StoreError> {
    let first = range.saturating_mul(KEYS_PER_CHUNK);
    let last = first.saturating_add(KEYS_PER_CHUNK - 1);
    let rows = select_between(connection, first, last).await?;
    if rows.is_empty() {
        table.remove(range);
    } else {
        let base = table.clone();
        put(table, range, rows, &base);
    }
    Ok(())
}

/// The rows of a table with keys from `first` to `last`, both included.
pub(crate) async fn select_between<T: Table, C: Connection>(
    connection: &mut C,
    first: i64,
    last: i64,
) -> Result<Vec<T>, StoreError> {
    let values = [Value::Key(Some(first)), Value::Key(Some(last))];
    let mut found = Vec::new();
    let mut rows = connection.rows(T::SELECT_RANGE, &values);
    while let Some(row) = rows.try_next().await.map_err(StoreError::driver(T::SELECT_RANGE))? {
        found.push(T::read(&row)?);
    }
    Ok(found)
}

/// Puts rows into a table, as the chunk of `base` where that holds the same rows.
fn put<T: Table>(table: &mut Chunked<T>, range: KeyRange, rows: Vec<T>, base: &Chunked<T>) {
    let chunk = Chunk::new(range, rows).expect("a primary key holds each key once, and its order is theirs");
    match base.chunk(range) {
        Some(known) if **known == chunk => table.put(Arc::clone(known)),
        _ => table.put(Arc::new(chunk)),
    }
}
