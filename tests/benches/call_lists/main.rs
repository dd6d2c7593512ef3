//! How long a page of recorded calls takes among many. The calls lie in one month, as far from each other, on five nodes, each
//! number in some twenty of them; one in five is not answered.
//!
//! `cargo bench --package scenarios --bench call_lists [-- COUNT] [sqlite|postgres|mariadb …]`; 10,000,000 calls unless
//! another count is given.

#![expect(clippy::unwrap_used, reason = "a measurement that cannot go on has failed")]
#![expect(clippy::disallowed_methods, reason = "measures real time")]

#[path = "../calls_written/bare.rs"]
mod bare;
#[path = "../../store/sample_calls.rs"]
#[expect(dead_code, reason = "shared with others")]
mod sample_calls;

use std::{fs, time::Instant};

use calls::{CallId, CallRecord, Disposition, Party};
use domain::E164;
use store::{CallFilter, CallParts, CallQuestion, CallSort, NumberMatch, Options, Store};

use sample_calls::{NOW_US, call};

type Database = (&'static str, fn() -> String);

const DATABASES: [Database; 3] =
    [("sqlite", laboratory::sqlite), ("postgres", laboratory::postgres), ("mariadb", laboratory::mariadb)];

const CALLS: u64 = 10_000_000;
const CALLS_PER_BATCH: u64 = 5_000;
/// Room for the indexes of all calls: with less SQLite reads and writes them for every batch.
const INDEXES_KB: u32 = 4_000_000;
const HOUR_US: i64 = 3_600_000_000;
const DAY_US: i64 = 24 * HOUR_US;
const MONTH_US: u64 = 30 * DAY_US.unsigned_abs();
const NODES: [&str; 5] = ["ekb", "kzn", "msk", "nsk", "spb"];
/// Times each question is asked.
const ROUNDS: usize = 200;
/// What is asked for where an index helps, 99 of 100 times.
const P99_MAX_MS: f64 = 100.0;

/// SplitMix64: the same calls every time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % end
    }
}

fn main() {
    let run = laboratory::enter();
    let said: Vec<_> = std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    let count = said.iter().find_map(|word| word.parse().ok()).unwrap_or(CALLS);
    let named = |name: &str| said.iter().any(|word| word == name);
    let is_all = !DATABASES.iter().any(|(name, _)| named(name));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    println!("| {count} calls | question | median, ms | p99, ms | asked for | load |");
    println!("|---|---|---|---|---|---|");
    for (name, url) in DATABASES {
        if is_all || named(name) {
            runtime.block_on(measure(name, &url(), count));
        }
    }
    run.remove();
}

async fn measure(database: &'static str, url: &str, count: u64) {
    let store = Store::connect(url, Options::default()).await.unwrap();
    store.migrate().await.unwrap();
    store.prepare_call_partitions(NOW_US).await.unwrap();
    let calls = Calls { count, numbers: (count / 20).max(10) };
    let started = Instant::now();
    let mut bare = bare::Connection::open(url, INDEXES_KB).await;
    for from in (0..count).step_by(usize::try_from(CALLS_PER_BATCH).unwrap()) {
        let batch: Vec<_> =
            (from..count.min(from + CALLS_PER_BATCH)).map(|number| calls.record(number)).collect();
        bare.insert(&batch).await;
    }
    analyze(database, url);
    eprintln!("{database}: {count} calls in {:.0} s", started.elapsed().as_secs_f64());
    for (name, ask, is_indexed) in QUESTIONS {
        let mut dice = Dice(7);
        let mut took = Vec::new();
        for _ in 0..ROUNDS {
            let (filter, sort) = ask(&calls, &mut dice);
            let question =
                CallQuestion { filter: &filter, sort, limit: 50, cursor: None, parts: CallParts::Row };
            let started = Instant::now();
            store.list_calls(question).await.unwrap();
            took.push(started.elapsed().as_secs_f64() * 1_000.0);
        }
        report(database, name, took, is_indexed);
    }
    let mut dice = Dice(7);
    let mut took = Vec::new();
    for _ in 0..ROUNDS {
        let id = calls.record(dice.below(count)).id;
        let started = Instant::now();
        assert!(store.stored_call(&id).await.unwrap().is_some());
        took.push(started.elapsed().as_secs_f64() * 1_000.0);
    }
    report(database, "one call, whole, by its id", took, true);
}

/// What servers do by themselves after a while.
fn analyze(database: &str, url: &str) {
    match database {
        "postgres" => _ = laboratory::by_hand(url, "ANALYZE calls"),
        "mariadb" => _ = laboratory::by_hand(url, "ANALYZE TABLE calls"),
        _ => {}
    }
}

/// What calls there are: each follows from its number alone.
struct Calls {
    count: u64,
    numbers: u64,
}

impl Calls {
    fn record(&self, number: u64) -> CallRecord {
        let mut dice = Dice(number);
        let base = call(0);
        // One after the other, as calls come.
        let created_us = month_us() + (MONTH_US / self.count * number).cast_signed() / 1_000_000 * 1_000_000;
        let node = NODES[usize::try_from(dice.below(5)).unwrap()];
        let start_us = created_us + dice.below(1_000_000).cast_signed();
        let is_answered = dice.below(5) > 0;
        let talk_us = is_answered.then(|| dice.below(600_000_000).cast_signed());
        let id = CallId {
            node: node.parse().unwrap(),
            unique_id: format!("{node}-{}.{number}", created_us / 1_000_000).into(),
            created_us,
        };
        CallRecord {
            id,
            root: Some(format!("7-{number:x}-1").into()),
            decision: Some(format!("7-{number:x}-1").into()),
            caller: Some(party(dice.below(self.numbers))),
            called: Some(party(dice.below(self.numbers))),
            start_us: Some(start_us),
            answer_us: talk_us.map(|_| start_us + 5_000_000),
            end_us: Some(start_us + 5_000_000 + talk_us.unwrap_or_default()),
            talk_us,
            disposition: Some(if is_answered { Disposition::Answered } else { Disposition::Busy }),
            legs: Vec::new(),
            attempts: Vec::new(),
            ..base
        }
    }

    fn any_number(&self, dice: &mut Dice) -> E164 {
        number(dice.below(self.numbers))
    }
}

/// Made-up numbers of no country: what counts is how many there are.
fn number(at: u64) -> E164 {
    (999_000_000_000 + at * 37).to_string().parse().unwrap()
}

fn party(at: u64) -> Party {
    let number = number(at);
    Party { raw: format!("+{number}").into(), e164: Some(number) }
}

/// The first of the month the calls are in.
fn month_us() -> i64 {
    NOW_US - NOW_US.rem_euclid(DAY_US) - 20 * DAY_US
}

fn month() -> CallFilter {
    CallFilter { from_us: Some(month_us()), to_us: Some(month_us() + 31 * DAY_US), ..CallFilter::default() }
}

/// Some stretch of the month.
fn stretch(dice: &mut Dice, long_us: i64) -> CallFilter {
    let from_us = month_us() + dice.below(MONTH_US - long_us.unsigned_abs()).cast_signed();
    CallFilter { from_us: Some(from_us), to_us: Some(from_us + long_us), ..CallFilter::default() }
}

type Ask = fn(&Calls, &mut Dice) -> (CallFilter, CallSort);

const QUESTIONS: [(&str, Ask, bool); 9] = [
    ("the newest of a month", |_, _| (month(), CallSort::NEWEST), true),
    ("the first of some hour", |_, dice| (stretch(dice, HOUR_US), CallSort::OLDEST), true),
    (
        "a node's newest of some day",
        |_, dice| {
            (
                CallFilter { nodes: "msk".parse().into_iter().collect(), ..stretch(dice, DAY_US) },
                CallSort::NEWEST,
            )
        },
        true,
    ),
    (
        "the newest of some day that were busy",
        |_, dice| {
            (CallFilter { dispositions: vec![Disposition::Busy], ..stretch(dice, DAY_US) }, CallSort::NEWEST)
        },
        true,
    ),
    (
        "a called number's month",
        |calls, dice| {
            (
                CallFilter { called: Some(NumberMatch::Exact(calls.any_number(dice))), ..month() },
                CallSort::NEWEST,
            )
        },
        true,
    ),
    (
        "a number's month, calling or called",
        |calls, dice| {
            (
                CallFilter { number: Some(NumberMatch::Exact(calls.any_number(dice))), ..month() },
                CallSort::NEWEST,
            )
        },
        true,
    ),
    (
        "a prefix of ten digits, a month",
        |calls, dice| {
            let prefix = calls.any_number(dice).to_string()[..10].parse().unwrap();
            (CallFilter { called: Some(NumberMatch::Prefix(prefix)), ..month() }, CallSort::NEWEST)
        },
        true,
    ),
    (
        "the calls of a root",
        |calls, dice| {
            let root = calls.record(dice.below(calls.count)).root;
            (CallFilter { root, ..CallFilter::default() }, CallSort::OLDEST)
        },
        true,
    ),
    ("the longest talks of some hour", |_, dice| (stretch(dice, HOUR_US), CallSort::ALL[7]), false),
];

fn report(database: &str, name: &str, mut took: Vec<f64>, is_indexed: bool) {
    took.sort_by(f64::total_cmp);
    let (median, p99) = (took[took.len() / 2], took[took.len() * 99 / 100]);
    let asked = match (is_indexed, p99 <= P99_MAX_MS) {
        (false, _) => "–".to_owned(),
        (true, true) => format!("≤ {P99_MAX_MS}"),
        (true, false) => format!("MISSED: ≤ {P99_MAX_MS}"),
    };
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split(' ').next().unwrap_or_default();
    println!("| {database} | {name} | {median:.1} | {p99:.1} | {asked} | {load} |");
}
