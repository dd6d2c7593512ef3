//! Months all of whose records have to go.

use retention::round;
use store::{Author, Closed, NewHold, Place, RetentionRule, Store};
use traffic::{Per, Quarter};

use super::{
    call_records::write,
    database::Database,
    reports::{DECISION, DECISION_ATTEMPT},
    sample_calls::{NOW_US, call, ended, id, node},
    traffic::{asked, close_all, lines},
};

const DAY_US: i64 = 24 * 60 * 60 * 1_000_000;
/// Of the next month.
const LATER: i64 = 20 * 24 * 60 * 60;
/// All of November is older than ninety days, and not all of December.
const THEN_US: i64 = NOW_US + 104 * DAY_US;
const RECORDS: [&str; 5] = ["calls", "call_legs", "call_attempts", "decisions", "decision_attempts"];
const ASIDE: [&str; 2] = [
    "INSERT INTO calls_set_aside (node, created_us, unique_id, revision, refused_us, rule, record) \
     VALUES ('msk', 1795269900000000, '1.1', 1, 1795269900000000, 'rule', '{\"called\":\"12025550100\"}')",
    "INSERT INTO decisions_set_aside (decided_us, id, refused_us, rule, record) VALUES \
     (1795273200000000, 'd-9', 1795273200000000, 'rule', '{\"record\":{\"question\":{\"node\":\"msk\",\"to\":\"12025550100\"}}}')",
];

/// Three calls of November, one of December and a decision, in parts of their own.
async fn recorded(database: Database) -> (Database, Store) {
    let database = database.with_tables().await;
    let author = Author { actor: "an officer".to_owned(), comment: String::new() };
    let store = database.store.signed(author);
    store.prepare_call_partitions(NOW_US).await.unwrap();
    store.prepare_decision_partitions(NOW_US).await.unwrap();
    write(&store, &[1, 2, 3, LATER].map(|number| ended(&call(number)))).await;
    for sql in [DECISION, DECISION_ATTEMPT].into_iter().chain(ASIDE) {
        assert_eq!(database.by_hand(sql).await.unwrap(), 1);
    }
    let rule = RetentionRule {
        country: None,
        mask_days: None,
        remove_days: Some(90),
        floor_days: 1,
        ceiling_days: None,
        comment: "the law".to_owned(),
    };
    store.set_retention_rule(&rule).await.unwrap();
    (database, store)
}

async fn counts(database: &Database) -> [u64; 5] {
    let mut counts = [0; 5];
    for (count, table) in counts.iter_mut().zip(RECORDS) {
        *count = database.count(table).await;
    }
    counts
}

/// Whether the tables have a part for November.
async fn parts_of_november(database: &Database) -> u64 {
    match database.url.split(':').next() {
        Some("postgres") => {
            database.count("pg_class WHERE relkind = 'r' AND relname LIKE '%\\_2026\\_11'").await
        }
        Some("mysql") => {
            let parts = "information_schema.partitions WHERE table_schema = DATABASE() \
                 AND partition_name = 'before_2026_12'";
            database.count(parts).await
        }
        _ => 0,
    }
}

/// Months that go where a part is all that lies before the first month, too; where there are no parts, none.
fn months(database: &Database, [postgres, mariadb]: [u32; 2]) -> u32 {
    match database.url.split(':').next() {
        Some("postgres") => postgres,
        Some("mysql") => mariadb,
        _ => 0,
    }
}

pub(super) async fn a_month_that_is_over_goes_at_once(database: Database) {
    let (database, store) = recorded(database).await;
    close_all(&store).await;
    let question = traffic::Question {
        period: traffic::Period { from_us: NOW_US, to_us: NOW_US + 40 * DAY_US, capped: false },
        ..asked(Per::Attempt, &[traffic::Dimension::Day], "UTC")
    };
    let summed = lines(&store, &question).await;
    assert_eq!((summed.len(), counts(&database).await), (2, [4, 12, 8, 1, 1]));

    let done = round(&store, THEN_US).await.unwrap();
    assert_eq!((done.removed.calls, done.removed.decisions), (3, 1));
    assert_eq!(done.months, months(&database, [1, 2]));
    assert_eq!((counts(&database).await, parts_of_november(&database).await), ([1, 3, 2, 0, 0], 0));
    for table in ["calls_set_aside", "decisions_set_aside"] {
        assert_eq!(database.count(table).await, 0, "{table}");
    }
    let audit = store.audit(1).await.unwrap().remove(0);
    if done.months > 0 {
        assert_eq!(
            (audit.action.as_str(), audit.subject.as_str()),
            ("month_removed", "2026-11: 3 calls, 1 decisions")
        );
        assert_eq!(audit.actor, "an officer");
    }
    let december_us = 1_796_083_200_000_000;
    assert!(store.retention_progress(&node()).await.unwrap().removed_us >= december_us);
    assert_eq!(round(&store, THEN_US).await.unwrap(), retention::Done::default(), "once is enough");

    // Its sums stay, whoever wants them again.
    database.by_hand("INSERT INTO traffic_marks (quarter_us, node, writer, marks) VALUES (1795269600000000, 'msk', 'x', 1)").await.unwrap();
    let place = Place { quarter: Quarter::of(id(1).created_us), node: node() };
    assert_eq!(store.close_quarter(&place).await.unwrap(), Closed::Removed);
    assert_eq!(lines(&store, &question).await, summed);
    // Calls of that month that come late after all have a place, and months are made as ever.
    write(&store, &[ended(&call(4))]).await;
    assert_eq!(counts(&database).await[0], 2);
    store.prepare_call_partitions(NOW_US + 120 * DAY_US).await.unwrap();
}

pub(super) async fn a_month_with_a_hold_goes_in_slices(database: Database) {
    let (database, store) = recorded(database).await;
    close_all(&store).await;
    let hold = NewHold {
        number: None,
        node: None,
        from_us: NOW_US,
        to_us: Some(id(2).created_us + 1),
        reason: "file 7".to_owned(),
    };
    let hold = store.make_hold(&hold).await.unwrap();
    let done = round(&store, THEN_US).await.unwrap();
    assert_eq!((done.removed.calls, done.removed.decisions), (1, 0));
    assert_eq!(done.months, months(&database, [0, 1]));
    assert_eq!(counts(&database).await, [3, 9, 6, 1, 1]);
    assert_eq!(parts_of_november(&database).await > 0, !database.url.starts_with("sqlite"));

    assert!(store.release_hold(hold, "closed").await.unwrap());
    // The sums are of what was there once, also until what was held has gone.
    assert!(store.recalculate_quarters(0).await.unwrap() > 0);
    let place = Place { quarter: Quarter::of(NOW_US), node: node() };
    assert_eq!(store.close_quarter(&place).await.unwrap(), Closed::Removed);
    let done = round(&store, THEN_US).await.unwrap();
    assert_eq!((done.removed.calls, done.removed.decisions), (2, 1));
    assert_eq!(done.months, months(&database, [1, 1]));
    assert_eq!((counts(&database).await, parts_of_november(&database).await), ([1, 3, 2, 0, 0], 0));
}

/// A node whose records stay keeps the month; what the other has goes in slices.
pub(super) async fn a_month_waits_for_every_node(database: Database) {
    let (database, store) = recorded(database).await;
    database.by_hand("UPDATE decisions SET node = 'gone'").await.unwrap();
    let done = round(&store, THEN_US).await.unwrap();
    assert_eq!((done.removed.calls, done.removed.decisions), (3, 0));
    assert_eq!(done.months, months(&database, [0, 1]));
    assert_eq!(counts(&database).await, [1, 3, 2, 1, 1]);
}

/// Somebody reads the tables for as long as he likes: what cannot go at once goes in slices.
pub(super) async fn a_month_that_is_in_use_goes_in_slices(database: Database) {
    let (database, store) = recorded(database).await;
    if database.url.starts_with("sqlite") {
        return;
    }
    let held = database.hold("SELECT decision FROM decision_attempts").await;
    let done = round(&store, THEN_US).await.unwrap();
    assert_eq!((done.removed.calls, done.removed.decisions, done.months), (3, 1, 0));
    assert_eq!(counts(&database).await, [1, 3, 2, 0, 0]);
    held.commit().await;
    let done = round(&store, THEN_US).await.unwrap();
    assert_eq!((done.removed.calls, done.months), (0, months(&database, [1, 2])));
    assert_eq!(parts_of_november(&database).await, 0);
}
