//! A decision as people and programs read it: for `/v1/explain` and for the command line.

use serde::Serialize;

use crate::{
    Attempt, CandidateKey, Decision, DialplanPlace, ExplainedCandidate, Explanation, NoTrace, Outcome, Place,
    Request, Snapshot, Then, decide,
};

/// What was decided, and if asked for, how.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DecisionView {
    pub status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<&'static str>,
    pub cause: u16,
    pub generation: String,
    pub attempts: Vec<AttemptView>,
    /// Where the node's own dialplan goes on: at once, or when every attempt failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub then: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub explanation: Option<ExplanationView>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AttemptView {
    pub dial: String,
    pub caller_id: String,
    pub presentation: &'static str,
    pub timeout_s: u16,
    pub stop_rule: String,
}

/// Who called whom, and what became of every candidate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ExplanationView {
    /// Key of the phone that calls.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub caller_extension_id: Option<i64>,
    /// Key of the server that handed the call over.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub handed_over_by_server_id: Option<i64>,
    /// Key of the carrier the call comes from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub carrier_provider_id: Option<i64>,
    /// The number the caller shows, or asks to have shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shows: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub called: Option<String>,
    /// The tariff class of a call to a carrier.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub class: Option<&'static str>,
    pub candidates: Vec<CandidateView>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CandidateView {
    /// `address` or `gate` of a provider; `manager`, `phone` or `member` of a group among our phones.
    pub kind: &'static str,
    /// Whose address or gate it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provider: Option<String>,
    /// What colleagues dial to reach the phone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub extension: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address_id: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gate_id: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub extension_id: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub peer: Option<String>,
    /// Place in the answer, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub position: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dropped: Option<&'static str>,
}

impl DecisionView {
    /// Decides as a live question would.
    pub fn decided(snapshot: &Snapshot, request: &Request<'_>) -> Self {
        Self::new(&decide(snapshot, request, &mut NoTrace), None)
    }

    /// Decides the same way, and listens.
    pub fn explained(snapshot: &Snapshot, request: &Request<'_>) -> Self {
        let mut explanation = Explanation::default();
        let decision = decide(snapshot, request, &mut explanation);
        Self::new(&decision, Some(&explanation))
    }

    fn new(decision: &Decision<'_>, explanation: Option<&Explanation>) -> Self {
        let outcome = &decision.outcome;
        Self {
            status: outcome.status(),
            reason: outcome.reason(),
            cause: outcome.cause().get(),
            generation: decision.generation.to_string(),
            attempts: outcome.attempts().iter().map(AttemptView::new).collect(),
            then: place(outcome).map(|place| format!("{},{}", place.context, place.exten)),
            explanation: explanation.map(ExplanationView::new),
        }
    }
}

fn place<'s>(outcome: &Outcome<'s>) -> Option<DialplanPlace<'s>> {
    match outcome {
        Outcome::Goto(place) | Outcome::Dial { then: Then::Goto(place), .. } => Some(*place),
        _ => None,
    }
}

impl AttemptView {
    fn new(attempt: &Attempt<'_>) -> Self {
        Self {
            dial: attempt.dial.to_string(),
            caller_id: attempt.caller_id.to_string(),
            presentation: attempt.presentation.as_str(),
            timeout_s: attempt.timeout_s,
            stop_rule: attempt.stop_rule.to_string(),
        }
    }
}

impl ExplanationView {
    fn new(explanation: &Explanation) -> Self {
        Self {
            caller_extension_id: explanation.caller.map(|id| id.0),
            handed_over_by_server_id: explanation.server.map(|id| id.0),
            carrier_provider_id: explanation.carrier.map(|id| id.0),
            shows: explanation.shows.map(|number| number.to_string()),
            called: explanation.called.map(|number| number.to_string()),
            class: explanation.class.map(domain::Class::as_str),
            candidates: explanation.candidates.iter().map(CandidateView::new).collect(),
        }
    }
}

impl CandidateView {
    fn new(candidate: &ExplainedCandidate) -> Self {
        let (position, dropped) = match candidate.place {
            Place::Attempt { position } => (Some(position), None),
            Place::Dropped(reason) => (None, Some(reason.as_str())),
        };
        let (kind, id) = match candidate.key {
            CandidateKey::Address(id) => ("address", id.0),
            CandidateKey::Gate(id) => ("gate", id.0),
            CandidateKey::Manager(id) => ("manager", id.0),
            CandidateKey::Phone(id) => ("phone", id.0),
            CandidateKey::Member(id) => ("member", id.0),
        };
        let of_provider = matches!(kind, "address" | "gate");
        Self {
            kind,
            provider: of_provider.then(|| candidate.name.clone()),
            extension: (!of_provider).then(|| candidate.name.clone()),
            address_id: (kind == "address").then_some(id),
            gate_id: (kind == "gate").then_some(id),
            extension_id: (!of_provider).then_some(id),
            peer: candidate.peer.as_ref().map(ToString::to_string),
            position,
            dropped,
        }
    }
}
