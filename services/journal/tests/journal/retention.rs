use std::time::Duration;

use journal::{Class, Journal, Position, Why};

use crate::common::*;

#[test]
fn a_segment_goes_when_every_consumer_passed_it_and_it_is_old_enough() {
    let scratch = Scratch::new("expire");
    let mut options = scratch.options();
    options.consumers = vec!["assembler".into(), "exporter".into()];
    // Records are a millisecond apart.
    options.keep_for = Duration::from_millis(200);
    let journal = Journal::open(options.clone()).unwrap();
    append_durably(&journal, 1, 600);
    let all = scratch.segments();
    journal.checkpoint("assembler", Position(600), b"").unwrap();
    journal.checkpoint("exporter", Position(100), b"").unwrap();
    drop(journal);
    assert_eq!(read_all(&scratch.0).len(), 600, "the exporter has not come further than 100");
    let journal = Journal::open(options).unwrap();
    // The older of the two checkpoints counts: a damaged newest must find its records.
    for position in [500, 500] {
        journal.checkpoint("exporter", Position(position), b"").unwrap();
        journal.checkpoint("assembler", Position(600), b"").unwrap();
    }
    drop(journal);
    let left = scratch.segments();
    assert!(left.len() < all.len() && left.len() > 2, "{left:?}");
    let entries = read_all(&scratch.0);
    let gap = gaps(&entries)[0];
    assert_eq!((gap.from, gap.why, gaps(&entries).len()), (Position(1), Why::Removed, 1));
    assert!((350..=400).contains(&gap.to.0), "{gap:?}");
}

#[test]
fn a_segment_that_does_not_fill_goes_as_well() {
    let scratch = Scratch::new("quiet");
    let mut options = scratch.options();
    options.consumers = vec!["assembler".into()];
    options.segment_bytes = 1 << 20;
    options.keep_for = Duration::from_millis(100);
    let journal = Journal::open(options).unwrap();
    for first in (1..500).step_by(10) {
        append_durably(&journal, first, 10);
        journal.checkpoint("assembler", Position(first + 9), b"").unwrap();
    }
    drop(journal);
    let segments = scratch.segments().len();
    assert!((2..=4).contains(&segments), "{segments} segments");
    let entries = read_all(&scratch.0);
    assert!(entries.len() <= 301, "{} records are left of the last 100 ms", entries.len());
}

#[test]
fn over_the_cap_the_oldest_segment_goes_and_the_unread_are_counted() {
    let scratch = Scratch::new("cap");
    let mut options = scratch.options();
    options.total_bytes = 32 << 10;
    let journal = Journal::open(options).unwrap();
    append_durably(&journal, 1, 1_000);
    let counts = journal.counts();
    drop(journal);
    let bytes: u64 = scratch.segments().iter().map(|path| path.metadata().unwrap().len()).sum();
    assert!(bytes <= 32 << 10, "{bytes}");
    let entries = read_all(&scratch.0);
    assert_eq!(assert_complete(&entries, 1), 1_000);
    assert_eq!(gaps(&entries), [gap(1, counts.removed_unread, Why::Removed, Class::Keep)]);
    assert!(counts.segments_capped > 10, "{counts:?}");
}

#[test]
fn a_follower_left_behind_by_the_cap_is_told() {
    let scratch = Scratch::new("behind");
    let mut options = scratch.options();
    options.total_bytes = 32 << 10;
    let journal = Journal::open(options).unwrap();
    let mut follower = journal.follow(Position(1));
    append_durably(&journal, 1, 10);
    let mut entries = block_on(follower.batch()).unwrap();
    append_durably(&journal, 11, 1_000);
    while assert_complete(&entries, 1) < 1_010 {
        entries.extend(block_on(follower.batch()).unwrap());
    }
    assert_eq!(gaps(&entries).len(), 1);
    assert_eq!(gaps(&entries)[0].why, Why::Removed);
}
