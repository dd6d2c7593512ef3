use std::{process::ExitCode, sync::Arc};

use activation::{Active, Draft, Look, Part};
use domain::{Moment, Presentation};
use routing::{DecisionView, Request, Snapshot, Verb};
use runtime::{Config, now_us};
use store::Store;

use super::{active, open};
use crate::{
    answer,
    cli::{Route, RouteAsked, RouteInbound, RouteOutbound},
    failure::{DONE, Failure, negative},
};

pub(crate) async fn run(config: &Config, command: Route) -> Result<ExitCode, Failure> {
    let (asked, request) = match &command {
        Route::Outbound(arguments) => (&arguments.asked, outbound(arguments)),
        Route::Inbound(arguments) => (&arguments.asked, inbound(arguments)),
    };
    let snapshot = snapshot(&open(config).await?, asked).await?;
    let view = ask(&snapshot, asked, &request);
    let found = !matches!(view.status, "reject" | "no_route");
    if asked.json {
        answer::json(&view)?;
    } else {
        print(&view);
    }
    Ok(if found { DONE } else { negative() })
}

/// The generation that was asked for.
async fn snapshot(store: &Store, asked: &RouteAsked) -> Result<Arc<Snapshot>, Failure> {
    if asked.draft {
        let draft = Draft::read(store, Look::Whole, Part::All, None).await?;
        return draft.compiled().cloned().map_err(|faults| Failure::usage(faults.clone()));
    }
    let active = match asked.generation {
        Some(number) => Arc::new(Active::load(store, number, None).await?),
        None => active(store).await?,
    };
    Ok(Arc::clone(active.snapshot()))
}

fn ask(snapshot: &Snapshot, asked: &RouteAsked, request: &Request<'_>) -> DecisionView {
    if asked.explain {
        DecisionView::explained(snapshot, request)
    } else {
        DecisionView::decided(snapshot, request)
    }
}

fn outbound(arguments: &RouteOutbound) -> Request<'_> {
    Request {
        cli: arguments.cli.as_deref(),
        class: arguments.class,
        ..request(Verb::Outbound, &arguments.asked)
    }
}

fn inbound(arguments: &RouteInbound) -> Request<'_> {
    Request { source: arguments.source, from: &arguments.from, ..request(Verb::Inbound, &arguments.asked) }
}

fn request(verb: Verb, asked: &RouteAsked) -> Request<'_> {
    Request {
        verb,
        node: &asked.node,
        call: &asked.call,
        endpoint: &asked.endpoint,
        source: None,
        to: &asked.to,
        from: "",
        cli: None,
        presentation: if asked.withheld { Presentation::Prohibited } else { Presentation::Allowed },
        class: None,
        hops: asked.hops,
        asked_us: Some(asked.at.map_or_else(now_us, Moment::us)),
    }
}

pub(super) fn print(view: &DecisionView) {
    match view.reason {
        None => println!("{} (generation {})", view.status, view.generation),
        Some(reason) => {
            println!("{}: {reason}, cause {} (generation {})", view.status, view.cause, view.generation);
        }
    }
    if !view.attempts.is_empty() {
        let rows = view.attempts.iter().zip(1..).map(|(attempt, position)| {
            [
                position.to_string(),
                attempt.dial.clone(),
                attempt.caller_id.clone(),
                attempt.presentation.to_owned(),
                attempt.timeout_s.to_string(),
                attempt.stop_rule.clone(),
            ]
        });
        answer::table(&["", "dial", "shown", "presentation", "seconds", "ends on"], rows);
    }
    if let Some(then) = &view.then {
        println!("then {then}");
    }
    let candidates = view.explanation.iter().flat_map(|explanation| &explanation.candidates);
    let mut rows = candidates
        .map(|candidate| {
            let place = candidate.position.map(|position| format!("attempt {position}"));
            let fate = place.unwrap_or_else(|| candidate.dropped.unwrap_or_default().to_owned());
            let peer = candidate.peer.clone().unwrap_or_else(|| "-".to_owned());
            let id = candidate.address_id.or(candidate.gate_id).or(candidate.extension_id);
            let name = candidate.provider.clone().or_else(|| candidate.extension.clone());
            let id = id.map(|id| id.to_string()).unwrap_or_default();
            [name.unwrap_or_default(), candidate.kind.to_owned(), id, peer, fate]
        })
        .peekable();
    if rows.peek().is_some() {
        answer::table(&["candidate", "is a", "key", "peer", "fate"], rows);
    }
}
