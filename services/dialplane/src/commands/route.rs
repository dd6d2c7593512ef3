use std::process::ExitCode;

use domain::Presentation;
use routing::{
    Attempt, CallerId, Decision, ExplainedCandidate, Explanation, NoTrace, Outcome, Place, Request, Snapshot,
    decide,
};
use runtime::Config;
use serde::Serialize;

use super::open;
use crate::{
    answer,
    cli::{Route, RouteOutbound},
    failure::{DONE, Failure, negative},
};

pub(crate) async fn run(config: &Config, command: Route) -> Result<ExitCode, Failure> {
    let Route::Outbound(arguments) = command;
    let snapshot = router::load(&open(config).await?).await?;
    let view = ask(&snapshot, &arguments);
    let found = view.status == "ok";
    if arguments.json {
        answer::json(&view)?;
    } else {
        print(&view);
    }
    Ok(if found { DONE } else { negative() })
}

fn ask(snapshot: &Snapshot, arguments: &RouteOutbound) -> View {
    let request = Request {
        node: &arguments.node,
        call: &arguments.call,
        endpoint: &arguments.endpoint,
        to: &arguments.to,
        cli: arguments.cli.as_deref(),
        presentation: if arguments.withheld { Presentation::Prohibited } else { Presentation::Allowed },
        class: arguments.class,
    };
    if arguments.explain {
        let mut explanation = Explanation::default();
        let decision = decide(snapshot, &request, &mut explanation);
        view(&decision, Some(&explanation))
    } else {
        view(&decide(snapshot, &request, &mut NoTrace), None)
    }
}

/// A decision as people and programs read it.
#[derive(Serialize)]
struct View {
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
    generation: String,
    attempts: Vec<AttemptView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    candidates: Option<Vec<CandidateView>>,
}

#[derive(Serialize)]
struct AttemptView {
    dial: String,
    caller_id: String,
    presentation: String,
    timeout_s: u16,
    stop_rule: String,
}

#[derive(Serialize)]
struct CandidateView {
    provider: String,
    address_id: i64,
    peer: String,
    /// Place in the answer, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    position: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dropped: Option<&'static str>,
}

fn view(decision: &Decision<'_>, explanation: Option<&Explanation>) -> View {
    let attempts = match &decision.outcome {
        Outcome::Dial(attempts) => attempts.iter().map(attempt).collect(),
        _ => Vec::new(),
    };
    View {
        status: decision.outcome.status(),
        reason: decision.outcome.reason(),
        generation: decision.generation.to_string(),
        attempts,
        candidates: explanation.map(|explanation| explanation.candidates.iter().map(candidate).collect()),
    }
}

fn attempt(attempt: &Attempt<'_>) -> AttemptView {
    AttemptView {
        dial: attempt.dial.to_string(),
        caller_id: match attempt.caller_id {
            CallerId::Number(number) => number.to_string(),
            CallerId::Extension(digits) => digits.to_string(),
        },
        presentation: attempt.presentation.to_string(),
        timeout_s: attempt.timeout_s,
        stop_rule: attempt.stop_rule.to_string(),
    }
}

fn candidate(candidate: &ExplainedCandidate) -> CandidateView {
    let (position, dropped) = match candidate.place {
        Place::Attempt { position, .. } => (Some(position), None),
        Place::Dropped(reason) => (None, Some(reason.as_str())),
    };
    CandidateView {
        provider: candidate.provider_name.clone(),
        address_id: candidate.address.0,
        peer: candidate.peer.to_string(),
        position,
        dropped,
    }
}

fn print(view: &View) {
    match view.reason {
        None => println!("{} (generation {})", view.status, view.generation),
        Some(reason) => println!("{}: {reason} (generation {})", view.status, view.generation),
    }
    if !view.attempts.is_empty() {
        let rows = view.attempts.iter().zip(1..).map(|(attempt, position)| {
            [
                position.to_string(),
                attempt.dial.clone(),
                attempt.caller_id.clone(),
                attempt.presentation.clone(),
                attempt.timeout_s.to_string(),
                attempt.stop_rule.clone(),
            ]
        });
        answer::table(&["", "dial", "shown", "presentation", "seconds", "ends on"], rows);
    }
    if let Some(candidates) = &view.candidates {
        let rows = candidates.iter().map(|candidate| {
            let place = candidate.position.map(|position| format!("attempt {position}"));
            let fate = place.unwrap_or_else(|| candidate.dropped.unwrap_or_default().to_owned());
            [candidate.provider.clone(), candidate.address_id.to_string(), candidate.peer.clone(), fate]
        });
        answer::table(&["provider", "address", "peer", "fate"], rows);
    }
}
