//! The way from one configuration to the next.

use super::{TableFault, TableFaults, index::MOST_CHUNKS};
use crate::{ChunkedTables, Row, RowChange, TableName};

/// The tables as they were and as they are. The first configuration of all comes from empty tables.
pub(super) struct Step<'t> {
    pub(super) before: &'t ChunkedTables,
    pub(super) after: &'t ChunkedTables,
    changed: Vec<TableName>,
}

impl<'t> Step<'t> {
    pub(super) fn new(before: &'t ChunkedTables, after: &'t ChunkedTables) -> Self {
        Self { before, after, changed: after.tables_apart(before) }
    }

    /// Names every table with more chunks than an index can tell apart; nothing can be made of such tables.
    pub(super) fn check_sizes(&self) -> Result<(), TableFaults> {
        let mut faults = TableFaults::default();
        for (table, chunks) in self.after.chunk_counts() {
            if chunks > MOST_CHUNKS {
                let rule = format!("spread over {chunks} ranges of keys, {MOST_CHUNKS} are the most");
                faults.0.push(TableFault { table: table.as_str(), key: "*".into(), field: "id", rule });
            }
        }
        faults.into_result()
    }

    /// Whether any of these tables differs.
    pub(super) fn touches(&self, tables: &[TableName]) -> bool {
        tables.iter().any(|table| self.changed.contains(table))
    }

    pub(super) fn changes<R: Row + 't>(&self) -> impl Iterator<Item = RowChange<'t, R>> + use<'t, R> {
        R::table(self.after).changes(R::table(self.before))
    }

    /// Whether rows are gone that others may point to.
    pub(super) fn lost<R: Row + 't>(&self) -> bool {
        self.changes::<R>().any(|change| change.after.is_none())
    }
}
