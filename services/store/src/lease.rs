//! A connection on loan from the pool, and the macros that run a body on one.

use sqlx::{Database, Pool, pool::PoolConnection};

/// A connection that goes back into the pool only when its work came to an end. Whoever is cancelled halfway leaves it
/// in an unknown state (an answer still under way, a transaction nobody knows of), and behind a server that has
/// frozen the pool would wait for that answer without limit: such a connection is closed instead.
pub(crate) struct Lease<DB: Database> {
    pub(crate) connection: PoolConnection<DB>,
    settled: bool,
}

impl<DB: Database> Lease<DB> {
    pub(crate) async fn take(pool: &Pool<DB>) -> Result<Self, sqlx::Error> {
        Ok(Self { connection: pool.acquire().await?, settled: false })
    }

    /// Nothing is under way on the connection any more.
    pub(crate) fn give_back(mut self) {
        self.settled = true;
    }
}

impl<DB: Database> Drop for Lease<DB> {
    fn drop(&mut self) {
        if !self.settled {
            self.connection.close_on_drop();
        }
    }
}

/// Expands the body once per database, `$pool` being the pool.
macro_rules! on_pool {
    ($store:expr, $pool:ident => $body:expr) => {
        match &$store.pool {
            $crate::connect::Pool::Postgres($pool) => $body,
            $crate::connect::Pool::MariaDb($pool) => $body,
            $crate::connect::Pool::Sqlite($pool) => $body,
        }
    };
}

/// The same with a connection of the pool.
macro_rules! on_connection {
    ($store:expr, $connection:ident => $body:expr) => {
        $crate::lease::on_pool!($store, pool => {
            let taken = $crate::lease::Lease::take(pool).await;
            let mut lease = taken.map_err(|source| $store.unavailable(source))?;
            let $connection = &mut *lease.connection;
            let done = $body;
            lease.give_back();
            done
        })
    };
}

/// The same inside a transaction, which is committed when the body is done and rolled back when it fails.
macro_rules! in_transaction {
    ($store:expr, $begin:ident, $connection:ident => $body:expr) => {
        $crate::lease::on_pool!($store, pool => {
            let taken = $crate::lease::Lease::take(pool).await;
            let mut lease = taken.map_err(|source| $store.unavailable(source))?;
            let begin = $store.dialect().$begin();
            let begun = sqlx::Connection::begin_with(&mut *lease.connection, begin).await;
            let mut transaction = begun.map_err(|source| $store.unavailable(source))?;
            let $connection = &mut *transaction;
            match $body {
                Ok(done) => {
                    transaction.commit().await.map_err($crate::error::StoreError::driver("COMMIT"))?;
                    lease.give_back();
                    Ok(done)
                }
                Err(error) => {
                    if transaction.rollback().await.is_ok() {
                        lease.give_back();
                    }
                    Err(error)
                }
            }
        })
    };
}

pub(crate) use {in_transaction, on_connection, on_pool};
