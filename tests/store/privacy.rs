//! Numbers that are masked are nowhere, records that are removed are gone, and what is held stays.

use calls::{CallRecord, Party};
use domain::{NUMBER_DIGITS_MIN, masked};
use retention::{Done, round};
use store::{AuditEntry, Author, NewHold, RetentionRule, Store, Touched};

use super::{
    call_lists::Dice,
    call_records::write,
    database::Database,
    reports::{DECISION, DECISION_ATTEMPT},
    sample_calls::{NOW_US, call, ended, node},
};

const DAY_US: i64 = 24 * 60 * 60 * 1_000_000;
const NUMBER: &str = "12025550100";
/// Every column of text of a record, and of what belongs to it.
const TEXTS: [(&str, &str); 7] = [
    ("calls", "caller_raw, caller_e164, called_raw, called_e164, root, decision, flaws"),
    ("call_legs", "channel, linked_id, unique_id"),
    ("call_attempts", "dial, leg, caller_leg, decision, dialstatus"),
    ("calls_set_aside", "record, rule"),
    ("decisions", "request, caller_e164, called_e164, call_id, reason"),
    ("decision_attempts", "dial, number_shown, prefix"),
    ("decisions_set_aside", "record, rule"),
];
/// An hour after everything else.
const ASIDE: [&str; 2] = [
    "INSERT INTO calls_set_aside (node, created_us, unique_id, revision, refused_us, rule, record) \
     VALUES ('msk', 1795273200000000, '1.1', 1, 1795273200000000, 'rule', '{\"called\":\"12025550100\"}')",
    "INSERT INTO decisions_set_aside (decided_us, id, refused_us, rule, record) VALUES (1795273200000000, 'd-9', \
     1795273200000000, 'rule', '{\"record\":{\"question\":{\"node\":\"msk\",\"to\":\"12025550100\"}}}')",
];

fn rule(mask_days: Option<u16>, remove_days: Option<u16>) -> RetentionRule {
    let comment = "the law".to_owned();
    RetentionRule { country: None, mask_days, remove_days, floor_days: 1, ceiling_days: Some(400), comment }
}

/// Three calls a second apart, and a decision.
async fn recorded(database: Database) -> Database {
    let database = database.with_tables().await;
    write(&database.store, &[1, 2, 3].map(|number| ended(&call(number)))).await;
    for sql in [DECISION, DECISION_ATTEMPT].into_iter().chain(ASIDE) {
        assert_eq!(database.by_hand(sql).await.unwrap(), 1);
    }
    database
}

/// How many rows of these tables show the number.
async fn rows_with_the_number(database: &Database) -> Vec<usize> {
    let mut rows = Vec::new();
    for (table, columns) in TEXTS {
        let shown = database.shown(table, columns).await;
        rows.push(shown.iter().filter(|line| line.contains(NUMBER)).count());
    }
    rows
}

fn done(masked: [u64; 2], removed: [u64; 2]) -> Done {
    let touched = |[calls, decisions]: [u64; 2]| Touched { calls, decisions };
    Done { masked: touched(masked), removed: touched(removed), months: 0 }
}

fn signed(store: &Store) -> Store {
    store.signed(Author { actor: "an officer".to_owned(), comment: String::new() })
}

pub(super) async fn a_masked_number_is_nowhere(database: Database) {
    let database = recorded(database).await;
    let store = signed(&database.store);
    assert_eq!(rows_with_the_number(&database).await, [3, 0, 6, 1, 1, 1, 1]);
    assert_eq!(round(&store, NOW_US + 400 * DAY_US).await.unwrap(), Done::default(), "there is no rule");
    store.set_retention_rule(&rule(Some(30), Some(365))).await.unwrap();
    assert_eq!(round(&store, NOW_US + 30 * DAY_US - 1).await.unwrap(), Done::default(), "a moment too early");
    assert_eq!(rows_with_the_number(&database).await, [3, 0, 6, 1, 1, 1, 1]);

    assert_eq!(round(&store, NOW_US + 31 * DAY_US).await.unwrap(), done([3, 1], [0, 0]));
    assert_eq!(rows_with_the_number(&database).await, [0; 7]);
    let left = database.shown("calls", "caller_raw, called_raw, talk_us, disposition").await;
    assert!(left.iter().all(|line| line == "1000|1202555****|60000000|answered"), "{left:?}");
    let decision = store.decision("d-1").await.unwrap().unwrap().record;
    assert!(decision.question.is_masked() && decision.decided.attempts.len() == 1, "{decision:?}");
    let legs = database.shown("call_legs", "channel").await;
    assert!(legs.len() == 9 && legs.iter().all(|line| line == "PJSIP"), "{legs:?}");
    let shown = database.shown("report_calls", "caller, called").await;
    assert!(shown.iter().all(|line| line == "1000|1202555****"), "{shown:?}");
    assert_eq!(round(&store, NOW_US + 32 * DAY_US).await.unwrap(), Done::default(), "once is enough");
}

pub(super) async fn removed_records_leave_nothing(database: Database) {
    let database = recorded(database).await;
    let store = signed(&database.store);
    store.set_retention_rule(&rule(None, Some(90))).await.unwrap();
    // The first call and the decision are old enough by then, the others a moment later.
    let now_us = NOW_US + 90 * DAY_US + 1_500_000;
    assert_eq!(round(&store, now_us).await.unwrap(), done([0, 0], [1, 1]));
    let mut counts = Vec::new();
    for table in ["calls", "call_legs", "call_attempts", "call_aliases", "decisions", "decision_attempts"] {
        counts.push(database.count(table).await);
    }
    assert_eq!(counts, [2, 6, 4, 0, 0, 0]);
    assert_eq!(round(&store, now_us + DAY_US).await.unwrap(), done([0, 0], [2, 0]));
    assert_eq!(rows_with_the_number(&database).await, [0; 7]);
}

pub(super) async fn what_is_held_stays_until_it_is_released(database: Database) {
    let database = recorded(database).await;
    let store = signed(&database.store);
    store.set_retention_rule(&rule(Some(30), Some(60))).await.unwrap();
    let second = call(2).id.created_us;
    let hold = NewHold {
        number: NUMBER.parse().ok(),
        node: Some(node()),
        from_us: second,
        to_us: Some(second + 1),
        reason: "file 7".to_owned(),
    };
    let id = store.make_hold(&hold).await.unwrap();
    assert_eq!(store.legal_holds().await.unwrap()[0].hold, hold);
    let now_us = NOW_US + 61 * DAY_US;
    assert_eq!(round(&store, now_us).await.unwrap(), done([0, 0], [2, 1]));
    assert_eq!(rows_with_the_number(&database).await, [1, 0, 2, 0, 0, 0, 0]);
    assert_eq!((database.count("call_legs").await, database.count("call_attempts").await), (3, 2));

    assert!(store.release_hold(id, "closed").await.unwrap());
    assert!(!store.release_hold(id, "closed").await.unwrap(), "once");
    assert_eq!(round(&store, now_us).await.unwrap(), done([0, 0], [1, 0]));
    assert_eq!(database.count("calls").await, 0);
    let audit = store.audit(10).await.unwrap();
    let told: Vec<_> = audit.iter().map(|entry| (entry.action.as_str(), entry.reason.as_str())).collect();
    assert_eq!(told, [("hold_released", "closed"), ("hold_made", "file 7"), ("retention_set", "the law")]);
    assert!(audit.iter().all(|entry| entry.actor == "an officer"));
}

pub(super) async fn floor_and_ceiling_are_the_databases(database: Database) {
    let store = database.with_tables().await.store;
    let rule = |mask_days, remove_days, floor_days, ceiling_days| RetentionRule {
        floor_days,
        ceiling_days,
        ..rule(mask_days, remove_days)
    };
    for (bad, why) in [
        (rule(Some(10), None, 30, None), "masked below the floor"),
        (rule(None, Some(10), 30, None), "removed below the floor"),
        (rule(Some(100), Some(50), 0, None), "removed before it is masked"),
        (rule(Some(100), None, 0, Some(90)), "whole above the ceiling"),
        (rule(None, Some(100), 0, Some(90)), "there above the ceiling"),
        (rule(None, None, 0, Some(90)), "never masked under a ceiling"),
    ] {
        assert!(store.set_retention_rule(&bad).await.is_err(), "{why}");
    }
    assert_eq!(store.retention_rules().await.unwrap(), []);
    assert_eq!(store.audit(10).await.unwrap(), [], "what was refused was not done");
    let good = [rule(Some(30), Some(90), 30, Some(30)), rule(None, None, 0, None)];
    for good in good {
        store.set_retention_rule(&good).await.unwrap();
        assert_eq!(store.retention_rules().await.unwrap(), [good]);
    }
    assert!(store.remove_retention_rule(None, "no more").await.unwrap());
    assert!(!store.remove_retention_rule(None, "no more").await.unwrap());
}

/// Numbers of every length, a few of each, beside what is shown of them.
fn numbers() -> Vec<(String, String)> {
    let mut dice = Dice::new(7);
    let digits = |length: u64, dice: &mut Dice| {
        (0..length).map(|at| (u64::from(at == 0) + dice.below(9)).to_string()).collect::<Vec<_>>().concat()
    };
    let number = |length: u64| digits(1 + length % 15, &mut dice);
    (0..60).map(number).map(|number| (number.clone(), masked(&number))).collect()
}

pub(super) async fn reports_and_masking_hide_what_the_rule_hides(database: Database) {
    let database = database.with_tables().await;
    let numbers = numbers();
    let party = |number: &str| Party { raw: number.into(), e164: number.parse().ok() };
    let record = |(at, (number, _)): (i64, &(String, String))| CallRecord {
        caller: Some(party(number)),
        called: Some(Party { raw: number.as_str().into(), e164: None }),
        ..call(at)
    };
    let updates: Vec<_> = (0..).zip(&numbers).map(record).map(|record| ended(&record)).collect();
    write(&database.store, &updates).await;
    for (at, (number, _)) in numbers.iter().enumerate() {
        let sql = DECISION
            .replace("d-1", &format!("d-{at}"))
            .replace("'442079460123', '12025550100'", &format!("'{number}', NULL"));
        assert_eq!(database.by_hand(&sql).await.unwrap(), 1);
    }
    // What is known to be no number is shown as far as it is too short for one.
    let rule = |(number, shown): &(String, String)| {
        let raw = if number.len() < NUMBER_DIGITS_MIN { number } else { "-" };
        (format!("{shown}|{raw}"), format!("{shown}|-"))
    };
    let sorted = |mut lines: Vec<String>| {
        lines.sort_unstable();
        lines
    };
    let (calls, decisions): (Vec<_>, Vec<_>) = numbers.iter().map(rule).unzip();
    let shown = sorted(database.shown("report_calls", "caller, called").await);
    assert_eq!(shown, sorted(calls.clone()));
    assert_eq!(sorted(database.shown("report_decisions", "caller, called").await), sorted(decisions));

    let store = signed(&database.store);
    store.set_retention_rule(&self::rule(Some(30), None)).await.unwrap();
    assert_eq!(round(&store, NOW_US + 31 * DAY_US).await.unwrap(), done([60, 60], [0, 0]));
    let left = sorted(database.shown("calls", "caller_raw, called_raw").await);
    assert_eq!(left, sorted(calls));
    assert_eq!(sorted(database.shown("report_calls", "caller, called").await), left);
}

pub(super) async fn who_sees_whole_numbers_is_noted(database: Database) {
    let store = signed(&database.with_tables().await.store);
    store.note_numbers_shown("calls list called=1202555****", Some(3), "file 7").await.unwrap();
    store.note_numbers_shown(&"é\0".repeat(3_000), None, &"у".repeat(200)).await.unwrap();
    let audit = store.audit(10).await.unwrap();
    assert_eq!(audit[0].subject.chars().count(), 2_000);
    let AuditEntry { actor, action, subject, reason, .. } = &audit[1];
    assert_eq!(
        [actor.as_str(), action, subject, reason],
        ["an officer", "numbers_shown", "3 calls of calls list called=1202555****", "file 7"]
    );
}
