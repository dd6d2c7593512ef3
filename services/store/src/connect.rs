use std::{path::Path, str::FromStr, time::Duration};

use sqlx::{
    ConnectOptions, Executor, MySqlPool, PgPool, SqlitePool,
    mysql::{MySqlConnectOptions, MySqlPoolOptions},
    postgres::{PgConnectOptions, PgPoolOptions},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use crate::error::StoreError;

/// How much of the database the store may take.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    pub connections_max: u32,
    /// How long one operation waits for a connection, and a SQLite writer for the one before it.
    pub acquire_timeout: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self { connections_max: 4, acquire_timeout: Duration::from_secs(10) }
    }
}

/// The pool of whichever database the URL named.
#[derive(Clone, Debug)]
pub(crate) enum Pool {
    Postgres(PgPool),
    MariaDb(MySqlPool),
    Sqlite(SqlitePool),
}

/// Makes the pool and a name for it that may be shown: no user, no password.
pub(crate) fn open(url: &str, options: Options) -> Result<(Pool, Box<str>), StoreError> {
    let (scheme, rest) = url.split_once(':').ok_or(StoreError::UnknownScheme)?;
    match scheme {
        "postgres" | "postgresql" => open_postgres(url, options),
        "mysql" | "mariadb" => open_mariadb(url, options),
        "sqlite" => open_sqlite(rest.strip_prefix("//").unwrap_or(rest), options),
        _ => Err(StoreError::UnknownScheme),
    }
}

fn open_postgres(url: &str, options: Options) -> Result<(Pool, Box<str>), StoreError> {
    // The parser's own error is dropped: it may repeat a piece of the URL.
    let to = PgConnectOptions::from_str(url)
        .map_err(|_| StoreError::Url("postgres://user:password@host:port/database?sslmode=…"))?
        .application_name("dialplane")
        .disable_statement_logging();
    let target = format!("postgres at {}:{}", to.get_host(), to.get_port());
    let pool = PgPoolOptions::new()
        .max_connections(options.connections_max)
        .acquire_timeout(options.acquire_timeout)
        .connect_lazy_with(to);
    Ok((Pool::Postgres(pool), target.into()))
}

/// What a MariaDB session must be, whatever the server's defaults: a too long text is refused and not cut, and a
/// transaction reads one state.
const MARIADB_SESSION: &str = "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ; \
     SET SESSION sql_mode = CONCAT(@@sql_mode, ',STRICT_ALL_TABLES')";

fn open_mariadb(url: &str, options: Options) -> Result<(Pool, Box<str>), StoreError> {
    let to = MySqlConnectOptions::from_str(url)
        .map_err(|_| StoreError::Url("mariadb://user:password@host:port/database?ssl-mode=…"))?
        .disable_statement_logging();
    let target = format!("mariadb at {}:{}", to.get_host(), to.get_port());
    let pool = MySqlPoolOptions::new()
        .max_connections(options.connections_max)
        .acquire_timeout(options.acquire_timeout)
        .after_connect(|connection, _| {
            Box::pin(async move { connection.execute(sqlx::raw_sql(MARIADB_SESSION)).await.map(|_| ()) })
        })
        .connect_lazy_with(to);
    Ok((Pool::MariaDb(pool), target.into()))
}

fn open_sqlite(path: &str, options: Options) -> Result<(Pool, Box<str>), StoreError> {
    // The file is always created where it is missing, which other programs write as `?mode=rwc`.
    let path = path.strip_suffix("?mode=rwc").unwrap_or(path);
    // Of `:memory:` each connection of the pool would see an empty database of its own.
    if path.is_empty() || path.contains('?') || path.contains(":memory:") {
        return Err(StoreError::Url("sqlite:path/to/file"));
    }
    if let Some(folder) = Path::new(path).parent() {
        std::fs::create_dir_all(folder).map_err(StoreError::Folder)?;
    }
    let to = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .foreign_keys(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Normal)
        .busy_timeout(options.acquire_timeout)
        .disable_statement_logging();
    let pool = SqlitePoolOptions::new()
        .max_connections(options.connections_max)
        .acquire_timeout(options.acquire_timeout)
        .connect_lazy_with(to);
    Ok((Pool::Sqlite(pool), format!("sqlite file {path}").into()))
}
