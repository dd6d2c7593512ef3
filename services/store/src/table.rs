//! What the tables' columns are: the one list from which reading, writing and every statement follow.

use std::collections::BTreeSet;

use futures_util::TryStreamExt;
use routing::{
    ChunkPlace, ChunkedTables, Row, TableName, range_of,
    tables::{
        ApiToken, Country, Currency, Customer, Extension, Gate, NodeToken, Number, NumberDestination,
        Provider, ProviderAddress, ResolvedAddress, RingGroup, RingGroupMember, Route, Server, ServiceNumber,
        Tables,
    },
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value as Json};

use crate::{
    column::Column,
    driver::{Cells, Connection, Value},
    edits::{self, misfit},
    error::StoreError,
    replace,
    working_copy::{reread_range, scan},
    write::{References, insert},
};

/// A row type and the table it lives in.
pub(crate) trait Table: Row + Serialize + DeserializeOwned + PartialEq + Sized + Send + Sync {
    const NAME: &'static str;
    const COLUMNS: &'static [&'static str];
    const SELECT: &'static str;
    /// The rows between two keys, both included.
    const SELECT_RANGE: &'static str;
    /// The rows after a key, as many as asked for.
    const SELECT_PAGE: &'static str;
    const DELETE: &'static str;
    const NEXT_KEY: &'static str;
    /// Up to the list of values.
    const INSERT: &'static str;
    /// The same without the key, which the database chooses.
    const INSERT_NEW: &'static str;
    /// Postgres only: ids that were given do not move the sequence from which the next one comes.
    const ADVANCE: &'static str;

    /// The first of the given cells that its column cannot hold, and why.
    fn misfit(cells: &Map<String, Json>) -> Option<(&'static str, String)>;
    fn push_values<'a>(&'a self, values: &mut Vec<Value<'a>>);
    fn read(row: &impl Cells) -> Result<Self, StoreError>;
}

/// Takes the cells of a row in the order of its columns and names the one that is impossible.
pub(crate) struct CellReader<'r, R> {
    row: &'r R,
    table: &'static str,
    columns: &'static [&'static str],
    at: usize,
    /// Cells of the row before the first column.
    before: usize,
}

impl<'r, R: Cells> CellReader<'r, R> {
    pub(crate) fn new(row: &'r R, table: &'static str, columns: &'static [&'static str]) -> Self {
        Self { row, table, columns, at: 0, before: 0 }
    }

    /// The same columns behind so many other cells.
    #[must_use]
    pub(crate) fn behind(self, before: usize) -> Self {
        Self { before, ..self }
    }

    pub(crate) fn take<C: Column>(&mut self) -> Result<C, StoreError> {
        let at = self.at;
        self.at += 1;
        C::read(self.row, self.before + at).map_err(|source| StoreError::Corrupt {
            table: self.table,
            column: self.columns[at],
            row: self.row.key(0).ok().flatten().map_or_else(|| "a row without id".to_owned(), row_name),
            source,
        })
    }
}

/// How errors call a row.
pub(crate) fn row_name(key: i64) -> String {
    format!("id {key}")
}

/// The first row of a statement's answer, which is read to its end: SQLite is done with a statement only then.
pub(crate) async fn first_row<C: Connection>(
    connection: &mut C,
    statement: &'static str,
    values: &[Value<'_>],
) -> Result<Option<C::Row>, StoreError> {
    let mut rows: Vec<_> =
        connection.rows(statement, values).try_collect().await.map_err(StoreError::driver(statement))?;
    Ok((!rows.is_empty()).then(|| rows.swap_remove(0)))
}

async fn select<T: Table, C: Connection>(connection: &mut C) -> Result<Vec<T>, StoreError> {
    let mut found = Vec::new();
    let mut rows = connection.rows(T::SELECT, &[]);
    while let Some(row) = rows.try_next().await.map_err(StoreError::driver(T::SELECT))? {
        found.push(T::read(&row)?);
    }
    Ok(found)
}

/// Names with commas between them.
macro_rules! comma {
    ($first:ident $(, $rest:ident)*) => { concat!(stringify!($first) $(, ", ", stringify!($rest))*) };
}

macro_rules! tables {
    ($($row:ident in $name:ident { $($column:ident),+ })+) => {
        $(
            impl Table for $row {
                const NAME: &'static str = stringify!($name);
                const COLUMNS: &'static [&'static str] = &["id", $(stringify!($column)),+];
                const SELECT: &'static str =
                    concat!("SELECT id", $(", ", stringify!($column),)+ " FROM ", stringify!($name), " ORDER BY id");
                const SELECT_RANGE: &'static str = concat!(
                    "SELECT id", $(", ", stringify!($column),)+ " FROM ", stringify!($name),
                    " WHERE id BETWEEN $1 AND $2 ORDER BY id",
                );
                const SELECT_PAGE: &'static str = concat!(
                    "SELECT id", $(", ", stringify!($column),)+ " FROM ", stringify!($name),
                    " WHERE id > $1 ORDER BY id LIMIT $2",
                );
                const DELETE: &'static str = concat!("DELETE FROM ", stringify!($name), " WHERE id IN ($1)");
                const NEXT_KEY: &'static str =
                    concat!("SELECT COALESCE(MAX(id), 0) + 1 FROM ", stringify!($name));
                const INSERT: &'static str =
                    concat!("INSERT INTO ", stringify!($name), " (id", $(", ", stringify!($column),)+ ")");
                const INSERT_NEW: &'static str =
                    concat!("INSERT INTO ", stringify!($name), " (", comma!($($column),+), ")");
                // Never back: somebody else may have taken newer ids meanwhile.
                const ADVANCE: &'static str = concat!(
                    "SELECT setval(pg_get_serial_sequence('", stringify!($name), "', 'id'), MAX(id)) FROM ",
                    stringify!($name), " HAVING MAX(id) > COALESCE(pg_sequence_last_value(pg_get_serial_sequence('",
                    stringify!($name), "', 'id')::regclass), 0)",
                );

                fn misfit(cells: &Map<String, Json>) -> Option<(&'static str, String)> {
                    misfit("id", |row: &Self| &row.id, cells)
                        $(.or_else(|| misfit(stringify!($column), |row: &Self| &row.$column, cells)))+
                }

                fn push_values<'a>(&'a self, values: &mut Vec<Value<'a>>) {
                    values.extend([self.id.value(), $(self.$column.value()),+]);
                }

                fn read(row: &impl Cells) -> Result<Self, StoreError> {
                    let mut cells = CellReader::new(row, Self::NAME, Self::COLUMNS);
                    Ok(Self { id: cells.take()?, $($column: cells.take()?),+ })
                }
            }
        )+

        /// The statements that follow from the list of columns.
        pub(crate) const STATEMENTS: &[&str] =
            &[$($row::SELECT, $row::SELECT_RANGE, $row::SELECT_PAGE, $row::DELETE, $row::NEXT_KEY),+];

        /// The statements that the dialect writes from the list of columns, each with an example.
        pub(crate) fn built_statements<C: Connection>() -> Vec<(&'static str, String)> {
            let mut built = Vec::new();
            $({
                let columns = $row::COLUMNS;
                built.push(($row::INSERT, C::DIALECT.bulk($row::INSERT, columns.len(), 1)));
                built.push(($row::INSERT_NEW, C::DIALECT.bulk($row::INSERT_NEW, columns.len() - 1, 1)));
                built.push(($row::NAME, C::DIALECT.update($row::NAME, &columns[1..])));
            })+
            built
        }

        /// Reads every table; consistent when `connection` is in a transaction of `Dialect::begin_read`.
        pub(crate) async fn select_all(connection: &mut impl Connection) -> Result<Tables, StoreError> {
            Ok(Tables { $($name: select(connection).await?),+ })
        }

        /// Writes every table, each after those its rows refer to.
        pub(crate) async fn insert_all(
            connection: &mut impl Connection,
            tables: &Tables,
        ) -> Result<(), StoreError> {
            $(insert::<$row, $row, _>(connection, &tables.$name, References::Held).await?;)+
            Ok(())
        }

        /// The chunks that rows belong to.
        pub(crate) fn places(tables: &Tables) -> BTreeSet<ChunkPlace> {
            let mut places = BTreeSet::new();
            $(places.extend(tables.$name.iter().map(place_of));)+
            places
        }

        /// Reads the tables in `scope` and keeps the chunks of `base` that are still equal; likewise consistent.
        pub(crate) async fn scan_all(
            connection: &mut impl Connection,
            base: &ChunkedTables,
            scope: &[TableName],
        ) -> Result<ChunkedTables, StoreError> {
            let mut tables = base.clone();
            $(if scope.contains(&TableName::$row) {
                tables.$name = scan(connection, &base.$name).await?;
            })+
            Ok(tables)
        }

        /// Reads one chunk again.
        pub(crate) async fn reread(
            connection: &mut impl Connection,
            tables: &mut ChunkedTables,
            place: ChunkPlace,
        ) -> Result<(), StoreError> {
            match place.table {
                $(TableName::$row => reread_range(connection, &mut tables.$name, place.range).await,)+
            }
        }

        pub(crate) async fn insert_row(
            connection: &mut impl Connection,
            table: TableName,
            cells: &Map<String, Json>,
        ) -> Result<i64, StoreError> {
            match table {
                $(TableName::$row => edits::insert::<$row, _>(connection, cells).await,)+
            }
        }

        pub(crate) async fn update_row(
            connection: &mut impl Connection,
            table: TableName,
            key: i64,
            cells: &Map<String, Json>,
        ) -> Result<(), StoreError> {
            match table {
                $(TableName::$row => edits::update::<$row, _>(connection, key, cells).await,)+
            }
        }

        pub(crate) async fn remove_row(
            connection: &mut impl Connection,
            table: TableName,
            key: i64,
        ) -> Result<(), StoreError> {
            match table {
                $(TableName::$row => edits::remove::<$row, _>(connection, key).await,)+
            }
        }

        /// Up to `limit` rows after a key.
        pub(crate) async fn page(
            connection: &mut impl Connection,
            table: TableName,
            after: i64,
            limit: u32,
        ) -> Result<Vec<Map<String, Json>>, StoreError> {
            match table {
                $(TableName::$row => edits::page::<$row, _>(connection, after, limit).await,)+
            }
        }

        pub(crate) async fn next_key(
            connection: &mut impl Connection,
            table: TableName,
        ) -> Result<i64, StoreError> {
            match table {
                $(TableName::$row => edits::next_key::<$row, _>(connection).await,)+
            }
        }

        /// Makes the tables in `scope` equal to `wanted`: first what is gone or changed out of every table, then what
        /// is new or changed into every table, so that no unique key meets its former holder.
        pub(crate) async fn replace_all(
            connection: &mut impl Connection,
            wanted: &ChunkedTables,
            scope: &[TableName],
        ) -> Result<BTreeSet<ChunkPlace>, StoreError> {
            let current = scan_all(connection, wanted, scope).await?;
            let mut places = BTreeSet::new();
            $(places.extend(replace::remove_old(connection, &current.$name, &wanted.$name).await?);)+
            $(replace::insert_new(connection, &current.$name, &wanted.$name).await?;)+
            Ok(places)
        }
    };
}

pub(crate) fn place_of<R: Row>(row: &R) -> ChunkPlace {
    ChunkPlace { table: R::TABLE, range: range_of(row.key()) }
}

// In the order in which rows may refer to each other.
tables! {
    Currency in currencies { iso, numcode, name }
    Country in countries {
        iso, name, calling_code, trunk_prefix, international_prefix, national_digits_min, national_digits_max
    }
    Provider in providers {
        providername, currency_id, noncli_prefix, cli_prefix, premcli_prefix, cli_allowed, dynamic_calls,
        dynamic_calls_caller_id, append_plus, domestic_caller_id, sells_outgoing, dial_timeout_s, stop_rule, enabled
    }
    ProviderAddress in provider_addresses {
        provider_id, domainname, ipaddress, endpoint, direction, proto, priority, weight, enabled, purpose, transport,
        port, port_to, lookup, private_allowed, valid_from, valid_to, source, comment
    }
    Route in routes { provider_id, prefix, class, priority, weight, enabled }
    Server in servers {
        servername, location, ipaddress, comment, sip, iax2, iax2control, protocol, sip_driver, enabled
    }
    Number in numbers { number, provider_id, server_id, enabled, direction, virtualflag, echotest }
    Gate in gates { number_id, server_id, gatename, gatenumber, cid_support, contextname, comment }
    Extension in extensions { number, server_id, endpoint, number_id, class, dial_timeout_s, enabled }
    RingGroup in ring_groups { name, strategy, dial_timeout_s }
    RingGroupMember in ring_group_members { ring_group_id, extension_id, position }
    NumberDestination in number_destinations { number_id, extension_id, ring_group_id, context, exten }
    Customer in customers { number, extension_id, comment }
    ServiceNumber in service_numbers { country, number, provider_id, dialled_as, priority }
    NodeToken in node_tokens { server_id, token_sha256, comment }
    ApiToken in api_tokens { role, token_sha256, comment }
    ResolvedAddress in resolved_addresses { provider_address_id, network, port }
}
