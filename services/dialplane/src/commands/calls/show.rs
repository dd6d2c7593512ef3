//! One recorded call: what decided it, a time line of it, and of what other nodes did for it.

use std::{collections::BTreeMap, process::ExitCode};

use ::calls::{CallRecord, Party};
use activation::Explainer;
use anyhow::anyhow;
use records::{CallView, ExplanationView, Numbers, Zone, explain};
use runtime::Config;
use serde::Serialize;
use store::{CallParts, Store, StoredCall};

use super::{carriers::Carriers, text::printable, timeline, zone};
use crate::{
    answer,
    cli::Show,
    commands::{open, route},
    failure::{DONE, Failure},
};

#[derive(Serialize)]
struct Shown {
    call: CallView,
    /// The others that the same first decision led to, on this node and on others.
    of_root: Vec<CallView>,
}

pub(super) async fn run(config: &Config, arguments: &Show) -> Result<ExitCode, Failure> {
    let zone = zone::of(arguments.zone.as_deref())?;
    let store = open(config).await?;
    let found = store.stored_call(&arguments.id).await?;
    let call = found.ok_or_else(|| Failure::negative(anyhow!("there is no such call")))?;
    let mut calls = vec![call];
    let others = others(&store, &calls[0].record).await?;
    calls.extend(others);
    let numbers = arguments.unmask.numbers();
    let mut views: Vec<_> =
        calls.iter().map(|call| CallView::of(call, CallParts::Whole, &zone, numbers)).collect();
    if arguments.explain {
        let mut explainer = Explainer::new(&store);
        for (call, view) in calls.iter().zip(&mut views) {
            view.explanations = Some(explain(&store, &mut explainer, &call.record, numbers).await?);
        }
    }
    let subject = format!("calls show {}", arguments.id);
    arguments.unmask.note(&store, &subject, &[], Some(calls.len())).await?;
    if arguments.json {
        let call = views.remove(0);
        answer::json(&Shown { call, of_root: views })?;
        return Ok(DONE);
    }
    let carriers = Carriers::read(&store).await?;
    for (at, (call, view)) in calls.into_iter().zip(&views).enumerate() {
        if at > 0 {
            print!("\n");
        }
        let call = StoredCall { record: numbers.show_record(call.record), ..call };
        draw(&call, &zone, &carriers);
        view.explanations.iter().flatten().for_each(draw_explanation);
    }
    Ok(DONE)
}

fn draw_explanation(explanation: &ExplanationView) {
    let decision = printable(&explanation.decision);
    match (&explanation.again, &explanation.why_not) {
        (Some(again), _) => {
            let same = if explanation.same == Some(true) { "the same" } else { "and NOT the same" };
            println!("decision {decision}, made again, {same}:");
            route::print(again);
        }
        (None, why_not) => println!("decision {decision}: {}", why_not.as_deref().unwrap_or_default()),
    }
}

async fn others(store: &Store, record: &CallRecord) -> Result<Vec<StoredCall>, Failure> {
    let Some(root) = &record.root else { return Ok(Vec::new()) };
    let mut calls = store.calls_of_root(root).await?;
    calls.retain(|call| call.record.id != record.id);
    Ok(calls)
}

fn draw(call: &StoredCall, zone: &Zone, carriers: &Carriers) {
    println!("{}", timeline::of(&call.record, zone));
    for (name, text) in facts(call, carriers) {
        println!("  {name:>12}  {}", printable(&text));
    }
}

/// What is known of the whole call and happened at no time.
fn facts(call: &StoredCall, carriers: &Carriers) -> Vec<(&'static str, String)> {
    let record = &call.record;
    let party = |party: &Option<Party>| party.as_ref().map(|party| party.raw.to_string());
    let decided = record.decision.as_ref().map(|decision| {
        let generation =
            record.generation.map(|number| format!(" of generation {number}")).unwrap_or_default();
        format!("{decision}{generation}")
    });
    let flaws: Vec<_> = CallView::of(call, CallParts::Row, &Zone::UTC, Numbers::Masked).flaws;
    let facts = [
        ("id", Some(record.id.to_string())),
        ("caller", party(&record.caller)),
        ("called", party(&record.called)),
        ("carrier in", carriers.name(call.provider_in)),
        ("carrier out", carriers.name(call.provider_out)),
        ("country", call.country.as_ref().map(ToString::to_string)),
        ("outcome", call.outcome.map(|outcome| outcome.word().to_owned())),
        ("root", record.root.as_ref().map(ToString::to_string)),
        ("decision", decided),
        ("missed", Some(flaws.join(", ")).filter(|flaws| !flaws.is_empty())),
    ];
    let own = facts.into_iter().filter_map(|(name, text)| text.map(|text| (name, text)));
    let attempts = facts_of_attempts(call, carriers).map(|text| ("attempt", text));
    own.chain(later_decisions(record).map(|text| ("decision", text))).chain(attempts).collect()
}

/// Where each attempt went and what became of it, as far as that is known.
fn facts_of_attempts(call: &StoredCall, carriers: &Carriers) -> impl Iterator<Item = String> {
    let text = |text: &Option<Box<str>>| text.as_ref().map(ToString::to_string);
    (1..).zip(&call.facts).filter_map(move |(position, facts)| {
        let outcome = facts.outcome?.word().to_owned();
        let parts =
            [text(&facts.kind), carriers.name(facts.provider), text(&facts.prefix), text(&facts.country)];
        let parts = parts.into_iter().flatten().chain([outcome]);
        Some(format!("{position}: {}", parts.collect::<Vec<_>>().join(", ")))
    })
}

/// Decisions after the first one, as a transfer asks for them, with the attempts they led to.
fn later_decisions(record: &CallRecord) -> impl Iterator<Item = String> {
    let mut attempts: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for attempt in &record.attempts {
        if let Some(decision) =
            attempt.decision.as_deref().filter(|id| Some(*id) != record.decision.as_deref())
        {
            attempts.entry(decision).or_default().push(attempt.position.to_string());
        }
    }
    attempts.into_iter().map(|(decision, attempts)| format!("{decision}, attempts {}", attempts.join(", ")))
}
