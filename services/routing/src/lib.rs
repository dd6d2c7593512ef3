//! From tables to a snapshot, from a question to a decision, from a decision to Dial strings.
//!
//! Everything here is pure: no clock, no I/O, no dice. What one replica answers, every replica answers, and what
//! `explain` prints comes from the very function that answers calls.

mod chunked;
mod decide;
mod decision;
mod dial;
mod draw;
mod layers;
mod listing;
mod locations;
mod record;
mod request;
mod snapshot;
pub mod tables;
mod tariff;
mod trace;
mod validity;
mod view;

pub use chunked::{
    Chunk, ChunkPlace, Chunked, ChunkedTables, KEYS_PER_CHUNK, KeyRange, NoSuchTable, Row, RowChange,
    TableName, range_of,
};
pub use decide::{MAX_ADDRESSES_PER_PROVIDER, MAX_ATTEMPTS, MAX_HOPS, decide};
pub use decision::{
    Attempt, CallerId, Decision, DialplanPlace, DropReason, HopQuestion, Outcome, RefusalReason, Then, Via,
};
pub use dial::{CarrierNumber, CarrierUser, Dial, HopExten};
pub use layers::Layer;
pub use listing::{ListedAddress, listing};
pub use locations::{Location, Locations, Ports};
pub use record::{Decided, DecidedAttempt, DecisionRecord, Question};
pub use request::{Request, Verb};
pub use snapshot::{Generation, Snapshot, SnapshotSize, TableFault, TableFaults, TokenHash};
pub use trace::{Candidate, CandidateKey, ExplainedCandidate, Explanation, NoTrace, Parties, Place, Trace};
pub use validity::Validity;
pub use view::{AttemptView, CandidateView, DecisionView, ExplanationView};
