//! What routers decided.

use domain::{GateId, NodeName, Presentation, ProviderId};
use routing::{Decided, DecidedAttempt, DecisionRecord, Question, Verb};
use store::{DecisionFilter, DecisionsWritten, LoggedDecision, Store};

use super::{
    call_records::write as write_calls,
    call_refusals::{allow, forbid},
    database::Database,
    interruptions::polled,
    sample_calls::{NOW_US, call, ended, node},
};

/// What [`call`] of the same number was told to dial.
fn decision(number: i64) -> LoggedDecision {
    let id: Box<str> = format!("d-{number}").into();
    LoggedDecision {
        router: "router 1".into(),
        record: DecisionRecord {
            root: format!("r-{number}").into(),
            id,
            decided_us: NOW_US + number,
            question: Question {
                verb: Verb::Outbound,
                node: node(),
                call: format!("msk-{number}").into(),
                endpoint: "1000".into(),
                source: "192.0.2.10".parse().ok(),
                to: "+12025550100".into(),
                from: "\"Алиса\" <1000>".into(),
                cli: Some("".into()),
                presentation: Presentation::Prohibited,
                class: "premium".parse().ok(),
                hops: Some(1),
                asked_us: Some(NOW_US + number),
            },
            decided: Decided {
                generation: Some(7),
                hopped: true,
                status: "ok".into(),
                reason: None,
                cause: None,
                class: "premium".parse().ok(),
                caller: "12025550101".parse().ok(),
                called: "12025550100".parse().ok(),
                country: "US".parse().ok(),
                provider_in: Some(ProviderId(3)),
                attempts: vec![attempt(1), attempt(2)],
            },
        },
    }
}

fn attempt(position: i64) -> DecidedAttempt {
    DecidedAttempt {
        kind: "carrier".into(),
        provider: Some(ProviderId(10 + position)),
        prefix: "1202".parse().ok(),
        gate: Some(GateId(20 + position)),
        shown: "12025550101".parse().ok(),
        dial: "PJSIP/+12025550100@carrier".into(),
    }
}

/// Refused, with nothing that need not be known.
fn rejected(number: i64) -> LoggedDecision {
    let mut decision = decision(number);
    let DecisionRecord { question, decided, .. } = &mut decision.record;
    (question.source, question.cli, question.class, question.hops) = (None, None, None, None);
    question.verb = Verb::Inbound;
    *decided = Decided {
        generation: None,
        hopped: false,
        status: "reject".into(),
        reason: Some("unknown_source".into()),
        cause: Some(21),
        class: None,
        caller: None,
        called: None,
        country: None,
        provider_in: None,
        attempts: Vec::new(),
    };
    decision
}

const ALL: DecisionFilter<'_> =
    DecisionFilter { from_us: i64::MIN, to_us: i64::MAX, node: None, status: None, limit: 10_000 };

async fn all(store: &Store) -> Vec<LoggedDecision> {
    let mut found = store.decisions(&ALL).await.unwrap();
    found.reverse();
    found
}

async fn rows(database: &Database) -> [u64; 3] {
    let mut rows = [0; 3];
    for (rows, table) in rows.iter_mut().zip(["decisions", "decision_attempts", "decisions_set_aside"]) {
        *rows = database.count(table).await;
    }
    rows
}

fn written(decisions: u64) -> DecisionsWritten {
    DecisionsWritten { decisions, ..DecisionsWritten::default() }
}

pub(super) async fn every_field_is_read_back(database: Database) {
    let database = database.with_tables().await;
    let store = &database.store;
    assert_eq!(store.write_decisions(&[]).await.unwrap(), written(0));
    let mut local = decision(3);
    let of_local = &mut local.record.decided.attempts[1];
    (of_local.provider, of_local.prefix, of_local.gate, of_local.shown) = (None, None, None, None);
    // The prefix of every number is no prefix that is missing.
    local.record.decided.attempts[0].prefix = "".parse().ok();
    let decisions = [decision(1), rejected(2), local];
    assert_eq!(store.write_decisions(&decisions).await.unwrap(), written(3));
    assert_eq!(all(store).await, decisions);
    assert_eq!(store.decision("d-2").await.unwrap(), Some(rejected(2)));
    assert_eq!(store.decision("d-1").await.unwrap(), Some(decision(1)));
    assert_eq!(store.decision("d-4").await.unwrap(), None);
}

pub(super) async fn a_batch_twice_changes_nothing(database: Database) {
    let database = database.with_tables().await;
    let store = &database.store;
    let decisions: Vec<_> = (0..2_000).map(decision).collect();
    assert_eq!(store.write_decisions(&decisions[..500]).await.unwrap(), written(500));
    let before = all(store).await;
    assert_eq!(store.write_decisions(&decisions[..500]).await.unwrap(), written(500));
    assert_eq!(all(store).await, before);
    // A restart may begin in the middle of what is there; one of a batch may be there twice.
    let again: Vec<_> = decisions[300..].iter().chain(&decisions[1_990..]).cloned().collect();
    store.write_decisions(&again).await.unwrap();
    assert_eq!((rows(&database).await, all(store).await == decisions), ([2_000, 4_000, 0], true));
    // What was decided does not change.
    let mut other = decision(1);
    other.record.decided.status = "no_route".into();
    store.write_decisions(&[other]).await.unwrap();
    assert_eq!(store.decision("d-1").await.unwrap(), Some(decision(1)));
}

pub(super) async fn the_latest_are_listed(database: Database) {
    let database = database.with_tables().await;
    let store = &database.store;
    let spb: NodeName = "spb".parse().unwrap();
    let mut decisions: Vec<_> =
        (0..10).map(|number| if number % 2 == 0 { decision(number) } else { rejected(number) }).collect();
    decisions[4].record.question.node = spb.clone();
    store.write_decisions(&decisions).await.unwrap();
    let cases: [(DecisionFilter<'_>, &[i64]); 6] = [
        (DecisionFilter { limit: 3, ..ALL }, &[9, 8, 7]),
        (DecisionFilter { from_us: NOW_US + 7, ..ALL }, &[9, 8, 7]),
        (DecisionFilter { to_us: NOW_US + 2, ..ALL }, &[1, 0]),
        (DecisionFilter { node: Some(&spb), ..ALL }, &[4]),
        (DecisionFilter { status: Some("reject"), ..ALL }, &[9, 7, 5, 3, 1]),
        (DecisionFilter { status: Some("x' OR '1' = '1"), ..ALL }, &[]),
    ];
    for (filter, wanted) in cases {
        let found = store.decisions(&filter).await.unwrap();
        let wanted: Vec<_> =
            wanted.iter().map(|&number| decisions[usize::try_from(number).unwrap()].clone()).collect();
        assert_eq!(found, wanted, "{filter:?}");
    }
}

/// The same on all three, whoever of them would have refused it.
pub(super) async fn texts_no_database_takes_are_altered(database: Database) {
    let database = database.with_tables().await;
    let store = &database.store;
    let mut nul = decision(1);
    nul.record.question.call = "a\0b".into();
    nul.record.question.to = "\0\u{1}\"\\\u{1f514}".into();
    let mut long = decision(2);
    long.record.question.call = "🔔".repeat(600).into();
    long.record.decided.attempts[1].dial = "x".repeat(600).into();
    let told = [nul.clone(), long.clone(), decision(3)];
    assert_eq!(
        store.write_decisions(&told).await.unwrap(),
        DecisionsWritten { decisions: 3, altered: 2, set_aside: 0 }
    );
    // The question is asked again as it was asked, whatever stands in the column.
    assert_eq!(store.decision("d-1").await.unwrap(), Some(nul));
    long.record.decided.attempts[1].dial = "x".repeat(512).into();
    assert_eq!(store.decision("d-2").await.unwrap(), Some(long));
    let calls = database.by_hand("DELETE FROM decisions WHERE call_id LIKE 'a_b'").await.unwrap();
    assert_eq!(calls, 1);
}

pub(super) async fn what_is_refused_is_set_aside(database: Database) {
    let database = database.with_tables().await;
    let store = &database.store;
    forbid(&database, "decisions", "router").await;
    forbid(&database, "decision_attempts", "dial").await;
    let mut decisions: Vec<_> = (0..100).map(decision).collect();
    decisions[13].router = "poison".into();
    decisions[77].record.decided.attempts[1].dial = "poison".into();
    for _ in 0..2 {
        let told = store.write_decisions(&decisions).await.unwrap();
        assert_eq!(told, DecisionsWritten { decisions: 98, altered: 0, set_aside: 2 });
        assert_eq!(rows(&database).await, [98, 196, 2]);
    }
    let mut aside = store.decisions_set_aside(10).await.unwrap();
    aside.sort_by_key(|one| one.decided_us);
    for (one, number) in aside.iter().zip([13, 77]) {
        assert_eq!((&*one.id, one.decided_us), (&*format!("d-{number}"), NOW_US + number));
        let told: LoggedDecision = serde_json::from_str(&one.record).unwrap();
        assert_eq!(told, decisions[usize::try_from(number).unwrap()]);
        assert!(
            one.rule.contains("no_poison_decision") || database.url.starts_with("sqlite"),
            "{}",
            one.rule
        );
    }
    assert_eq!(store.decisions_set_aside(1).await.unwrap().len(), 1);
    allow(&database, "decisions").await;
    allow(&database, "decision_attempts").await;
    assert_eq!(store.write_decisions(&decisions).await.unwrap(), written(100));
}

/// Nothing is wrong with the decisions where a table is missing: they are to come again.
pub(super) async fn what_nobody_is_to_blame_for_fails(database: Database) {
    let database = database.with_tables().await;
    let store = &database.store;
    database.by_hand("ALTER TABLE decision_attempts RENAME TO decision_trials").await.unwrap();
    store.write_decisions(&[decision(1), rejected(2)]).await.unwrap_err();
    assert_eq!((database.count("decisions").await, database.count("decisions_set_aside").await), (0, 0));
    database.by_hand("ALTER TABLE decision_trials RENAME TO decision_attempts").await.unwrap();
    assert_eq!(store.write_decisions(&[decision(1), rejected(2)]).await.unwrap(), written(2));
}

pub(super) async fn a_batch_dropped_anywhere_is_all_or_nothing(database: Database) {
    let database = database.with_tables().await;
    let store = &database.store;
    let batch: Vec<_> = (0..50).map(decision).collect();
    for times in 1..1_000 {
        let done = polled(times, store.write_decisions(&batch)).await;
        let there = rows(&database).await;
        assert!([[0, 0, 0], [50, 100, 0]].contains(&there), "after {times} steps: {there:?}");
        if done.is_some() {
            assert_eq!(there, [50, 100, 0]);
            return;
        }
    }
    panic!("a batch never came to its end");
}

/// 2041-05-31 23:59:59.999999 UTC, beyond whatever month the tests run in.
const LATER_US: i64 = 2_253_657_599_999_999;

pub(super) async fn months_are_parts(database: Database) {
    let database = database.with_tables().await;
    let store = &database.store;
    let mut decisions: Vec<_> = (1..=3).map(decision).collect();
    for (decision, decided_us) in decisions.iter_mut().zip([0, LATER_US, LATER_US + 1]) {
        decision.record.decided_us = decided_us;
    }
    store.write_decisions(&decisions).await.unwrap();
    let kind = database.url.split(':').next().unwrap().to_owned();
    let made = match kind.as_str() {
        "postgres" => 6,
        "mysql" => 8,
        _ => 0,
    };
    assert_eq!(store.prepare_decision_partitions(LATER_US).await.unwrap(), made);
    assert_eq!(store.prepare_decision_partitions(LATER_US).await.unwrap(), 0);
    assert_eq!(all(store).await, decisions);
    for (table, wanted) in [("decisions", 1), ("decision_attempts", 2)] {
        let in_may = match kind.as_str() {
            "postgres" => database.count(&format!("{table}_2041_05")).await,
            "mysql" => database.count(&format!("{table} PARTITION (before_2041_06)")).await,
            _ => wanted,
        };
        assert_eq!(in_may, wanted, "{table}");
    }
    // What is there already is found in its month, too.
    store.write_decisions(&decisions).await.unwrap();
    assert_eq!(all(store).await, decisions);
    for wrong_us in [i64::MIN, i64::MAX] {
        store.prepare_decision_partitions(wrong_us).await.unwrap();
    }
}

/// What analysts ask: whose lines an attempt took.
pub(super) async fn attempts_of_calls_find_their_provider(database: Database) {
    let database = database.with_tables().await;
    let store = &database.store;
    let decisions: Vec<_> = (0..20).map(decision).collect();
    store.write_decisions(&decisions).await.unwrap();
    write_calls(store, &(0..20).map(|number| ended(&call(number))).collect::<Vec<_>>()).await;
    let joined = "calls c JOIN decisions d ON d.id = c.decision WHERE d.root = c.root AND d.node = c.node";
    assert_eq!(database.count(joined).await, 20);
    let joined = "call_attempts a JOIN decision_attempts d ON d.decision = a.decision \
         AND d.position = a.decision_attempt WHERE d.provider = 10 + a.position";
    assert_eq!(database.count(joined).await, 40);
}
