//! Call records: written by the one collector that holds a node's lease, read by whoever asks.
//!
//! A call is one row of `calls` with its rows of `call_legs` and `call_attempts`, always of the same revision. A batch is
//! written in one transaction that holds the row of the lease from its first statement on: a collector that lost the
//! lease writes nothing, and one that takes it sees everything its predecessor wrote. What the same batch says twice
//! changes nothing.

mod aliases;
mod bulk;
mod cursor;
mod filter;
mod leases;
mod list;
mod months;
mod page;
mod plan;
mod read;
mod rows;
mod set_aside;
mod words;
mod write;

use calls::{CallUpdate, GapReason};

pub use cursor::CursorError;
pub use filter::{CallFilter, CallKey, CallSort, NumberMatch};
pub use leases::{LeaseOutcome, NodeLease, NodeLeaseSeen};
pub use list::{CallPage, CallParts, CallQuestion, ListCallsError, StoredCall};
pub use set_aside::CallSetAside;

use crate::{dialect::Dialect, error::StoreError};

/// What one transaction writes.
#[derive(Clone, Copy, Debug)]
pub struct CallBatch<'a> {
    /// In the order they were told. A few thousand at most: they are in memory as rows, too.
    pub updates: &'a [CallUpdate],
    pub gaps: &'a [NodeGap],
    /// Everything up to this moment is written when this batch is; None leaves it as it was. It never goes back.
    pub written_us: Option<i64>,
}

/// A time in which nobody listened to a node, microseconds of UTC. Of two with one beginning and reason the longer counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct NodeGap {
    pub from_us: i64,
    pub to_us: i64,
    pub reason: GapReason,
}

/// What became of a batch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// Calls that are new or of a newer revision.
    pub calls: u64,
    /// Records that changed nothing: as new a revision was there, or the call is part of another one by now.
    pub outdated: u64,
    /// Ids that became aliases.
    pub superseded: u64,
    /// Calls with a text that stands otherwise than it was told: cut at [`TEXT_CHARS_MAX`], or without its NULs.
    pub altered: u64,
    /// Calls the tables refused, see [`CallSetAside`].
    pub set_aside: u64,
}

/// Characters of a text that are stored; nothing an assembler tells is longer.
pub const TEXT_CHARS_MAX: usize = 512;

/// Why nothing of a batch was written.
#[derive(Debug, thiserror::Error)]
pub enum WriteCallsError {
    #[error("another collector holds the lease")]
    LeaseLost,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Statements with a text of their own.
pub(crate) fn statements() -> impl Iterator<Item = &'static str> {
    leases::STATEMENTS.into_iter().chain(read::STATEMENTS).chain(set_aside::STATEMENTS)
}

/// Statements the dialect writes, under the text they are made from, each with an example.
pub(crate) fn built_statements(dialect: Dialect) -> Vec<(&'static str, String)> {
    let mut built = bulk::built_statements(dialect);
    built.extend(aliases::built_statements(dialect));
    built.extend(write::built_statements(dialect));
    built.extend(leases::built_statements(dialect));
    built.extend(read::built_statements(dialect));
    built.extend(page::built_statements(dialect));
    built
}
