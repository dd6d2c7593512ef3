use std::{env, fs, path::Path, process::Command};

use journal::{Class, Journal, Options, Why};

use crate::common::*;

const INSIDE: &str = "DIALPLANE_JOURNAL_TMPFS";
const BALLAST: usize = 1 << 20;

/// A file system of 2 MiB in a mount namespace of its own; this test runs again inside it.
#[test]
#[ignore = "on a busy machine the queue may be full before the disk is: make test-slow"]
fn a_full_disk_heals_by_itself() {
    if let Some(folder) = env::var_os(INSIDE) {
        return inside(Path::new(&folder));
    }
    let scratch = Scratch::new("full");
    let script = "mount -t tmpfs -o size=2m journal \"$DIALPLANE_JOURNAL_TMPFS\" && exec \"$0\" \"$@\"";
    let mut command = Command::new("unshare");
    command.args(["--map-root-user", "--mount", "sh", "-c", script]).arg(env::current_exe().unwrap());
    command
        .args(["full_disk::a_full_disk_heals_by_itself", "--exact", "--nocapture", "--include-ignored"])
        .env(INSIDE, &scratch.0);
    let done = command.output().expect("unshare of util-linux starts");
    let said = String::from_utf8_lossy(&done.stdout) + String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success() && said.contains("1 passed"), "needs user namespaces, or root: {said}");
}

fn inside(folder: &Path) {
    let mut options = Options::new(folder.join("journal"));
    options.flush_every = std::time::Duration::from_millis(5);
    options.segment_bytes = 200 << 10;
    options.queue_bytes = 128 << 10;
    options.consumers = vec!["assembler".into()];
    let journal = Journal::open(options).unwrap();
    fs::write(folder.join("ballast"), vec![1; BALLAST]).unwrap();
    let (mut number, mut dropped_keep) = (0, 0);
    let mut append = |number: u64| {
        let class = if number.is_multiple_of(10) { Class::Keep } else { Class::Noise };
        let done = journal.append(class, KIND, time_of(number), &payload_of(number));
        dropped_keep += u64::from(class == Class::Keep && done.is_err());
        done
    };
    // More than fits, until records to keep are dropped as well.
    while journal.counts().write_errors == 0 || journal.counts().dropped_keep < 20 {
        number += 1;
        if append(number).is_err() && journal.counts().write_errors == 0 {
            std::thread::yield_now();
        }
    }
    let full = journal.counts();
    fs::remove_file(folder.join("ballast")).unwrap();
    block_on(journal.flush()).unwrap();
    for _ in 0..100 {
        number += 1;
        append(number).unwrap();
        block_on(journal.flush()).unwrap();
    }
    let counts = journal.counts();
    assert_eq!(counts.dropped_keep, full.dropped_keep);
    assert!(counts.disk_full_us > 0 && counts.gaps > 0, "{counts:?}");
    drop(journal);
    check(&read_all(&folder.join("journal")), number, &counts);
    assert_eq!(dropped_keep, counts.dropped_keep);
}

fn check(entries: &[journal::Entry], last: u64, counts: &journal::Counts) {
    assert_eq!(assert_complete(entries, 1), last);
    for record in records(entries) {
        assert_eq!(record, record_of(record.position.0));
    }
    let gaps = gaps(entries);
    let lost: u64 = gaps.iter().map(|gap| gap.to.0 - gap.from.0 + 1).sum();
    assert_eq!(lost, counts.dropped_keep + counts.dropped_noise);
    assert!(gaps.iter().any(|gap| gap.why == Why::DiskFull), "{gaps:?}");
    assert!(gaps.iter().all(|gap| matches!(gap.why, Why::DiskFull | Why::QueueFull)), "{gaps:?}");
    let keeps = |gap: &journal::Gap| (gap.from.0..=gap.to.0).any(|number| number % 10 == 0);
    for gap in gaps {
        assert_eq!(gap.class == Class::Keep, keeps(&gap), "{gap:?}");
    }
}
