use std::fs;

use journal::{Class, Entry, Journal, JournalError, PAYLOAD_MAX, Position, Why};
use proptest::{collection::vec, prelude::*};

use crate::common::*;

#[test]
fn records_are_read_back_over_many_segments() {
    let scratch = Scratch::new("many");
    append_durably(&scratch.open(), 1, 500);
    assert!(scratch.segments().len() > 5);
    let expected: Vec<_> = (1..=500).map(|number| Entry::Record(record_of(number))).collect();
    assert_eq!(read_all(&scratch.0), expected);
    assert_eq!(read_from(&scratch.0, 317), expected[316..]);
    assert_eq!(read_from(&scratch.0, 501), []);
}

#[test]
fn numbers_go_on_after_a_restart() {
    let scratch = Scratch::new("restart");
    for run in 0..5 {
        append_durably(&scratch.open(), 1 + run * 30, 30);
    }
    assert_eq!(records(&read_all(&scratch.0)), (1..=150).map(record_of).collect::<Vec<_>>());
    assert_eq!(assert_complete(&read_all(&scratch.0), 1), 150);
}

#[test]
fn what_is_in_the_queue_is_written_when_the_journal_is_dropped() {
    let scratch = Scratch::new("drop");
    let mut options = scratch.options();
    options.flush_every = std::time::Duration::from_hours(1);
    let journal = Journal::open(options).unwrap();
    for number in 1..=10 {
        journal.append(Class::Noise, KIND, time_of(number), &payload_of(number)).unwrap();
    }
    drop(journal);
    assert_eq!(records(&read_all(&scratch.0)).len(), 10);
}

#[test]
fn a_second_owner_is_refused_and_told_the_folder() {
    let scratch = Scratch::new("owners");
    let first = scratch.open();
    let second = Journal::open(scratch.options()).unwrap_err();
    assert!(matches!(second, JournalError::Locked { .. }), "{second}");
    assert!(second.to_string().contains(scratch.0.to_str().unwrap()), "{second}");
    drop(first);
    scratch.open();
}

#[test]
fn too_large_a_record_is_a_gap() {
    let scratch = Scratch::new("large");
    let journal = scratch.open();
    let dropped = journal.append(Class::Keep, KIND, 0, &vec![b'x'; PAYLOAD_MAX + 1]).unwrap_err();
    assert_eq!((dropped.position, dropped.why), (Position(1), Why::TooLarge));
    block_on(journal.durable(dropped.position)).unwrap();
    journal.append(Class::Keep, KIND, 0, &vec![b'x'; PAYLOAD_MAX]).unwrap();
    drop(journal);
    let entries = read_all(&scratch.0);
    assert_eq!(gaps(&entries), [gap(1, 1, Why::TooLarge, Class::Keep)]);
    assert_eq!(records(&entries)[0].payload.len(), PAYLOAD_MAX);
}

#[test]
fn a_follower_sees_what_becomes_durable_and_ends_with_the_journal() {
    let scratch = Scratch::new("follow");
    let journal = scratch.open();
    let mut follower = journal.follow(Position(1));
    block_on(async {
        for number in 1..=300 {
            journal.append(Class::Keep, KIND, time_of(number), &payload_of(number)).unwrap();
            if number % 7 == 0 {
                let durable = *journal.watch().borrow();
                let batch = follower.batch().await.unwrap();
                assert!(durable <= *journal.watch().borrow() && !batch.is_empty());
            }
        }
        let mut seen = follower.batch().await.unwrap();
        while assert_last(&seen) < 300 {
            seen = follower.batch().await.unwrap();
        }
        drop(journal);
        assert!(matches!(follower.batch().await, Err(JournalError::Closed)));
    });
}

fn assert_last(entries: &[Entry]) -> u64 {
    let Some(Entry::Record(record)) = entries.last() else { panic!("{entries:?}") };
    assert_eq!(*record, record_of(record.position.0));
    record.position.0
}

#[test]
fn a_cancelled_follower_loses_nothing() {
    let scratch = Scratch::new("cancel");
    let journal = scratch.open();
    let mut follower = journal.follow(Position(1));
    let mut entries = Vec::new();
    block_on(async {
        for number in 1..=200 {
            journal.append(Class::Keep, KIND, time_of(number), &payload_of(number)).unwrap();
            journal.flush().await.unwrap();
            tokio::select! {
                biased;
                batch = follower.batch() => entries.extend(batch.unwrap()),
                () = tokio::task::yield_now() => {}
            }
        }
        while entries.len() < 200 {
            entries.extend(follower.batch().await.unwrap());
        }
    });
    assert_eq!(records(&entries), (1..=200).map(record_of).collect::<Vec<_>>());
}

#[test]
fn a_segment_of_another_version_is_refused_by_name() {
    let scratch = Scratch::new("version");
    append_durably(&scratch.open(), 1, 3);
    let segment = &scratch.segments()[0];
    let mut bytes = fs::read(segment).unwrap();
    bytes[8] = 2;
    let crc = crc32c(&bytes[..60]);
    bytes[60..64].copy_from_slice(&crc.to_le_bytes());
    fs::write(segment, bytes).unwrap();
    let refused = Journal::open(scratch.options()).unwrap_err();
    assert!(matches!(refused, JournalError::Version { version: 2, .. }), "{refused}");
}

/// CRC-32C by its definition, bit by bit: the format stands on its own, not on a library.
fn crc32c(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |crc, byte| {
        (0..8).fold(
            crc ^ u32::from(*byte),
            |crc, _| if crc & 1 == 1 { crc >> 1 ^ 0x82F6_3B78 } else { crc >> 1 },
        )
    })
}

proptest! {
    #![proptest_config(config(40))]

    #[test]
    fn what_is_appended_is_what_is_read(
        contents in vec((any::<bool>(), any::<u8>(), any::<i64>(), vec(any::<u8>(), 0..3_000)), 1..60),
        restart_at in 0_usize..60,
        from in 1_u64..60,
    ) {
        let scratch = Scratch::new("property");
        let mut journal = scratch.open();
        for (index, (keep, kind, time_us, payload)) in contents.iter().enumerate() {
            if index == restart_at {
                drop(journal);
                journal = scratch.open();
            }
            let class = if *keep { Class::Keep } else { Class::Noise };
            journal.append(class, *kind, *time_us, payload).unwrap();
        }
        drop(journal);
        let from_index = usize::try_from(from - 1).unwrap().min(contents.len());
        let expected: Vec<_> = (from..).zip(&contents[from_index..]).map(|(number, (_, kind, time_us, payload))| {
            let (position, payload) = (Position(number), payload.as_slice().into());
            Entry::Record(journal::Record { position, time_us: *time_us, kind: *kind, payload })
        }).collect();
        prop_assert_eq!(read_from(&scratch.0, from), expected);
    }
}
