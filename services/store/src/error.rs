use domain::Invalid;
use sqlx::error::DatabaseError;

/// What went wrong with the database, sorted by what the caller can do about it.
///
/// No variant repeats a URL, and none a value of a row but shortened and masked: both may hold what must not reach a log.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("the store URL must start with `sqlite:`, `postgres://`, `mysql://` or `mariadb://`")]
    UnknownScheme,
    #[error("the store URL is not well formed: {0}")]
    Url(&'static str),
    #[error("the folder of the SQLite file cannot be created")]
    Folder(#[source] std::io::Error),
    #[error("no connection to {target}")]
    Unavailable {
        target: Box<str>,
        #[source]
        source: sqlx::Error,
    },
    #[error("the tables could not be brought up to date")]
    Migrate(#[source] sqlx::migrate::MigrateError),
    #[error("statement `{statement}` failed")]
    Driver {
        statement: &'static str,
        #[source]
        source: sqlx::Error,
    },
    #[error("{table}.{column} of {row} holds an impossible value")]
    Corrupt {
        table: &'static str,
        column: &'static str,
        row: String,
        #[source]
        source: Impossible,
    },
    #[error("{row} of {table} already exists ({constraint})")]
    Duplicate { table: &'static str, row: String, constraint: String },
    #[error("{row} of {table} names a row that does not exist ({constraint})")]
    Dangling { table: &'static str, row: String, constraint: String },
    #[error("{row} of {table} breaks a rule of the database ({constraint})")]
    Refused { table: &'static str, row: String, constraint: String },
    #[error("{row} of {table} is still in use ({constraint})")]
    InUse { table: &'static str, row: String, constraint: String },
    #[error("{table}.{column} of {row}: {reason}")]
    Malformed { table: &'static str, column: String, row: String, reason: String },
    #[error("there is no {row} in {table}")]
    NoSuch { table: &'static str, row: String },
    #[error("the manifest of generation {number} cannot be read")]
    Manifest {
        number: u64,
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

/// Why a cell of the database is not a value of its column's type.
#[derive(Debug, thiserror::Error)]
pub enum Impossible {
    #[error("it is NULL")]
    Null,
    #[error(transparent)]
    Invalid(#[from] Invalid),
    #[error("it cannot be read")]
    Unreadable(#[from] sqlx::Error),
}

impl StoreError {
    pub(crate) fn driver(statement: &'static str) -> impl FnOnce(sqlx::Error) -> Self {
        move |source| Self::Driver { statement, source }
    }

    /// Whether the database gave up on a statement that took longer than [`crate::Options::statement_limit`].
    pub fn is_overdue(&self) -> bool {
        let Self::Driver { source, .. } = self else { return false };
        let code = source.as_database_error().and_then(DatabaseError::code);
        // query_canceled of Postgres, ER_STATEMENT_TIMEOUT of MariaDB, SQLITE_INTERRUPT.
        matches!(code.as_deref(), Some("57014" | "70100" | "9"))
    }

    /// Whether trying again later may help: the database cannot be reached, now or halfway through a statement.
    pub fn is_unavailable(&self) -> bool {
        match self {
            Self::Unavailable { .. } => true,
            Self::Driver { source, .. } => matches!(source, sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut),
            _ => false,
        }
    }
}
