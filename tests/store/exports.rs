//! Everything that is in the tables is in an export, once and as it is.

use std::{
    collections::HashSet,
    hash::{DefaultHasher, Hash, Hasher},
    io::{self, Write},
    pin::pin,
};

use exports::{About, Attempt, Call, Export, Format, Leg, Row};
use futures_util::TryStreamExt;
use records::recorded;
use serde_json::{Map, Value};
use store::{CallFilter, CallParts, Store};

use crate::stories::count;

use super::{
    call_records::write,
    database::Database,
    many_calls,
    sample_calls::{call, ended},
};

/// How many calls are exported, and how many where time does not matter.
const CALLS: [usize; 2] = [1_200, 1_000_000];

/// What becomes of each row, an object of JSON.
struct Rows<F> {
    rest: Vec<u8>,
    each: F,
}

impl<F: FnMut(Map<String, Value>)> Write for Rows<F> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.rest.extend_from_slice(bytes);
        let Some(end) = self.rest.iter().rposition(|byte| *byte == b'\n') else { return Ok(bytes.len()) };
        let rest = self.rest.split_off(end + 1);
        for line in std::mem::replace(&mut self.rest, rest).split(|byte| *byte == b'\n') {
            if !line.is_empty() {
                (self.each)(serde_json::from_slice(line)?);
            }
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Exports a table, row by row.
async fn export<R: Row>(store: &Store, parts: CallParts, each: impl FnMut(Map<String, Value>) + Send) {
    let about = About { filter: String::new(), schema: 1, exported_us: 0 };
    let lines = Rows { rest: Vec::new(), each };
    let mut export = Export::new(Format::NdJson, lines, &about).unwrap();
    let mut calls = pin!(store.all_calls(CallFilter::default(), parts));
    let mut rows: Vec<R> = Vec::new();
    while let Some(call) = calls.try_next().await.unwrap() {
        R::push_of(recorded(call), &mut rows);
        export.write(&rows).unwrap();
        rows.clear();
    }
    export.finish().unwrap();
}

/// All rows of a table.
async fn exported<R: Row>(store: &Store, parts: CallParts) -> Vec<Map<String, Value>> {
    let mut rows = Vec::new();
    export::<R>(store, parts, |row| rows.push(row)).await;
    rows
}

/// How many rows of a table there are, and how many of them have a key of their own.
async fn counted<R: Row>(store: &Store, parts: CallParts, keys: &[&str]) -> [u64; 2] {
    // A million keys as texts would fill the memory.
    let (mut rows, mut known) = (0, HashSet::new());
    let count = |row: Map<String, Value>| {
        let mut hasher = DefaultHasher::new();
        for key in keys {
            row[*key].to_string().hash(&mut hasher);
        }
        known.insert(hasher.finish());
        rows += 1;
    };
    export::<R>(store, parts, count).await;
    [rows, known.len() as u64]
}

pub(super) async fn every_row_is_exported_once(database: Database) {
    let database = database.with_tables().await;
    let calls = count(CALLS[0], CALLS[1]) as u64;
    for statement in many_calls::statements(calls) {
        database.by_hand(&statement).await.unwrap();
    }
    let store = &database.store;
    let of_call = ["node", "created_at", "unique_id"];
    let of_part = ["node", "call_created_at", "call_unique_id", "position"];
    for (table, counted) in [
        ("calls", counted::<Call>(store, CallParts::Row, &of_call).await),
        ("call_legs", counted::<Leg>(store, CallParts::Whole, &of_part).await),
        ("call_attempts", counted::<Attempt>(store, CallParts::Whole, &of_part).await),
    ] {
        let rows = database.count(table).await;
        assert_eq!((counted, rows % calls), ([rows, rows], 0), "{table}");
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
