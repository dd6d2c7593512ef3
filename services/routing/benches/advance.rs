//! From one configuration to the next at the size of a large operator: the first compile, then one changed row at a
//! time, and what memory that takes. Every third provider's account shows a number of its own choice.

#![expect(clippy::disallowed_methods, reason = "measures real time")]

use std::{fs, hint::black_box, sync::Arc, time::Instant};

use domain::{ExtensionId, NumberId};
use routing::{
    Chunk, Chunked, ChunkedTables, Generation, Row, Snapshot, range_of,
    tables::{Extension, Gate, Number, Provider, Tables},
};

mod operator;

const ADVANCES: i64 = 51;

fn main() {
    let snapshot = first();
    let resident = status("VmRSS");
    println!("resident, rows and snapshot: {resident} MB");
    let mut steps = Steps { snapshot, resident };
    steps.measure("a number's flag", |tables, at| {
        change(&mut tables.numbers, scattered(at), |row: &mut Number| row.echotest = !row.echotest);
    });
    steps.measure("a number's digits", |tables, at| {
        let digits = operator::parsed(&format!("79{at:09}"));
        change(&mut tables.numbers, scattered(at), |row: &mut Number| row.number = digits);
    });
    steps.measure("a number more", |tables, at| {
        let template = tables.numbers.get(0).expect("the first number").clone();
        let (id, number) = (operator::NUMBERS + at, operator::parsed(&format!("78{at:09}")));
        insert(&mut tables.numbers, Number { id: NumberId(id), number, ..template });
    });
    steps.measure("a number of an account", |tables, at| {
        let key = 2 + operator::PROVIDERS * at;
        change(&mut tables.numbers, key, |row: &mut Number| row.echotest = !row.echotest);
    });
    steps.measure("a gate", |tables, at| {
        change(&mut tables.gates, at, |row: &mut Gate| row.cid_support = !row.cid_support);
    });
    steps.measure("a phone", |tables, at| {
        change(&mut tables.extensions, at, |row: &mut Extension| row.enabled = !row.enabled);
    });
    steps.measure("a phone more", |tables, at| {
        let template = tables.extensions.get(0).expect("the first phone").clone();
        let (id, number) = (ExtensionId(1_000_000 + at), operator::parsed(&format!("9{at:09}")));
        let endpoint = operator::parsed(&format!("new-{at}"));
        insert(&mut tables.extensions, Extension { id, number, endpoint, ..template });
    });
    steps.measure("a provider's name", |tables, at| {
        change(&mut tables.providers, 1 + at, |row: &mut Provider| row.providername.push('x'));
    });
    steps.measure("a provider", |tables, at| {
        change(&mut tables.providers, 1 + at, |row: &mut Provider| row.enabled = !row.enabled);
    });
    println!("resident at the end: {} MB", status("VmRSS"));
}

fn scattered(at: i64) -> i64 {
    i64::try_from(operator::scattered(at) % 1_000_000).unwrap_or(0)
}

fn first() -> Snapshot {
    let mut tables: Tables = operator::tables();
    for provider in tables.providers.iter_mut().filter(|row| row.id.0 % 12 == 3) {
        provider.dynamic_calls_caller_id = None;
    }
    let tables = ChunkedTables::from(tables);
    println!("resident, rows alone: {} MB", status("VmRSS"));
    let mut times = Vec::new();
    loop {
        let started = Instant::now();
        let snapshot =
            Snapshot::compile(tables.clone(), Generation::number(1)).expect("the tables fit together");
        times.push(started.elapsed().as_secs_f64() * 1e3);
        if times.len() == 5 {
            println!("compile whole: {:.0} ms (median of 5)", median(times));
            return snapshot;
        }
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// The snapshot so far, and the memory it had at the start.
struct Steps {
    snapshot: Snapshot,
    resident: u64,
}

impl Steps {
    /// Advances again and again by one change, the old snapshot held while the new one is made.
    fn measure(&mut self, name: &str, change: impl Fn(&mut ChunkedTables, i64)) {
        let (mut times, mut peak) = (Vec::new(), 0);
        for at in 1..=ADVANCES {
            let mut tables = self.snapshot.tables().clone();
            change(&mut tables, at);
            forget_peak();
            let started = Instant::now();
            let next = self.snapshot.advance(tables, Generation::number(2)).expect("the change fits");
            times.push(started.elapsed().as_secs_f64() * 1e3);
            peak = peak.max(status("VmHWM"));
            self.snapshot = black_box(next);
        }
        let most = times.iter().copied().fold(0.0, f64::max);
        let share = peak * 100 / self.resident;
        println!(
            "{name}: {:.2} ms (median of {ADVANCES}, most {most:.2}), peak {peak} MB, {share} %",
            median(times)
        );
    }
}

fn change<R: Row + Clone>(table: &mut Chunked<R>, key: i64, change: impl FnOnce(&mut R)) {
    let chunk = table.chunk(range_of(key)).expect("a row of the table");
    let mut rows = chunk.rows().to_vec();
    change(rows.iter_mut().find(|row| row.key() == key).expect("a row of the table"));
    table.put(Arc::new(Chunk::new(range_of(key), rows).expect("the keys stay")));
}

fn insert<R: Row + Clone>(table: &mut Chunked<R>, row: R) {
    let range = range_of(row.key());
    let mut rows = table.chunk(range).map(|chunk| chunk.rows().to_vec()).unwrap_or_default();
    rows.push(row);
    table.put(Arc::new(Chunk::new(range, rows).expect("the key is new")));
}

/// A figure of this process, MB.
fn status(field: &str) -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(field)?.strip_prefix(':'));
    let kilobytes = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse::<u64>().ok());
    kilobytes.unwrap_or_default() / 1024
}

/// Begins a new `VmHWM`.
fn forget_peak() {
    // Where the kernel refuses, the peak of the whole run is printed.
    let _ = fs::write("/proc/self/clear_refs", "5");
}
