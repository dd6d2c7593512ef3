use std::sync::Arc;

use domain::{ApiRole, ApiTokenId, NodeName, NodeTokenId};
use routing::tables::Tables;

use crate::{
    activation, boards, calls,
    connect::{self, Options, Pool},
    decisions,
    dialect::Dialect,
    driver::Connection,
    error::StoreError,
    generations,
    lease::{in_transaction, on_connection, on_pool},
    lookups,
    marks::{self, Author},
    migrations, partitions, privacy, refusals, replace, routers, table,
    tokens::{self, ApiCredential, IssuedApiToken, IssuedToken},
    traffic,
};

const PING: &str = "SELECT 1";

/// Every statement with a text of its own.
pub(crate) fn statements() -> impl Iterator<Item = &'static str> {
    table::STATEMENTS
        .iter()
        .copied()
        .chain(tokens::STATEMENTS)
        .chain(generations::STATEMENTS)
        .chain(activation::STATEMENTS)
        .chain(marks::STATEMENTS)
        .chain(migrations::STATEMENTS)
        .chain(refusals::STATEMENTS)
        .chain(routers::STATEMENTS)
        .chain(calls::statements())
        .chain(decisions::statements())
        .chain(boards::STATEMENTS)
        .chain(privacy::statements())
        .chain(lookups::statements())
        .chain(traffic::statements())
        .chain(replace::statements())
        .chain([PING])
}

/// Every statement the dialect writes, under the text it is made from, each with an example.
fn built_statements<C: Connection>() -> Vec<(&'static str, String)> {
    let inserts = marks::INSERTS.into_iter().chain(activation::INSERTS);
    let mut built = table::built_statements::<C>();
    built.extend(inserts.map(|(insert, columns)| (insert, C::DIALECT.bulk(insert, columns, 1))));
    built.extend(calls::built_statements(C::DIALECT));
    built.extend(decisions::built_statements(C::DIALECT));
    built.extend(partitions::built_statements(C::DIALECT));
    built.extend(privacy::built_statements(C::DIALECT));
    built.extend(lookups::built_statements(C::DIALECT));
    built.extend(traffic::built_statements(C::DIALECT));
    built.push(routers::beat_statement::<C>());
    built.push(boards::post_statement::<C>());
    built.push(("the clock", C::DIALECT.clock().to_owned()));
    built
}

/// The database: a cheap handle on a bounded pool of connections.
#[derive(Clone, Debug)]
pub struct Store {
    pub(crate) pool: Pool,
    /// What errors call the database.
    target: Box<str>,
    pub(crate) author: Arc<Author>,
}

/// The connections of a store. One that is neither idle nor in use is being tested before it goes back, or closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Connections {
    pub open: u32,
    pub idle: u32,
}

impl Store {
    /// Prepares a pool for `sqlite:path`, `postgres://…`, `mysql://…` or `mariadb://…`. Opens no connection yet: a
    /// database that is down is no reason not to start, and [`Store::ping`] tells.
    #[expect(
        clippy::unused_async,
        reason = "the pool panics outside a runtime, and a future is polled in one"
    )]
    pub async fn connect(url: &str, options: Options) -> Result<Self, StoreError> {
        let (pool, target) = connect::open(url, options)?;
        Ok(Self { pool, target, author: Arc::default() })
    }

    /// The same database; what is edited through this handle is signed.
    #[must_use]
    pub fn signed(&self, author: Author) -> Self {
        Self { author: Arc::new(author), ..self.clone() }
    }

    /// Creates the tables, or brings them up to date; does nothing where they are.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        self.ping().await?;
        migrations::run(&self.pool).await
    }

    /// Reads the whole working copy as it was at one moment, every table ordered by id.
    pub async fn tables(&self) -> Result<Tables, StoreError> {
        in_transaction!(self, begin_read, connection => table::select_all(connection).await)
    }

    /// Adds rows to the working copy and marks their chunks: all of them or, on any error, none.
    pub async fn insert(&self, tables: &Tables) -> Result<(), StoreError> {
        in_transaction!(self, begin_write, connection => {
            async {
                table::insert_all(connection, tables).await?;
                marks::add(connection, &table::places(tables), &self.author).await
            }
            .await
        })
    }

    /// Lets the node `server` prove itself with the token of this hash (64 lower-case hexadecimal digits).
    pub async fn add_node_token(
        &self,
        server: &NodeName,
        token_sha256: &str,
        comment: Option<&str>,
    ) -> Result<NodeTokenId, StoreError> {
        in_transaction!(self, begin_write, connection => {
            tokens::add::<IssuedToken, _>(connection, server, token_sha256, comment, &self.author).await
        })
    }

    /// The tokens of nodes that are valid now, oldest first.
    pub async fn node_tokens(&self) -> Result<Vec<IssuedToken>, StoreError> {
        on_connection!(self, connection => tokens::list(connection).await)
    }

    /// Makes a node's token invalid; `false` if there was none with this id.
    pub async fn revoke_node_token(&self, id: NodeTokenId) -> Result<bool, StoreError> {
        in_transaction!(self, begin_write, connection => tokens::revoke::<IssuedToken, _>(connection, id, &self.author).await)
    }

    /// Lets whoever knows the token of this hash (64 lower-case hexadecimal digits) use the API as `role`.
    pub async fn add_api_token(
        &self,
        role: ApiRole,
        token_sha256: &str,
        comment: Option<&str>,
    ) -> Result<ApiTokenId, StoreError> {
        in_transaction!(self, begin_write, connection => {
            tokens::add::<IssuedApiToken, _>(connection, &role, token_sha256, comment, &self.author).await
        })
    }

    /// The tokens for the API that are valid now, oldest first.
    pub async fn api_tokens(&self) -> Result<Vec<IssuedApiToken>, StoreError> {
        on_connection!(self, connection => tokens::list(connection).await)
    }

    /// What the holders of tokens for the API are known by, oldest first.
    pub async fn api_credentials(&self) -> Result<Vec<ApiCredential>, StoreError> {
        on_connection!(self, connection => tokens::credentials(connection).await)
    }

    /// Makes a token for the API invalid; `false` if there was none with this id.
    pub async fn revoke_api_token(&self, id: ApiTokenId) -> Result<bool, StoreError> {
        in_transaction!(self, begin_write, connection => tokens::revoke::<IssuedApiToken, _>(connection, id, &self.author).await)
    }

    /// Asks the database for a sign of life.
    pub async fn ping(&self) -> Result<(), StoreError> {
        on_connection!(self, connection => connection.run(PING, &[]).await)
            .map(|_| ())
            .map_err(StoreError::driver(PING))
    }

    /// Prepares every statement the store uses: what passes here fits the tables as they are. A connection may
    /// remember tables somebody else has altered since, so this is for programs that have just started.
    pub async fn check_statements(&self) -> Result<(), StoreError> {
        on_connection!(self, connection => prepare_all(connection).await)
    }

    /// The time by the database's clock, microseconds of UTC.
    pub async fn clock_us(&self) -> Result<i64, StoreError> {
        on_connection!(self, connection => marks::clock(connection).await)
    }

    /// How the pool stands at this moment.
    pub fn connections(&self) -> Connections {
        on_pool!(self, pool => Connections {
            open: pool.size(),
            idle: pool.num_idle().try_into().unwrap_or(u32::MAX),
        })
    }

    /// Closes every connection; later calls fail.
    pub async fn close(&self) {
        on_pool!(self, pool => pool.close().await);
    }

    pub(crate) fn dialect(&self) -> Dialect {
        match self.pool {
            Pool::Postgres(_) => Dialect::Postgres,
            Pool::MariaDb(_) => Dialect::MariaDb,
            Pool::Sqlite(_) => Dialect::Sqlite,
        }
    }

    pub(crate) fn unavailable(&self, source: sqlx::Error) -> StoreError {
        StoreError::Unavailable { target: self.target.clone(), source }
    }
}

async fn prepare_all<C: Connection>(connection: &mut C) -> Result<(), StoreError> {
    for statement in statements() {
        connection.prepare(statement).await.map_err(StoreError::driver(statement))?;
    }
    for (statement, sql) in built_statements::<C>() {
        connection.prepare_built(sql).await.map_err(StoreError::driver(statement))?;
    }
    Ok(())
}
