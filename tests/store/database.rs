use std::time::Duration;

use routing::tables::Tables;
use serde_json::{Map, Value};
use sqlx::{AssertSqlSafe, Connection, Executor, MySqlConnection, PgConnection, SqliteConnection};
use store::{ARTICLE, Options, Store};

/// A fresh database, through the store and by hand.
pub(crate) struct Database {
    pub(crate) store: Store,
    pub(crate) url: String,
}

/// Runs one statement on a connection that knows nothing of the store.
macro_rules! execute {
    ($connection:ty, $url:expr, $sql:expr) => {{
        let mut connection = <$connection>::connect($url).await.expect("the database is there");
        connection.execute(sqlx::raw_sql(AssertSqlSafe($sql))).await.map(|done| done.rows_affected())
    }};
}

/// The first column of what a query gives.
macro_rules! scalars {
    ($connection:ty, $url:expr, $sql:expr) => {{
        let mut connection = <$connection>::connect($url).await.expect("the database is there");
        sqlx::query_scalar(AssertSqlSafe($sql)).fetch_all(&mut connection).await.expect("the query fits")
    }};
}

/// A connection in the middle of a transaction.
pub(crate) enum Held {
    Postgres(PgConnection),
    MariaDb(MySqlConnection),
    Sqlite(SqliteConnection),
}

macro_rules! hold {
    ($connection:ty, $url:expr, $begin:expr, $sql:expr) => {{
        let mut connection = <$connection>::connect($url).await.expect("the database is there");
        for sql in [$begin, $sql] {
            connection.execute(sqlx::raw_sql(AssertSqlSafe(sql))).await.expect("nobody holds it");
        }
        connection
    }};
}

impl Held {
    /// Without it everything is undone when this is dropped.
    pub(crate) async fn commit(self) {
        match self {
            Self::Postgres(mut held) => held.execute("COMMIT").await.map(|_| ()),
            Self::MariaDb(mut held) => held.execute("COMMIT").await.map(|_| ()),
            Self::Sqlite(mut held) => held.execute("COMMIT").await.map(|_| ()),
        }
        .expect("what was held is written");
    }
}

const LOCKED_POSTGRES: &str =
    "pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
const LOCKED_MARIADB: &str = "information_schema.innodb_trx JOIN information_schema.processlist \
     ON processlist.id = innodb_trx.trx_mysql_thread_id \
     WHERE processlist.db = DATABASE() AND innodb_trx.trx_state = 'LOCK WAIT'";

const CUT_POSTGRES: &str = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
     WHERE datname = current_database() AND pid <> pg_backend_pid()";
const CUT_MARIADB: &str = "SELECT CAST(id AS SIGNED) FROM information_schema.processlist \
     WHERE db = DATABASE() AND id <> CONNECTION_ID()";

impl Database {
    /// Without any table yet.
    pub(crate) async fn open(url: String) -> Self {
        // Beside three Asterisks and two other databases on two processors, a connection may take its time.
        let patient = Options { acquire_timeout: Duration::from_mins(1), ..Options::default() };
        let store = Store::connect(&url, patient).await.expect("the laboratory's URL");
        Self { store, url }
    }

    /// A second program on the same database.
    pub(crate) async fn again(&self) -> Store {
        Self::open(self.url.clone()).await.store
    }

    pub(crate) async fn with_tables(self) -> Self {
        self.store.migrate().await.expect("a fresh database can be migrated");
        self
    }

    pub(crate) async fn with_article(self) -> Self {
        let database = self.with_tables().await;
        database.store.insert(&article()).await.expect("the example fits");
        database
    }

    /// What somebody does with `psql`, and how many rows it touched.
    pub(crate) async fn by_hand(&self, sql: &str) -> Result<u64, sqlx::Error> {
        let url = self.url.as_str();
        match url.split(':').next() {
            Some("postgres") => execute!(PgConnection, url, sql),
            Some("mysql") => execute!(MySqlConnection, url, sql),
            _ => execute!(SqliteConnection, url, sql),
        }
    }

    pub(crate) async fn count(&self, table: &str) -> u64 {
        let (url, sql) = (self.url.as_str(), format!("SELECT COUNT(*) FROM {table}"));
        let count: i64 = match url.split(':').next() {
            Some("postgres") => scalars!(PgConnection, url, sql),
            Some("mysql") => scalars!(MySqlConnection, url, sql),
            _ => scalars!(SqliteConnection, url, sql),
        }[0];
        count.try_into().unwrap()
    }

    /// The first column of what a query gives, texts that are not NULL.
    pub(crate) async fn texts(&self, sql: &str) -> Vec<String> {
        let (url, sql) = (self.url.as_str(), sql.to_owned());
        match url.split(':').next() {
            Some("postgres") => scalars!(PgConnection, url, sql),
            Some("mysql") => scalars!(MySqlConnection, url, sql),
            _ => scalars!(SqliteConnection, url, sql),
        }
    }

    /// What an operator does to a program that hangs. A file has no connections to cut.
    pub(crate) async fn cut_connections(&self) {
        let url = self.url.as_str();
        match url.split(':').next() {
            Some("postgres") => {
                let _: Vec<bool> = scalars!(PgConnection, url, CUT_POSTGRES.to_owned());
            }
            Some("mysql") => {
                let found: Vec<i64> = scalars!(MySqlConnection, url, CUT_MARIADB.to_owned());
                for id in found {
                    // It may have ended by itself.
                    let _ = self.by_hand(&format!("KILL CONNECTION {id}")).await;
                }
            }
            _ => {}
        }
    }

    /// Holds what activations hold, until what is returned is dropped.
    pub(crate) async fn hold_activation_lock(&self) -> Held {
        self.hold("UPDATE locks SET name = name WHERE name = 'activation'").await
    }

    /// Runs a statement in a transaction that stays open.
    pub(crate) async fn hold(&self, sql: &str) -> Held {
        let (url, sql) = (self.url.as_str(), sql.to_owned());
        match url.split(':').next() {
            Some("postgres") => Held::Postgres(hold!(PgConnection, url, "BEGIN".to_owned(), sql)),
            Some("mysql") => Held::MariaDb(hold!(MySqlConnection, url, "BEGIN".to_owned(), sql)),
            _ => Held::Sqlite(hold!(SqliteConnection, url, "BEGIN IMMEDIATE".to_owned(), sql)),
        }
    }

    /// Waits until so many connections of a server wait for what somebody else holds.
    pub(crate) async fn waiting_for_locks(&self, connections: u64) {
        let waiting = if self.url.starts_with("postgres") { LOCKED_POSTGRES } else { LOCKED_MARIADB };
        while self.count(waiting).await != connections {
            // InnoDB shows the state of when nobody had asked for a tenth of a second: who asks sooner sees the old one.
            tokio::time::sleep(Duration::from_millis(150)).await;
        }
    }

    pub(crate) async fn tables(&self) -> Tables {
        self.store.tables().await.expect("the tables can be read")
    }
}

pub(crate) fn article() -> Tables {
    toml::from_str(ARTICLE).expect("the example is well formed")
}

/// Cells of a row by the names of their columns.
pub(crate) fn cells(cells: &[(&str, Value)]) -> Map<String, Value> {
    cells.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect()
}
