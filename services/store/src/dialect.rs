use std::{borrow::Cow, fmt::Write};

use sqlx::{
    AssertSqlSafe, SqlSafeStr, SqlStr,
    error::{DatabaseError, ErrorKind},
};

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

    /// A statement that ends in a list of one value, `… IN ($1)`, with a list of `values`.
    pub(crate) fn widened(self, statement: &str, values: usize) -> String {
        let mut sql = String::from(statement.strip_suffix("$1)").unwrap_or(statement));
        for value in 1..=values {
            sql.push_str(if value == 1 { "" } else { ", " });
            self.push_placeholder(&mut sql, value);
        }
        sql.push(')');
        sql
    }

    /// Sets some columns of the row with one id, whose value comes last.
    pub(crate) fn update(self, table: &str, columns: &[&str]) -> String {
        let mut sql = format!("UPDATE {table} SET ");
        for (at, column) in columns.iter().enumerate() {
            sql.push_str(if at == 0 { "" } else { ", " });
            sql.push_str(column);
            sql.push_str(" = ");
            self.push_placeholder(&mut sql, at + 1);
        }
        sql.push_str(" WHERE id = ");
        self.push_placeholder(&mut sql, columns.len() + 1);
        sql
    }

    /// Makes an insert of a row that may be there already write over it instead. The first column is the key.
    pub(crate) fn upsert(self, insert: &str, columns: &[&str]) -> String {
        let mut sql = self.bulk(insert, columns.len(), 1);
        let (key, others) = columns.split_first().expect("a table has columns");
        match self {
            Self::MariaDb => sql.push_str(" ON DUPLICATE KEY UPDATE "),
            Self::Postgres | Self::Sqlite => {
                write!(sql, " ON CONFLICT ({key}) DO UPDATE SET ").expect("writing to a String cannot fail");
            }
        }
        for (at, column) in others.iter().enumerate() {
            sql.push_str(if at == 0 { "" } else { ", " });
            let set = match self {
                Self::MariaDb => format!("{column} = VALUES({column})"),
                Self::Postgres | Self::Sqlite => format!("{column} = excluded.{column}"),
            };
            sql.push_str(&set);
        }
        sql
    }

    /// Microseconds of UTC by the database's own clock. SQLite knows milliseconds, the others microseconds; sessions of
    /// MariaDB are in UTC.
    pub(crate) fn clock(self) -> &'static str {
        match self {
            Self::Postgres => "SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000 AS BIGINT)",
            Self::MariaDb => "SELECT CAST(UNIX_TIMESTAMP(NOW(6)) * 1000000 AS SIGNED)",
            Self::Sqlite => "SELECT CAST(ROUND(unixepoch('subsec') * 1000) AS INTEGER) * 1000",
        }
    }

    /// Where a value stands in a statement: the `number`th, which on two of the databases is a matter of order only.
    pub(crate) fn placeholder(self, number: usize) -> String {
        let mut sql = String::new();
        self.push_placeholder(&mut sql, number);
        sql
    }

    /// A sum of whole numbers, as one.
    pub(crate) fn sum(self, column: &str) -> String {
        match self {
            Self::MariaDb => format!("CAST(COALESCE(SUM({column}), 0) AS SIGNED)"),
            Self::Postgres | Self::Sqlite => format!("CAST(COALESCE(SUM({column}), 0) AS BIGINT)"),
        }
    }

    // SQLite reads `$n` too, but looks each name up in the list of those before it: quadratic in a long statement.
    pub(crate) fn push_placeholder(self, sql: &mut String, number: usize) {
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

    /// Begins a transaction that writes, and in which a statement sees what others have committed before it. SQLite takes the write lock at once: a reader that turns into a writer
    /// halfway is refused when somebody else wrote meanwhile, and no busy timeout helps it.
    pub(crate) fn begin_write(self) -> &'static str {
        match self {
            Self::Sqlite => "BEGIN IMMEDIATE",
            Self::Postgres => "BEGIN ISOLATION LEVEL READ COMMITTED, READ WRITE",
            Self::MariaDb => "BEGIN",
        }
    }

    /// Begins a transaction that writes many rows which nobody else writes. Should its client vanish, it soon ends. On
    /// MariaDB it locks no gaps between rows, so that writers of other rows do not get into its way.
    pub(crate) fn begin_bulk(self) -> &'static str {
        match self {
            Self::Sqlite => self.begin_write(),
            Self::Postgres => {
                "BEGIN ISOLATION LEVEL READ COMMITTED, READ WRITE; \
                 SET LOCAL idle_in_transaction_session_timeout = '10s'"
            }
            Self::MariaDb => "SET TRANSACTION ISOLATION LEVEL READ COMMITTED; BEGIN",
        }
    }

    /// Lets the transaction break references as long as they hold when it is committed, where there is such a thing.
    pub(crate) fn defer_references(self) -> Option<&'static str> {
        match self {
            Self::Postgres => Some("SET CONSTRAINTS ALL DEFERRED"),
            Self::Sqlite => Some("PRAGMA defer_foreign_keys = ON"),
            Self::MariaDb => None,
        }
    }

    /// A statement that leaves references unchecked where they cannot be put off. Only for this one statement, so that
    /// the connection never comes back into the pool without its checks.
    pub(crate) fn unreferenced(self, statement: &'static str) -> Cow<'static, str> {
        match self {
            Self::MariaDb => format!("SET STATEMENT foreign_key_checks = 0 FOR {statement}").into(),
            Self::Postgres | Self::Sqlite => statement.into(),
        }
    }

    /// What a transaction says that holds a lock others wait for: should its client vanish, it ends within a minute.
    /// MariaDB's sessions know writers from readers and say so once.
    pub(crate) fn hold_briefly(self) -> Option<&'static str> {
        match self {
            Self::Postgres => Some("SET LOCAL idle_in_transaction_session_timeout = '60s'"),
            Self::MariaDb | Self::Sqlite => None,
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

    /// The rule that rows break, if it is the rows that are to blame and not the server or a lock.
    pub(crate) fn broken_rule(self, error: &dyn DatabaseError) -> Option<String> {
        let code = error.code()?;
        let is_broken = match self {
            // SQLITE_TOOBIG, SQLITE_CONSTRAINT and SQLITE_MISMATCH, in the lower byte of what extends them.
            Self::Sqlite => code.parse().is_ok_and(|code: u32| matches!(code & 0xff, 18..=20)),
            // SQLSTATE: data, integrity, a view's check, what a trigger raises, too much for an index.
            Self::Postgres => {
                ["22", "23", "44", "P0001", "54000"].iter().any(|class| code.starts_with(class))
            }
            Self::MariaDb => ["22", "23", "44", "45"].iter().any(|class| code.starts_with(class)),
        };
        let rule = error.constraint().or_else(|| self.constraint(error.message())).unwrap_or("unnamed");
        is_broken.then(|| rule.to_owned())
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
            // The rule of another table's column that holds our key.
            ErrorKind::ForeignKeyViolation if is_of_another(table, &constraint) => {
                StoreError::InUse { table, row, constraint }
            }
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

/// Rules are called after their table, where the database names them at all.
fn is_of_another(table: &str, constraint: &str) -> bool {
    constraint.ends_with("_exists")
        && !constraint.strip_prefix(table).is_some_and(|column| column.starts_with('_'))
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
    fn lists_updates_and_upserts_fit_their_values() {
        let list = "DELETE FROM t WHERE id IN ($1)";
        assert_eq!(Dialect::Postgres.widened(list, 3), "DELETE FROM t WHERE id IN ($1, $2, $3)");
        assert_eq!(Dialect::Sqlite.widened(list, 1), "DELETE FROM t WHERE id IN (?)");
        let columns = ["a", "b"];
        assert_eq!(Dialect::Postgres.update("t", &columns), "UPDATE t SET a = $1, b = $2 WHERE id = $3");
        assert_eq!(Dialect::MariaDb.update("t", &columns), "UPDATE t SET a = ?, b = ? WHERE id = ?");
        let insert = "INSERT INTO t (a, b)";
        assert_eq!(
            Dialect::MariaDb.upsert(insert, &columns),
            "INSERT INTO t (a, b) VALUES (?, ?) ON DUPLICATE KEY UPDATE b = VALUES(b)"
        );
        assert_eq!(
            Dialect::Postgres.upsert(insert, &columns),
            "INSERT INTO t (a, b) VALUES ($1, $2) ON CONFLICT (a) DO UPDATE SET b = excluded.b"
        );
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
