//! The migrations, and how only one program at a time runs them: several roles may start on an empty database at once.

use sqlx::{MySqlPool, PgPool, SqlitePool, migrate::Migrator};

use crate::{
    connect::Pool,
    dialect::Dialect,
    driver::{Cells, Connection},
    error::StoreError,
    lease::on_connection,
    store::Store,
    table::{CellReader, first_row},
};

static POSTGRES: Migrator = sqlx::migrate!("../../migrations/postgres");
static MARIADB: Migrator = sqlx::migrate!("../../migrations/mariadb");
static SQLITE: Migrator = sqlx::migrate!("../../migrations/sqlite");

pub(crate) async fn run(pool: &Pool) -> Result<(), StoreError> {
    match pool {
        Pool::Postgres(pool) => run_postgres(pool).await,
        Pool::MariaDb(pool) => run_mariadb(pool).await,
        Pool::Sqlite(pool) => run_sqlite(pool).await,
    }
}

/// The driver takes an advisory lock itself.
async fn run_postgres(pool: &PgPool) -> Result<(), StoreError> {
    POSTGRES.run(pool).await.map_err(StoreError::Migrate)
}

const LOCK: &str = "SELECT GET_LOCK(CONCAT('dialplane migrate ', DATABASE()), 600)";
const UNLOCK: &str = "DO RELEASE_LOCK(CONCAT('dialplane migrate ', DATABASE()))";

/// The driver's own lock asks to wait for ever by a negative timeout, and then MariaDB does not wait at all.
async fn run_mariadb(pool: &MySqlPool) -> Result<(), StoreError> {
    let mut connection = pool.acquire().await.map_err(StoreError::driver(LOCK))?;
    let locked = sqlx::query(LOCK).fetch_one(&mut *connection).await.and_then(|row| row.key(0));
    if locked.map_err(StoreError::driver(LOCK))? != Some(1) {
        return Err(StoreError::Driver { statement: LOCK, source: sqlx::Error::PoolTimedOut });
    }
    let migrated = MARIADB.run(&mut *connection).await.map_err(StoreError::Migrate);
    connection.command(UNLOCK).await.map_err(StoreError::driver(UNLOCK))?;
    migrated
}

/// The driver takes no lock; one transaction that writes from the start is one. Either all migrations are done or none.
async fn run_sqlite(pool: &SqlitePool) -> Result<(), StoreError> {
    let begin = Dialect::Sqlite.begin_write();
    let mut transaction = pool.begin_with(begin).await.map_err(StoreError::driver(begin))?;
    SQLITE.run(&mut *transaction).await.map_err(StoreError::Migrate)?;
    transaction.commit().await.map_err(StoreError::driver("COMMIT"))
}

/// The number of the newest migration this program brings.
pub fn schema_version() -> i64 {
    SQLITE.iter().map(|migration| migration.version).max().unwrap_or_default()
}

const NEWEST: &str = "SELECT MAX(version) AS version FROM _sqlx_migrations";
pub(crate) const STATEMENTS: [&str; 1] = [NEWEST];

impl Store {
    /// The number of the newest migration the tables have seen: larger than [`schema_version`] when a newer program
    /// migrated them.
    pub async fn schema_version(&self) -> Result<i64, StoreError> {
        on_connection!(self, connection => newest(connection).await)
    }
}

async fn newest(connection: &mut impl Connection) -> Result<i64, StoreError> {
    let row = first_row(connection, NEWEST, &[]).await?;
    let row = row.ok_or(sqlx::Error::RowNotFound).map_err(StoreError::driver(NEWEST))?;
    CellReader::new(&row, "_sqlx_migrations", &["version"]).take()
}

/// The migrations this program brings, as `(number, name)`, in order.
pub fn migration_names() -> Vec<(i64, &'static str)> {
    names(&SQLITE)
}

fn names(migrator: &'static Migrator) -> Vec<(i64, &'static str)> {
    migrator.iter().map(|migration| (migration.version, &*migration.description)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_three_databases_have_the_same_migrations() {
        assert!(!migration_names().is_empty());
        assert_eq!(names(&POSTGRES), names(&SQLITE));
        assert_eq!(names(&MARIADB), names(&SQLITE));
    }
}
