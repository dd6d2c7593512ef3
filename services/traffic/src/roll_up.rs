//! One quarter of an hour of one node, summed up.

use std::collections::BTreeMap;

use crate::{
    outcome::Outcome,
    question::Kind,
    rules::{Rules, Seen},
    sums::Sums,
};

/// Longest time between two moments of a call that is believed, microseconds: 31 days.
const DURATION_US_MAX: i64 = 31 * 24 * 3_600 * 1_000_000;
/// Most characters of a `DialEnd` status that are told apart: Asterisk's own are shorter.
const STATUS_CHARS_MAX: usize = 20;

/// An attempt as its row shows it, with what its decision says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attempt<'a> {
    pub kind: Kind,
    pub provider: Option<i64>,
    /// The destination prefix of the route.
    pub prefix: Option<&'a str>,
    /// Of the called number.
    pub country: Option<&'a str>,
    pub start_us: i64,
    pub ring_us: Option<i64>,
    pub answer_us: Option<i64>,
    pub end_us: Option<i64>,
    pub cause: Option<u16>,
    pub sip: Option<u16>,
    pub dialstatus: Option<&'a str>,
}

/// A call as its row shows it, with what its decision says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Call<'a> {
    pub complete: bool,
    pub direction: Option<Direction>,
    /// The carrier it came from.
    pub provider_in: Option<i64>,
    /// Of the called number.
    pub country: Option<&'a str>,
    pub start_us: Option<i64>,
    pub first_ring_us: Option<i64>,
    pub answer_us: Option<i64>,
    pub talk_us: Option<i64>,
    pub cause: Option<u16>,
    pub sip: Option<u16>,
    /// What the record says became of it; None where that is not known.
    pub disposition: Option<&'a str>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Direction {
    Inbound,
    Outbound,
}

impl Direction {
    pub fn word(self) -> &'static str {
        match self {
            Self::Inbound => "inbound",
            Self::Outbound => "outbound",
        }
    }

    pub fn of(word: &str) -> Option<Self> {
        [Self::Inbound, Self::Outbound].into_iter().find(|direction| direction.word() == word)
    }
}

/// What sums are kept apart by. What is not known is empty, or 0.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    pub direction: Option<Direction>,
    pub kind: Kind,
    pub provider: i64,
    pub country: Box<str>,
    pub prefix: Box<str>,
}

/// What attempts ended with. What is not known is empty, or -1.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CauseKey {
    pub kind: Kind,
    pub provider: i64,
    pub cause: i64,
    pub sip: i64,
    pub dialstatus: Box<str>,
    pub outcome: Outcome,
}

/// What is now known of a call and its attempts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    pub outcome: Outcome,
    /// The carrier it went to: that of the answered attempt, or else of the last one.
    pub provider_out: Option<i64>,
    /// Of each attempt.
    pub attempts: Vec<Outcome>,
}

/// The sums of a quarter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RollUp {
    pub attempts: BTreeMap<Key, Sums>,
    pub calls: BTreeMap<Key, Sums>,
    pub causes: BTreeMap<CauseKey, i64>,
}

impl RollUp {
    /// Counts a call and its attempts, in their order.
    pub fn add(&mut self, rules: &Rules, call: &Call<'_>, attempts: &[Attempt<'_>]) -> Facts {
        let outcomes: Vec<_> =
            attempts.iter().map(|attempt| self.add_attempt(rules, call, attempt)).collect();
        let answered = outcomes.iter().position(|outcome| *outcome == Outcome::Answered);
        let deciding = answered.or(attempts.len().checked_sub(1));
        let outcome = of_call(rules, call, deciding.map(|at| outcomes[at]));
        let deciding = deciding.map(|at| &attempts[at]);
        let carrier = deciding.filter(|attempt| attempt.kind == Kind::Carrier);
        let facts =
            Facts { outcome, provider_out: carrier.and_then(|attempt| attempt.provider), attempts: outcomes };
        self.add_call(call, deciding, &facts);
        facts
    }

    fn add_attempt(&mut self, rules: &Rules, call: &Call<'_>, attempt: &Attempt<'_>) -> Outcome {
        let outcome = rules.outcome(&attempt.seen(call.complete));
        let key = Key {
            direction: call.direction,
            kind: attempt.kind,
            provider: attempt.provider.unwrap_or_default(),
            country: attempt.country.unwrap_or_default().into(),
            prefix: attempt.prefix.unwrap_or_default().into(),
        };
        let pdd_us = between(Some(attempt.start_us), attempt.ring_us.or(attempt.answer_us));
        let talk_us = between(attempt.answer_us, attempt.end_us);
        self.attempts.entry(key).or_default().count(outcome, talk_us, pdd_us);
        *self.causes.entry(attempt.ended(outcome)).or_default() += 1;
        outcome
    }

    fn add_call(&mut self, call: &Call<'_>, deciding: Option<&Attempt<'_>>, facts: &Facts) {
        let provider = match call.direction {
            Some(Direction::Inbound) => call.provider_in,
            _ => facts.provider_out,
        };
        let key = Key {
            direction: call.direction,
            kind: deciding.map_or(Kind::Unknown, |attempt| attempt.kind),
            provider: provider.unwrap_or_default(),
            country: call.country.unwrap_or_default().into(),
            prefix: deciding.and_then(|attempt| attempt.prefix).unwrap_or_default().into(),
        };
        let pdd_us = between(call.start_us, call.first_ring_us.or(call.answer_us));
        let talk_us = call.talk_us.filter(|us| (0..=DURATION_US_MAX).contains(us));
        let talk_us = talk_us.filter(|_| facts.outcome == Outcome::Answered);
        self.calls.entry(key).or_default().count(facts.outcome, talk_us, pdd_us);
    }
}

impl Attempt<'_> {
    fn seen(&self, complete: bool) -> Seen<'_> {
        Seen {
            cause: self.cause,
            sip: self.sip,
            dialstatus: self.dialstatus,
            rang: self.ring_us.is_some(),
            answered: self.answer_us.is_some() || self.dialstatus == Some("ANSWER"),
            complete,
        }
    }

    fn ended(&self, outcome: Outcome) -> CauseKey {
        let number = |number: Option<u16>| number.map_or(-1, i64::from);
        CauseKey {
            kind: self.kind,
            provider: self.provider.unwrap_or_default(),
            cause: number(self.cause),
            sip: number(self.sip),
            dialstatus: self.dialstatus.unwrap_or_default().chars().take(STATUS_CHARS_MAX).collect(),
            outcome,
        }
    }
}

/// What decided it is what its answered attempt says, or else its last one; of a call without any, what its caller heard.
fn of_call(rules: &Rules, call: &Call<'_>, deciding: Option<Outcome>) -> Outcome {
    let answered = call.disposition == Some("answered");
    if answered || deciding == Some(Outcome::Answered) {
        return Outcome::Answered;
    }
    // Who heard only a part of it does not know that nobody answered.
    if !call.complete && call.disposition.is_none() {
        return Outcome::Unknown;
    }
    deciding.unwrap_or_else(|| {
        rules.outcome(&Seen {
            cause: call.cause,
            sip: call.sip,
            dialstatus: (call.disposition == Some("cancelled")).then_some("CANCEL"),
            rang: call.first_ring_us.is_some(),
            answered: false,
            complete: true,
        })
    })
}

/// None if either is unknown, or if no call lasts so long.
fn between(from_us: Option<i64>, to_us: Option<i64>) -> Option<i64> {
    to_us?.checked_sub(from_us?).filter(|us| (0..=DURATION_US_MAX).contains(us))
}
