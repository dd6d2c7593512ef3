//! The tables in Postgres, MariaDB or SQLite: one SQL text for three databases.
//!
//! [`Store`] reads the working copy in one consistent transaction and writes it all or nothing; it keeps generations,
//! the configurations that were activated, beside it, the records of calls and decisions, and their roll-ups. Every
//! statement is written once, with `$1..$n`; what the drivers and dialects do differently stands in `driver.rs` and
//! `dialect.rs` and nowhere else. What a table's columns are is said once, in `table.rs`.

mod activation;
mod boards;
mod bulk;
mod calls;
mod column;
mod connect;
mod decisions;
mod dialect;
mod driver;
mod edits;
mod error;
mod generations;
mod halving;
mod lease;
mod lookups;
mod marks;
mod migrations;
mod partitions;
mod privacy;
mod refusals;
mod replace;
mod reports;
mod routers;
mod silent;
mod store;
mod table;
mod text;
mod tokens;
mod traffic;
mod working_copy;
mod write;

pub use self::calls::{
    CallBatch, CallFilter, CallKey, CallPage, CallParts, CallQuestion, CallSetAside, CallSort, CursorError,
    LeaseOutcome, ListCallsError, NodeGap, NodeLease, NodeLeaseSeen, NumberMatch, StoredCall, TEXT_CHARS_MAX,
    WriteCallsError, Written,
};
pub use self::traffic::{
    Closed, Place, REPORT_ROWS_MAX, RefusalRow, ReportCell, ReportRow, TrafficError, TrafficReport,
};
pub use activation::{ActivationError, Collected, NewGeneration};
pub use boards::{BOARD_BYTES_MAX, StoredBoard};
pub use connect::Options;
pub use decisions::{DecisionFilter, DecisionSetAside, DecisionsWritten, LoggedDecision};
pub use edits::Edit;
pub use error::{Impossible, StoreError};
pub use generations::{ChunkHash, GenerationHead, GenerationSummary, StoredGeneration};
pub use lookups::{HeardName, KeptName, QuarantineState, QuarantinedAddress};
pub use marks::{Author, MARKS_SHOWN_MAX, Marks};
pub use migrations::{migration_names, schema_version};
pub use privacy::{
    AuditEntry, LegalHold, NewHold, RecordedNode, RetentionProgress, RetentionRule, Slice, Touched,
};
pub use refusals::{FINDINGS_BYTES_MAX, Refusal};
pub use reports::{AccountName, NoAccountName, REPORTS};
pub use routers::{RouterBeat, RouterSeen};
pub use store::{Connections, Store};
pub use tokens::{ApiCredential, IssuedApiToken, IssuedToken};
pub use working_copy::WorkingCopy;

/// The article's example: three servers, six providers, twelve numbers, as TOML of [`routing::tables::Tables`].
pub const ARTICLE: &str = include_str!("../example/article.toml");
