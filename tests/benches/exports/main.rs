//! Exports of very many calls by the real command from real databases: when the first row is there, how fast the others
//! come, and what memory it takes, beside what the databases' own programs take for the same rows as text; and what the
//! answers of a router on the same cores notice of it.
//!
//! `cargo bench --package scenarios --bench exports [-- sqlite|postgres|mariadb …] [CALLS]`

#![expect(clippy::unwrap_used, reason = "a measurement that cannot go on has failed")]
#![expect(clippy::disallowed_methods, reason = "measures real time")]

mod beside;
#[path = "../generations/clock.rs"]
#[expect(dead_code, reason = "not every bench counts the processor's time")]
mod clock;
#[path = "../../store/many_calls.rs"]
mod many_calls;
#[path = "../generations/report.rs"]
mod report;
mod run;

use std::time::Instant;

use laboratory::fleet::Fleet;
use store::{Options, Store};

use report::{Bound, Report};
use run::{Exported, export};

type Database = (&'static str, fn() -> String, &'static str);

/// Each with the statement its own program is to write all calls for.
const DATABASES: [Database; 3] = [
    ("sqlite", laboratory::sqlite, "SELECT * FROM calls"),
    ("postgres", laboratory::postgres, "COPY (SELECT * FROM calls) TO STDOUT (FORMAT csv)"),
    ("mariadb", laboratory::mariadb, "SELECT * FROM calls"),
];

/// Unless it is said.
const CALLS: u64 = 1_000_000;
/// What is asked for.
const FIRST_ROW_S_MAX: f64 = 1.0;
const FIRST_GROUP_S_MAX: f64 = 3.0;
const PEAK_MB_MAX: f64 = 256.0;

fn main() {
    let run = laboratory::enter();
    let wanted: Vec<_> = std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    let calls = wanted.iter().find_map(|wanted| wanted.parse().ok()).unwrap_or(CALLS);
    let named = |name: &str| wanted.iter().any(|wanted| wanted == name);
    let all = !DATABASES.iter().any(|(name, ..)| named(name));
    let mut report = Report::begin();
    for (name, url, statement) in DATABASES {
        if all || named(name) {
            report.about(name);
            measure(&url(), statement, calls, &mut report);
        }
    }
    report.print();
    run.remove();
}

fn measure(url: &str, statement: &str, calls: u64, report: &mut Report) {
    let fleet = Fleet::on(url);
    fill(url, &fleet, calls);
    let own = own_program(&fleet, statement, calls);
    let remark = format!("{calls} calls");
    report.figure("its own program", rate(calls, own), "rows/s", Bound::None, &remark);
    for (format, first, first_s_max) in [
        ("csv", "first row", FIRST_ROW_S_MAX),
        ("ndjson", "first row", FIRST_ROW_S_MAX),
        ("parquet", "first row group", FIRST_GROUP_S_MAX),
    ] {
        let exported = export(&fleet, format, "calls");
        report.figure(&format!("{format}: {first}"), exported.first_s, "s", Bound::AtMost(first_s_max), "");
        tell(report, format, calls, own, &exported);
    }
    let exported = export(&fleet, "parquet", "attempts");
    tell(report, "parquet of attempts", calls * many_calls::ATTEMPTS_PER_CALL, own, &exported);
    beside::measure(&fleet, report);
}

fn tell(report: &mut Report, what: &str, rows: u64, own_s: f64, exported: &Exported) {
    let remark = format!(
        "{:.1} s, {:.0} MB; {:.2} of its own program's time",
        exported.whole_s,
        exported.megabytes,
        exported.whole_s / own_s
    );
    report.figure(what, rate(rows, exported.whole_s), "rows/s", Bound::None, &remark);
    report.figure(&format!("{what}: peak"), exported.peak_mb, "MB", Bound::AtMost(PEAK_MB_MAX), "");
}

/// A million rows one by one would take longer than everything that is measured.
fn fill(url: &str, fleet: &Fleet, calls: u64) {
    beside::import(fleet);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let store = Store::connect(url, Options::default()).await.unwrap();
        store.prepare_call_partitions(many_calls::FIRST_US).await.unwrap();
    });
    // The store's sessions join texts so; a person's do not.
    let session = if url.starts_with("mysql") { "SET sql_mode = 'PIPES_AS_CONCAT'; " } else { "" };
    for statement in many_calls::statements(calls) {
        fleet.by_hand(&format!("{session}{statement}"));
    }
    // Hundreds of throw-away databases are not worth it by themselves; one of a million rows that is asked knows itself.
    if url.starts_with("postgres") {
        fleet.by_hand("VACUUM ANALYZE calls, call_legs, call_attempts");
    }
}

/// What the database's own client takes for the same rows, seconds.
fn own_program(fleet: &Fleet, statement: &str, calls: u64) -> f64 {
    let started = Instant::now();
    let text = fleet.by_hand(statement);
    let took = started.elapsed().as_secs_f64();
    assert_eq!(text.lines().count() as u64, calls);
    took
}

#[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
fn rate(rows: u64, seconds: f64) -> f64 {
    rows as f64 / seconds
}
