//! By what, beside their keys, rows are found.

use domain::{Digits, E164, NumberId, ServerId};

use super::index::IndexKey;
use crate::tables::{Customer, Extension, Number, NumberDestination};

macro_rules! index_keys {
    ($($(#[$doc:meta])* $name:ident: $field:literal of $row:ident, $key:ty => $of:expr;)+) => {$(
        $(#[$doc])*
        #[derive(Debug)]
        pub(crate) struct $name;

        impl IndexKey for $name {
            type Row = $row;
            type Key<'k> = $key;
            const FIELD: &'static str = $field;

            fn of(row: &$row) -> Self::Key<'_> {
                let of: fn(&$row) -> Self::Key<'_> = $of;
                of(row)
            }

            fn is(row: &$row, key: &Self::Key<'_>) -> bool {
                Self::of(row) == *key
            }
        }
    )+};
}

index_keys! {
    /// Numbers of the pool by their digits.
    NumberOfPool: "number" of Number, E164 => |row| row.number;
    /// Phones by what colleagues dial.
    DigitsOfExtension: "number" of Extension, Digits => |row| row.number;
    /// Phones by who they authenticate as.
    EndpointOfExtension: "server_id, endpoint" of Extension, (ServerId, &'k str) => |row| (row.server_id, row.endpoint.as_str());
    /// Where calls to a number are answered, by the number.
    NumberOfDestination: "number_id" of NumberDestination, NumberId => |row| row.number_id;
    /// Known callers by their numbers.
    CallerOfCustomer: "number" of Customer, E164 => |row| row.number;
}
