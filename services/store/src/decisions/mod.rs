//! Decisions of routers: written once each by whoever made them, read by whoever asks.
//!
//! A decision is one row of `decisions` with its rows of `decision_attempts`, and never changes: what the same batch says
//! twice changes nothing.

mod read;
mod rows;
mod write;

use domain::NodeName;
use routing::DecisionRecord;
use serde::{Deserialize, Serialize};

pub use write::DecisionsWritten;

use crate::{dialect::Dialect, error::StoreError, partitions::Parted, store::Store};

/// A decision, and the router that made it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoggedDecision {
    /// As `router.name` calls it.
    pub router: Box<str>,
    pub record: DecisionRecord,
}

/// Which decisions are asked for.
#[derive(Clone, Copy, Debug)]
pub struct DecisionFilter<'a> {
    /// Microseconds of UTC,
    pub from_us: i64,
    /// and those before which they were made.
    pub to_us: i64,
    pub node: Option<&'a NodeName>,
    /// `ok`, `reject`, `no_route` …
    pub status: Option<&'a str>,
    /// At most so many, the latest.
    pub limit: u32,
}

/// A decision the tables refused: a rule somebody added, a trigger. Nothing of it is in the other tables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecisionSetAside {
    pub id: Box<str>,
    pub decided_us: i64,
    /// By the database's clock, microseconds of UTC.
    pub refused_us: i64,
    /// What the database calls the rule, shortened. It may repeat values of the row.
    pub rule: String,
    /// A [`LoggedDecision`] as JSON.
    pub record: String,
}

impl Store {
    /// Makes the parts of the tables of decisions for the month of `now_us` and the two after it, and tells how many it
    /// made: to be called now and then, a day apart or a week.
    pub async fn prepare_decision_partitions(&self, now_us: i64) -> Result<u32, StoreError> {
        let parted = [rows::DECISIONS, rows::ATTEMPTS].map(|rows| Parted { table: rows.table, time: TIME });
        self.prepare_partitions(&parted, now_us).await
    }
}

/// The column that says which month a row is of.
const TIME: &str = "decided_us";

/// Statements with a text of their own.
pub(crate) fn statements() -> impl Iterator<Item = &'static str> {
    read::STATEMENTS.into_iter()
}

/// Statements the dialect writes, under the text they are made from, each with an example.
pub(crate) fn built_statements(dialect: Dialect) -> Vec<(&'static str, String)> {
    let mut built = write::built_statements(dialect);
    built.extend(read::built_statements(dialect));
    built
}
