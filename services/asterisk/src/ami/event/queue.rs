use super::{Channel, Reading};
use crate::ami::value::Value;

/// A caller in a queue.
#[derive(Clone, Copy, Debug)]
pub struct QueueCaller<'a> {
    pub channel: Channel<'a>,
    pub queue: Option<Value<'a>>,
    /// From 1.
    pub position: Option<u32>,
    /// Abandon: where the caller began.
    pub original_position: Option<u32>,
    /// Join and Leave: callers in the queue after the event.
    pub count: Option<u32>,
    /// Abandon and `QueueEntry`: seconds waited.
    pub hold_s: Option<u64>,
}

/// A member of a queue, or what changed about it.
#[derive(Clone, Copy, Debug)]
pub struct QueueMember<'a> {
    pub queue: Option<Value<'a>>,
    pub member: Option<Value<'a>>,
    /// `PJSIP/1001`: what the queue dials.
    pub interface: Option<Value<'a>>,
    pub state_interface: Option<Value<'a>>,
    /// `dynamic`, `static` or `realtime`.
    pub membership: Option<Value<'a>>,
    pub penalty: Option<i32>,
    pub calls_taken: Option<u64>,
    /// Seconds since 1970; 0 for never.
    pub last_call_s: Option<i64>,
    /// A device state: 1 not in use, 2 in use, 3 busy, 4 invalid, 5 unavailable, 6 ringing, 7 ringing in use, 8 on hold.
    pub status: Option<u8>,
    pub is_paused: Option<bool>,
    pub pause_reason: Option<Value<'a>>,
    pub is_in_call: Option<bool>,
    pub ring_in_use: Option<bool>,
    pub wrapup_s: Option<u64>,
}

/// What a queue offers a caller to a member, and what becomes of it.
#[derive(Clone, Copy, Debug)]
pub struct Agent<'a> {
    /// The caller.
    pub channel: Channel<'a>,
    /// The channel of the member.
    pub called: Option<Channel<'a>>,
    pub queue: Option<Value<'a>>,
    pub member: Option<Value<'a>>,
    pub interface: Option<Value<'a>>,
    /// Connect and Complete: seconds the caller waited.
    pub hold_s: Option<u64>,
    /// **Seconds** in Connect, **milliseconds** in `RingNoAnswer`.
    pub ring: Option<u64>,
    /// Complete: seconds talked.
    pub talk_s: Option<u64>,
    /// Complete: `caller`, `agent` or `transfer`.
    pub reason: Option<Value<'a>>,
}

/// A queue, in the answer to `QueueStatus`.
#[derive(Clone, Copy, Debug)]
pub struct QueueParams<'a> {
    pub queue: Option<Value<'a>>,
    pub strategy: Option<Value<'a>>,
    /// Callers at most; 0 for any number.
    pub max: Option<u32>,
    /// Callers now.
    pub calls: Option<u32>,
    /// Seconds, averages.
    pub hold_s: Option<u64>,
    pub talk_s: Option<u64>,
    pub completed: Option<u64>,
    pub abandoned: Option<u64>,
}

impl<'a> QueueCaller<'a> {
    pub(in crate::ami) fn read(reading: Reading<'a>) -> Self {
        Self {
            channel: Channel::new(reading, ""),
            queue: reading.known("Queue"),
            position: reading.number("Position"),
            original_position: reading.number("OriginalPosition"),
            count: reading.number("Count"),
            hold_s: reading.number("HoldTime"),
        }
    }
}

impl<'a> QueueMember<'a> {
    pub(in crate::ami) fn read(reading: Reading<'a>) -> Self {
        Self {
            queue: reading.known("Queue"),
            member: reading.known("MemberName"),
            interface: reading.known("Interface"),
            state_interface: reading.known("StateInterface"),
            membership: reading.known("Membership"),
            penalty: reading.number("Penalty"),
            calls_taken: reading.number("CallsTaken"),
            last_call_s: reading.number("LastCall"),
            status: reading.number("Status"),
            is_paused: reading.yes("Paused"),
            pause_reason: reading.known("PausedReason"),
            is_in_call: reading.yes("InCall"),
            ring_in_use: reading.yes("Ringinuse"),
            wrapup_s: reading.number("Wrapuptime"),
        }
    }
}

impl<'a> Agent<'a> {
    pub(in crate::ami) fn read(reading: Reading<'a>) -> Self {
        Self {
            channel: Channel::new(reading, ""),
            called: Channel::in_role(reading, "Dest"),
            queue: reading.known("Queue"),
            member: reading.known("MemberName"),
            interface: reading.known("Interface"),
            hold_s: reading.number("HoldTime"),
            ring: reading.number("RingTime"),
            talk_s: reading.number("TalkTime"),
            reason: reading.known("Reason"),
        }
    }

    /// Of Asterisk 1.4 to 11, where `Channel` is the member's and all there is of the caller is the uniqueid.
    pub(in crate::ami) fn read_old(reading: Reading<'a>) -> Self {
        Self { channel: Channel::new(reading, "Caller"), ..Self::read(reading) }
    }
}

impl<'a> QueueParams<'a> {
    pub(in crate::ami) fn read(reading: Reading<'a>) -> Self {
        Self {
            queue: reading.known("Queue"),
            strategy: reading.known("Strategy"),
            max: reading.number("Max"),
            calls: reading.number("Calls"),
            hold_s: reading.number("Holdtime"),
            talk_s: reading.number("TalkTime"),
            completed: reading.number("Completed"),
            abandoned: reading.number("Abandoned"),
        }
    }
}
