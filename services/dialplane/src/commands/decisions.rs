//! What routers decided.

use std::process::ExitCode;

use activation::{Again, Explainer, NotAgain};
use anyhow::anyhow;
use records::{Zone, instant_or_ago};
use routing::{Decided, DecidedAttempt, Question};
use runtime::{Config, now_us};
use serde::Serialize;
use store::{DecisionFilter, LoggedDecision, Store};

use super::{calls::text::printable, generations::instant, open, route};
use crate::{
    answer,
    cli::{Decisions, DecisionsList, DecisionsShow},
    failure::{DONE, Failure},
};

pub(crate) async fn run(config: &Config, command: Decisions) -> Result<ExitCode, Failure> {
    let store = open(config).await?;
    match command {
        Decisions::List(arguments) => list(&store, &arguments).await,
        Decisions::Show(arguments) => show(&store, &arguments).await,
    }
}

#[derive(Serialize)]
struct View<'d> {
    id: &'d str,
    root: &'d str,
    /// When, UTC.
    at: String,
    router: &'d str,
    question: &'d Question,
    answer: &'d Decided,
    #[serde(skip_serializing_if = "Option::is_none")]
    again: Option<Again>,
}

impl<'d> View<'d> {
    fn of(LoggedDecision { router, record }: &'d LoggedDecision, again: Option<Again>) -> Self {
        Self {
            id: &record.id,
            root: &record.root,
            at: instant(record.decided_us),
            router,
            question: &record.question,
            answer: &record.decided,
            again,
        }
    }
}

async fn list(store: &Store, arguments: &DecisionsList) -> Result<ExitCode, Failure> {
    let filter = DecisionFilter {
        from_us: instant_or_ago(&arguments.since, &Zone::UTC, now_us()).map_err(Failure::usage)?,
        to_us: i64::MAX,
        node: arguments.node.as_ref(),
        status: arguments.status.as_deref(),
        limit: arguments.limit,
    };
    let found = store.decisions(&filter).await?;
    if arguments.json {
        answer::json(&found.iter().map(|one| View::of(one, None)).collect::<Vec<_>>())?;
    } else {
        let header = ["decided", "id", "node", "asked", "caller", "called", "status", "attempts"];
        answer::table(&header, found.iter().map(cells));
    }
    Ok(DONE)
}

fn cells(LoggedDecision { record, .. }: &LoggedDecision) -> [String; 8] {
    let (question, decided) = (&record.question, &record.decided);
    let number = |number: Option<_>, written: &str| {
        number.map_or_else(|| printable(written), |number: domain::E164| number.to_string())
    };
    [
        instant(record.decided_us),
        record.id.to_string(),
        question.node.to_string(),
        question.verb.as_str().to_owned(),
        number(decided.caller, &question.from),
        number(decided.called, &question.to),
        decided.reason.as_ref().map_or_else(
            || decided.status.clone().into_owned(),
            |reason| format!("{}: {reason}", decided.status),
        ),
        decided.attempts.len().to_string(),
    ]
}

async fn show(store: &Store, arguments: &DecisionsShow) -> Result<ExitCode, Failure> {
    let id = &arguments.id;
    let found = store.decision(id).await?;
    let missing = || Failure::negative(anyhow!("there is no decision `{}`", printable(id)));
    let found = found.ok_or_else(missing)?;
    let again = if arguments.explain { Some(Explainer::new(store).again(&found.record).await) } else { None };
    let (again, failed) = match again {
        None => (None, None),
        Some(Ok(again)) => (Some(again), None),
        Some(Err(why_not)) => (None, Some(why_not.into())),
    };
    let view = View::of(&found, again);
    if arguments.json {
        answer::json(&view)?;
    } else {
        print(&view);
    }
    failed.map_or(Ok(DONE), Err)
}

impl From<NotAgain> for Failure {
    fn from(why_not: NotAgain) -> Self {
        match why_not {
            NotAgain::Load(error) => error.into(),
            why_not => Self::negative(why_not),
        }
    }
}

fn print(view: &View<'_>) {
    let (question, decided) = (view.question, view.answer);
    println!("{} by {} at {}", view.id, printable(view.router), view.at);
    if view.root != view.id {
        println!("of the call that began with {}", view.root);
    }
    println!(
        "{} asked {} of {} by {}, call {}",
        question.node,
        question.verb.as_str(),
        printable(&question.to),
        printable(&question.endpoint),
        printable(&question.call)
    );
    match &decided.reason {
        None => println!("{}", decided.status),
        Some(reason) => {
            println!("{}: {reason}, cause {}", decided.status, decided.cause.unwrap_or_default());
        }
    }
    if !decided.attempts.is_empty() {
        let header = ["", "kind", "provider", "prefix", "gate", "shown", "dial"];
        answer::table(&header, (1..).zip(&decided.attempts).map(attempt_cells));
    }
    if let Some(again) = &view.again {
        println!(
            "{}",
            if again.same { "decided again, the same:" } else { "decided again, and NOT the same:" }
        );
        route::print(&again.decision);
    }
}

fn attempt_cells((position, attempt): (usize, &DecidedAttempt)) -> [String; 7] {
    let text = |value: Option<String>| value.unwrap_or_default();
    [
        position.to_string(),
        attempt.kind.clone().into_owned(),
        text(attempt.provider.map(|id| id.to_string())),
        text(attempt.prefix.map(|prefix| prefix.to_string())),
        text(attempt.gate.map(|id| id.to_string())),
        text(attempt.shown.map(|digits| digits.to_string())),
        attempt.dial.to_string(),
    ]
}
