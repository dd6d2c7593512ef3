//! Statements about many calls at once, as each database reads and plans them fastest; every text of its own that the
//! records need stands here.

use super::rows::{ATTEMPTS, CALLS, Key, LEGS, Rows};
pub(super) use crate::bulk::{Present, write};
use crate::{
    bulk::insert,
    dialect::Dialect,
    driver::{Connection, Value},
    error::StoreError,
};

/// Calls one statement names. MariaDB reads a list of a thousand as a subquery, and then the whole table.
pub(super) const IDS_PER_STATEMENT: usize = 400;

/// Aliases, in the columns of their table.
pub(super) const ALIASES: Rows = Rows {
    table: "call_aliases",
    insert: "INSERT INTO call_aliases",
    delete: "DELETE FROM call_aliases",
    columns: &["node", "created_us", "unique_id", "by_created_us", "by_unique_id", "position"],
    key: 3,
};

pub(super) const GAPS: Rows = Rows {
    table: "call_gaps",
    insert: "INSERT INTO call_gaps",
    delete: "DELETE FROM call_gaps",
    columns: &["node", "from_us", "reason", "to_us"],
    key: 3,
};

pub(super) fn built_statements(dialect: Dialect) -> Vec<(&'static str, String)> {
    let inserts = [
        (CALLS, Present::Replaced),
        (LEGS, Present::Never),
        (ATTEMPTS, Present::Never),
        (ALIASES, Present::Replaced),
        (GAPS, Present::Widened),
    ];
    let mut built: Vec<_> =
        inserts.into_iter().map(|(rows, present)| (rows.insert, insert(dialect, rows, present, 1))).collect();
    built.extend(
        [CALLS, LEGS, ATTEMPTS].map(|rows| (rows.delete, of_calls(dialect, rows.delete, rows.id(), 1))),
    );
    built
}

/// A question about some calls of one node. Postgres knows nothing yet of the rows that came last and takes them for few;
/// so it is told to look up one id after the other.
pub(super) fn select_calls(dialect: Dialect, select: &str, id: [&str; 2], ids: usize) -> String {
    match dialect {
        Dialect::Postgres => {
            let [created_us, unique_id] = id;
            let rows = id_rows(dialect, ids);
            format!(
                "SELECT found.* FROM (VALUES {rows}) AS ids (time, id) CROSS JOIN LATERAL ({select} \
                 WHERE node = $1 AND {created_us} = ids.time AND {unique_id} = ids.id OFFSET 0) AS found"
            )
        }
        Dialect::MariaDb | Dialect::Sqlite => of_calls(dialect, select, id, ids),
    }
}

/// Any other statement about some calls of one node. There Postgres at least compares no row with every id, but with a
/// hash of them.
fn of_calls(dialect: Dialect, statement: &str, [created_us, unique_id]: [&str; 2], ids: usize) -> String {
    let rows = id_rows(dialect, ids);
    let times = |mark: char| {
        let times: Vec<_> = (0..ids).map(|at| format!("{mark}{}", at * 2 + 2)).collect();
        times.join(", ")
    };
    match dialect {
        // A list of rows would have it read all calls of the node. Of a table it takes for small it would delete by looking at
        // every row, and wait for those of other nodes, as their writers would for it.
        Dialect::MariaDb => {
            let each: Vec<_> = (0..ids).map(|_| format!("({created_us} = ? AND {unique_id} = ?)")).collect();
            let keyed = statement.strip_prefix("DELETE FROM ").map_or_else(
                || statement.to_owned(),
                |table| format!("DELETE FROM {table} USING {table} FORCE INDEX (PRIMARY)"),
            );
            format!("{keyed} WHERE node = ? AND ({})", each.join(" OR "))
        }
        // Their times are what the key finds. It would find ids with them, each time with each id: the pluses keep it from that.
        Dialect::Sqlite => {
            let times = times('?');
            format!(
                "{statement} WHERE node = ?1 AND {created_us} IN ({times}) \
                 AND (+{created_us}, +{unique_id}) IN (VALUES {rows})"
            )
        }
        Dialect::Postgres => {
            let times = times('$');
            format!(
                "{statement} WHERE node = $1 AND {created_us} = ANY (ARRAY[{times}]::bigint[]) \
                 AND (({created_us}, {unique_id}) IN (VALUES {rows})) IS TRUE"
            )
        }
    }
}

/// Times and ids, after the node.
fn id_rows(dialect: Dialect, ids: usize) -> String {
    let row = |at: usize| match dialect {
        Dialect::Postgres => format!("(${}::bigint, ${}::text)", at * 2 + 2, at * 2 + 3),
        Dialect::MariaDb | Dialect::Sqlite => format!("(?{}, ?{})", at * 2 + 2, at * 2 + 3),
    };
    (0..ids).map(row).collect::<Vec<_>>().join(", ")
}

/// The values of such a statement: the node, then the ids.
pub(super) fn id_values<'v>(node: &'v str, ids: &[&'v Key<'_>]) -> Vec<Value<'v>> {
    let mut values = Vec::with_capacity(ids.len() * 2 + 1);
    values.push(Value::Text(Some(node.into())));
    for id in ids {
        id.push(&mut values);
    }
    values
}

/// Removes the rows of some calls.
pub(super) async fn delete<C: Connection>(
    connection: &mut C,
    rows: Rows,
    node: &str,
    ids: &[&Key<'_>],
) -> Result<(), StoreError> {
    for ids in ids.chunks(IDS_PER_STATEMENT) {
        let sql = of_calls(C::DIALECT, rows.delete, rows.id(), ids.len());
        let done = connection.run_built(sql, &id_values(node, ids)).await;
        done.map_err(StoreError::driver(rows.delete))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use sqlx::{AssertSqlSafe, Connection as _, Executor as _, Row as _, SqliteConnection};

    use super::*;

    #[test]
    fn statements_name_calls_as_each_database_finds_them() {
        let sql = |dialect| of_calls(dialect, "DELETE FROM t", ["c", "u"], 2);
        assert_eq!(
            sql(Dialect::Postgres),
            "DELETE FROM t WHERE node = $1 AND c = ANY (ARRAY[$2, $4]::bigint[]) \
             AND ((c, u) IN (VALUES ($2::bigint, $3::text), ($4::bigint, $5::text))) IS TRUE"
        );
        assert_eq!(
            sql(Dialect::MariaDb),
            "DELETE FROM t USING t FORCE INDEX (PRIMARY) WHERE node = ? AND ((c = ? AND u = ?) OR (c = ? AND u = ?))"
        );
        assert_eq!(
            sql(Dialect::Sqlite),
            "DELETE FROM t WHERE node = ?1 AND c IN (?2, ?4) AND (+c, +u) IN (VALUES (?2, ?3), (?4, ?5))"
        );
    }

    /// With so many of both, a search by times and ids is one for every pair of them.
    #[tokio::test]
    async fn sqlite_searches_by_times_alone() {
        let mut connection = SqliteConnection::connect("sqlite::memory:").await.unwrap();
        let table = "CREATE TABLE t (node, c, u, position, PRIMARY KEY (node, c, u, position)) WITHOUT ROWID";
        connection.execute(table).await.unwrap();
        let statement = of_calls(Dialect::Sqlite, "SELECT * FROM t", ["c", "u"], IDS_PER_STATEMENT);
        let plan = AssertSqlSafe(format!("EXPLAIN QUERY PLAN {statement} ORDER BY c, u, position"));
        let steps = sqlx::raw_sql(plan).fetch_all(&mut connection).await.unwrap();
        let steps: Vec<String> = steps.iter().map(|step| step.get("detail")).collect();
        assert!(steps[0].ends_with("(node=? AND c=?)"), "{steps:?}");
    }

    #[test]
    fn gaps_only_grow() {
        let sql = |dialect| insert(dialect, GAPS, Present::Widened, 1);
        assert!(sql(Dialect::Postgres).ends_with(
            "ON CONFLICT (node, from_us, reason) DO UPDATE SET to_us = GREATEST(call_gaps.to_us, excluded.to_us)"
        ));
        assert!(
            sql(Dialect::MariaDb).ends_with("ON DUPLICATE KEY UPDATE to_us = GREATEST(to_us, VALUES(to_us))")
        );
        assert!(sql(Dialect::Sqlite).ends_with("to_us = MAX(call_gaps.to_us, excluded.to_us)"));
    }
}
