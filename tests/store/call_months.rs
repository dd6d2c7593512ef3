//! Months of calls in parts of their own, where a database has such.

use calls::CallRecord;

use super::{
    call_records::{everything, write},
    database::Database,
    sample_calls::{call, ended},
};

/// 2041-05-31 23:59:59.999999 UTC, beyond whatever month the tests run in.
const LATER_US: i64 = 2_253_657_599_999_999;
const MONTH_US: i64 = 31 * 24 * 3_600 * 1_000_000;

fn at(created_us: i64) -> CallRecord {
    let mut record = call(1);
    record.id.created_us = created_us;
    record
}

/// Rows of a table in the part that holds May 2041.
async fn in_may(database: &Database, table: &str) -> u64 {
    match database.url.split(':').next() {
        Some("postgres") => database.count(&format!("{table}_2041_05")).await,
        Some("mysql") => database.count(&format!("{table} PARTITION (before_2041_06)")).await,
        _ => 1,
    }
}

pub(super) async fn coming_months_are_made_once(database: Database) {
    let database = database.with_tables().await;
    let store = &database.store;
    // All there is, before any month is made.
    let times =
        [i64::MIN, -1, 0, LATER_US - 2 * MONTH_US, LATER_US, LATER_US + 1, LATER_US + MONTH_US, i64::MAX - 1];
    let mut records: Vec<_> = times.map(at).into();
    let updates: Vec<_> = records.iter().map(ended).collect();
    assert_eq!(write(store, &updates).await.calls, 8);

    // Where parts follow each other without a hole, there is one for what lies before the first, too.
    let (first, next) = match database.url.split(':').next() {
        Some("postgres") => (9, 3),
        Some("mysql") => (12, 3),
        _ => (0, 0),
    };
    assert_eq!(store.prepare_call_partitions(LATER_US).await.unwrap(), first);
    assert_eq!(store.prepare_call_partitions(LATER_US).await.unwrap(), 0);
    assert_eq!(everything(&database).await.0, records);
    for table in ["calls", "call_legs", "call_attempts"] {
        let rows = if database.url.starts_with("sqlite") { 1 } else { database.count(table).await / 8 };
        assert_eq!(in_may(&database, table).await, rows, "{table}");
    }
    // A month goes by.
    assert_eq!(store.prepare_call_partitions(LATER_US + 1).await.unwrap(), next);
    assert_eq!(store.prepare_call_partitions(LATER_US).await.unwrap(), 0);

    records = records.into_iter().map(|record| CallRecord { revision: 2, ..record }).collect();
    let updates: Vec<_> = records.iter().map(ended).collect();
    assert_eq!(write(store, &updates).await.calls, 8);
    assert_eq!(everything(&database).await.0, records);
    // A clock that stands wrong.
    for wrong_us in [i64::MIN, i64::MAX] {
        store.prepare_call_partitions(wrong_us).await.unwrap();
    }
    assert_eq!(everything(&database).await.0, records);
}

pub(super) async fn two_may_make_months_at_once(database: Database) {
    let database = database.with_tables().await;
    let (store, other) = (&database.store, &database.again().await);
    let updates: Vec<_> = (0..50).map(|nth| ended(&at(LATER_US - nth))).collect();
    let (one, two, written) = tokio::join!(
        store.prepare_call_partitions(LATER_US),
        other.prepare_call_partitions(LATER_US),
        write(store, &updates),
    );
    let made = one.unwrap() + two.unwrap();
    assert_eq!(made % 3, 0);
    assert_eq!(store.prepare_call_partitions(LATER_US).await.unwrap(), 0);
    assert_eq!((written.calls, database.count("calls").await), (50, 50));
    assert_eq!(database.count("call_legs").await, 150);
}
