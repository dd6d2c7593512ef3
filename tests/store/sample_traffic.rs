//! Calls of a busy half day, with what routers decided about them and what became of them.

use std::{collections::BTreeMap, fmt::Write as _};

use calls::{AttemptRecord, CallId, CallRecord, Direction, Disposition, Flaw};
use domain::NodeName;
use store::{CallBatch, LeaseOutcome, Store};
use traffic::Outcome;

use super::{
    call_records::TTL,
    database::Database,
    dice::Dice,
    sample_calls::{NOW_US, call, ended},
};

/// How long the day is that they are of.
pub(super) const HOURS: i64 = 12;
const SECOND_US: i64 = 1_000_000;

/// A call and what was decided about it; calls that were refused have no record.
pub(super) struct Generated {
    pub(super) record: Option<CallRecord>,
    node: &'static str,
    decided_us: i64,
    id: String,
    status: &'static str,
    reason: Option<&'static str>,
    country: Option<&'static str>,
    provider_in: Option<i64>,
    /// Kind, provider, prefix.
    attempts: Vec<(&'static str, Option<i64>, Option<&'static str>)>,
    outcomes: Vec<Outcome>,
}

/// How an attempt ends, and what that is: cause, SIP code, dialstatus, whether it rang.
type Ending = (Outcome, Option<u16>, Option<u16>, Option<&'static str>, bool);

const ENDINGS: [Ending; 14] = [
    (Outcome::Answered, Some(16), Some(200), Some("ANSWER"), true),
    (Outcome::Answered, Some(16), None, Some("ANSWER"), false),
    (Outcome::UserBusy, Some(17), Some(486), Some("BUSY"), false),
    (Outcome::NoAnswer, Some(0), None, Some("NOANSWER"), true),
    (Outcome::NoAnswer, Some(127), Some(500), Some("CANCEL"), true),
    (Outcome::CallerGaveUp, Some(127), Some(500), Some("CANCEL"), false),
    (Outcome::Network, Some(34), Some(503), Some("CONGESTION"), false),
    (Outcome::Network, Some(38), Some(500), Some("NOANSWER"), false),
    (Outcome::Policy, Some(21), Some(403), Some("CHANUNAVAIL"), false),
    (Outcome::RejectedByUser, Some(21), Some(603), Some("CHANUNAVAIL"), true),
    (Outcome::Subscriber, Some(1), Some(404), Some("NOANSWER"), false),
    (Outcome::AnsweredElsewhere, Some(26), None, Some("CANCEL"), true),
    (Outcome::Other, Some(16), None, Some("DONTCALL"), false),
    (Outcome::Unknown, None, None, None, false),
];

/// Most calls that are in memory at once.
const LOT: i64 = 20_000;

/// Calls that begin within so many hours.
pub(super) fn generated(calls: i64, hours: i64) -> Vec<Generated> {
    generated_from(NOW_US, calls, hours)
}

/// The same, lot by lot.
pub(super) fn generated_in_lots(calls: i64, hours: i64) -> impl Iterator<Item = Vec<Generated>> {
    let mut dice = Dice::new(1);
    let lots = (0..calls).step_by(usize::try_from(LOT).unwrap());
    lots.map(move |from| {
        (from..calls.min(from + LOT)).map(|number| one(number, NOW_US, hours, &mut dice)).collect()
    })
}

/// The same of another day.
pub(super) fn generated_from(from_us: i64, calls: i64, hours: i64) -> Vec<Generated> {
    let mut dice = Dice::new(1);
    (0..calls).map(|number| one(number, from_us, hours, &mut dice)).collect()
}

fn one(number: i64, from_us: i64, hours: i64, dice: &mut Dice) -> Generated {
    let node = ["msk", "spb"][usize::try_from(dice.roll(2)).unwrap()];
    let created_us = from_us + dice.roll(hours * 3_600) * SECOND_US;
    let mut generated = Generated {
        record: None,
        node,
        decided_us: created_us + dice.roll(SECOND_US),
        id: format!("d-{number}"),
        status: "ok",
        reason: None,
        country: [None, Some("RU"), Some("US"), Some("GB")][usize::try_from(dice.roll(4)).unwrap()],
        provider_in: None,
        attempts: Vec::new(),
        outcomes: Vec::new(),
    };
    if dice.roll(20) == 0 {
        let refusals =
            [("reject", Some("unknown_endpoint")), ("no_route", None), ("bad_request", Some("to"))];
        (generated.status, generated.reason) = refusals[usize::try_from(dice.roll(3)).unwrap()];
        return generated;
    }
    generated.record = Some(record(number, created_us, &mut generated, dice));
    generated
}

fn record(number: i64, created_us: i64, generated: &mut Generated, dice: &mut Dice) -> CallRecord {
    let template = call(1);
    let mut record = CallRecord {
        id: CallId {
            node: generated.node.parse().unwrap(),
            unique_id: format!("{}-{}.{number}", generated.node, created_us / SECOND_US).into(),
            created_us,
        },
        root: None,
        // Some routers log nothing.
        decision: Some(generated.id.clone().into()),
        direction: [None, Some(Direction::Inbound), Some(Direction::Outbound), Some(Direction::Outbound)]
            [usize::try_from(dice.roll(4)).unwrap()],
        start_us: Some(created_us + dice.roll(SECOND_US)),
        legs: Vec::new(),
        attempts: Vec::new(),
        flaws: if dice.roll(10) == 0 { vec![Flaw::EndUnseen] } else { Vec::new() },
        ..template.clone()
    };
    if record.direction == Some(Direction::Inbound) {
        generated.provider_in = Some(1 + dice.roll(5));
    }
    for position in 1..=u32::try_from(dice.roll(4)).unwrap() {
        let attempt = attempt(position, &mut record, generated, dice);
        let is_answered = attempt.answer_us.is_some();
        record.attempts.push(attempt);
        if is_answered {
            break;
        }
    }
    let answered = record.attempts.last().filter(|attempt| attempt.answer_us.is_some());
    record.answer_us = answered.and_then(|attempt| attempt.answer_us);
    record.talk_us = answered.and_then(|attempt| Some(attempt.end_us? - attempt.answer_us?));
    record.first_ring_us = record.attempts.iter().filter_map(|attempt| attempt.ring_us).min();
    let failed = if record.flaws.is_empty() { Some(Disposition::Failed) } else { None };
    record.disposition = if answered.is_some() { Some(Disposition::Answered) } else { failed };
    record
}

fn attempt(
    position: u32,
    record: &mut CallRecord,
    generated: &mut Generated,
    dice: &mut Dice,
) -> AttemptRecord {
    let mut ending = ENDINGS[usize::try_from(dice.roll(14)).unwrap()];
    // Of a call all of which was heard, nothing is unknown.
    while ending.0 == Outcome::Unknown && record.flaws.is_empty() {
        ending = ENDINGS[usize::try_from(dice.roll(14)).unwrap()];
    }
    let (mut outcome, cause, sip, dialstatus, rang) = ending;
    // Whether it rang hangs on what was heard.
    if !record.flaws.is_empty() && !rang && matches!(dialstatus, Some("CANCEL" | "DONTCALL")) {
        outcome = Outcome::Unknown;
    }
    generated.outcomes.push(outcome);
    generated.attempts.push(match dice.roll(6) {
        0 => ("hop", None, None),
        1 => ("local", None, None),
        _ => (
            "carrier",
            Some(1 + dice.roll(5)),
            Some(["7", "7495", "1202"][usize::try_from(dice.roll(3)).unwrap()]),
        ),
    });
    let start_us = record.id.created_us + i64::from(position) * SECOND_US;
    let ring_us = rang.then(|| start_us + dice.roll(5 * SECOND_US));
    let answer_us = (outcome == Outcome::Answered).then(|| start_us + 6 * SECOND_US + dice.roll(SECOND_US));
    let end_us = start_us + (8 + dice.roll(300)) * SECOND_US;
    AttemptRecord {
        position,
        decision: Some(generated.id.clone().into()),
        decision_attempt: Some(position),
        start_us,
        ring_us,
        answer_us,
        end_us: (outcome != Outcome::Unknown).then_some(end_us),
        cause,
        sip,
        dialstatus: dialstatus.map(Into::into),
        ..call(1).attempts[0].clone()
    }
}

/// How many attempts became what.
pub(super) fn expect(generated: &[Generated], expected: &mut BTreeMap<Outcome, i64>) {
    for outcome in generated.iter().flat_map(|it| &it.outcomes) {
        *expected.entry(*outcome).or_default() += 1;
    }
}

/// Writes the calls as their collectors would.
pub(super) async fn write_generated(store: &Store, generated: &[Generated]) {
    for name in ["msk", "spb"] {
        let node: NodeName = name.parse().unwrap();
        let LeaseOutcome::Ours { lease, .. } = store.lease_node(&node, "collector 1", TTL).await.unwrap()
        else {
            panic!("somebody else has it")
        };
        let own = generated.iter().filter(|it| it.node == name).filter_map(|it| it.record.as_ref());
        let updates: Vec<_> = own.map(ended).collect();
        for updates in updates.chunks(2_000) {
            let batch = CallBatch { updates, gaps: &[], written_us: None };
            store.write_calls(&lease, &batch).await.unwrap();
        }
    }
}

fn text(text: Option<&str>) -> String {
    text.map_or_else(|| "NULL".to_owned(), |text| format!("'{text}'"))
}

fn number(number: Option<i64>) -> String {
    number.map_or_else(|| "NULL".to_owned(), |number| number.to_string())
}

/// What routers log, and their marks.
pub(super) async fn insert_decisions(database: &Database, generated: &[Generated]) {
    for part in generated.chunks(1_000) {
        let (mut decisions, mut attempts) = (String::new(), String::new());
        for it in part {
            let comma = if decisions.is_empty() { "" } else { ", " };
            let (id, at_us, node, status) = (&it.id, it.decided_us, it.node, it.status);
            let (reason, country, provider) = (text(it.reason), text(it.country), number(it.provider_in));
            write!(
                decisions,
                "{comma}('{id}', {at_us}, 'router 1', '{node}', 'outbound', 'c', '{id}', 7, FALSE, '{status}', {reason}, \
                 {country}, {provider}, {}, '{{}}')",
                it.attempts.len()
            )
            .unwrap();
            for (position, (kind, provider, prefix)) in (1..).zip(&it.attempts) {
                let comma = if attempts.is_empty() { "" } else { ", " };
                let (provider, prefix) = (number(*provider), text(*prefix));
                write!(attempts, "{comma}({at_us}, '{id}', {position}, '{kind}', {provider}, {prefix}, 'x')")
                    .unwrap();
            }
        }
        let into = "INSERT INTO decisions (id, decided_us, router, node, verb, call_id, root, generation, hopped, status, \
             reason, country, provider_in, attempts, request) VALUES ";
        database.by_hand(&format!("{into}{decisions}")).await.unwrap();
        let into = "INSERT INTO decision_attempts (decided_us, decision, position, kind, provider, prefix, dial) VALUES ";
        database.by_hand(&format!("{into}{attempts}")).await.unwrap();
    }
}

/// As routers mark the quarters of what they logged.
pub(super) async fn mark_decisions(database: &Database) {
    let quarters = "SELECT DISTINCT decided_us - decided_us % 900000000, node, 'router 1', 1 FROM decisions";
    database
        .by_hand(&format!("INSERT INTO traffic_marks (quarter_us, node, writer, marks) {quarters}"))
        .await
        .unwrap();
}
