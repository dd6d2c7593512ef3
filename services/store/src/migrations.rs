use sqlx::migrate::Migrator;

use crate::dialect::Dialect;

static POSTGRES: Migrator = sqlx::migrate!("../../migrations/postgres");
static MARIADB: Migrator = sqlx::migrate!("../../migrations/mariadb");
static SQLITE: Migrator = sqlx::migrate!("../../migrations/sqlite");

pub(crate) fn of(dialect: Dialect) -> &'static Migrator {
    match dialect {
        Dialect::Postgres => &POSTGRES,
        Dialect::MariaDb => &MARIADB,
        Dialect::Sqlite => &SQLITE,
    }
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
