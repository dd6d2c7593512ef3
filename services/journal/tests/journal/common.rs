use std::{
    env, fs,
    path::{Path, PathBuf},
    process,
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use journal::{Class, Entry, Gap, Journal, Options, Position, Reader, Record, Why};

pub(crate) const KIND: u8 = 7;

/// A folder of its own for a test, removed at the end unless the test failed.
#[derive(Debug)]
pub(crate) struct Scratch(pub(crate) PathBuf);

impl Scratch {
    pub(crate) fn new(name: &str) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let serial = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = folder().join(format!("dialplane-journal-{name}-{}-{serial}", process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    /// Small segments, a writer that does not wait long, and a consumer that has not read anything yet.
    pub(crate) fn options(&self) -> Options {
        let mut options = Options::new(self.0.clone());
        options.flush_every = Duration::from_millis(1);
        options.segment_bytes = 8 << 10;
        options.consumers = vec!["assembler".into()];
        options
    }

    pub(crate) fn open(&self) -> Journal {
        Journal::open(self.options()).unwrap()
    }

    pub(crate) fn segments(&self) -> Vec<PathBuf> {
        let names = fs::read_dir(&self.0).unwrap().map(|entry| entry.unwrap().path());
        let mut segments: Vec<_> =
            names.filter(|path| path.extension().is_some_and(|e| e == "seg")).collect();
        segments.sort();
        segments
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            let _ = fs::remove_dir_all(&self.0);
        }
    }
}

/// Memory where there is some to be had: thousands of small journals are about bytes, not about how fast a disk syncs.
fn folder() -> PathBuf {
    let memory = PathBuf::from("/dev/shm");
    if memory.is_dir() { memory } else { env::temp_dir() }
}

/// Runs the asynchronous part of a test.
pub(crate) fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

/// Cases of a property: few by default, since each of them writes files; `PROPTEST_CASES` asks for more.
pub(crate) fn config(by_default: u32) -> proptest::prelude::ProptestConfig {
    let cases = env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok());
    let cases = cases.map_or(by_default, |cases: u32| cases.min(20_000));
    proptest::prelude::ProptestConfig { cases, failure_persistence: None, ..Default::default() }
}

pub(crate) fn is_slow() -> bool {
    env::var_os("DIALPLANE_SLOW").is_some()
}

/// What record `number` holds, so that a reader of any part of a journal knows what to expect.
pub(crate) fn payload_of(number: u64) -> Vec<u8> {
    let length = usize::try_from(number * 37 % 300).unwrap();
    let line = format!("Event: Newexten\r\nUniqueid: {number}\r\n");
    line.bytes().cycle().take(length).collect()
}

pub(crate) fn time_of(number: u64) -> i64 {
    1_700_000_000_000_000 + i64::try_from(number).unwrap() * 1_000
}

pub(crate) fn record_of(number: u64) -> Record {
    let (position, time_us, payload) = (Position(number), time_of(number), payload_of(number).into());
    Record { position, time_us, kind: KIND, payload }
}

/// Appends the next records of the series, waits until they are durable, and returns their numbers.
pub(crate) fn append_durably(journal: &Journal, from: u64, count: u64) {
    for number in from..from + count {
        let position = journal.append(Class::Keep, KIND, time_of(number), &payload_of(number)).unwrap();
        assert_eq!(position, Position(number));
    }
    block_on(journal.flush()).unwrap();
}

pub(crate) fn read_all(folder: &Path) -> Vec<Entry> {
    read_from(folder, 1)
}

pub(crate) fn read_from(folder: &Path, from: u64) -> Vec<Entry> {
    let mut reader = Reader::open(folder, Position(from)).unwrap();
    std::iter::from_fn(|| reader.read().unwrap()).collect()
}

pub(crate) fn records(entries: &[Entry]) -> Vec<Record> {
    entries
        .iter()
        .filter_map(|entry| match entry {
            Entry::Record(record) => Some(record.clone()),
            Entry::Gap(_) => None,
        })
        .collect()
}

pub(crate) fn gaps(entries: &[Entry]) -> Vec<Gap> {
    entries
        .iter()
        .filter_map(|entry| match entry {
            Entry::Gap(gap) => Some(*gap),
            Entry::Record(_) => None,
        })
        .collect()
}

pub(crate) fn gap(from: u64, to: u64, why: Why, class: Class) -> Gap {
    Gap { from: Position(from), to: Position(to), why, class }
}

/// Entries come in order, each position once, none left out; returns the last.
pub(crate) fn assert_complete(entries: &[Entry], from: u64) -> u64 {
    let mut next = from;
    for entry in entries {
        let (first, last) = match entry {
            Entry::Record(record) => (record.position.0, record.position.0),
            Entry::Gap(gap) => (gap.from.0, gap.to.0),
        };
        assert_eq!(first, next, "{entry:?} follows {}", next - 1);
        assert!(last >= first, "{entry:?}");
        next = last + 1;
    }
    next - 1
}
