//! Everything that is in the tables is in an export, once and as it is.

use std::pin::pin;

use exports::{About, Attempt, Call, Export, Format, Leg, Row};
use futures_util::TryStreamExt;
use records::recorded;
use serde_json::{Map, Value};
use store::{CallFilter, CallParts, Store};

use super::{
    call_records::write,
    database::Database,
    many_calls,
    sample_calls::{call, ended},
};

const CALLS: u64 = 1_200;

/// All rows of a table, as objects of JSON.
async fn exported<R: Row>(store: &Store, parts: CallParts) -> Vec<Map<String, Value>> {
    let about = About { filter: String::new(), schema: 1, exported_us: 0 };
    let mut bytes = Vec::new();
    let mut export = Export::new(Format::NdJson, &mut bytes, &about).unwrap();
    let mut calls = pin!(store.all_calls(CallFilter::default(), parts));
    let mut rows: Vec<R> = Vec::new();
    while let Some(call) = calls.try_next().await.unwrap() {
        R::push_of(recorded(call), &mut rows);
        export.write(&rows).unwrap();
        rows.clear();
    }
    export.finish().unwrap();
    let text = String::from_utf8(bytes).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

pub(super) async fn every_row_is_exported_once(database: Database) {
    let database = database.with_tables().await;
    for statement in many_calls::statements(CALLS) {
        database.by_hand(&statement).await.unwrap();
    }
    let store = &database.store;
    let calls = exported::<Call>(store, CallParts::Row).await;
    let legs = exported::<Leg>(store, CallParts::Whole).await;
    let attempts = exported::<Attempt>(store, CallParts::Whole).await;
    assert_eq!(calls.len() as u64, CALLS);
    for (table, rows, keys) in [
        ("calls", calls, &["node", "created_at", "unique_id"][..]),
        ("call_legs", legs, &["node", "call_created_at", "call_unique_id", "position"]),
        ("call_attempts", attempts, &["node", "call_created_at", "call_unique_id", "position"]),
    ] {
        assert_eq!(rows.len() as u64, database.count(table).await, "{table}");
        let mut known: Vec<_> =
            rows.iter().map(|row| keys.iter().map(|key| row[*key].to_string()).collect::<Vec<_>>()).collect();
        known.sort_unstable();
        known.dedup();
        assert_eq!(known.len(), rows.len(), "{table}");
    }
}

/// The row that has what an exported one says, as a condition for the database: what is called `…_at` there is `…_us`
/// here.
fn condition(row: &Map<String, Value>) -> String {
    let equals = |(name, value): (&String, &Value)| {
        let column = name.strip_suffix("_at").map_or(name.clone(), |name| format!("{name}_us"));
        match value {
            Value::Null => format!("{column} IS NULL"),
            Value::String(text) if column != *name => format!("{column} = {}", microseconds(text)),
            Value::String(text) => format!("{column} = '{text}'"),
            Value::Bool(flag) => format!("{column} = {flag}"),
            other => format!("{column} = {other}"),
        }
    };
    row.iter().map(equals).collect::<Vec<_>>().join(" AND ")
}

/// `2026-11-21T14:00:05.000001Z`, by counting the seconds since the sample calls' first.
fn microseconds(instant: &str) -> i64 {
    let part = |from: usize, to: usize| instant[from..to].parse::<i64>().unwrap();
    assert_eq!((&instant[..11], &instant[26..]), ("2026-11-21T", "Z"));
    let seconds = (part(11, 13) - 14) * 3_600 + part(14, 16) * 60 + part(17, 19);
    super::sample_calls::NOW_US + seconds * 1_000_000 + part(20, 26)
}

pub(super) async fn rows_hold_what_the_tables_hold(database: Database) {
    let database = database.with_tables().await;
    let store = &database.store;
    let mut bare = call(2);
    (bare.start_us, bare.answer_us, bare.caller, bare.sip) = (None, None, None, None);
    (bare.legs[0].linked_id, bare.attempts[0].ring_us, bare.attempts[0].dial) = (None, None, None);
    write(store, &[ended(&call(1)), ended(&bare)]).await;
    for sql in [
        "UPDATE calls SET provider_in = 3, country = 'US', outcome = 'answered' WHERE sip = 200",
        "UPDATE call_attempts SET provider = 3, kind = 'carrier', prefix = '1202', country = 'US', outcome = 'policy' \
         WHERE position = 2",
    ] {
        assert!(database.by_hand(sql).await.unwrap() > 0);
    }
    let tables = [
        ("calls", exported::<Call>(store, CallParts::Row).await),
        ("call_legs", exported::<Leg>(store, CallParts::Whole).await),
        ("call_attempts", exported::<Attempt>(store, CallParts::Whole).await),
    ];
    for (table, rows) in tables {
        assert_eq!(rows.len() as u64, database.count(table).await);
        for row in rows {
            let condition = condition(&row);
            assert_eq!(database.count(&format!("{table} WHERE {condition}")).await, 1, "{condition}");
        }
    }
}
