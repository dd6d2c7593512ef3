//! One channel, from its first event to its Hangup.

use asterisk::ami::{Channel, Hangup, UserEvent, Value};
use serde::{Deserialize, Serialize};

use crate::{
    attempts::Attempt,
    text,
    times::{SECOND_US, Sight, created_us},
    variables::Decision,
};

const STATE_RING: u8 = 4;
const STATE_RINGING: u8 = 5;
pub(crate) const STATE_UP: u8 = 6;
pub(crate) const STATE_BUSY: u8 = 7;

#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own that some event told")]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Leg {
    /// The event that made it known; gives the order of legs.
    pub(crate) seq: u64,
    pub(crate) unique_id: Box<str>,
    pub(crate) linked_id: Option<Box<str>>,
    pub(crate) name: Box<str>,
    pub(crate) created_us: i64,
    /// Only if its Newchannel was read.
    pub(crate) born: Option<Birth>,
    pub(crate) ring_us: Option<i64>,
    pub(crate) answer: Option<Moment>,
    pub(crate) end: Option<End>,
    pub(crate) state: Option<u8>,
    /// It was seen in the state only channels that call are in.
    pub(crate) rang_in: bool,
    pub(crate) sip: Option<u16>,
    /// Somebody asked for its end: the far side, or a manager.
    pub(crate) request: Option<Request>,
    /// The dialplan's own thread said that it stops.
    pub(crate) soft: bool,
    /// It left by transferring what it had: its end is not the end of the call.
    pub(crate) transferred: bool,
    pub(crate) bridge: Option<Box<str>>,
    /// It came out of a conversation last, not out of the dialplan.
    pub(crate) talked: bool,
    /// A gap came after it was seen last.
    pub(crate) unconfirmed: bool,
    /// It lived through a gap: what is the first of its kind from now on may be the second.
    pub(crate) gapped: bool,
    pub(crate) attempt: Option<Attempt>,
    pub(crate) decision: Decision,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Birth {
    pub(crate) at_us: i64,
    pub(crate) caller: Option<Box<str>>,
    pub(crate) exten: Option<Box<str>>,
}

/// An event and its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Moment {
    pub(crate) seq: u64,
    pub(crate) at_us: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Request {
    pub(crate) seq: u64,
    pub(crate) at_us: i64,
    pub(crate) by_manager: bool,
    /// The channel was playing busy: the dialplan had ended the call already.
    pub(crate) while_busy: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum End {
    /// Its Hangup was read.
    Hangup {
        at: Moment,
        cause: Option<u16>,
    },
    /// It went while nobody listened.
    Unseen,
    NodeLost,
    /// Limits closed its call.
    Abandoned,
}

impl Leg {
    pub(crate) fn new(unique_id: &str, channel: &Channel<'_>, now: Moment, sight: Sight) -> Self {
        let mut leg = Self {
            seq: now.seq,
            unique_id: unique_id.into(),
            linked_id: text::linked_id(channel).map(|id| id.as_ref().into()),
            name: text::of(channel.name()).unwrap_or_default(),
            created_us: created_us(unique_id, now.at_us, sight),
            born: None,
            ring_us: None,
            answer: None,
            end: None,
            state: None,
            rang_in: false,
            sip: None,
            request: None,
            soft: false,
            transferred: false,
            bridge: None,
            talked: false,
            unconfirmed: false,
            gapped: false,
            attempt: None,
            decision: Decision::default(),
        };
        if sight == Sight::Born {
            leg.begun(channel, now);
        }
        leg
    }

    /// Its Newchannel. An item of a list may have come before.
    pub(crate) fn begun(&mut self, channel: &Channel<'_>, now: Moment) {
        self.born = Some(Birth {
            at_us: now.at_us,
            caller: text::of(channel.caller_number()),
            exten: text::of(channel.exten()),
        });
        self.changed_state(channel.state(), now);
    }

    /// Its Newchannel came after an item of a list that showed it.
    pub(crate) fn listed_early(&mut self, channel: &Channel<'_>, now: Moment) {
        if self.born.is_none() && !self.gapped {
            self.created_us = created_us(&self.unique_id, now.at_us, Sight::Born);
            self.begun(channel, now);
        }
    }

    pub(crate) fn is_open(&self) -> bool {
        self.end.is_none()
    }

    pub(crate) fn is_local(&self) -> bool {
        self.name.starts_with("Local/")
    }

    /// Nobody dialled it: it came from outside, or somebody's phone began it.
    pub(crate) fn is_calling(&self) -> bool {
        self.attempt.is_none()
    }

    /// What the times of ringing and answer are taken from: the change itself, not a later event that shows the state.
    pub(crate) fn changed_state(&mut self, state: Option<u8>, now: Moment) {
        self.state = state.or(self.state);
        match state {
            Some(STATE_RING) => self.rang_in = true,
            Some(STATE_RINGING) => self.rang(now.at_us),
            Some(STATE_UP) => _ = self.answer.get_or_insert(now),
            _ => {}
        }
    }

    /// The first time counts, so it is not known where an earlier one may have been missed.
    pub(crate) fn rang(&mut self, at_us: i64) {
        if !self.gapped && self.born.is_some() {
            self.ring_us.get_or_insert(at_us);
        }
    }

    pub(crate) fn asked_to_end(&mut self, now: Moment, by_manager: bool, state: Option<u8>) {
        self.state = state.or(self.state);
        let while_busy = self.state == Some(STATE_BUSY);
        self.request.get_or_insert(Request { seq: now.seq, at_us: now.at_us, by_manager, while_busy });
    }

    pub(crate) fn hung_up(&mut self, hangup: &Hangup<'_>, now: Moment) {
        self.state = hangup.channel.state().or(self.state);
        self.end = Some(End::Hangup { at: now, cause: hangup.cause });
        self.sip = self.sip.or_else(|| hangup.tech_cause.and_then(sip_code));
        self.decision.or(Decision::of(&hangup.channel));
    }

    /// The report of the dialplan's hangup handler.
    pub(crate) fn reported(&mut self, event: &UserEvent<'_>) {
        let value = |name| event.block.value(name).and_then(Value::known);
        self.sip = value("Sip").and_then(Value::number).and_then(sip_code).or(self.sip);
        self.decision.or(Decision {
            root: text::of(value("Root")),
            id: text::of(value("Id")),
            attempt: value("Att").and_then(Value::number).filter(|number| *number > 0),
            direction: None,
        });
    }

    /// It was there at this time at the latest: its id tells no more than the second.
    pub(crate) fn began_by_us(&self) -> i64 {
        self.born.as_ref().map_or(self.created_us.saturating_add(SECOND_US), |born| born.at_us)
    }

    pub(crate) fn end_us(&self) -> Option<i64> {
        match self.end {
            Some(End::Hangup { at, .. }) => Some(at.at_us),
            _ => None,
        }
    }

    pub(crate) fn cause(&self) -> Option<u16> {
        match self.end {
            Some(End::Hangup { cause, .. }) => cause,
            _ => None,
        }
    }

    pub(crate) fn answer_us(&self) -> Option<i64> {
        self.answer.map(|answer| answer.at_us)
    }
}

fn sip_code(code: u16) -> Option<u16> {
    domain::SipCode::new(code).map(|_| code)
}
