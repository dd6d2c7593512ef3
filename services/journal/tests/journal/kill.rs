use std::{
    env,
    io::{BufRead, BufReader},
    process::{Command, Stdio},
};

use journal::{Class, Why};

use crate::common::*;

const FOLDER: &str = "DIALPLANE_JOURNAL_FOLDER";
const FROM: &str = "DIALPLANE_JOURNAL_FROM";

/// The process that gets killed: it appends without end and says what is durable.
#[test]
fn child() {
    let (Ok(folder), Ok(from)) = (env::var(FOLDER), env::var(FROM)) else { return };
    let mut options = journal::Options::new(folder);
    options.flush_every = std::time::Duration::from_millis(1);
    options.segment_bytes = 256 << 10;
    options.consumers = vec!["assembler".into()];
    let journal = journal::Journal::open(options).unwrap();
    let watch = journal.watch();
    for number in from.parse::<u64>().unwrap().. {
        // Full: the record is a gap, and that is as good an answer.
        let _ = journal.append(Class::Keep, KIND, time_of(number), &payload_of(number));
        if number % 50 == 0 {
            println!("durable {}", watch.borrow().0);
        }
    }
}

#[test]
fn what_was_durable_survives_kill_9() {
    let scratch = Scratch::new("kill");
    let (mut next, mut torn) = (1, 0);
    for round in 0..if is_slow() { 500 } else { 25 } {
        // The child's own numbers are the payloads', so it has to know where the journal goes on.
        let durable = run_and_kill(&scratch, next, 1 + round * 7919 % 200);
        let journal = journal_of(&scratch);
        torn += journal.counts().torn_bytes;
        let fence = journal.append(Class::Keep, KIND, time_of(0), b"fence").unwrap().0;
        drop(journal);
        assert!(fence > durable, "{fence} was durable and is given out again");
        let entries = read_from(&scratch.0, next);
        assert_eq!(assert_complete(&entries, next), fence);
        let whys = gaps(&entries);
        assert!(
            whys.iter()
                .all(|gap| gap.to.0 > durable && gap.why == Why::TornTail || gap.why == Why::QueueFull),
            "{whys:?}"
        );
        for record in records(&entries).iter().filter(|record| record.position.0 < fence) {
            assert_eq!(*record, record_of(record.position.0));
        }
        next = fence + 1;
    }
    println!("{} records, {torn} torn bytes cut", next - 1);
}

fn journal_of(scratch: &Scratch) -> journal::Journal {
    let mut options = scratch.options();
    options.segment_bytes = 256 << 10;
    journal::Journal::open(options).unwrap()
}

/// Lets the child write until it has reported so many times, then kills it; what it last called durable.
fn run_and_kill(scratch: &Scratch, from: u64, reports: u64) -> u64 {
    let mut command = Command::new(env::current_exe().unwrap());
    command
        .args(["kill::child", "--exact", "--nocapture"])
        .env(FOLDER, &scratch.0)
        .env(FROM, from.to_string());
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut durable = 0;
    let mut left = reports;
    for line in lines.map(Result::unwrap) {
        let Some(number) = line.split("durable ").nth(1).and_then(|number| number.parse().ok()) else {
            continue;
        };
        durable = number;
        left = left.saturating_sub(1);
        // It goes on printing what it had in its pipe: all of it was true.
        if left == 0 {
            child.kill().unwrap();
        }
    }
    child.wait().unwrap();
    assert_eq!(left, 0, "the child ended by itself");
    durable
}
