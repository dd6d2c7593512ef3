//! What comes out: one record per call, with its legs and attempts. All times are UTC microseconds since 1970.

use std::fmt;

use domain::{E164, NodeName};
use serde::{Deserialize, Serialize};

use crate::times::NEW_US;

/// The first leg of a call. Asterisk's own ids hold the second of their creation, but an Originate can name a channel
/// anything, twice: so the creation time is part of the identity.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct CallId {
    pub node: NodeName,
    pub unique_id: Box<str>,
    pub created_us: i64,
}

/// What changed for whoever keeps the records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CallUpdate {
    /// All legs are gone. A higher revision of the same id replaces this one.
    Ended(Box<CallRecord>),
    /// A call that was told as ended turned out to be part of another one, whose record has it among its aliases.
    Superseded { id: CallId, by: CallId },
}

/// One call: everything that channels of one node did for one purpose.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallRecord {
    pub id: CallId,
    /// Counts what was told of this call, from 1; 0 for a call that is still up and was never told.
    pub revision: u32,
    /// Ids under which parts of it may have been told.
    pub aliases: Vec<CallId>,
    /// The first decision of the whole call, over all nodes.
    pub root: Option<Box<str>>,
    /// The first decision on this node.
    pub decision: Option<Box<str>>,
    /// The generation that decision was made on.
    pub generation: Option<u64>,
    /// None unless `channelvars` brings `DP_VERB`.
    pub direction: Option<Direction>,
    pub caller: Option<Party>,
    pub called: Option<Party>,
    pub start_us: Option<i64>,
    pub first_ring_us: Option<i64>,
    /// When the first attempt was answered; without attempts, when the dialplan answered.
    pub answer_us: Option<i64>,
    /// When the last leg ended.
    pub end_us: Option<i64>,
    /// From the start to the answer, or to the end.
    pub wait_us: Option<i64>,
    /// From the first ringing to the answer, or to the end.
    pub ring_us: Option<i64>,
    /// From the answer to the end.
    pub talk_us: Option<i64>,
    pub disposition: Option<Disposition>,
    /// Q.850, of the Hangup of the first leg; 0 and 127 occur.
    pub cause: Option<u16>,
    /// Of the answered attempt, else of the last one.
    pub sip: Option<u16>,
    pub hangup_by: Option<HangupBy>,
    /// Why it may not be the whole story; empty for a complete record.
    pub flaws: Vec<Flaw>,
    /// In the order they began.
    pub legs: Vec<LegRecord>,
    /// In the order they began.
    pub attempts: Vec<AttemptRecord>,
}

impl CallRecord {
    /// How far `id.created_us` is from `start_us` at most, in either direction: what looks for calls by their start need
    /// look no further.
    pub const CREATION_FROM_START_US: i64 = NEW_US;

    pub fn is_complete(&self) -> bool {
        self.flaws.is_empty()
    }

    /// When it began: its start where that was seen, else the creation of its first leg as the id tells it.
    pub fn began_us(&self) -> i64 {
        self.start_us.unwrap_or(self.id.created_us)
    }
}

/// One channel.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LegRecord {
    pub unique_id: Box<str>,
    /// The last one: it changes when a channel joins another call. None where a gap may hide such a change.
    pub linked_id: Option<Box<str>>,
    pub channel: Box<str>,
    pub start_us: Option<i64>,
    pub answer_us: Option<i64>,
    pub end_us: Option<i64>,
    pub cause: Option<u16>,
    pub sip: Option<u16>,
    pub hangup_by: Option<HangupBy>,
}

/// One Dial of one channel that is not local.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttemptRecord {
    /// From 1, in the order of `DialBegin`.
    pub position: u32,
    /// What was dialled, as `DialBegin` writes it: without the technology.
    pub dial: Option<Box<str>>,
    /// The called channel.
    pub leg: Box<str>,
    /// The calling channel; None where Asterisk itself calls.
    pub caller_leg: Option<Box<str>>,
    pub decision: Option<Box<str>>,
    /// Which attempt of the decision, from 1.
    pub decision_attempt: Option<u32>,
    pub start_us: i64,
    pub ring_us: Option<i64>,
    pub answer_us: Option<i64>,
    /// Of a failed one when its Dial ended, of an answered one when its leg did.
    pub end_us: Option<i64>,
    pub cause: Option<u16>,
    pub sip: Option<u16>,
    /// As `DialEnd` writes it, which is not the dialplan's: an unallocated number is `NOANSWER` here.
    pub dialstatus: Option<Box<str>>,
}

/// A number as it stood on the wire, and as a number where it is one.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Party {
    pub raw: Box<str>,
    pub e164: Option<E164>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    Inbound,
    Outbound,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Disposition {
    Answered,
    /// The caller gave up.
    Cancelled,
    Busy,
    NoAnswer,
    Rejected,
    /// No such number, or nobody registered.
    Unavailable,
    /// A carrier or the network could not.
    Congestion,
    Failed,
}

/// Who ended it. None stands for what the wire does not tell: `Action: Hangup` on a bridged channel looks like a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HangupBy {
    Caller,
    Callee,
    Dialplan,
    Ami,
    /// Asterisk itself went away.
    NodeLost,
}

/// Why a record may not be the whole story.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Flaw {
    /// It was up while nobody listened.
    Gap(GapReason),
    /// It began before anybody listened.
    BeginningUnseen,
    /// A leg was gone when the channels were listed after a gap.
    EndUnseen,
    NodeLost,
    /// Nothing was heard of it for too long.
    Expired,
    /// A limit cut it short.
    Overflow,
}

/// Why nobody listened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GapReason {
    /// The connection was broken.
    Disconnected,
    /// Events were received and could not be kept.
    JournalLost,
    /// A block of the stream was damaged.
    Damaged,
}

/// Numbers of people stay inside.
impl fmt::Debug for Party {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&domain::shortened(&self.raw))
    }
}

/// Channel names and dial strings hold numbers: only what identifies shows.
impl fmt::Debug for CallRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallRecord")
            .field("id", &self.id)
            .field("revision", &self.revision)
            .field("disposition", &self.disposition)
            .field("flaws", &self.flaws)
            .field("legs", &self.legs.len())
            .field("attempts", &self.attempts.len())
            .finish_non_exhaustive()
    }
}
