//! Edits of single rows, by the names of tables and columns. A cell is checked by its column's type before the database
//! sees it; what is marked as edited is what was edited, in the same transaction.

use std::collections::BTreeSet;

use futures_util::TryStreamExt;
use routing::{ChunkPlace, TableName, range_of};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value as Json};

use crate::{
    column::Column,
    dialect::Dialect,
    driver::{Connection, Value},
    error::StoreError,
    lease::{in_transaction, on_connection},
    marks::{self, Author},
    store::Store,
    table::{self, CellReader, Table, first_row, row_name},
    working_copy::select_between,
    write::check_key,
};

/// One change of one row. Cells are named like the columns, and written as in the tables' JSON or TOML.
#[derive(Clone, Debug, PartialEq)]
pub enum Edit {
    /// Adds a row. Without an `id` the database chooses one; other cells that are left out get the row type's default.
    Insert { table: TableName, cells: Map<String, Json> },
    /// Changes the given cells of a row and no others.
    Update { table: TableName, key: i64, cells: Map<String, Json> },
    /// Removes a row that no other names.
    Remove { table: TableName, key: i64 },
}

impl Store {
    /// Does one edit and marks it; gives the row's id.
    pub async fn edit(&self, edit: &Edit) -> Result<i64, StoreError> {
        let keys = self.edit_all(std::slice::from_ref(edit)).await?;
        Ok(keys.first().copied().unwrap_or_default())
    }

    /// Does edits in their order and marks them: all of them or, on any error, none. Gives the rows' ids.
    ///
    /// Refused are cells that are no values of their columns (`Malformed`), rows that are not there (`NoSuch`), and
    /// what the tables' rules forbid (`Duplicate`, `Dangling`, `InUse`, `Refused`).
    pub async fn edit_all(&self, edits: &[Edit]) -> Result<Vec<i64>, StoreError> {
        in_transaction!(self, begin_write, connection => edit_all(connection, edits, &self.author).await)
    }

    /// One row; nothing if there is none with this id.
    pub async fn row(&self, table: TableName, key: i64) -> Result<Option<Map<String, Json>>, StoreError> {
        let Some(before) = key.checked_sub(1) else { return Ok(None) };
        let page = self.rows(table, before, 1).await?;
        Ok(page.into_iter().next().filter(|row| row.get("id").and_then(Json::as_i64) == Some(key)))
    }

    /// Up to `limit` rows with larger ids than `after`, ordered by id; 0 comes before all.
    pub async fn rows(
        &self,
        table: TableName,
        after: i64,
        limit: u32,
    ) -> Result<Vec<Map<String, Json>>, StoreError> {
        on_connection!(self, connection => table::page(connection, table, after, limit).await)
    }

    /// The id after the largest: for whoever adds a row and others that name it. Somebody else may be faster, and then
    /// the insert is refused as a duplicate.
    pub async fn next_key(&self, table: TableName) -> Result<i64, StoreError> {
        on_connection!(self, connection => table::next_key(connection, table).await)
    }
}

async fn edit_all<C: Connection>(
    connection: &mut C,
    edits: &[Edit],
    author: &Author,
) -> Result<Vec<i64>, StoreError> {
    let mut keys = Vec::with_capacity(edits.len());
    let mut places = BTreeSet::new();
    for edit in edits {
        let (table, key) = edit_one(connection, edit).await?;
        places.insert(ChunkPlace { table, range: range_of(key) });
        keys.push(key);
    }
    marks::add(connection, &places, author).await?;
    Ok(keys)
}

async fn edit_one<C: Connection>(connection: &mut C, edit: &Edit) -> Result<(TableName, i64), StoreError> {
    match edit {
        Edit::Insert { table, cells } => Ok((*table, table::insert_row(connection, *table, cells).await?)),
        Edit::Update { table, key, cells } => {
            table::update_row(connection, *table, *key, cells).await?;
            Ok((*table, *key))
        }
        Edit::Remove { table, key } => {
            table::remove_row(connection, *table, *key).await?;
            Ok((*table, *key))
        }
    }
}

const NEW_ROW: &str = "a new row";

pub(crate) async fn insert<T: Table, C: Connection>(
    connection: &mut C,
    cells: &Map<String, Json>,
) -> Result<i64, StoreError> {
    if cells.contains_key("id") {
        let row: T = checked(cells, NEW_ROW)?;
        check_key(&row)?;
        return insert_as_it_is(connection, &row).await;
    }
    // The row type wants a key; the database never sees this one.
    let mut complete = cells.clone();
    complete.insert("id".to_owned(), Json::from(1));
    let row: T = checked(&complete, NEW_ROW)?;
    // Somebody may have added rows with ids of their own.
    advance::<T, C>(connection).await?;
    let mut values = Vec::with_capacity(T::COLUMNS.len());
    row.push_values(&mut values);
    let mut sql = C::DIALECT.bulk(T::INSERT_NEW, T::COLUMNS.len() - 1, 1);
    sql.push_str(" RETURNING id");
    let rows: Result<Vec<_>, _> = connection.rows_built(sql, &values[1..]).try_collect().await;
    let refused = |error| C::DIALECT.refusal(error, T::INSERT_NEW, T::NAME, NEW_ROW.to_owned());
    let rows = rows.map_err(refused)?;
    let row = rows.first().ok_or(sqlx::Error::RowNotFound).map_err(StoreError::driver(T::INSERT_NEW))?;
    CellReader::new(row, T::NAME, T::COLUMNS).take()
}

async fn insert_as_it_is<T: Table, C: Connection>(connection: &mut C, row: &T) -> Result<i64, StoreError> {
    let mut values = Vec::with_capacity(T::COLUMNS.len());
    row.push_values(&mut values);
    let sql = C::DIALECT.bulk(T::INSERT, values.len(), 1);
    let refused = |error| C::DIALECT.refusal(error, T::INSERT, T::NAME, row_name(row.key()));
    connection.run_built(sql, &values).await.map_err(refused)?;
    advance::<T, C>(connection).await?;
    Ok(row.key())
}

/// Lets the next id that the database chooses come after those that were given.
pub(crate) async fn advance<T: Table, C: Connection>(connection: &mut C) -> Result<(), StoreError> {
    if C::DIALECT == Dialect::Postgres {
        connection.run(T::ADVANCE, &[]).await.map_err(StoreError::driver(T::ADVANCE))?;
    }
    Ok(())
}

pub(crate) async fn update<T: Table, C: Connection>(
    connection: &mut C,
    key: i64,
    cells: &Map<String, Json>,
) -> Result<(), StoreError> {
    let no_such = || StoreError::NoSuch { table: T::NAME, row: row_name(key) };
    let before: Vec<T> = select_between(connection, key, key).await?;
    let before = before.first().ok_or_else(no_such)?;
    let row: T = checked(&overlaid(before, cells)?, &row_name(key))?;
    if row.key() != key {
        return Err(malformed::<T>("id", &row_name(key), "the id of a row stays what it is".to_owned()));
    }
    let mut all = Vec::with_capacity(T::COLUMNS.len());
    row.push_values(&mut all);
    // Only what was asked for is written: somebody else may be changing another cell.
    let (columns, mut values): (Vec<_>, Vec<_>) = T::COLUMNS
        .iter()
        .copied()
        .zip(all)
        .filter(|(column, _)| *column != "id" && cells.contains_key(*column))
        .unzip();
    if columns.is_empty() {
        return Ok(());
    }
    values.push(Value::Key(Some(key)));
    let sql = C::DIALECT.update(T::NAME, &columns);
    let refused = |error| C::DIALECT.refusal(error, T::SELECT_RANGE, T::NAME, row_name(key));
    let touched = connection.run_built(sql, &values).await.map_err(refused)?;
    if touched == 0 { Err(no_such()) } else { Ok(()) }
}

fn overlaid<T: Table>(row: &T, cells: &Map<String, Json>) -> Result<Map<String, Json>, StoreError> {
    let mut whole = json(row)?;
    whole.extend(cells.clone());
    Ok(whole)
}

pub(crate) async fn remove<T: Table, C: Connection>(connection: &mut C, key: i64) -> Result<(), StoreError> {
    let refused = |error| match C::DIALECT.refusal(error, T::DELETE, T::NAME, row_name(key)) {
        StoreError::Dangling { table, row, constraint } => StoreError::InUse { table, row, constraint },
        other => other,
    };
    let removed = connection.run(T::DELETE, &[key.value()]).await.map_err(refused)?;
    if removed == 0 { Err(StoreError::NoSuch { table: T::NAME, row: row_name(key) }) } else { Ok(()) }
}

pub(crate) async fn page<T: Table, C: Connection>(
    connection: &mut C,
    after: i64,
    limit: u32,
) -> Result<Vec<Map<String, Json>>, StoreError> {
    let mut page = Vec::new();
    let mut rows =
        connection.rows(T::SELECT_PAGE, &[Value::Key(Some(after)), Value::Key(Some(limit.into()))]);
    while let Some(row) = rows.try_next().await.map_err(StoreError::driver(T::SELECT_PAGE))? {
        page.push(json(&T::read(&row)?)?);
    }
    Ok(page)
}

pub(crate) async fn next_key<T: Table, C: Connection>(connection: &mut C) -> Result<i64, StoreError> {
    let row = first_row(connection, T::NEXT_KEY, &[]).await?;
    let row = row.ok_or(sqlx::Error::RowNotFound).map_err(StoreError::driver(T::NEXT_KEY))?;
    CellReader::new(&row, T::NAME, T::COLUMNS).take()
}

fn json<T: Table>(row: &T) -> Result<Map<String, Json>, StoreError> {
    match serde_json::to_value(row) {
        Ok(Json::Object(cells)) => Ok(cells),
        _ => Err(malformed::<T>("id", &row_name(row.key()), "the row cannot be written down".to_owned())),
    }
}

/// The row that cells make, or the cell that is in the way.
fn checked<T: Table>(cells: &Map<String, Json>, row: &str) -> Result<T, StoreError> {
    if let Some(unknown) = cells.keys().find(|name| !T::COLUMNS.contains(&name.as_str())) {
        let known = format!("there is no such column; the columns are {}", T::COLUMNS.join(", "));
        return Err(malformed::<T>(&domain::shortened(unknown), row, known));
    }
    if let Some((column, reason)) = T::misfit(cells) {
        return Err(malformed::<T>(column, row, reason));
    }
    T::deserialize(cells).map_err(|error| {
        // Every cell fits its column, so that one is missing which has no default.
        let missing = T::COLUMNS.iter().find(|column| error.to_string().contains(&format!("`{column}`")));
        malformed::<T>(missing.unwrap_or(&"row"), row, "it has to be given".to_owned())
    })
}

fn malformed<T: Table>(column: &str, row: &str, reason: String) -> StoreError {
    StoreError::Malformed { table: T::NAME, column: column.to_owned(), row: row.to_owned(), reason }
}

/// Why a cell is no value of its column, whose type `column` tells. The value itself is not repeated but by the domain's
/// types, which mask it.
pub(crate) fn misfit<R, C: DeserializeOwned>(
    name: &'static str,
    column: impl Fn(&R) -> &C,
    cells: &Map<String, Json>,
) -> Option<(&'static str, String)> {
    // Only its type is of interest.
    let _ = column;
    let error = C::deserialize(cells.get(name)?).err()?.to_string();
    let reason = match error.rsplit_once(", expected ") {
        Some((_, expected)) => format!("it must be {expected}"),
        None => error,
    };
    Some((name, reason))
}
