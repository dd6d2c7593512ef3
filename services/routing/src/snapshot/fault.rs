use std::{fmt, hash::Hash};

use rustc_hash::FxHashSet;

use crate::Row;

/// One thing that keeps the tables from being a configuration, by the place a person has to look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableFault {
    pub table: &'static str,
    /// The key of the row.
    pub key: String,
    pub field: &'static str,
    /// What is wrong, to be read after "is" or on its own.
    pub rule: String,
}

impl fmt::Display for TableFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: {} {}", self.table, self.key, self.field, self.rule)
    }
}

/// Everything that is wrong, so that one round of mending is enough.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TableFaults(pub Vec<TableFault>);

impl TableFaults {
    /// Most faults an error text repeats.
    const SHOWN: usize = 20;

    pub(crate) fn add<R: Row>(&mut self, key: i64, field: &'static str, rule: impl Into<String>) {
        let table = R::TABLE.as_str();
        self.0.push(TableFault { table, key: key.to_string(), field, rule: rule.into() });
    }

    /// A value that no two rows may have stands in this one too.
    pub(crate) fn twice<R: Row>(&mut self, key: i64, field: &'static str) {
        self.add::<R>(key, field, "stands in the table twice");
    }

    /// A field that leads nowhere.
    pub(crate) fn missing<R: Row>(&mut self, key: i64, field: &'static str, target: impl fmt::Display) {
        self.add::<R>(key, field, format!("points to {target}, which does not exist"));
    }

    /// Names every row but the first of those with one value.
    pub(crate) fn unique<'t, R: Row + 't, V: Eq + Hash>(
        &mut self,
        field: &'static str,
        rows: impl Iterator<Item = &'t R>,
        value: impl Fn(&'t R) -> V,
    ) {
        let mut seen = FxHashSet::default();
        for row in rows {
            if !seen.insert(value(row)) {
                self.twice::<R>(row.key(), field);
            }
        }
    }

    pub(crate) fn into_result(self) -> Result<(), Self> {
        if self.0.is_empty() { Ok(()) } else { Err(self) }
    }
}

impl fmt::Display for TableFaults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the tables are no valid configuration")?;
        for fault in self.0.iter().take(Self::SHOWN) {
            write!(f, "; {fault}")?;
        }
        match self.0.len().saturating_sub(Self::SHOWN) {
            0 => Ok(()),
            more => write!(f, "; and {more} more"),
        }
    }
}

impl std::error::Error for TableFaults {}
