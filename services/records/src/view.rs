//! A recorded call as programs read it.

use std::iter;

use calls::{AttemptRecord, CallId, Direction, Disposition, Flaw, GapReason, HangupBy, LegRecord, Party};
use domain::NodeName;
use serde::Serialize;
use store::{CallParts, StoredCall};
use traffic::{AttemptFacts, Outcome};

use crate::{ExplanationView, Numbers, Zone};

/// One call, all of it or its row. Times are RFC 3339 in the zone that was asked for, lengths of time microseconds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CallView {
    /// `node/created/unique_id`, what it is asked for by.
    pub id: String,
    pub node: NodeName,
    /// Of its first leg.
    pub unique_id: Box<str>,
    /// Counts what was told of it.
    pub revision: u32,
    /// Whether all of it was heard; if not, `flaws` tell why.
    pub complete: bool,
    pub flaws: Vec<&'static str>,
    pub direction: Option<Direction>,
    /// The first decision over all nodes, the first one on this node, and the generation that was made on.
    pub root: Option<Box<str>>,
    pub decision: Option<Box<str>>,
    pub generation: Option<u64>,
    pub caller: Option<PartyView>,
    pub called: Option<PartyView>,
    /// The carriers it came from and went to, by their ids.
    pub provider_in: Option<i64>,
    pub provider_out: Option<i64>,
    /// Of the called number.
    pub country: Option<Box<str>>,
    /// What became of it, for ratios; null until its quarter of an hour is summed up.
    pub outcome: Option<&'static str>,
    pub start: Option<String>,
    pub first_ring: Option<String>,
    pub answer: Option<String>,
    pub end: Option<String>,
    pub wait_us: Option<i64>,
    pub ring_us: Option<i64>,
    pub talk_us: Option<i64>,
    pub disposition: Option<Disposition>,
    /// Q.850.
    pub cause: Option<u16>,
    pub sip: Option<u16>,
    pub hangup_by: Option<HangupBy>,
    /// In the order they began. These three are there only where one call is shown whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub legs: Option<Vec<LegView>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attempts: Option<Vec<AttemptView>>,
    /// Ids under which parts of it were told before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub aliases: Option<Vec<String>>,
    /// Its decisions, made again; there only where that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub explanations: Option<Vec<ExplanationView>>,
}

/// A number as it stood on the wire, and in international form where it is one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PartyView {
    pub raw: String,
    pub e164: Option<String>,
}

/// One channel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LegView {
    pub unique_id: Box<str>,
    pub linked_id: Option<Box<str>>,
    pub channel: String,
    pub start: Option<String>,
    pub answer: Option<String>,
    pub end: Option<String>,
    pub cause: Option<u16>,
    pub sip: Option<u16>,
    pub hangup_by: Option<HangupBy>,
}

/// One Dial of one channel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AttemptView {
    /// From 1.
    pub position: u32,
    pub dial: Option<String>,
    /// The called channel and the one that called it.
    pub leg: Box<str>,
    pub caller_leg: Option<Box<str>>,
    pub decision: Option<Box<str>>,
    /// Which attempt of the decision, from 1.
    pub decision_attempt: Option<u32>,
    pub start: Option<String>,
    pub ring: Option<String>,
    pub answer: Option<String>,
    pub end: Option<String>,
    pub cause: Option<u16>,
    pub sip: Option<u16>,
    /// As Asterisk wrote it.
    pub dialstatus: Option<Box<str>>,
    /// The carrier it went to, by its id; and `carrier`, `hop` or `local`.
    pub provider: Option<i64>,
    pub kind: Option<Box<str>>,
    /// The destination prefix of the route.
    pub prefix: Option<Box<str>>,
    pub country: Option<Box<str>>,
    pub outcome: Option<&'static str>,
}

impl CallView {
    /// A call as somebody may see it.
    pub fn of(call: &StoredCall, parts: CallParts, zone: &Zone, numbers: Numbers) -> Self {
        let record = &call.record;
        let show = Show { zone, numbers };
        let is_whole = parts == CallParts::Whole;
        Self {
            id: record.id.to_string(),
            node: record.id.node.clone(),
            unique_id: record.id.unique_id.clone(),
            revision: record.revision,
            complete: record.is_complete(),
            flaws: record.flaws.iter().map(|flaw| word(*flaw)).collect(),
            direction: record.direction,
            root: record.root.clone(),
            decision: record.decision.clone(),
            generation: record.generation,
            caller: record.caller.as_ref().map(|party| show.party(party)),
            called: record.called.as_ref().map(|party| show.party(party)),
            provider_in: call.provider_in.map(|id| id.0),
            provider_out: call.provider_out.map(|id| id.0),
            country: call.country.clone(),
            outcome: call.outcome.map(Outcome::word),
            start: show.time(record.start_us),
            first_ring: show.time(record.first_ring_us),
            answer: show.time(record.answer_us),
            end: show.time(record.end_us),
            wait_us: record.wait_us,
            ring_us: record.ring_us,
            talk_us: record.talk_us,
            disposition: record.disposition,
            cause: record.cause,
            sip: record.sip,
            hangup_by: record.hangup_by,
            legs: is_whole.then(|| record.legs.iter().map(|leg| show.leg(leg)).collect()),
            attempts: is_whole.then(|| show.attempts(call)),
            aliases: is_whole.then(|| record.aliases.iter().map(CallId::to_string).collect()),
            explanations: None,
        }
    }
}

/// How things are shown to somebody.
struct Show<'s> {
    zone: &'s Zone,
    numbers: Numbers,
}

impl Show<'_> {
    fn time(&self, us: Option<i64>) -> Option<String> {
        us.and_then(|us| self.zone.show(us))
    }

    fn party(&self, party: &Party) -> PartyView {
        let e164 = party.e164.map(|e164| self.numbers.show(&e164.to_string()));
        PartyView { raw: self.numbers.show(&party.raw), e164 }
    }

    fn leg(&self, leg: &LegRecord) -> LegView {
        LegView {
            unique_id: leg.unique_id.clone(),
            linked_id: leg.linked_id.clone(),
            channel: self.numbers.show(&leg.channel),
            start: self.time(leg.start_us),
            answer: self.time(leg.answer_us),
            end: self.time(leg.end_us),
            cause: leg.cause,
            sip: leg.sip,
            hangup_by: leg.hangup_by,
        }
    }

    fn attempts(&self, call: &StoredCall) -> Vec<AttemptView> {
        let facts = call.facts.iter().cloned().chain(iter::repeat_with(AttemptFacts::default));
        let attempts = call.record.attempts.iter().zip(facts);
        attempts.map(|(attempt, facts)| self.attempt(attempt, facts)).collect()
    }

    fn attempt(&self, attempt: &AttemptRecord, facts: AttemptFacts) -> AttemptView {
        AttemptView {
            position: attempt.position,
            dial: attempt.dial.as_deref().map(|dial| self.numbers.show(dial)),
            leg: attempt.leg.clone(),
            caller_leg: attempt.caller_leg.clone(),
            decision: attempt.decision.clone(),
            decision_attempt: attempt.decision_attempt,
            start: self.time(Some(attempt.start_us)),
            ring: self.time(attempt.ring_us),
            answer: self.time(attempt.answer_us),
            end: self.time(attempt.end_us),
            cause: attempt.cause,
            sip: attempt.sip,
            dialstatus: attempt.dialstatus.clone(),
            provider: facts.provider.map(|id| id.0),
            kind: facts.kind,
            prefix: facts.prefix,
            country: facts.country,
            outcome: facts.outcome.map(Outcome::word),
        }
    }
}

/// As the tables have it.
fn word(flaw: Flaw) -> &'static str {
    match flaw {
        Flaw::Gap(GapReason::Disconnected) => "gap_disconnected",
        Flaw::Gap(GapReason::JournalLost) => "gap_journal_lost",
        Flaw::Gap(GapReason::Damaged) => "gap_damaged",
        Flaw::BeginningUnseen => "beginning_unseen",
        Flaw::EndUnseen => "end_unseen",
        Flaw::NodeLost => "node_lost",
        Flaw::Expired => "expired",
        Flaw::Overflow => "overflow",
    }
}
