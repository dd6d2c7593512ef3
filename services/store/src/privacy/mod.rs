//! How long records stay: numbers are masked after a time, records removed after a longer one, and what a hold fits is
//! left alone. What is done with rows is done slice by slice, each in a transaction of its own; the tables remember how
//! far that has come.

mod audit;
mod holds;
mod rules;
mod slices;

pub use audit::AuditEntry;
pub(crate) use audit::note;
pub use holds::{LegalHold, NewHold};
pub(crate) use rules::removed_us;
pub use rules::{RecordedNode, RetentionProgress, RetentionRule};
pub use slices::{Slice, Touched};

use crate::dialect::Dialect;

/// Statements with a text of their own.
pub(crate) fn statements() -> impl Iterator<Item = &'static str> {
    audit::STATEMENTS.into_iter().chain(holds::STATEMENTS).chain(rules::STATEMENTS).chain(slices::STATEMENTS)
}

/// Statements the dialect writes, under the text they are made from, each with an example.
pub(crate) fn built_statements(dialect: Dialect) -> Vec<(&'static str, String)> {
    let mut built = rules::built_statements(dialect);
    built.extend(slices::built_statements(dialect));
    built
}
