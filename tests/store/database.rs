use std::time::Duration;

use routing::tables::Tables;
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

    pub(crate) async fn tables(&self) -> Tables {
        self.store.tables().await.expect("the tables can be read")
    }
}

pub(crate) fn article() -> Tables {
    toml::from_str(ARTICLE).expect("the example is well formed")
}
