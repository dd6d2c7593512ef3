//! The tables in Postgres, MariaDB or SQLite: one SQL text for three databases.
//!
//! [`Store`] reads the whole working copy in one consistent transaction and writes it all or nothing. Every statement
//! is written once, with `$1..$n`; what the drivers and dialects do differently stands in `driver.rs` and
//! `dialect.rs` and nowhere else. What a table's columns are is said once, in `table.rs`.

mod column;
mod connect;
mod dialect;
mod driver;
mod error;
mod migrations;
mod store;
mod table;
mod tokens;
mod write;

pub use connect::Options;
pub use error::{Impossible, StoreError};
pub use migrations::migration_names;
pub use store::Store;
pub use tokens::{IssuedApiToken, IssuedToken};

/// The article's example: three servers, six providers, twelve numbers, as TOML of [`routing::tables::Tables`].
pub const ARTICLE: &str = include_str!("../example/article.toml");
