//! What is known of a call while it is up: lean, to be shown and counted, not to be kept.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{
    assembler::CallAssembler,
    causes::in_order,
    legs::{Leg, STATE_UP},
    record::{CallRecord, Direction, Party},
    state::{Call, Calls},
};

/// One call that is up.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LiveCall {
    /// Of its first leg; with the node and the time of its creation it is the call's id.
    pub unique_id: Box<str>,
    /// UTC microseconds, as in the call's id.
    pub created_us: i64,
    /// The first decision of the whole call, over all nodes.
    pub root: Option<Box<str>>,
    /// The first decision on this node.
    pub decision: Option<Box<str>>,
    pub direction: Option<Direction>,
    pub caller: Option<Party>,
    pub called: Option<Party>,
    /// When it began, UTC microseconds; as far as its id tells where the beginning was not seen.
    pub since_us: i64,
    pub state: CallState,
    /// How often somebody was dialled so far.
    pub attempts: u32,
    /// Those that are up, in the order they began; at most [`Self::CHANNELS_MAX`].
    pub channels: Vec<LiveChannel>,
    /// How many more channels are up.
    #[serde(default)]
    pub channels_left_out: u32,
}

/// How far a call got.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallState {
    /// Nobody rings yet, or nobody any more.
    Dialling,
    Ringing,
    /// Somebody answered.
    Up,
}

/// One channel that is up.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LiveChannel {
    pub unique_id: Box<str>,
    pub name: Box<str>,
    pub state: ChannelState,
    /// Channels in one bridge hear each other.
    pub bridge: Option<Box<str>>,
}

/// As Asterisk calls it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChannelState {
    Down,
    Dialling,
    /// It calls: the far side hears that it rings.
    Ring,
    Ringing,
    Up,
    Busy,
    /// Nobody said, or in a word of tomorrow.
    #[serde(other)]
    Unknown,
}

impl CallAssembler {
    /// The calls that are up, oldest first, and how many there are beyond the first `most`.
    pub fn live_calls(&self, most: usize) -> (Vec<LiveCall>, usize) {
        let mut up = self.calls.kept.calls.values().filter(|call| call.open > 0);
        let calls = up.by_ref().take(most).filter_map(|call| self.calls.live_call(call)).collect();
        (calls, up.count())
    }
}

impl Calls {
    fn live_call(&self, call: &Call) -> Option<LiveCall> {
        let record = self.record(call)?;
        let state = state(&record, call);
        let mut up = in_order(call).into_iter().filter(|leg| leg.is_open());
        let channels = up.by_ref().take(LiveCall::CHANNELS_MAX).map(LiveChannel::of).collect();
        Some(LiveCall {
            since_us: record.start_us.unwrap_or(record.id.created_us),
            unique_id: record.id.unique_id,
            created_us: record.id.created_us,
            root: record.root,
            decision: record.decision,
            direction: record.direction,
            caller: record.caller,
            called: record.called,
            state,
            attempts: count(record.attempts.len()),
            channels,
            channels_left_out: count(up.count()),
        })
    }
}

fn state(record: &CallRecord, call: &Call) -> CallState {
    let mut up = call.legs.iter().filter(|leg| leg.is_open());
    // Where the answer was not seen, whoever hears somebody was answered; so was a channel that nobody was dialled for.
    let talks =
        |leg: &Leg| leg.bridge.is_some() || (record.attempts.is_empty() && leg.state == Some(STATE_UP));
    if record.answer_us.is_some() || up.clone().any(talks) {
        CallState::Up
    } else if up.any(|leg| ChannelState::of(leg.state) == ChannelState::Ringing) {
        CallState::Ringing
    } else {
        CallState::Dialling
    }
}

fn count(count: usize) -> u32 {
    count.try_into().unwrap_or(u32::MAX)
}

impl LiveCall {
    /// A conference is one call with as many channels as it pleases.
    pub const CHANNELS_MAX: usize = 32;

    /// Who hears a channel of this call.
    pub fn partners<'c>(&'c self, channel: &'c LiveChannel) -> impl Iterator<Item = &'c LiveChannel> {
        let hears = move |other: &&LiveChannel| {
            channel.bridge.is_some() && other.bridge == channel.bridge && other.unique_id != channel.unique_id
        };
        self.channels.iter().filter(hears)
    }
}

impl LiveChannel {
    fn of(leg: &Leg) -> Self {
        Self {
            unique_id: leg.unique_id.clone(),
            name: leg.name.clone(),
            state: ChannelState::of(leg.state),
            bridge: leg.bridge.clone(),
        }
    }
}

impl ChannelState {
    fn of(state: Option<u8>) -> Self {
        match state {
            Some(0..=2) => Self::Down,
            Some(3 | 8) => Self::Dialling,
            Some(4) => Self::Ring,
            Some(5 | 9) => Self::Ringing,
            Some(STATE_UP) => Self::Up,
            Some(7) => Self::Busy,
            _ => Self::Unknown,
        }
    }
}

/// Numbers of people stay inside.
impl fmt::Debug for LiveCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LiveCall")
            .field("unique_id", &self.unique_id)
            .field("state", &self.state)
            .field("attempts", &self.attempts)
            .field("channels", &self.channels)
            .finish_non_exhaustive()
    }
}

/// Names of channels hold numbers.
impl fmt::Debug for LiveChannel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LiveChannel")
            .field("unique_id", &self.unique_id)
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}
