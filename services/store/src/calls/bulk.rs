//! Statements on many rows at once, as each database reads and plans them fastest; every text of its own that the
//! records need stands here.

use std::fmt::Write;

use super::rows::{ATTEMPTS, CALLS, Key, LEGS, Rows};
use crate::{
    dialect::Dialect,
    driver::{Connection, Value},
    error::StoreError,
    write::VALUES_PER_STATEMENT,
};

/// About how many bytes one statement brings: servers limit its length.
const BYTES_PER_STATEMENT: usize = 1 << 20;

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

/// What a row that is there already does to the one that comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Present {
    /// There is none.
    Never,
    /// It is written over.
    Replaced,
    /// The larger value of every column stays.
    Widened,
}

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

/// Inserts `count` rows.
fn insert(dialect: Dialect, rows: Rows, present: Present, count: usize) -> String {
    let head = format!("{} ({})", rows.insert, rows.columns.join(", "));
    let mut sql = dialect.bulk(&head, rows.columns.len(), count);
    if present == Present::Never {
        return sql;
    }
    let (key, others) = rows.columns.split_at(rows.key);
    let sets: Vec<_> = others.iter().map(|column| set(dialect, rows.table, column, present)).collect();
    let (key, sets) = (key.join(", "), sets.join(", "));
    match dialect {
        Dialect::MariaDb => write!(sql, " ON DUPLICATE KEY UPDATE {sets}"),
        Dialect::Postgres | Dialect::Sqlite => write!(sql, " ON CONFLICT ({key}) DO UPDATE SET {sets}"),
    }
    .expect("writing to a String cannot fail");
    sql
}

fn set(dialect: Dialect, table: &str, column: &str, present: Present) -> String {
    let larger = if dialect == Dialect::Sqlite { "MAX" } else { "GREATEST" };
    match (dialect, present) {
        (Dialect::MariaDb, Present::Widened) => format!("{column} = {larger}({column}, VALUES({column}))"),
        (Dialect::MariaDb, _) => format!("{column} = VALUES({column})"),
        (_, Present::Widened) => format!("{column} = {larger}({table}.{column}, excluded.{column})"),
        _ => format!("{column} = excluded.{column}"),
    }
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
    match dialect {
        Dialect::MariaDb => format!("{statement} WHERE node = ? AND ({created_us}, {unique_id}) IN ({rows})"),
        Dialect::Sqlite => {
            format!("{statement} WHERE node = ? AND ({created_us}, {unique_id}) IN (VALUES {rows})")
        }
        Dialect::Postgres => {
            let times: Vec<_> = (0..ids).map(|at| format!("${}", at * 2 + 2)).collect();
            let times = times.join(", ");
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
        Dialect::MariaDb | Dialect::Sqlite => "(?, ?)".to_owned(),
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

/// Writes rows, given as the values of all of them one after the other, in as few statements as they fit.
pub(super) async fn write<C: Connection>(
    connection: &mut C,
    rows: Rows,
    present: Present,
    values: &[Value<'_>],
) -> Result<(), sqlx::Error> {
    for part in parts(values, rows.columns.len()) {
        let sql = insert(C::DIALECT, rows, present, part.len() / rows.columns.len());
        connection.run_built(sql, part).await?;
    }
    Ok(())
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

/// Parts of the values of rows that fit a statement each; a row that is too large goes alone.
fn parts<'v, 'a>(mut values: &'v [Value<'a>], columns: usize) -> impl Iterator<Item = &'v [Value<'a>]> {
    std::iter::from_fn(move || {
        let mut bytes = 0;
        let fitting = values.chunks(columns).take(VALUES_PER_STATEMENT / columns).take_while(|row| {
            bytes += row.iter().map(size).sum::<usize>();
            bytes <= BYTES_PER_STATEMENT
        });
        let (part, rest) = values.split_at((fitting.count().max(1) * columns).min(values.len()));
        values = rest;
        (!part.is_empty()).then_some(part)
    })
}

fn size(value: &Value<'_>) -> usize {
    match value {
        Value::Text(text) => text.as_ref().map_or(0, |text| text.len()),
        Value::Bytes(bytes) => bytes.map_or(0, <[u8]>::len),
        Value::Key(_) | Value::Small(_) | Value::Flag(_) => size_of::<i64>(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_name_calls_as_each_database_finds_them() {
        let sql = |dialect| of_calls(dialect, "DELETE FROM t", ["c", "u"], 2);
        assert_eq!(
            sql(Dialect::Postgres),
            "DELETE FROM t WHERE node = $1 AND c = ANY (ARRAY[$2, $4]::bigint[]) \
             AND ((c, u) IN (VALUES ($2::bigint, $3::text), ($4::bigint, $5::text))) IS TRUE"
        );
        assert_eq!(sql(Dialect::MariaDb), "DELETE FROM t WHERE node = ? AND (c, u) IN ((?, ?), (?, ?))");
        assert_eq!(
            sql(Dialect::Sqlite),
            "DELETE FROM t WHERE node = ? AND (c, u) IN (VALUES (?, ?), (?, ?))"
        );
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

    #[test]
    fn large_rows_go_in_statements_of_their_own() {
        let text = |bytes: usize| Value::Text(Some("x".repeat(bytes).into()));
        let values = [
            text(BYTES_PER_STATEMENT),
            Value::Key(None),
            text(10),
            Value::Key(None),
            text(10),
            Value::Key(None),
        ];
        let lengths: Vec<_> = parts(&values, 2).map(<[_]>::len).collect();
        assert_eq!(lengths, [2, 4]);
        let many = vec![Value::Key(None); VALUES_PER_STATEMENT + 2];
        let lengths: Vec<_> = parts(&many, 2).map(<[_]>::len).collect();
        assert_eq!(lengths, [VALUES_PER_STATEMENT, 2]);
        assert_eq!(parts(&[], 2).count(), 0);
    }
}
