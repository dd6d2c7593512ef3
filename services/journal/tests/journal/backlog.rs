use std::fs;

use journal::{Class, Entry, Journal, Options, Position};

use crate::common::*;

const EVENTS: u64 = 1_000_000;
/// The window, a batch of entries, and what the allocator keeps.
const GROWTH_MAX_KIB: u64 = 24 << 10;

#[test]
#[ignore = "measures the memory of the whole process, so no other test may run beside it: make test-slow"]
fn a_backlog_of_a_million_events_is_read_in_little_memory() {
    let scratch = Scratch::new("backlog");
    let mut options = Options::new(scratch.0.clone());
    options.consumers = vec!["assembler".into()];
    options.segment_bytes = 16 << 20;
    let journal = Journal::open(options).unwrap();
    let payload = [b'e'; 100];
    let mut number = 0;
    while number < EVENTS {
        // The next million comes faster than any node sends: wait for the disk now and then.
        number = journal.append(Class::Keep, KIND, 0, &payload).unwrap().0;
        if number.is_multiple_of(20_000) {
            block_on(journal.flush()).unwrap();
        }
    }
    let mut follower = journal.follow(Position(1));
    let (before, mut seen) = (resident_kib(), 0);
    block_on(async {
        while seen < EVENTS {
            for entry in follower.batch().await.unwrap() {
                let Entry::Record(record) = entry else { panic!("{entry:?}") };
                seen += 1;
                assert_eq!(record.position, Position(seen));
            }
            assert!(open_segments(&scratch) <= 2, "the writer's and the reader's");
        }
    });
    let grown = resident_kib().saturating_sub(before);
    assert!(grown < GROWTH_MAX_KIB, "{grown} KiB");
}

/// Memory of this process.
fn resident_kib() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

fn open_segments(scratch: &Scratch) -> usize {
    let open =
        fs::read_dir("/proc/self/fd").unwrap().flatten().filter_map(|fd| fs::read_link(fd.path()).ok());
    open.filter(|path| path.starts_with(&scratch.0) && path.extension().is_some_and(|e| e == "seg")).count()
}
