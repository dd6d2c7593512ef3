//! How fast records of calls are written, beside bare inserts of the same rows: the same tables with the same indexes,
//! the same number of calls in a transaction, statements of the same size, but no lease, no revisions, no aliases and
//! nothing to be set aside.
//!
//! `cargo bench --package scenarios --bench calls_written [-- sqlite|postgres|mariadb …]`

#![expect(clippy::unwrap_used, reason = "a measurement that cannot go on has failed")]
#![expect(clippy::disallowed_methods, reason = "measures real time")]

mod bare;
#[path = "../../store/sample_calls.rs"]
mod sample_calls;

use std::{fs, time::Instant};

use calls::{CallRecord, CallUpdate};
use store::{CallBatch, LeaseOutcome, NodeLease, Options, Store};

use sample_calls::{NOW_US, call, ended, node};

type Database = (&'static str, fn() -> String);

/// What SQLite and the store take unasked.
const SQLITE_CACHE_KB: u32 = 2_000;
const DATABASES: [Database; 3] =
    [("sqlite", laboratory::sqlite), ("postgres", laboratory::postgres), ("mariadb", laboratory::mariadb)];

/// Rounds of one and the other, in turns: the machine may be busy with something else for a while.
const PAIRS: usize = 7;
const BATCHES: usize = 8;
const CALLS_PER_BATCH: usize = 500;
/// A call, three legs and two attempts.
const ROWS_PER_CALL: usize = 6;

/// What is asked for: this part of the rate of bare inserts.
const PART_MIN: f64 = 0.35;

fn main() {
    let run = laboratory::enter();
    let wanted: Vec<_> = std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    println!(
        "| database | records, rows/s | bare, rows/s | part of it (median of {PAIRS} pairs) | asked for | load |"
    );
    println!("|---|---|---|---|---|---|");
    for (name, url) in DATABASES {
        if wanted.is_empty() || wanted.iter().any(|wanted| wanted == name) {
            runtime.block_on(measure(name, &url()));
        }
    }
    run.remove();
}

async fn measure(database: &str, url: &str) {
    let store = Store::connect(url, Options::default()).await.unwrap();
    store.migrate().await.unwrap();
    store.prepare_call_partitions(NOW_US).await.unwrap();
    let asked = store.lease_node(&node(), "bench", std::time::Duration::from_hours(1)).await.unwrap();
    let LeaseOutcome::Ours { lease, .. } = asked else { panic!("the database is ours alone") };
    let mut bare = bare::Connection::open(url, SQLITE_CACHE_KB).await;
    let mut numbers = 0_i64..;
    let mut next = || (&mut numbers).take(BATCHES * CALLS_PER_BATCH).map(call).collect::<Vec<_>>();
    let (mut written, mut inserted) = (Vec::new(), Vec::new());
    for pair in 0..=PAIRS {
        let took = [write(&store, &lease, &next()).await, insert(&mut bare, &next()).await];
        // The first pair warms up.
        if pair > 0 {
            written.push(took[0]);
            inserted.push(took[1]);
        }
    }
    let parts = written.iter().zip(&inserted).map(|(written, inserted)| inserted / written).collect();
    report(database, median(written), median(inserted), median(parts));
}

fn report(database: &str, written_s: f64, inserted_s: f64, part: f64) {
    let rows = f64::from(u32::try_from(BATCHES * CALLS_PER_BATCH * ROWS_PER_CALL).unwrap());
    let verdict = if part >= PART_MIN { "≥" } else { "MISSED: ≥" };
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split(' ').next().unwrap_or_default();
    println!(
        "| {database} | {:.0} | {:.0} | {part:.2} | {verdict} {PART_MIN} | {load} |",
        rows / written_s,
        rows / inserted_s
    );
}

/// Seconds.
async fn write(store: &Store, lease: &NodeLease, records: &[CallRecord]) -> f64 {
    let updates: Vec<CallUpdate> = records.iter().map(ended).collect();
    let started = Instant::now();
    for updates in updates.chunks(CALLS_PER_BATCH) {
        let batch = CallBatch { updates, gaps: &[], written_us: Some(NOW_US) };
        let written = store.write_calls(lease, &batch).await.unwrap();
        assert_eq!(written.calls, CALLS_PER_BATCH as u64);
    }
    started.elapsed().as_secs_f64()
}

/// Seconds.
async fn insert(bare: &mut bare::Connection, records: &[CallRecord]) -> f64 {
    let started = Instant::now();
    for records in records.chunks(CALLS_PER_BATCH) {
        bare.insert(records).await;
    }
    started.elapsed().as_secs_f64()
}

/// The value in the middle.
fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
