//! What the tables' columns are: the one list from which reading, writing and every statement follow.

use futures_util::TryStreamExt;
use routing::tables::{
    ApiToken, Country, Currency, Customer, Extension, Gate, NodeToken, Number, NumberDestination, Provider,
    ProviderAddress, RingGroup, RingGroupMember, Route, Server, ServiceNumber, Tables,
};

use crate::{
    column::Column,
    driver::{Cells, Connection, Value},
    error::StoreError,
    write::insert,
};

/// A row type and the table it lives in.
pub(crate) trait Table: Sized + Send + Sync {
    const NAME: &'static str;
    const COLUMNS: &'static [&'static str];
    const SELECT: &'static str;
    /// Up to the list of values.
    const INSERT: &'static str;
    /// Postgres only: ids that were given do not move the sequence from which the next one comes.
    const ADVANCE: &'static str;

    fn key(&self) -> i64;
    fn push_values<'a>(&'a self, values: &mut Vec<Value<'a>>);
    fn read(row: &impl Cells) -> Result<Self, StoreError>;
}

/// Takes the cells of a row in the order of its columns and names the one that is impossible.
pub(crate) struct CellReader<'r, R> {
    row: &'r R,
    table: &'static str,
    columns: &'static [&'static str],
    at: usize,
}

impl<'r, R: Cells> CellReader<'r, R> {
    pub(crate) fn new(row: &'r R, table: &'static str, columns: &'static [&'static str]) -> Self {
        Self { row, table, columns, at: 0 }
    }

    pub(crate) fn take<C: Column>(&mut self) -> Result<C, StoreError> {
        let at = self.at;
        self.at += 1;
        C::read(self.row, at).map_err(|source| StoreError::Corrupt {
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

async fn select<T: Table, C: Connection>(connection: &mut C) -> Result<Vec<T>, StoreError> {
    let mut found = Vec::new();
    let mut rows = connection.rows(T::SELECT, &[]);
    while let Some(row) = rows.try_next().await.map_err(StoreError::driver(T::SELECT))? {
        found.push(T::read(&row)?);
    }
    Ok(found)
}

macro_rules! tables {
    ($($row:ident in $name:ident { $($column:ident),+ })+) => {
        $(
            impl Table for $row {
                const NAME: &'static str = stringify!($name);
                const COLUMNS: &'static [&'static str] = &["id", $(stringify!($column)),+];
                const SELECT: &'static str =
                    concat!("SELECT id", $(", ", stringify!($column),)+ " FROM ", stringify!($name), " ORDER BY id");
                const INSERT: &'static str =
                    concat!("INSERT INTO ", stringify!($name), " (id", $(", ", stringify!($column),)+ ")");
                // Never back: somebody else may have taken newer ids meanwhile.
                const ADVANCE: &'static str = concat!(
                    "SELECT setval(pg_get_serial_sequence('", stringify!($name), "', 'id'), MAX(id)) FROM ",
                    stringify!($name), " HAVING MAX(id) > COALESCE(pg_sequence_last_value(pg_get_serial_sequence('",
                    stringify!($name), "', 'id')::regclass), 0)",
                );

                fn key(&self) -> i64 {
                    self.id.0
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
        pub(crate) const SELECTS: &[&str] = &[$($row::SELECT),+];

        /// Reads every table; consistent when `connection` is in a transaction of `Dialect::begin_read`.
        pub(crate) async fn select_all(connection: &mut impl Connection) -> Result<Tables, StoreError> {
            Ok(Tables { $($name: select(connection).await?),+ })
        }

        /// Writes every table, each after those its rows refer to.
        pub(crate) async fn insert_all(
            connection: &mut impl Connection,
            tables: &Tables,
        ) -> Result<(), StoreError> {
            $(insert(connection, &tables.$name).await?;)+
            Ok(())
        }
    };
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
        provider_id, domainname, ipaddress, endpoint, direction, proto, priority, weight, enabled
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
}
