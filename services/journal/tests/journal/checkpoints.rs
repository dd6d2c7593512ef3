use std::fs;

use journal::{CHECKPOINT_MAX, JournalError, Position};

use crate::common::*;

#[test]
fn the_newest_checkpoint_is_the_one_that_counts() {
    let scratch = Scratch::new("checkpoint");
    let journal = scratch.open();
    append_durably(&journal, 1, 50);
    assert_eq!(journal.last_checkpoint("assembler").unwrap(), None);
    for position in [10, 20, 30] {
        journal.checkpoint("assembler", Position(position), format!("state {position}").as_bytes()).unwrap();
    }
    drop(journal);
    let saved = scratch.open().last_checkpoint("assembler").unwrap().unwrap();
    assert_eq!((saved.position, &*saved.content), (Position(30), &b"state 30"[..]));
    assert_eq!(files(&scratch).len(), 2);
}

#[test]
fn a_damaged_checkpoint_falls_back_to_the_one_before_and_says_so() {
    let scratch = Scratch::new("fallback");
    let journal = scratch.open();
    append_durably(&journal, 1, 50);
    journal.checkpoint("assembler", Position(10), b"older").unwrap();
    journal.checkpoint("assembler", Position(20), b"newer").unwrap();
    let newest = files(&scratch).pop().unwrap();
    let sound = fs::read(&newest).unwrap();
    for at in 0..sound.len() {
        let mut bytes = sound.clone();
        bytes[at] ^= 4;
        fs::write(&newest, bytes).unwrap();
        let saved = journal.last_checkpoint("assembler").unwrap().unwrap();
        assert_eq!((saved.position, &saved.damaged), (Position(10), &vec![newest.clone()]), "byte {at}");
        fs::write(&newest, &sound[..at]).unwrap();
        assert_eq!(journal.last_checkpoint("assembler").unwrap().unwrap().content, b"older", "cut at {at}");
    }
    drop(journal);
    // After a restart the damaged one does not count among the two that are kept.
    let journal = scratch.open();
    journal.checkpoint("assembler", Position(30), b"newest").unwrap();
    assert_eq!(files(&scratch).len(), 3);
    journal.checkpoint("assembler", Position(40), b"newest").unwrap();
    assert_eq!(files(&scratch).len(), 2);
}

#[test]
fn a_checkpoint_is_refused_ahead_of_the_journal_or_of_nobody_known() {
    let scratch = Scratch::new("refused");
    let journal = scratch.open();
    append_durably(&journal, 1, 5);
    let refused = |consumer, position, content: &[u8]| {
        journal.checkpoint(consumer, Position(position), content).unwrap_err()
    };
    assert!(matches!(refused("assembler", 6, b""), JournalError::Ahead { position: 6, durable: 5 }));
    assert!(matches!(refused("stranger", 5, b""), JournalError::UnknownConsumer(_)));
    let large = vec![0; CHECKPOINT_MAX + 1];
    assert!(matches!(refused("assembler", 5, &large), JournalError::CheckpointSize { .. }));
    drop(journal);
    let mut options = scratch.options();
    options.consumers.push("../elsewhere".into());
    assert!(matches!(journal::Journal::open(options), Err(JournalError::ConsumerName)));
}

fn files(scratch: &Scratch) -> Vec<std::path::PathBuf> {
    let names = fs::read_dir(&scratch.0).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> =
        names.filter(|path| path.extension().is_some_and(|e| e == "checkpoint")).collect();
    files.sort();
    files
}
