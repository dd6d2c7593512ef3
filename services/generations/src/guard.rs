//! Against losing a table by accident: an import of half a file, a `DELETE` without its `WHERE`.

use std::fmt;

use routing::TableName;
use serde::Serialize;

use crate::{Manifest, diff::by_name};

/// A table may lose this share of its rows unasked, percent …
const LOSS_PERCENT: u64 = 30;
/// … and fewer rows than this whatever their share, but never all.
const LOSS_ROWS: u64 = 20;

/// A table that lost so many rows that nobody should activate it unasked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Shrunk {
    #[serde(serialize_with = "by_name")]
    pub table: TableName,
    /// Rows in the active generation.
    pub before: u64,
    /// Rows in the one to be activated.
    pub after: u64,
}

/// The tables that lost more than 30 % and at least 20 of their rows, or all of them. Layers are not watched: tokens are
/// revoked at will, and names are resolved under guards of their own.
pub fn guard(old: &Manifest, new: &Manifest) -> Vec<Shrunk> {
    let watched = TableName::ALL.into_iter().filter(|table| table.layer().is_none());
    let tables = watched.map(|table| Shrunk { table, before: old.rows(table), after: new.rows(table) });
    tables.filter(Shrunk::is_suspicious).collect()
}

impl Shrunk {
    fn is_suspicious(&self) -> bool {
        let lost = self.before.saturating_sub(self.after);
        let much = lost >= LOSS_ROWS && lost * 100 > self.before * LOSS_PERCENT;
        much || (self.before > 0 && self.after == 0)
    }
}

impl fmt::Display for Shrunk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { table, before, after } = self;
        match after {
            0 => write!(f, "{table} would lose all {before} rows; --force activates it empty"),
            _ => write!(
                f,
                "{table} would lose {} of {before} rows; --force activates it with the {after} left",
                before - after
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use routing::ChunkPlace;

    use super::*;
    use crate::{ChunkHash, Entry};

    fn manifest(table: TableName, rows: u32) -> Manifest {
        let ranges = (0..).zip(std::iter::repeat_n(1024, rows as usize / 1024).chain([rows % 1024]));
        let entries = ranges.filter(|(_, rows)| *rows > 0).map(|(range, rows)| Entry {
            place: ChunkPlace { table, range },
            rows,
            hash: ChunkHash::of(b""),
        });
        entries.collect()
    }

    #[test]
    fn the_guard_trips_on_a_third_and_on_everything() {
        let cases = [
            (0, 0, false),
            (1, 0, true),
            (19, 0, true),
            (19, 1, false),
            (21, 1, true),
            (20, 1, false),
            (66, 46, true),
            (67, 47, false),
            (100, 70, false),
            (100, 69, true),
            (5000, 3500, false),
            (5000, 3499, true),
            (10, 5000, false),
        ];
        for (before, after, trips) in cases {
            let found = guard(&manifest(TableName::Number, before), &manifest(TableName::Number, after));
            assert_eq!(found.len(), usize::from(trips), "{before} → {after}: {found:?}");
        }
    }

    #[test]
    fn tokens_may_all_be_revoked() {
        assert!(guard(&manifest(TableName::ApiToken, 50), &Manifest::default()).is_empty());
    }

    #[test]
    fn people_are_told_what_force_does() {
        let shown = |after| Shrunk { table: TableName::Route, before: 90, after }.to_string();
        assert_eq!(shown(50), "routes would lose 40 of 90 rows; --force activates it with the 50 left");
        assert_eq!(shown(0), "routes would lose all 90 rows; --force activates it empty");
    }
}
