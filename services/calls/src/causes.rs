//! Who ended a call, and what became of it.
//!
//! Only what the driver or a manager said about a channel counts (`HangupRequest`, `ChannelHungup`); where nobody said
//! anything, the end of the dialplan's own thread does, if the caller did not come straight out of a conversation.

use std::ptr;

use crate::{
    attempts::Attempt,
    legs::{End, Leg, Request, STATE_UP},
    record::{Disposition, HangupBy},
    state::Call,
    times::counter,
};

/// Asterisk's words for a channel that ended because another one was taken.
const ANSWERED_ELSEWHERE: u16 = 26;
/// Causes that say no more than that a Dial ran out of time: channel drivers differ.
const RANG_OUT: [u16; 4] = [0, 16, 19, 127];

/// The legs of a call with those of their order.
pub(crate) struct Story<'c> {
    pub(crate) call: &'c Call,
    /// In the order they began.
    pub(crate) legs: Vec<&'c Leg>,
    /// Those that are attempts, in the order of `DialBegin`.
    pub(crate) attempts: Vec<(&'c Leg, &'c Attempt)>,
}

/// As they became known; those that were there before anybody listened come in any order, and are sorted by their ids.
pub(crate) fn in_order(call: &Call) -> Vec<&Leg> {
    let mut legs: Vec<_> = call.legs.iter().collect();
    legs.sort_unstable_by_key(|leg| leg.seq);
    let met = legs.iter().position(|leg| leg.born.is_some()).unwrap_or(legs.len());
    legs[..met].sort_by_key(|leg| (leg.created_us, counter(&leg.unique_id)));
    legs
}

impl<'c> Story<'c> {
    pub(crate) fn of(call: &'c Call) -> Self {
        let legs = in_order(call);
        let attempt =
            |leg: &&'c Leg| leg.attempt.as_ref().filter(|attempt| !attempt.is_local).map(|it| (*leg, it));
        let mut attempts: Vec<_> = legs.iter().filter_map(attempt).collect();
        attempts.sort_unstable_by_key(|(_, attempt)| attempt.begun);
        Self { call, legs, attempts }
    }

    pub(crate) fn first(&self) -> Option<&'c Leg> {
        self.legs.first().copied()
    }

    /// The leg that called; none in a call that Asterisk itself began. Where something was missed it may be the leg of an
    /// attempt unless its state told.
    pub(crate) fn caller(&self) -> Option<&'c Leg> {
        let calls = |leg: &&Leg| leg.is_calling() && !leg.is_local() && (leg.rang_in || self.is_whole());
        self.first().filter(calls)
    }

    pub(crate) fn answered(&self) -> impl Iterator<Item = (&'c Leg, &'c Attempt)> {
        self.attempts.iter().copied().filter(|(_, attempt)| attempt.is_answered())
    }

    /// Whether all there was to hear of it was heard.
    pub(crate) fn is_whole(&self) -> bool {
        self.call.flaws.is_empty() && self.is_begun()
    }

    /// Whether the beginning of every leg was read, and of every leg that a linkedid names.
    pub(crate) fn is_begun(&self) -> bool {
        let is_there = |id: &str| self.legs.iter().any(|leg| &*leg.unique_id == id);
        self.legs.iter().all(|leg| leg.born.is_some())
            && self.call.linked.iter().all(|linked| is_there(linked))
    }

    /// Whatever a gap hid: the caller's channel was not up when it ended.
    pub(crate) fn never_answered(&self) -> bool {
        let caller = self.caller().filter(|leg| leg.end_us().is_some() && self.is_begun());
        caller.is_some_and(|leg| leg.state.is_some_and(|state| state != STATE_UP))
    }

    fn is_node_lost(&self) -> bool {
        self.legs.iter().any(|leg| leg.end == Some(End::NodeLost))
    }

    /// The request that ended the call: the first one that no new attempt followed, after the last answer.
    fn request(&self) -> Option<(&'c Leg, Request)> {
        let answered =
            self.answered().filter_map(|(_, attempt)| attempt.end.as_ref()).map(|end| end.ended).max();
        let begun = self.attempts.iter().map(|(_, attempt)| attempt.begun).max();
        let after = answered.max(begun).unwrap_or_default();
        let requests =
            self.legs.iter().filter(|leg| self.decides(leg)).filter_map(|leg| Some((*leg, leg.request?)));
        requests.filter(|(_, request)| request.seq > after).min_by_key(|(_, request)| request.seq)
    }

    /// A leg of a failed attempt ends by itself, the halves of local channels end each other, and whoever transferred a
    /// call leaves it to others. Where something was missed, only a caller who left before counts: a callee may have been
    /// followed by another, and any later request may not have been the first.
    fn decides(&self, leg: &Leg) -> bool {
        if leg.is_local() || leg.transferred {
            return false;
        }
        if self.is_whole() {
            return leg.attempt.as_ref().is_none_or(Attempt::is_answered);
        }
        let gap_us = self.call.gap_us.unwrap_or(i64::MAX);
        let was_before = leg.request.is_some_and(|request| request.at_us <= gap_us);
        was_before && self.is_begun() && self.is_caller(leg)
    }

    /// Events may make two legs known at once: only where they are tells them apart.
    fn is_caller(&self, leg: &Leg) -> bool {
        self.caller().is_some_and(|caller| ptr::eq(caller, leg))
    }

    /// None for a leg that nobody seems to have dialled, where a dial may have been missed.
    fn requested_by(&self, leg: &Leg, request: Request) -> Option<HangupBy> {
        if request.by_manager {
            return Some(HangupBy::Ami);
        }
        if self.is_caller(leg) {
            return Some(if request.while_busy { HangupBy::Dialplan } else { HangupBy::Caller });
        }
        (leg.attempt.is_some() || self.is_whole()).then_some(HangupBy::Callee)
    }

    pub(crate) fn hangup_by(&self) -> Option<HangupBy> {
        if self.is_node_lost() {
            return Some(HangupBy::NodeLost);
        }
        if self.call.open > 0 {
            return None;
        }
        if let Some((leg, request)) = self.request() {
            return self.requested_by(leg, request);
        }
        // A request may have been lost with a gap, or with the beginning.
        let caller = self.caller().filter(|_| self.is_whole())?;
        let cancelled = self.attempts.last().is_some_and(|(_, attempt)| attempt.status() == Some("CANCEL"));
        (caller.soft && !caller.talked && !cancelled).then_some(HangupBy::Dialplan)
    }

    /// Who ended one leg: itself, or whoever ended the call.
    pub(crate) fn leg_hangup_by(&self, leg: &Leg, of_call: Option<HangupBy>) -> Option<HangupBy> {
        match leg.end? {
            End::NodeLost => Some(HangupBy::NodeLost),
            End::Unseen | End::Abandoned => None,
            End::Hangup { at, .. } => {
                if let Some((_, attempt)) = self.failed(leg) {
                    return failed_by(leg, attempt);
                }
                if let Some(request) = leg.request.filter(|_| !leg.is_local() && !leg.transferred) {
                    return self.requested_by(leg, request);
                }
                let decided = self.request().map_or(0, |(_, request)| request.seq);
                // Its own request may have been missed.
                of_call.filter(|_| at.seq > decided && !leg.transferred && self.is_whole())
            }
        }
    }

    fn failed(&self, leg: &Leg) -> Option<(&'c Leg, &'c Attempt)> {
        self.attempts.iter().copied().find(|(other, attempt)| ptr::eq(*other, leg) && !attempt.is_answered())
    }

    pub(crate) fn disposition(&self, hangup_by: Option<HangupBy>) -> Option<Disposition> {
        if self.answered().next().is_some() {
            return Some(Disposition::Answered);
        }
        let alone = self.attempts.is_empty().then(|| self.first()).flatten();
        if self.is_whole() && alone.is_some_and(|leg| leg.answer.is_some() || leg.state == Some(STATE_UP)) {
            return Some(Disposition::Answered);
        }
        let may_have_been_answered = !self.is_whole() && !self.never_answered();
        if self.call.open > 0 || may_have_been_answered {
            return None;
        }
        if hangup_by == Some(HangupBy::Caller) {
            return Some(Disposition::Cancelled);
        }
        if !self.is_whole() {
            return None;
        }
        match self.attempts.last() {
            Some((leg, attempt)) => outcome(leg, attempt),
            None => Some(of_cause(alone?.cause()?).unwrap_or(Disposition::Failed)),
        }
    }
}

fn failed_by(leg: &Leg, attempt: &Attempt) -> Option<HangupBy> {
    let ran_out = leg.cause().is_none_or(|cause| RANG_OUT.contains(&cause));
    match attempt.status()? {
        "BUSY" | "CONGESTION" | "CHANUNAVAIL" => Some(HangupBy::Callee),
        "NOANSWER" if leg.request.is_some() || !ran_out => Some(HangupBy::Callee),
        // Without a caller it is whoever originated the call that had enough.
        "NOANSWER" => attempt.caller.as_ref().map(|_| HangupBy::Dialplan),
        "CANCEL" if leg.cause() != Some(ANSWERED_ELSEWHERE) => Some(HangupBy::Caller),
        _ => None,
    }
}

/// The cause first: `DialEnd` says `NOANSWER` for an unallocated number, and `chan_sip` `BUSY` for 480 and 603.
pub(crate) fn outcome(leg: &Leg, attempt: &Attempt) -> Option<Disposition> {
    let of_status = match attempt.status() {
        Some("ANSWER") => return Some(Disposition::Answered),
        Some("CANCEL") => return Some(Disposition::Cancelled),
        Some("BUSY") => Some(Disposition::Busy),
        Some("NOANSWER") => Some(Disposition::NoAnswer),
        Some("CONGESTION") => Some(Disposition::Congestion),
        Some("CHANUNAVAIL") => Some(Disposition::Unavailable),
        Some(_) => Some(Disposition::Failed),
        // Originate may run out of time without a DialEnd.
        None => leg.ring_us.map(|_| Disposition::NoAnswer),
    };
    leg.cause().and_then(of_cause).or(of_status)
}

/// What a Q.850 cause says about a call that was not answered; None for those that say nothing.
fn of_cause(cause: u16) -> Option<Disposition> {
    match cause {
        17 => Some(Disposition::Busy),
        18 | 19 => Some(Disposition::NoAnswer),
        21 => Some(Disposition::Rejected),
        1..=3 | 20 | 22 | 27 | 28 => Some(Disposition::Unavailable),
        34 | 38 | 41 | 42 | 44 | 47 => Some(Disposition::Congestion),
        _ => None,
    }
}
