//! The only file that knows the drivers' types: a connection of ours runs a statement with values and gives rows of
//! cells. Everything above is generic over [`Connection`] and needs no other bound.

use std::borrow::Cow;

use futures_util::{future::BoxFuture, stream::BoxStream};
use sqlx::{AssertSqlSafe, Executor, Row, SqlSafeStr};

use crate::dialect::Dialect;

/// A value on its way into the database, of one of the few types all three share.
#[derive(Clone, Debug)]
pub(crate) enum Value<'a> {
    Key(Option<i64>),
    Small(Option<i32>),
    Flag(Option<bool>),
    Text(Option<Cow<'a, str>>),
    Bytes(Option<&'a [u8]>),
}

/// A row on its way out. `None` is NULL.
pub(crate) trait Cells {
    fn key(&self, at: usize) -> Result<Option<i64>, sqlx::Error>;
    fn small(&self, at: usize) -> Result<Option<i32>, sqlx::Error>;
    fn flag(&self, at: usize) -> Result<Option<bool>, sqlx::Error>;
    fn text(&self, at: usize) -> Result<Option<&str>, sqlx::Error>;
    fn bytes(&self, at: usize) -> Result<Option<&[u8]>, sqlx::Error>;
}

pub(crate) trait Connection: Send {
    type Row: Cells + Send;
    const DIALECT: Dialect;

    /// Streams the rows of a statement written with `$1..$n`.
    fn rows<'c>(
        &'c mut self,
        statement: &'static str,
        values: &[Value<'_>],
    ) -> BoxStream<'c, Result<Self::Row, sqlx::Error>>;

    /// Runs a statement written with `$1..$n` and tells how many rows it touched.
    fn run<'c>(
        &'c mut self,
        statement: &'static str,
        values: &[Value<'_>],
    ) -> BoxFuture<'c, Result<u64, sqlx::Error>>;

    /// Streams the rows of a statement that the dialect has written for this very number of values.
    fn rows_built<'c>(
        &'c mut self,
        sql: String,
        values: &[Value<'_>],
    ) -> BoxStream<'c, Result<Self::Row, sqlx::Error>>;

    /// Runs a statement that the dialect has written for this very number of values; it is not kept prepared, since
    /// every number is another text.
    fn run_built<'c>(
        &'c mut self,
        sql: String,
        values: &[Value<'_>],
    ) -> BoxFuture<'c, Result<u64, sqlx::Error>>;

    /// Runs a command without values, such as `SAVEPOINT`, which not every server prepares.
    fn command<'c>(&'c mut self, command: &'static str) -> BoxFuture<'c, Result<(), sqlx::Error>>;

    /// Lets the database parse a statement and look up its tables and columns.
    fn prepare<'c>(&'c mut self, statement: &'static str) -> BoxFuture<'c, Result<(), sqlx::Error>>;

    /// The same for a statement that the dialect has written.
    fn prepare_built(&mut self, sql: String) -> BoxFuture<'_, Result<(), sqlx::Error>>;
}

/// Binds values in their order; the drivers encode at once, so nothing stays borrowed.
macro_rules! bound {
    ($query:expr, $values:expr) => {
        $values.iter().fold($query, |query, value| match value {
            Value::Key(key) => query.bind(*key),
            Value::Small(small) => query.bind(*small),
            Value::Flag(flag) => query.bind(*flag),
            Value::Text(text) => query.bind(text.as_deref()),
            Value::Bytes(bytes) => query.bind(*bytes),
        })
    };
}

macro_rules! connections {
    ($($connection:ty, $row:ty, $dialect:expr;)+) => {$(
        impl Connection for $connection {
            type Row = $row;
            const DIALECT: Dialect = $dialect;

            fn rows<'c>(
                &'c mut self,
                statement: &'static str,
                values: &[Value<'_>],
            ) -> BoxStream<'c, Result<$row, sqlx::Error>> {
                bound!(sqlx::query(Self::DIALECT.sql(statement)), values).fetch(self)
            }

            fn run<'c>(
                &'c mut self,
                statement: &'static str,
                values: &[Value<'_>],
            ) -> BoxFuture<'c, Result<u64, sqlx::Error>> {
                let query = bound!(sqlx::query(Self::DIALECT.sql(statement)), values);
                Box::pin(async move { Ok(query.execute(self).await?.rows_affected()) })
            }

            fn rows_built<'c>(
                &'c mut self,
                sql: String,
                values: &[Value<'_>],
            ) -> BoxStream<'c, Result<$row, sqlx::Error>> {
                bound!(sqlx::query(AssertSqlSafe(sql)).persistent(false), values).fetch(self)
            }

            fn run_built<'c>(
                &'c mut self,
                sql: String,
                values: &[Value<'_>],
            ) -> BoxFuture<'c, Result<u64, sqlx::Error>> {
                let query = bound!(sqlx::query(AssertSqlSafe(sql)).persistent(false), values);
                Box::pin(async move { Ok(query.execute(self).await?.rows_affected()) })
            }

            fn command<'c>(&'c mut self, command: &'static str) -> BoxFuture<'c, Result<(), sqlx::Error>> {
                Box::pin(async move { self.execute(sqlx::raw_sql(command)).await.map(|_| ()) })
            }

            fn prepare<'c>(&'c mut self, statement: &'static str) -> BoxFuture<'c, Result<(), sqlx::Error>> {
                let sql = Self::DIALECT.sql(statement);
                Box::pin(async move { Executor::prepare(self, sql).await.map(|_| ()) })
            }

            fn prepare_built(&mut self, sql: String) -> BoxFuture<'_, Result<(), sqlx::Error>> {
                let sql = AssertSqlSafe(sql).into_sql_str();
                Box::pin(async move { Executor::prepare(self, sql).await.map(|_| ()) })
            }
        }

        impl Cells for $row {
            fn key(&self, at: usize) -> Result<Option<i64>, sqlx::Error> {
                self.try_get(at)
            }

            fn small(&self, at: usize) -> Result<Option<i32>, sqlx::Error> {
                self.try_get(at)
            }

            fn flag(&self, at: usize) -> Result<Option<bool>, sqlx::Error> {
                self.try_get(at)
            }

            fn text(&self, at: usize) -> Result<Option<&str>, sqlx::Error> {
                self.try_get(at)
            }

            fn bytes(&self, at: usize) -> Result<Option<&[u8]>, sqlx::Error> {
                self.try_get(at)
            }
        }
    )+};
}

connections! {
    sqlx::PgConnection, sqlx::postgres::PgRow, Dialect::Postgres;
    sqlx::MySqlConnection, sqlx::mysql::MySqlRow, Dialect::MariaDb;
    sqlx::SqliteConnection, sqlx::sqlite::SqliteRow, Dialect::Sqlite;
}
