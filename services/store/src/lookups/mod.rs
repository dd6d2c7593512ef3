//! What is known of host names of carriers: whose turn it is to ask DNS, what it said of each name, and what waits for a
//! person. What names stand for is a table of the configuration like others; it is written here together with the rest,
//! in one transaction.

mod names;
mod quarantine;
mod turn;

pub use names::{HeardName, KeptName};
pub use quarantine::{QuarantineState, QuarantinedAddress};

use crate::dialect::Dialect;

/// Statements with a text of their own.
pub(crate) fn statements() -> impl Iterator<Item = &'static str> {
    names::STATEMENTS.into_iter().chain(quarantine::STATEMENTS).chain(turn::STATEMENTS)
}

/// Statements the dialect writes, under the text they are made from, each with an example.
pub(crate) fn built_statements(dialect: Dialect) -> Vec<(&'static str, String)> {
    vec![names::note_statement(dialect), quarantine::add_statement(dialect)]
}
