//! Many rows in one statement, whatever table they go into.

use std::fmt::Write;

use crate::{
    dialect::Dialect,
    driver::{Connection, Value},
    write::VALUES_PER_STATEMENT,
};

/// About how many bytes one statement brings: servers limit its length.
const BYTES_PER_STATEMENT: usize = 1 << 20;

/// A table that takes rows in bulk.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rows {
    pub(crate) table: &'static str,
    /// How statements begin, and what errors call them.
    pub(crate) insert: &'static str,
    pub(crate) delete: &'static str,
    pub(crate) columns: &'static [&'static str],
    /// How many of the columns are the key.
    pub(crate) key: usize,
}

/// What a row that is there already does to the one that comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Present {
    /// There is none.
    Never,
    /// It stays.
    Kept,
    /// It is written over.
    Replaced,
    /// The larger value of every column stays.
    Widened,
}

/// Inserts `count` rows.
pub(crate) fn insert(dialect: Dialect, rows: Rows, present: Present, count: usize) -> String {
    let head = format!("{} ({})", rows.insert, rows.columns.join(", "));
    let mut sql = dialect.bulk(&head, rows.columns.len(), count);
    if present == Present::Never {
        return sql;
    }
    let (key, others) = rows.columns.split_at(rows.key);
    let sets: Vec<_> = others.iter().map(|column| set(dialect, rows.table, column, present)).collect();
    let (key, first, sets) = (key.join(", "), key[0], sets.join(", "));
    match (dialect, present) {
        // IGNORE would pass over whatever else is wrong with a row.
        (Dialect::MariaDb, Present::Kept) => write!(sql, " ON DUPLICATE KEY UPDATE {first} = {first}"),
        (Dialect::Postgres | Dialect::Sqlite, Present::Kept) => {
            write!(sql, " ON CONFLICT ({key}) DO NOTHING")
        }
        (Dialect::MariaDb, _) => write!(sql, " ON DUPLICATE KEY UPDATE {sets}"),
        (Dialect::Postgres | Dialect::Sqlite, _) => write!(sql, " ON CONFLICT ({key}) DO UPDATE SET {sets}"),
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

/// Writes rows, given as the values of all of them one after the other, in as few statements as they fit.
pub(crate) async fn write<C: Connection>(
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
