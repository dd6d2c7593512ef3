//! What analysts and their tools may read: views without whole numbers, and how somebody may read them and nothing else.

use std::{fmt, path::Path, str::FromStr};

use crate::{
    dialect::Dialect,
    driver::{Connection, Value},
    error::StoreError,
    lease::on_connection,
    store::Store,
};

/// The views, as the migrations make them; their columns are a contract.
pub const REPORTS: [&str; 9] = [
    "report_calls",
    "report_legs",
    "report_attempts",
    "report_decisions",
    "report_traffic_attempts",
    "report_traffic_calls",
    "report_traffic_causes",
    "report_traffic_refusals",
    "report_gaps",
];

const ATTACH: &str = "ATTACH DATABASE $1 AS reports";
const DETACH: &str = "DETACH DATABASE reports";

/// An account of the database: small letters, digits and `_`, up to 32, a letter first. Whatever else servers take
/// would have to be quoted, by each of them in a way of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountName(Box<str>);

#[derive(Debug, thiserror::Error)]
#[error("an account is a small letter, and then up to 31 small letters, digits or `_`")]
pub struct NoAccountName;

impl FromStr for AccountName {
    type Err = NoAccountName;

    fn from_str(text: &str) -> Result<Self, NoAccountName> {
        let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
        let begins = text.bytes().next().is_some_and(|byte| byte.is_ascii_lowercase());
        let is_one = begins && text.len() <= 32 && text.bytes().all(fits);
        is_one.then(|| Self(text.into())).ok_or(NoAccountName)
    }
}

impl fmt::Display for AccountName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Store {
    /// The statements by which whoever administers the database lets an account that exists read the reports and nothing
    /// else. None for SQLite, which knows no accounts.
    pub fn report_grants(&self, account: &AccountName) -> Option<Vec<String>> {
        let views = REPORTS.iter();
        match self.dialect() {
            Dialect::Postgres => Some(vec![
                format!("GRANT USAGE ON SCHEMA public TO {account};"),
                format!("GRANT SELECT ON {} TO {account};", REPORTS.join(", ")),
                format!("ALTER ROLE {account} SET default_transaction_read_only = on;"),
            ]),
            Dialect::MariaDb => {
                Some(views.map(|view| format!("GRANT SELECT ON {view} TO '{account}'@'%';")).collect())
            }
            Dialect::Sqlite => None,
        }
    }

    /// Writes what the reports show by now into a SQLite file that holds no tables yet: for SQLite, where whoever reads
    /// the file reads all of it. Nothing for the other databases.
    pub async fn copy_reports(&self, file: &Path) -> Result<(), StoreError> {
        if self.dialect() != Dialect::Sqlite {
            return Ok(());
        }
        let file = file.to_string_lossy();
        on_connection!(self, connection => {
            // A file stays attached where its copy failed: such a connection is closed.
            copy(connection, &file).await?;
            Ok(())
        })
    }
}

/// A database is attached outside of transactions only.
async fn copy<C: Connection>(connection: &mut C, file: &str) -> Result<(), StoreError> {
    let attached = connection.run(ATTACH, &[Value::Text(Some(file.into()))]).await;
    attached.map_err(StoreError::driver(ATTACH))?;
    connection.command("BEGIN").await.map_err(StoreError::driver("BEGIN"))?;
    for view in REPORTS {
        let sql = format!("CREATE TABLE reports.{view} AS SELECT * FROM main.{view}");
        connection.run_built(sql, &[]).await.map_err(StoreError::driver("CREATE TABLE reports"))?;
    }
    connection.command("COMMIT").await.map_err(StoreError::driver("COMMIT"))?;
    connection.command(DETACH).await.map_err(StoreError::driver(DETACH))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accounts_need_no_quotes() {
        for good in ["bi", "grafana_2"] {
            assert_eq!(good.parse::<AccountName>().unwrap().to_string(), good);
        }
        for bad in ["", "2bi", "_bi", "BI", "b i", "bi'@'%", "bi;", "bï", &"b".repeat(33)] {
            assert!(bad.parse::<AccountName>().is_err(), "{bad}");
        }
    }
}
