//! Ringing phones of ours, here or on another server.

use domain::{ExtensionId, Presentation, RingStrategy};

use super::{
    Asked, MAX_ATTEMPTS,
    hop::{HandOver, hand_over},
};
use crate::{
    Attempt, CallerId, Dial, DropReason, HopExten, HopQuestion, Outcome, RefusalReason, Then, Trace, Verb,
    snapshot::RingGroup,
    tables::Extension,
    trace::{Candidate, CandidateKey, Place},
};

/// Who the phone is told calls.
#[derive(Clone, Copy)]
pub(super) struct Shown {
    pub(super) caller_id: CallerId,
    pub(super) presentation: Presentation,
}

/// One phone calls another.
pub(super) fn colleague<'s>(
    asked: Asked<'s, '_>,
    caller: &Extension,
    called: &'s Extension,
    trace: &mut impl Trace,
) -> Result<Outcome<'s>, RefusalReason> {
    let shown =
        Shown { caller_id: CallerId::Extension(caller.number), presentation: asked.request.presentation };
    only(asked, called, shown, trace)
}

/// This phone and no other.
pub(super) fn only<'s>(
    asked: Asked<'s, '_>,
    called: &'s Extension,
    shown: Shown,
    trace: &mut impl Trace,
) -> Result<Outcome<'s>, RefusalReason> {
    let mut ringing = Ringing::new(asked, shown, trace);
    ringing.ring(CandidateKey::Phone, called, called.dial_timeout_s);
    let attempts = ringing.attempts;
    if !attempts.is_empty() {
        return Ok(Outcome::Dial { attempts, then: Then::Hangup });
    }
    Err(match (called.enabled, asked.hops) {
        (false, _) => RefusalReason::ExtensionDisabled,
        (true, 0) => RefusalReason::ExtensionElsewhere,
        (true, _) => RefusalReason::HopLimit,
    })
}

/// Collects the attempts at phones of ours, and tells the trace what became of every phone that was considered.
pub(super) struct Ringing<'s, 'c, T> {
    asked: Asked<'s, 'c>,
    shown: Shown,
    pub(super) attempts: Vec<Attempt<'s>>,
    trace: &'c mut T,
}

impl<'s, 'c, T: Trace> Ringing<'s, 'c, T> {
    pub(super) fn new(asked: Asked<'s, 'c>, shown: Shown, trace: &'c mut T) -> Self {
        Self { asked, shown, attempts: Vec::new(), trace }
    }

    /// A phone, unless it is rung already: a manager may also be the phone of the number, or in its group.
    pub(super) fn ring(
        &mut self,
        role: fn(ExtensionId) -> CandidateKey,
        phone: &'s Extension,
        timeout_s: u16,
    ) {
        let place = match self.attempt(phone, timeout_s) {
            Ok(attempt) => self.take(attempt),
            Err(reason) => Place::Dropped(reason),
        };
        self.tell(role, phone, place);
    }

    /// The phones of a group, together or in turn.
    pub(super) fn ring_group(&mut self, group: &'s RingGroup) {
        let snapshot = self.asked.snapshot;
        let members = group.members.iter().filter_map(|id| snapshot.extension_by_id(*id));
        match group.strategy {
            RingStrategy::All => self.ring_together(group, members),
            RingStrategy::Order => {
                members.for_each(|phone| self.ring(CandidateKey::Member, phone, group.timeout_s));
            }
        }
    }

    /// The members are on this node, where the number they answer lives.
    fn ring_together(&mut self, group: &'s RingGroup, members: impl Iterator<Item = &'s Extension>) {
        let rings = (!group.at_once.is_empty()).then(|| {
            let dial = Dial::Endpoints { driver: self.asked.node.driver, endpoints: &group.at_once };
            self.take(self.here(dial, group.timeout_s))
        });
        if T::COMPLETE {
            for phone in members {
                let place = rings.filter(|_| phone.enabled);
                let disabled = Place::Dropped(DropReason::ExtensionDisabled);
                self.tell(CandidateKey::Member, phone, place.unwrap_or(disabled));
            }
        }
    }

    fn take(&mut self, attempt: Attempt<'s>) -> Place {
        if self.attempts.iter().any(|other| other.dial == attempt.dial) {
            return Place::Dropped(DropReason::AlreadyRung);
        }
        if self.attempts.len() == MAX_ATTEMPTS {
            return Place::Dropped(DropReason::AttemptLimit);
        }
        self.attempts.push(attempt);
        Place::Attempt { position: self.attempts.len() }
    }

    fn tell(&mut self, role: fn(ExtensionId) -> CandidateKey, phone: &'s Extension, place: Place) {
        let attempt = match place {
            Place::Attempt { position } => self.attempts.get(position - 1),
            Place::Dropped(_) => None,
        };
        let peer = attempt.and_then(|attempt| attempt.dial.peer()).or(Some(&phone.endpoint));
        self.trace.candidate(Candidate { key: role(phone.id), name: phone.number.as_str(), peer }, place);
    }

    fn attempt(&self, phone: &'s Extension, timeout_s: u16) -> Result<Attempt<'s>, DropReason> {
        let Self { asked, shown, .. } = *self;
        if !phone.enabled {
            return Err(DropReason::ExtensionDisabled);
        }
        if phone.server_id == asked.node.server {
            let dial = Dial::Endpoint { driver: asked.node.driver, endpoint: &phone.endpoint };
            return Ok(self.here(dial, timeout_s));
        }
        let call = HandOver {
            server: phone.server_id,
            exten: HopExten::Extension(phone.number),
            caller_id: shown.caller_id,
            presentation: shown.presentation,
            timeout_s,
            asks: HopQuestion { verb: Verb::Inbound, class: None },
        };
        let attempt = hand_over(asked, call).ok_or(DropReason::ExtensionElsewhere)?;
        Ok(Attempt { stop_rule: &asked.snapshot.stop_rules().phone, ..attempt })
    }

    fn here(&self, dial: Dial<'s>, timeout_s: u16) -> Attempt<'s> {
        Attempt {
            dial,
            caller_id: self.shown.caller_id,
            presentation: self.shown.presentation,
            timeout_s,
            stop_rule: &self.asked.snapshot.stop_rules().phone,
            asks: None,
            via: None,
        }
    }
}
