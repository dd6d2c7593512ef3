//! Append-only segments on disk: what was received is kept before anything changes because of it.
//!
//! A [`Journal`] is a folder of segments. [`Journal::append`] numbers a record and returns at once; a thread writes
//! and syncs in batches; [`Journal::durable`] tells when a record survives a power loss. [`Journal::follow`] reads
//! what is durable and goes on as more comes; [`Reader`] reads any folder, also while somebody writes there. A
//! consumer writes [checkpoints](Journal::checkpoint) and starts again from the last of them.
//!
//! What was written survives the process; what was synced survives power loss. Whatever is missing is told as a
//! [`Gap`]: damage costs the damaged records and no others.
//!
//! # The folder
//!
//! | file | holds |
//! |---|---|
//! | `lock` | nothing; locked while a process writes here |
//! | `identity` | the journal's random id, which every segment repeats |
//! | `00000000000000000001.seg` … | records from that number on |
//! | `NAME.00000000000000000001.checkpoint` … | the last two checkpoints of consumer `NAME` |
//!
//! # A segment
//!
//! Integers are little-endian. A header of 64 bytes, then records to the end of the file.
//!
//! | header | bytes | | record | bytes | |
//! |---|---|---|---|---|---|
//! | magic `DPJRNL\r\n` | 8 | | marker `D7 A9 F5 52` | 4 | where to look for a record after damage |
//! | version | 2 | 1 | CRC-32C | 4 | of the rest of this header |
//! | zero | 2 | | number | 8 | one more than the last, lost ones counted |
//! | journal id | 16 | random | time | 8 | microseconds since 1970 UTC, signed |
//! | first number | 8 | as in the name | offset | 4 | of this record in the segment |
//! | time | 8 | of the first record | length | 4 | of the payload, at most 1 MiB |
//! | zero | 16 | | payload CRC-32C | 4 | |
//! | CRC-32C | 4 | of all before | lost | 4 | how many numbers directly before this one were dropped |
//! | | | | kind | 1 | the caller's |
//! | | | | class | 1 | bit 0: this record is `Keep`; bit 1: a lost one was |
//! | | | | why | 1 | what the lost ones were dropped for |
//! | | | | form | 1 | 0: payload follows; 1: none, and this number is lost too |
//!
//! The CRCs of records start from the CRC of journal id and first number. So a record is sound only in its own
//! segment, and bytes that somebody sent us, however much they look like a record, are none: their sender does not
//! know the id.
//!
//! Reading after damage searches the next marker whose header and payload are sound. The number says how many records
//! are missing; the offset tells a block that was copied over another one from bytes that moved up because some are
//! missing before them.
//!
//! # When not everything can be kept
//!
//! Memory for what is not yet on disk is capped. Noise may use half of it; records to keep may use it all and push
//! noise out. Each dropped record uses up its number, and the next record that is written carries how many were lost
//! before it, why, and whether one of them was worth keeping; if none follows, the loss gets a header of its own. A
//! full disk is tried again until it has room, any other failure in a new segment.
//!
//! A folder over its cap loses its oldest segment, noise and all: segments hold what came in one stretch of time, and
//! to rewrite them in order to keep the better half would need the space that is missing. Readers find a gap.

mod batch;
mod checkpoint;
mod counters;
mod disk;
mod error;
mod folder;
mod follow;
mod format;
mod journal;
mod queue;
mod reader;
mod scan;
mod segment;
mod writer;

pub use checkpoint::{CHECKPOINT_MAX, Checkpoint};
pub use counters::Counts;
pub use disk::{Disk, FileSystem, SegmentFile};
pub use error::JournalError;
pub use follow::Follower;
pub use format::{Class, PAYLOAD_MAX, Why};
pub use journal::{Dropped, Journal, Options, Position};
pub use reader::{Entry, Gap, Reader, Record};
