use std::{path::Path, str::FromStr, sync::Arc, time::Duration};

use sqlx::{
    AssertSqlSafe, ConnectOptions, Connection, Executor, MySqlPool, PgPool, SqliteConnection, SqlitePool,
    mysql::{MySqlConnectOptions, MySqlPoolOptions},
    postgres::{PgConnectOptions, PgPoolOptions},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use tokio::time::{Instant, timeout};

use crate::error::StoreError;

/// How much of the database the store may take.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    pub connections_max: u32,
    /// How long one operation waits for a connection, and a SQLite writer for the one before it.
    pub acquire_timeout: Duration,
    /// Whether a SQLite file that is missing is created. Without it a mistyped path is an error.
    pub create: bool,
    /// How long the database works on one statement before it gives up; none: as long as it takes. On SQLite it is the time
    /// for all that is done with a connection at a stretch.
    pub statement_limit: Option<Duration>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            connections_max: 4,
            acquire_timeout: Duration::from_secs(10),
            create: true,
            statement_limit: None,
        }
    }
}

/// The pool of whichever database the URL named.
#[derive(Clone, Debug)]
pub(crate) enum Pool {
    Postgres(PgPool),
    MariaDb(MySqlPool),
    Sqlite(SqlitePool),
}

/// How long a connection that was idle may take for a sign of life before it is given up for another. Behind a firewall
/// that forgot it, or after a failover, nobody ever answers.
const SIGN_OF_LIFE: Duration = Duration::from_secs(2);

/// What pools of all three databases have in common.
macro_rules! pool_options {
    ($options:ty, $from:expr) => {
        <$options>::new()
            .max_connections($from.connections_max)
            .acquire_timeout($from.acquire_timeout)
            // In place of the pool's own test, which waits as long as the whole acquiring may take.
            .test_before_acquire(false)
            .before_acquire(|connection, _| {
                Box::pin(async move {
                    match timeout(SIGN_OF_LIFE, connection.ping()).await {
                        Ok(pong) => pong.map(|()| true),
                        Err(late) => Err(sqlx::Error::Io(late.into())),
                    }
                })
            })
    };
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

/// Nobody holds a lock for ever: a program that vanished in the middle of a transaction loses it after a while (what
/// others wait for after a minute, see `Dialect::hold_briefly`), and whoever waits for it gives up a little later.
const POSTGRES_SESSION: &str = "SET idle_in_transaction_session_timeout = '10min'; SET lock_timeout = '90s'";

/// What a new connection is told, with a limit of its own if there is one.
fn session(always: &str, limit: Option<String>) -> Arc<str> {
    limit.map_or_else(|| always.into(), |limit| format!("{always}; {limit}").into())
}

fn open_postgres(url: &str, options: Options) -> Result<(Pool, Box<str>), StoreError> {
    // The parser's own error is dropped: it may repeat a piece of the URL.
    let to = PgConnectOptions::from_str(url)
        .map_err(|_| StoreError::Url("postgres://user:password@host:port/database?sslmode=…"))?
        .application_name("dialplane")
        .disable_statement_logging();
    let target = format!("postgres at {}:{}", to.get_host(), to.get_port());
    let limit = options.statement_limit.map(|limit| format!("SET statement_timeout = {}", limit.as_millis()));
    let session = session(POSTGRES_SESSION, limit);
    let pool = pool_options!(PgPoolOptions, options)
        .after_connect(move |connection, _| {
            let session = Arc::clone(&session);
            Box::pin(async move {
                connection.execute(sqlx::raw_sql(AssertSqlSafe(session.to_string()))).await.map(|_| ())
            })
        })
        .connect_lazy_with(to);
    Ok((Pool::Postgres(pool), target.into()))
}

/// What a MariaDB session must be, whatever the server's defaults: a too long text is refused and not cut, a
/// transaction reads one state, and nobody holds a lock for ever.
const MARIADB_SESSION: &str = "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ; \
     SET SESSION sql_mode = CONCAT(@@sql_mode, ',STRICT_ALL_TABLES'); \
     SET SESSION idle_readonly_transaction_timeout = 600; \
     SET SESSION idle_write_transaction_timeout = 60; \
     SET SESSION innodb_lock_wait_timeout = 90";

fn open_mariadb(url: &str, options: Options) -> Result<(Pool, Box<str>), StoreError> {
    let to = MySqlConnectOptions::from_str(url)
        .map_err(|_| StoreError::Url("mariadb://user:password@host:port/database?ssl-mode=…"))?
        .disable_statement_logging();
    let target = format!("mariadb at {}:{}", to.get_host(), to.get_port());
    let limit = options
        .statement_limit
        .map(|limit| format!("SET SESSION max_statement_time = {}", limit.as_secs_f64()));
    let session = session(MARIADB_SESSION, limit);
    let pool = pool_options!(MySqlPoolOptions, options)
        .after_connect(move |connection, _| {
            let session = Arc::clone(&session);
            Box::pin(async move {
                connection.execute(sqlx::raw_sql(AssertSqlSafe(session.to_string()))).await.map(|_| ())
            })
        })
        .connect_lazy_with(to);
    Ok((Pool::MariaDb(pool), target.into()))
}

fn open_sqlite(path: &str, options: Options) -> Result<(Pool, Box<str>), StoreError> {
    // Whether the file is created where it is missing is for the options to say, not for `?mode=rwc`.
    let path = path.strip_suffix("?mode=rwc").unwrap_or(path);
    // Of `:memory:` each connection of the pool would see an empty database of its own.
    if path.is_empty() || path.contains('?') || path.contains(":memory:") {
        return Err(StoreError::Url("sqlite:path/to/file"));
    }
    if let Some(folder) = Path::new(path).parent()
        && options.create
    {
        std::fs::create_dir_all(folder).map_err(StoreError::Folder)?;
    }
    let to = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(options.create)
        .foreign_keys(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Normal)
        // What is masked is overwritten where it stood, as far as that costs no page more.
        .pragma("secure_delete", "FAST")
        .busy_timeout(options.acquire_timeout)
        .disable_statement_logging();
    let pool = pool_options!(SqlitePoolOptions, options);
    let pool = match options.statement_limit {
        None => pool,
        // A file gives signs of life by itself.
        Some(limit) => pool
            .after_connect(move |connection, _| Box::pin(interrupt_after(connection, limit)))
            .before_acquire(move |connection, _| {
                Box::pin(async move { interrupt_after(connection, limit).await.map(|()| true) })
            }),
    };
    Ok((Pool::Sqlite(pool.connect_lazy_with(to)), format!("sqlite file {path}").into()))
}

/// Steps of a statement between two looks at the clock: some microseconds.
const STEPS: i32 = 10_000;

async fn interrupt_after(connection: &mut SqliteConnection, limit: Duration) -> Result<(), sqlx::Error> {
    let end = Instant::now() + limit;
    connection.lock_handle().await?.set_progress_handler(STEPS, move || Instant::now() < end);
    Ok(())
}
