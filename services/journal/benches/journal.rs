//! Appending beside a bare loop that writes and syncs the same bytes as often, and reading.

use std::{
    env, fs,
    fs::File,
    io::Write,
    path::{Path, PathBuf},
};

use journal::{Class, Journal, Options, Position, Reader};
use tokio::time::Instant;

const PAYLOAD: [u8; 300] = [b'e'; 300];
const RECORDS: u32 = 400_000;
/// Records per sync, on both sides.
const BATCH: u32 = 3_000;
const PAIRS: usize = 7;

fn main() {
    let folder = env::temp_dir().join(format!("dialplane-journal-bench-{}", std::process::id()));
    let (mut ours, mut bare, mut reads) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..PAIRS {
        let _ = fs::remove_dir_all(&folder);
        bare.push(write_bare(&folder));
        let _ = fs::remove_dir_all(&folder);
        ours.push(append(&folder));
        reads.push(read(&folder));
    }
    let ratios = ours.iter().zip(&bare).map(|(ours, bare)| ours / bare).collect();
    println!("append, 300 bytes, synced every {BATCH}: {:.0} records/s", median(ours));
    println!("bare write and fdatasync, same batches:  {:.0} records/s", median(bare));
    println!("ratio, median of {PAIRS} alternating pairs:    {:.2}", median(ratios));
    println!("read:                                    {:.0} MB/s", median(reads));
    let _ = fs::remove_dir_all(&folder);
}

fn append(folder: &Path) -> f64 {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let journal = Journal::open(Options::new(folder)).expect("a journal");
    let start = Instant::now();
    for number in 1..=RECORDS {
        journal.append(Class::Keep, 0, 0, &PAYLOAD).expect("room");
        if number % BATCH == 0 {
            runtime.block_on(journal.flush()).expect("durable");
        }
    }
    runtime.block_on(journal.flush()).expect("durable");
    f64::from(RECORDS) / start.elapsed().as_secs_f64()
}

/// The same bytes in as many writes and syncs, made by nobody and checked by nothing.
fn write_bare(folder: &PathBuf) -> f64 {
    fs::create_dir_all(folder).expect("a folder");
    let mut file = File::create(folder.join("bare")).expect("a file");
    let start = Instant::now();
    let mut batch = Vec::new();
    for number in 1..=RECORDS {
        batch.extend_from_slice(&[0; 44]);
        batch.extend_from_slice(&PAYLOAD);
        if number % BATCH == 0 || number == RECORDS {
            file.write_all(&batch).expect("written");
            file.sync_data().expect("synced");
            batch.clear();
        }
    }
    f64::from(RECORDS) / start.elapsed().as_secs_f64()
}

fn read(folder: &Path) -> f64 {
    let mut reader = Reader::open(folder, Position(1)).expect("a reader");
    let start = Instant::now();
    let mut records = 0;
    while reader.read().expect("readable").is_some() {
        records += 1;
    }
    assert_eq!(records, RECORDS);
    f64::from(records) * 344.0 / 1e6 / start.elapsed().as_secs_f64()
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
