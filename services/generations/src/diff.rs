//! What differs between two configurations, for people and for programs.

mod show;

use std::{iter, sync::Arc};

use routing::{Chunk, Chunked, ChunkedTables, Row, TableName};
use serde::{Serialize, Serializer};
use serde_json::Value;

/// Most rows of one table that are listed one by one. The counts are exact whatever their size.
pub const LISTED_ROWS_MAX: usize = 100;

/// Columns of which only the beginning is shown.
const SECRET_FIELDS: [&str; 1] = ["token_sha256"];
const SECRET_SHOWN: usize = 8;

/// The tables that differ.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Diff {
    pub tables: Vec<TableDiff>,
}

/// What differs in one table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TableDiff {
    #[serde(serialize_with = "by_name")]
    pub table: TableName,
    pub added: u64,
    pub removed: u64,
    pub changed: u64,
    /// The first [`LISTED_ROWS_MAX`] of them, by key.
    pub rows: Vec<RowDiff>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RowDiff {
    pub key: i64,
    pub change: Change,
    /// Of a changed row the fields that differ, of any other all that hold something; by name.
    pub fields: Vec<FieldDiff>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Change {
    Added,
    Removed,
    Changed,
}

/// A field before and after as text; absent: it holds nothing, or the row is not there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FieldDiff {
    pub field: String,
    pub before: Option<String>,
    pub after: Option<String>,
}

impl Diff {
    pub fn is_empty(&self) -> bool {
        self.tables.is_empty()
    }
}

macro_rules! diff_tables {
    ($($row:ident in $table:ident),+ $(,)?) => {
        /// Compares two configurations. Chunks they share are not looked into.
        pub fn diff(old: &ChunkedTables, new: &ChunkedTables) -> Diff {
            let tables = [$(compared(&old.$table, &new.$table)),+];
            Diff { tables: tables.into_iter().flatten().collect() }
        }
    };
}
routing::for_every_table!(diff_tables);

fn compared<R: Row + PartialEq + Serialize>(old: &Chunked<R>, new: &Chunked<R>) -> Option<TableDiff> {
    let mut diff = TableDiff { table: R::TABLE, added: 0, removed: 0, changed: 0, rows: Vec::new() };
    for (old, new) in paired(old.chunks(), new.chunks(), |chunk| chunk.range()) {
        if !matches!((old, new), (Some(old), Some(new)) if Arc::ptr_eq(old, new)) {
            diff.compare(rows(old), rows(new));
        }
    }
    (diff.added + diff.removed + diff.changed > 0).then_some(diff)
}

fn rows<R: Row>(chunk: Option<&Arc<Chunk<R>>>) -> &[R] {
    chunk.map(|chunk| chunk.rows()).unwrap_or_default()
}

impl TableDiff {
    fn compare<R: Row + PartialEq + Serialize>(&mut self, old: &[R], new: &[R]) {
        for (old, new) in paired(old, new, Row::key) {
            let (change, count) = match (old, new) {
                (Some(old), Some(new)) if old == new => continue,
                (Some(_), Some(_)) => (Change::Changed, &mut self.changed),
                (None, _) => (Change::Added, &mut self.added),
                (_, None) => (Change::Removed, &mut self.removed),
            };
            *count += 1;
            if let Some(row) = old.or(new).filter(|_| self.rows.len() < LISTED_ROWS_MAX) {
                self.rows.push(RowDiff { key: row.key(), change, fields: fields(old, new) });
            }
        }
    }

    /// How many rows differ but are not listed.
    pub fn unlisted(&self) -> u64 {
        (self.added + self.removed + self.changed).saturating_sub(self.rows.len() as u64)
    }
}

/// Pairs what has one key in two slices that are ordered by it.
fn paired<'s, T>(
    old: &'s [T],
    new: &'s [T],
    key: impl Fn(&T) -> i64,
) -> impl Iterator<Item = (Option<&'s T>, Option<&'s T>)> {
    let (mut old, mut new) = (old.iter().peekable(), new.iter().peekable());
    iter::from_fn(move || {
        let next = old.peek().into_iter().chain(new.peek()).map(|item| key(item)).min()?;
        Some((old.next_if(|item| key(item) == next), new.next_if(|item| key(item) == next)))
    })
}

fn fields<R: Serialize>(old: Option<&R>, new: Option<&R>) -> Vec<FieldDiff> {
    let (old, new) = (object(old), object(new));
    // The key stands beside the fields. Names in an order of our own: that of JSON objects is a matter of features.
    let mut names: Vec<_> = old.keys().chain(new.keys()).filter(|name| *name != "id").collect();
    names.sort_unstable();
    names.dedup();
    let fields = names.into_iter().map(|name| FieldDiff {
        field: name.clone(),
        before: shown(name, old.get(name)),
        after: shown(name, new.get(name)),
    });
    // Compared as they are, not as they are shown: two secrets may begin alike.
    fields.filter(|field| old.get(&field.field) != new.get(&field.field) && !field.is_empty()).collect()
}

impl FieldDiff {
    fn is_empty(&self) -> bool {
        self.before.is_none() && self.after.is_none()
    }
}

fn object<R: Serialize>(row: Option<&R>) -> serde_json::Map<String, Value> {
    match row.map(serde_json::to_value) {
        Some(Ok(Value::Object(object))) => object,
        _ => serde_json::Map::new(),
    }
}

fn shown(name: &str, value: Option<&Value>) -> Option<String> {
    match value? {
        Value::Null => None,
        Value::String(text) if SECRET_FIELDS.contains(&name) => {
            Some(text.chars().take(SECRET_SHOWN).chain(['…']).collect())
        }
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
pub(crate) fn by_name<S: Serializer>(table: &TableName, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(table.as_str())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use routing::tables::Tables;

    use super::*;
    use crate::sample;

    fn edited(edit: impl FnOnce(&mut Tables)) -> ChunkedTables {
        let mut tables = Tables::from(&sample::many_numbers(3000));
        tables.currencies.push(sample::currency(1));
        tables.node_tokens.push(sample::node_token(1, Some("old".into())));
        edit(&mut tables);
        tables.into()
    }

    fn counts(diff: &Diff) -> Vec<(TableName, u64, u64, u64)> {
        diff.tables.iter().map(|table| (table.table, table.added, table.removed, table.changed)).collect()
    }

    #[test]
    fn rows_are_added_removed_and_changed() {
        let after = edited(|tables| {
            tables.numbers.remove(0);
            tables.numbers[1].enabled = false;
            tables.numbers[1].server_id = None;
            tables.numbers.push(sample::number(9000));
            tables.currencies[0].name = "Rouble".into();
        });
        let diff = diff(&edited(|_| ()), &after);
        assert_eq!(counts(&diff), [(TableName::Currency, 0, 0, 1), (TableName::Number, 1, 1, 1)]);
        let rows = &diff.tables[1].rows;
        let keys: Vec<_> = rows.iter().map(|row| (row.key, row.change)).collect();
        assert_eq!(keys, [(1, Change::Removed), (3, Change::Changed), (9000, Change::Added)]);
        let field = |field: &str, before: Option<&str>, after: Option<&str>| FieldDiff {
            field: field.into(),
            before: before.map(Into::into),
            after: after.map(Into::into),
        };
        let changed = [field("enabled", Some("true"), Some("false")), field("server_id", Some("3"), None)];
        assert_eq!(rows[1].fields, changed);
        assert_eq!(rows[2].fields[3], field("number", None, Some("120255500009000")));
    }

    #[test]
    fn secrets_are_shortened_and_still_compared_whole() {
        let hash = |end: &str| format!("{}{end}", "a".repeat(63));
        let [before, after] =
            ["0", "1"].map(|end| edited(|tables| tables.node_tokens[0].token_sha256 = hash(end)));
        let diff = diff(&before, &after);
        let field = &diff.tables[0].rows[0].fields[0];
        assert_eq!(field.before.as_deref(), Some("aaaaaaaa…"));
        assert_eq!(field.after, field.before);
        assert!(!serde_json::to_string(&diff).unwrap().contains("aaaaaaaaa"));
    }

    #[test]
    fn the_list_has_an_end_and_the_counts_are_exact() {
        let all = diff(&ChunkedTables::default(), &sample::many_numbers(3000));
        assert_eq!(counts(&all), [(TableName::Number, 3000, 0, 0)]);
        assert_eq!((all.tables[0].rows.len(), all.tables[0].unlisted()), (LISTED_ROWS_MAX, 2900));
    }

    #[test]
    fn the_json_form_is_pinned() {
        let after = edited(|tables| tables.currencies[0].numcode = 1);
        let json = serde_json::to_string(&diff(&edited(|_| ()), &after)).unwrap();
        let expected = concat!(
            r#"{"tables":[{"table":"currencies","added":0,"removed":0,"changed":1,"rows":"#,
            r#"[{"key":1,"change":"changed","fields":[{"field":"numcode","before":"643","after":"1"}]}]}]}"#
        );
        assert_eq!(json, expected);
    }

    proptest! {
        #![proptest_config(sample::config())]

        #[test]
        fn differences_agree_with_sets_of_rows(old in sample::tables(), new in sample::tables()) {
            let rows = |tables: &ChunkedTables| -> std::collections::BTreeMap<i64, String> {
                tables.routes.rows().map(|row| (row.key(), format!("{row:?}"))).collect()
            };
            let diff = diff(&old, &new);
            let (old, new) = (rows(&old), rows(&new));
            let added = new.keys().filter(|key| !old.contains_key(key)).count() as u64;
            let removed = old.keys().filter(|key| !new.contains_key(key)).count() as u64;
            let changed = old.iter().filter(|(key, row)| new.get(key).is_some_and(|new| new != *row)).count() as u64;
            let table = diff.tables.iter().find(|table| table.table == TableName::Route);
            let found = table.map(|table| (table.added, table.removed, table.changed)).unwrap_or_default();
            prop_assert_eq!(found, (added, removed, changed));
            prop_assert_eq!(table.map_or(0, |table| table.rows.len()) as u64, added + removed + changed);
        }

        #[test]
        fn equal_tables_do_not_differ(tables in sample::tables()) {
            prop_assert!(diff(&tables, &tables).is_empty());
            prop_assert!(diff(&tables, &Tables::from(&tables).into()).is_empty());
        }
    }
}
