//! Roll-ups: what became of attempts and calls, summed up by the quarter of an hour.
//!
//! Whoever writes rows marks their quarter in the same transaction ([`mark`]). Whoever sums up takes a marked quarter of
//! one node, reads its rows, fills in what the decisions say of them, writes its sums over those that were there, and
//! removes the marks it has seen, unless they were counted up meanwhile: then the quarter is summed up again. So whatever
//! comes late, a revision, a decision, another rule, leads to the sums that would be there had it always been so.

mod close;
mod fill;
mod ids;
mod layers;
mod marks;
mod report;
mod rows;
mod rules;
mod select;
mod sums;

use domain::NodeName;
use traffic::Quarter;

pub use close::Closed;
pub(crate) use marks::mark;
pub use report::{
    ROWS_MAX as REPORT_ROWS_MAX, RefusalRow, ReportCell, ReportRow, TrafficError, TrafficReport,
};
pub(crate) use rules::lock;

use crate::dialect::Dialect;

/// A quarter of an hour of a node.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    pub quarter: Quarter,
    pub node: NodeName,
}

/// Statements with a text of their own.
pub(crate) fn statements() -> impl Iterator<Item = &'static str> {
    close::STATEMENTS
        .into_iter()
        .chain(layers::STATEMENTS)
        .chain(marks::STATEMENTS)
        .chain(report::STATEMENTS)
        .chain(rows::STATEMENTS)
        .chain(rules::STATEMENTS)
        .chain(sums::STATEMENTS)
}

/// Statements the dialect writes, under the text they are made from, each with an example.
pub(crate) fn built_statements(dialect: Dialect) -> Vec<(&'static str, String)> {
    let mut built = marks::built_statements(dialect);
    built.extend(fill::built_statements(dialect));
    built.extend(layers::built_statements(dialect));
    built.extend(report::built_statements(dialect));
    built.extend(rows::built_statements(dialect));
    built.extend(rules::built_statements(dialect));
    built.extend(sums::built_statements(dialect));
    built
}
