//! What is kept of a decision: enough to count it, to join it to its call, and to decide it again.

use std::{borrow::Cow, net::IpAddr};

use domain::{Class, CountryCode, Digits, E164, GateId, NodeName, Prefix, Presentation, ProviderId};
use serde::{Deserialize, Serialize};

use crate::{Attempt, Decision, Parties, Request, Snapshot, Verb, decide};

/// One decision, named.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DecisionRecord {
    /// Unique over all routers.
    pub id: Box<str>,
    /// The first decision of the whole call; the same but for a call that another of our servers handed over.
    pub root: Box<str>,
    /// When, by the router's clock, microseconds of UTC.
    pub decided_us: i64,
    pub question: Question,
    pub decided: Decided,
}

/// A [`Request`] that outlives whoever made it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    pub verb: Verb,
    pub node: NodeName,
    pub call: Box<str>,
    pub endpoint: Box<str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<IpAddr>,
    pub to: Box<str>,
    pub from: Box<str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cli: Option<Box<str>>,
    pub presentation: Presentation,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub class: Option<Class>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hops: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub asked_us: Option<i64>,
}

/// What follows from a question and a generation, the same on every router.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decided {
    /// None: tables that were never activated.
    pub generation: Option<u64>,
    /// Whether another of our servers handed the call over.
    pub hopped: bool,
    /// The contract's word for the outcome.
    pub status: Cow<'static, str>,
    /// Why there is nothing to dial,
    pub reason: Option<Cow<'static, str>>,
    /// and the Q.850 cause the call ends with then.
    pub cause: Option<u16>,
    /// The tariff class of a call to a carrier.
    pub class: Option<Class>,
    /// The number the caller shows, or asks to have shown.
    pub caller: Option<E164>,
    pub called: Option<E164>,
    /// The country of the called number, where its calling code is of one only.
    pub country: Option<CountryCode>,
    /// The carrier a call from outside comes from.
    pub provider_in: Option<ProviderId>,
    pub attempts: Vec<DecidedAttempt>,
}

/// One attempt of a decision; its place counts from 1.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DecidedAttempt {
    /// `carrier`, `hop` or `local`.
    pub kind: Cow<'static, str>,
    /// Whose lines it takes, here or where the hop leads.
    pub provider: Option<ProviderId>,
    /// The longest prefix with a route that the called number begins with.
    pub prefix: Option<Prefix>,
    pub gate: Option<GateId>,
    pub shown: Option<Digits>,
    pub dial: Box<str>,
}

impl Question {
    pub fn of(request: &Request<'_>) -> Self {
        Self {
            verb: request.verb,
            node: request.node.clone(),
            call: request.call.into(),
            endpoint: request.endpoint.into(),
            source: request.source,
            to: request.to.into(),
            from: request.from.into(),
            cli: request.cli.map(Box::from),
            presentation: request.presentation,
            class: request.class,
            hops: request.hops,
            asked_us: request.asked_us,
        }
    }

    /// Whether only its skeleton is left, because its time had come: it cannot be asked again.
    pub fn is_masked(&self) -> bool {
        self.call.is_empty() && self.endpoint.is_empty()
    }

    /// The same question, to be asked again.
    pub fn request(&self) -> Request<'_> {
        Request {
            verb: self.verb,
            node: &self.node,
            call: &self.call,
            endpoint: &self.endpoint,
            source: self.source,
            to: &self.to,
            from: &self.from,
            cli: self.cli.as_deref(),
            presentation: self.presentation,
            class: self.class,
            hops: self.hops,
            asked_us: self.asked_us,
        }
    }
}

impl Decided {
    /// What is kept of a decision of this snapshot.
    pub fn of(snapshot: &Snapshot, decision: &Decision<'_>, parties: &Parties) -> Self {
        let outcome = &decision.outcome;
        let reason = outcome.reason();
        Self {
            generation: decision.generation.activated(),
            hopped: decision.hopped,
            status: outcome.status().into(),
            reason: reason.map(Cow::Borrowed),
            cause: reason.map(|_| outcome.cause().get()),
            class: parties.class,
            caller: parties.shows,
            called: parties.called,
            country: parties.called.and_then(|number| snapshot.country_of(number)),
            provider_in: parties.carrier,
            attempts: outcome.attempts().iter().map(DecidedAttempt::of).collect(),
        }
    }

    /// Decides again.
    pub fn again(snapshot: &Snapshot, question: &Question) -> Self {
        let mut parties = Parties::default();
        let decision = decide(snapshot, &question.request(), &mut parties);
        Self::of(snapshot, &decision, &parties)
    }
}

impl DecidedAttempt {
    fn of(attempt: &Attempt<'_>) -> Self {
        let via = attempt.via;
        Self {
            kind: attempt.dial.kind().into(),
            provider: via.map(|via| via.provider),
            prefix: via.and_then(|via| via.prefix),
            gate: via.and_then(|via| via.gate),
            shown: attempt.caller_id.digits(),
            dial: attempt.dial.to_string().into(),
        }
    }
}
