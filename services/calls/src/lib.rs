//! AMI events of one node become calls, legs and attempts.
//!
//! [`CallAssembler`] is fed events with their times, live by a collector or from a recording; it cannot tell which. It
//! knows no clock and no I/O. What was not on the wire stays unknown: a record that a gap touched says so
//! ([`CallRecord::flaws`]) and keeps only what events before and after the gap told.

mod assembler;
mod attempts;
mod causes;
mod dialling;
mod grouping;
mod id;
mod legs;
mod lifecycle;
mod limits;
mod live;
mod record;
mod resync;
mod state;
mod summary;
mod text;
mod times;
mod transfer;
mod variables;
mod words;

pub use assembler::CallAssembler;
pub use limits::{Limits, Losses};
pub use live::{CallState, ChannelState, LiveCall, LiveChannel};
pub use record::{
    AttemptRecord, CallId, CallRecord, CallUpdate, Direction, Disposition, Flaw, GapReason, HangupBy,
    LegRecord, Party,
};
pub use state::Checkpoint;
