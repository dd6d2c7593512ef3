use std::fmt::Write;

use sqlx::{AssertSqlSafe, SqlSafeStr, SqlStr, error::ErrorKind};

use crate::error::StoreError;

/// Everything in which the three databases want another text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    Postgres,
    MariaDb,
    Sqlite,
}

impl Dialect {
    /// A statement written with `$1..$n`, each used once and in order, as this database reads it.
    pub(crate) fn sql(self, statement: &'static str) -> SqlStr {
        match self {
            Self::MariaDb => AssertSqlSafe(question_marks(statement)).into_sql_str(),
            Self::Postgres | Self::Sqlite => statement.into_sql_str(),
        }
    }

    /// `insert` for `rows` rows of `columns` columns in one statement.
    pub(crate) fn bulk(self, insert: &str, columns: usize, rows: usize) -> String {
        let mut sql = String::from(insert);
        for row in 0..rows {
            sql.push_str(if row == 0 { " VALUES (" } else { ", (" });
            for column in 0..columns {
                sql.push_str(if column == 0 { "" } else { ", " });
                self.push_placeholder(&mut sql, row * columns + column + 1);
            }
            sql.push(')');
        }
        sql
    }

    // SQLite reads `$n` too, but looks each name up in the list of those before it: quadratic in a long statement.
    fn push_placeholder(self, sql: &mut String, number: usize) {
        match self {
            Self::Postgres => write!(sql, "${number}").expect("writing to a String cannot fail"),
            Self::MariaDb | Self::Sqlite => sql.push('?'),
        }
    }

    /// Begins a transaction that sees one state of all tables, however long it reads.
    pub(crate) fn begin_read(self) -> &'static str {
        match self {
            Self::Postgres => "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY",
            Self::MariaDb => "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY",
            Self::Sqlite => "BEGIN",
        }
    }

    /// Begins a transaction that writes. SQLite takes the write lock at once: a reader that turns into a writer
    /// halfway is refused when somebody else wrote meanwhile, and no busy timeout helps it.
    pub(crate) fn begin_write(self) -> &'static str {
        match self {
            Self::Sqlite => "BEGIN IMMEDIATE",
            Self::Postgres | Self::MariaDb => "BEGIN",
        }
    }

    /// What was violated, out of a message that may also repeat the row's values.
    fn constraint(self, message: &str) -> Option<&str> {
        match self {
            // Values stand in the detail of the error, never in its message.
            Self::Postgres => Some(message),
            Self::Sqlite => message.split_once("constraint failed: ").map(|(_, name)| name),
            Self::MariaDb => ["for key '", "CONSTRAINT `", "for column '", "column '"]
                .into_iter()
                .find_map(|before| message.rsplit_once(before))
                .and_then(|(_, rest)| rest.split(['\'', '`']).next()),
        }
    }

    /// Sorts a failed write of one row by what the caller can do about it.
    pub(crate) fn refusal(
        self,
        source: sqlx::Error,
        statement: &'static str,
        table: &'static str,
        row: String,
    ) -> StoreError {
        let Some(error) = source.as_database_error() else {
            return StoreError::Driver { statement, source };
        };
        let constraint = error.constraint().or_else(|| self.constraint(error.message()));
        let constraint = constraint.unwrap_or("unnamed").to_owned();
        match error.kind() {
            ErrorKind::UniqueViolation => StoreError::Duplicate { table, row, constraint },
            ErrorKind::ForeignKeyViolation => StoreError::Dangling { table, row, constraint },
            ErrorKind::CheckViolation | ErrorKind::NotNullViolation => {
                StoreError::Refused { table, row, constraint }
            }
            // SQLSTATE 22001 and 22003: too long a text, too large a number.
            _ if matches!(error.code().as_deref(), Some("22001" | "22003")) => {
                StoreError::Refused { table, row, constraint }
            }
            _ => StoreError::Driver { statement, source },
        }
    }
}

fn question_marks(statement: &str) -> String {
    let mut parts = statement.split('$');
    let mut sql = String::from(parts.next().unwrap_or_default());
    for part in parts {
        sql.push('?');
        sql.push_str(part.trim_start_matches(|c: char| c.is_ascii_digit()));
    }
    sql
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbered_placeholders_become_question_marks() {
        assert_eq!(question_marks("a = $1 AND b = $12)"), "a = ? AND b = ?)");
        assert_eq!(question_marks("SELECT 1"), "SELECT 1");
    }

    #[test]
    fn bulk_statements_count_their_placeholders() {
        let insert = "INSERT INTO t (id, a)";
        assert_eq!(Dialect::Postgres.bulk(insert, 2, 2), "INSERT INTO t (id, a) VALUES ($1, $2), ($3, $4)");
        assert_eq!(Dialect::MariaDb.bulk(insert, 2, 2), "INSERT INTO t (id, a) VALUES (?, ?), (?, ?)");
    }

    #[test]
    fn constraints_are_found_in_messages_and_values_are_left_there() {
        let maria = |message| Dialect::MariaDb.constraint(message);
        assert_eq!(
            maria("Duplicate entry '74951815000' for key 'numbers_number_unique'"),
            Some("numbers_number_unique")
        );
        assert_eq!(
            maria("CONSTRAINT `numbers_direction_word` failed for `dialplane`.`numbers`"),
            Some("numbers_direction_word")
        );
        assert_eq!(maria("Data too long for column 'iso' at row 1"), Some("iso"));
        assert_eq!(
            Dialect::Sqlite.constraint("UNIQUE constraint failed: numbers.number"),
            Some("numbers.number")
        );
    }
}
