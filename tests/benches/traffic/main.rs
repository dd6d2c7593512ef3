//! How long it takes to answer with ratios of a month, out of roll-ups of so many attempts.
//!
//! `cargo bench --package scenarios --bench traffic [-- sqlite|postgres|mariadb …] [-- ATTEMPTS]`

#![expect(clippy::unwrap_used, reason = "a measurement that cannot go on has failed")]
#![expect(clippy::disallowed_methods, reason = "measures real time")]

#[path = "../../store/dice.rs"]
mod dice;
mod month;

use std::{fs, time::Instant};

use store::{Options, Store};
use traffic::{Dimension, Kind, Per, Period, QUARTER_US, Question, Zone};

use dice::Dice;

type Database = (&'static str, fn() -> String);

const DATABASES: [Database; 3] =
    [("sqlite", laboratory::sqlite), ("postgres", laboratory::postgres), ("mariadb", laboratory::mariadb)];

/// 2026-11-01 00:00:00 UTC.
const FROM_US: i64 = 1_793_491_200_000_000;
const DAYS: i64 = 30;
const DAY_US: i64 = 24 * 3_600 * 1_000_000;

/// What is counted unless somebody says otherwise.
const ATTEMPTS: u64 = 10_000_000;
const ROUNDS: usize = 5;
/// What is asked for.
const SECONDS_MAX: f64 = 1.0;

/// What ratios are told apart by, and whether a second is asked for.
const QUESTIONS: [(&[Dimension], bool); 9] = [
    (&[], true),
    (&[Dimension::Provider], true),
    (&[Dimension::Provider, Dimension::Day], true),
    (&[Dimension::Node, Dimension::Hour], true),
    (&[Dimension::Prefix], true),
    (&[Dimension::Country, Dimension::Day], true),
    (&[Dimension::Provider, Dimension::Prefix, Dimension::Day], true),
    (&[Dimension::Country, Dimension::Hour], true),
    // Only quarters know it.
    (&[Dimension::Node, Dimension::Prefix], false),
];

fn main() {
    let run = laboratory::enter();
    let arguments: Vec<_> = std::env::args().skip(1).filter(|it| !it.starts_with('-')).collect();
    let attempts = arguments.iter().find_map(|it| it.parse().ok()).unwrap_or(ATTEMPTS);
    let wanted = |name: &str| {
        let names = || arguments.iter().filter(|it| it.parse::<u64>().is_err());
        names().next().is_none() || names().any(|it| it == name)
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let rows = month::rolled_up(attempts, &mut Dice::new(7));
    println!("{attempts} attempts of {DAYS} days are {} rows", rows.len());
    println!("| database | ratios by | rows | seconds (median of {ROUNDS}) | asked for | load |");
    println!("|---|---|---|---|---|---|");
    for (name, url) in DATABASES.into_iter().filter(|(name, _)| wanted(name)) {
        runtime.block_on(measure(name, &url(), &rows));
    }
    run.remove();
}

async fn measure(database: &str, url: &str, rows: &[month::Row]) {
    let store = Store::connect(url, Options::default()).await.unwrap();
    store.migrate().await.unwrap();
    month::insert(url, rows).await;
    month::forget_layers(url).await;
    let started = Instant::now();
    store.migrate().await.unwrap();
    let seconds = started.elapsed().as_secs_f64();
    println!(
        "| {database} | – the migration that sums them up | {} | {seconds:.3} | – | {} |",
        rows.len(),
        load()
    );
    for (by, is_asked_for) in QUESTIONS {
        let question = Question {
            // It begins and ends as it happens to.
            period: Period {
                from_us: FROM_US + QUARTER_US,
                to_us: FROM_US + DAYS * DAY_US - QUARTER_US,
                capped: false,
            },
            per: Per::Attempt,
            by: by.to_vec(),
            kinds: Kind::ALL.to_vec(),
            node: None,
            provider: None,
            zone: Zone::named("Europe/Moscow").unwrap(),
        };
        let mut seconds = Vec::new();
        let mut answered = 0;
        for _ in 0..=ROUNDS {
            let started = Instant::now();
            answered = store.traffic(&question).await.unwrap().rows.len();
            seconds.push(started.elapsed().as_secs_f64());
        }
        // The first warms up.
        report(database, by, answered, median(seconds.split_off(1)), is_asked_for);
    }
}

fn report(database: &str, by: &[Dimension], rows: usize, seconds: f64, is_asked_for: bool) {
    let by = by.iter().map(|dimension| dimension.word()).collect::<Vec<_>>().join(", ");
    let verdict = match (is_asked_for, seconds <= SECONDS_MAX) {
        (false, _) => "–".to_owned(),
        (true, true) => format!("≤ {SECONDS_MAX}"),
        (true, false) => format!("MISSED: ≤ {SECONDS_MAX}"),
    };
    println!("| {database} | {by} | {rows} | {seconds:.3} | {verdict} | {} |", load());
}

fn load() -> String {
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    load.split(' ').next().unwrap_or_default().to_owned()
}

/// The value in the middle.
fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
