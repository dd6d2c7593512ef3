//! What is told of a call.

use crate::{
    attempts::Attempt,
    causes::{Story, in_order},
    legs::{End, Leg, Moment},
    record::{AttemptRecord, CallId, CallRecord, Flaw, LegRecord, Party},
    state::{Call, CallKey, Calls},
    times::{between, earliest},
};

/// Fewest digits that are taken for a whole number: shorter ones are extensions and service numbers.
const E164_MIN_DIGITS: usize = 7;

impl Calls {
    pub(crate) fn id(&self, key: CallKey) -> Option<CallId> {
        self.kept.calls.get(&key).and_then(|call| self.id_of(call))
    }

    fn id_of(&self, call: &Call) -> Option<CallId> {
        let first = *in_order(call).first()?;
        Some(CallId {
            node: self.node.clone(),
            unique_id: first.unique_id.clone(),
            created_us: first.created_us,
        })
    }

    pub(crate) fn record(&self, call: &Call) -> Option<CallRecord> {
        let story = Story::of(call);
        let first = story.first()?;
        let flaws = flaws(&story);
        let unseen = flaws.contains(&Flaw::BeginningUnseen);
        let beginning = first.born.as_ref().filter(|_| !unseen);
        let calling = beginning.filter(|_| story.caller().is_some());
        let hangup_by = story.hangup_by();
        let start_us = beginning.map(|born| born.at_us);
        let first_ring_us =
            story.seen_us(unseen, story.attempts.iter().filter_map(|(leg, _)| leg.ring_us).min());
        let answer_us = story.seen_us(unseen, story.answer_us());
        let ended = call.open == 0 && story.legs.iter().all(|leg| leg.end_us().is_some());
        let end_us = story.legs.iter().map(|leg| leg.end_us()).max().flatten().filter(|_| ended);
        // Where an answer may have been missed, the time to the end is not the time that was waited.
        let until = answer_us.or(end_us.filter(|_| story.is_whole() || story.never_answered()));
        Some(CallRecord {
            id: self.id_of(call)?,
            revision: call.revision,
            aliases: call.aliases.clone(),
            root: story.decided(|leg| leg.decision.root.clone()),
            decision: story.decided(|leg| leg.decision.id.clone()),
            generation: story.decided(|leg| leg.decision.generation()),
            direction: story.decided(|leg| leg.decision.direction),
            caller: calling.and_then(|born| born.caller.as_deref()).map(Party::of),
            called: calling.and_then(|born| born.exten.as_deref()).map(Party::of),
            start_us,
            first_ring_us,
            answer_us,
            end_us,
            wait_us: between(start_us, until),
            ring_us: between(first_ring_us, until),
            talk_us: between(answer_us, end_us),
            disposition: story.disposition(hangup_by),
            cause: first.cause().filter(|_| !unseen),
            sip: story.sip(),
            hangup_by,
            flaws,
            legs: story.legs.iter().map(|leg| story.leg(leg, hangup_by)).collect(),
            attempts: (1..)
                .zip(&story.attempts)
                .map(|(at, (leg, attempt))| story.attempt(at, leg, attempt))
                .collect(),
        })
    }
}

/// Those that were noted, and those that show.
fn flaws(story: &Story<'_>) -> Vec<Flaw> {
    let mut flaws = story.call.flaws.clone();
    if !story.is_begun() {
        flaws.push(Flaw::BeginningUnseen);
        flaws.sort_unstable();
    }
    flaws
}

impl Story<'_> {
    /// What is the first of its kind only if nothing before it was missed.
    fn seen_us(&self, unseen: bool, us: Option<i64>) -> Option<i64> {
        let gap_us = self.call.gap_us.unwrap_or(i64::MAX);
        us.filter(|us| !unseen && *us <= gap_us)
    }

    fn answer_us(&self) -> Option<i64> {
        let caller = self.caller().and_then(Leg::answer_us);
        let attempt = earliest(self.answered().map(|(leg, _)| leg.answer_us()));
        if self.attempts.is_empty() {
            return self.first().filter(|_| self.is_whole()).and_then(Leg::answer_us);
        }
        // Who waits in a queue may have been answered long before.
        match caller {
            Some(caller) => attempt.map(|attempt| caller.max(attempt)),
            None => attempt.filter(|_| self.is_whole() || self.caller().is_none()),
        }
    }

    /// The first leg that knows speaks for the call.
    fn decided<T>(&self, of: impl Fn(&Leg) -> Option<T>) -> Option<T> {
        self.legs.iter().find_map(|leg| of(leg))
    }

    fn sip(&self) -> Option<u16> {
        match self.answered().next().or(self.attempts.last().copied()) {
            // A later attempt may have been missed, or an earlier one that was answered.
            Some((leg, _)) => self.own_sip(leg).filter(|_| self.is_whole()),
            None => self.own_sip(self.first()?),
        }
    }

    /// Asterisk leaves the code of the last failed leg on the channel that called it: where a dial may have been missed,
    /// the code of a leg that nobody dialled may be anybody's.
    fn own_sip(&self, leg: &Leg) -> Option<u16> {
        let inherited = |other: &Leg| {
            other.attempt.as_ref().is_some_and(|attempt| attempt.caller.as_ref() == Some(&leg.unique_id))
                && other.sip == leg.sip
        };
        let own = leg.attempt.is_some() || self.is_whole();
        leg.sip.filter(|_| own && !self.legs.iter().any(|other| inherited(other)))
    }

    fn leg(&self, leg: &Leg, of_call: Option<crate::HangupBy>) -> LegRecord {
        LegRecord {
            unique_id: leg.unique_id.clone(),
            // While nobody listened it may have changed, unless it went with its node.
            linked_id: leg.linked_id.clone().filter(|_| !leg.unconfirmed || leg.end == Some(End::NodeLost)),
            channel: leg.name.clone(),
            start_us: leg.born.as_ref().map(|born| born.at_us),
            answer_us: leg.answer_us(),
            end_us: leg.end_us(),
            cause: leg.cause(),
            sip: self.own_sip(leg),
            hangup_by: self.leg_hangup_by(leg, of_call),
        }
    }

    fn attempt(&self, position: u32, leg: &Leg, attempt: &Attempt) -> AttemptRecord {
        // Without a DialEnd it ended with its leg, unless the DialEnd was missed.
        let of_leg = attempt.is_answered() || (attempt.end.is_none() && self.is_whole());
        let end_us = if of_leg { leg.end_us() } else { attempt.end.as_ref().map(|end| end.end_us) };
        AttemptRecord {
            position,
            dial: attempt.dial.clone(),
            leg: leg.unique_id.clone(),
            caller_leg: attempt.caller.clone(),
            decision: leg.decision.id.clone(),
            decision_attempt: leg.decision.attempt,
            start_us: attempt.begin_us,
            ring_us: leg.ring_us,
            answer_us: leg.answer_us(),
            end_us,
            cause: leg.cause(),
            sip: self.own_sip(leg),
            dialstatus: attempt.status().map(Into::into),
        }
    }
}

impl Party {
    fn of(raw: &str) -> Self {
        let digits = raw.strip_prefix('+').unwrap_or(raw);
        let e164 = digits.parse().ok().filter(|_| digits.len() >= E164_MIN_DIGITS);
        Self { raw: raw.into(), e164 }
    }
}

impl Moment {
    pub(crate) const fn new(seq: u64, at_us: i64) -> Self {
        Self { seq, at_us }
    }
}
