//! Making the working copy what a configuration of the past was.

use std::{collections::BTreeSet, sync::Arc};

use futures_util::TryStreamExt;
use routing::{ChunkPlace, Chunked, ChunkedTables, TableName};

use crate::{
    column::Column,
    dialect::Dialect,
    driver::Connection,
    error::StoreError,
    lease::in_transaction,
    marks::{self, Author},
    store::Store,
    table::{CellReader, Table, first_row, place_of, replace_all, row_name},
    write::{References, insert},
};

/// Ids one statement removes.
const IDS_PER_STATEMENT: usize = 1_000;

impl Store {
    /// Makes the working copy equal to `wanted`, all of it or, on any error, nothing, and marks every chunk that differed.
    /// Layers stay as they are: what was revoked stays revoked. A server whose token is still valid can therefore not
    /// vanish: that is `Dangling` and names the token's row.
    pub async fn replace_working_copy(&self, wanted: &ChunkedTables) -> Result<(), StoreError> {
        in_transaction!(self, begin_write, connection => replace(connection, wanted, &self.author).await)
    }
}

async fn replace<C: Connection>(
    connection: &mut C,
    wanted: &ChunkedTables,
    author: &Author,
) -> Result<(), StoreError> {
    let scope: Vec<_> = TableName::ALL.into_iter().filter(|table| table.layer().is_none()).collect();
    if let Some(defer) = C::DIALECT.defer_references() {
        connection.command(defer).await.map_err(StoreError::driver(defer))?;
    }
    let places = replace_all(connection, wanted, &scope).await?;
    check_references(connection).await?;
    marks::add(connection, &places, author).await
}

/// Removes the rows that are not wanted as they are, and tells in which chunks there is something to do.
pub(crate) async fn remove_old<T: Table, C: Connection>(
    connection: &mut C,
    current: &Chunked<T>,
    wanted: &Chunked<T>,
) -> Result<BTreeSet<ChunkPlace>, StoreError> {
    let old: Vec<_> = differing(current, wanted).collect();
    let statement = C::DIALECT.unreferenced(T::DELETE);
    for rows in old.chunks(IDS_PER_STATEMENT) {
        let keys: Vec<_> = rows.iter().map(|row| row.key()).collect();
        let values: Vec<_> = keys.iter().map(Column::value).collect();
        let sql = C::DIALECT.widened(&statement, values.len());
        let refused = |error| C::DIALECT.refusal(error, T::DELETE, T::NAME, row_name(keys[0]));
        connection.run_built(sql, &values).await.map_err(refused)?;
    }
    Ok(old.into_iter().chain(differing(wanted, current)).map(place_of).collect())
}

/// Adds the rows that are wanted and not there as they are.
pub(crate) async fn insert_new<T: Table, C: Connection>(
    connection: &mut C,
    current: &Chunked<T>,
    wanted: &Chunked<T>,
) -> Result<(), StoreError> {
    let new: Vec<_> = differing(wanted, current).collect();
    insert::<T, &T, C>(connection, &new, References::Open).await
}

/// The rows of one table that the other does not hold or holds otherwise. Chunks they share are not looked into.
fn differing<'a, T: Table>(one: &'a Chunked<T>, other: &'a Chunked<T>) -> impl Iterator<Item = &'a T> {
    one.chunks()
        .iter()
        .filter(|chunk| !other.chunk(chunk.range()).is_some_and(|same| Arc::ptr_eq(chunk, same)))
        .flat_map(|chunk| chunk.rows())
        .filter(|row| other.get(row.key()) != Some(*row))
}

/// A column of one table that holds keys of another.
pub(crate) struct Reference {
    table: &'static str,
    constraint: &'static str,
    /// A row that refers to nothing.
    dangling: &'static str,
}

macro_rules! references {
    ($($table:ident.$column:ident => $other:ident.$key:ident),+ $(,)?) => {
        /// Every foreign key, under the name it has in the tables.
        pub(crate) const REFERENCES: &[Reference] = &[$(Reference {
            table: stringify!($table),
            constraint: concat!(stringify!($table), "_", stringify!($column), "_exists"),
            dangling: concat!(
                "SELECT ", stringify!($table), ".id FROM ", stringify!($table), " LEFT JOIN ", stringify!($other),
                " ON ", stringify!($other), ".", stringify!($key), " = ", stringify!($table), ".",
                stringify!($column), " WHERE ", stringify!($table), ".", stringify!($column), " IS NOT NULL AND ",
                stringify!($other), ".", stringify!($key), " IS NULL ORDER BY ", stringify!($table), ".id LIMIT 1",
            ),
        }),+];
    };
}

references! {
    providers.currency_id => currencies.id,
    provider_addresses.provider_id => providers.id,
    routes.provider_id => providers.id,
    servers.location => countries.iso,
    numbers.provider_id => providers.id,
    numbers.server_id => servers.id,
    gates.number_id => numbers.id,
    gates.server_id => servers.id,
    extensions.server_id => servers.id,
    extensions.number_id => numbers.id,
    node_tokens.server_id => servers.id,
    ring_group_members.ring_group_id => ring_groups.id,
    ring_group_members.extension_id => extensions.id,
    number_destinations.number_id => numbers.id,
    number_destinations.extension_id => extensions.id,
    number_destinations.ring_group_id => ring_groups.id,
    customers.extension_id => extensions.id,
    service_numbers.country => countries.iso,
    service_numbers.provider_id => providers.id,
}

pub(crate) fn statements() -> impl Iterator<Item = &'static str> {
    REFERENCES.iter().map(|reference| reference.dangling)
}

/// Finds a row that refers to nothing. Postgres and SQLite would refuse the commit, and not say which row it was;
/// MariaDB would not even notice.
async fn check_references<C: Connection>(connection: &mut C) -> Result<(), StoreError> {
    for reference in REFERENCES {
        let row = match C::DIALECT {
            // What the transaction sees otherwise is the state at its beginning.
            Dialect::MariaDb => {
                let sql = format!("{} LOCK IN SHARE MODE", reference.dangling);
                let rows: Result<Vec<_>, _> = connection.rows_built(sql, &[]).try_collect().await;
                rows.map_err(StoreError::driver(reference.dangling))?.pop()
            }
            Dialect::Postgres | Dialect::Sqlite => first_row(connection, reference.dangling, &[]).await?,
        };
        if let Some(row) = row {
            let key = CellReader::new(&row, reference.table, &["id"]).take()?;
            let constraint = reference.constraint.to_owned();
            return Err(StoreError::Dangling { table: reference.table, row: row_name(key), constraint });
        }
    }
    Ok(())
}
