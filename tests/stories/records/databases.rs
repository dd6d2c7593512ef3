//! A database that is away: what is told meanwhile waits in the journal, and is in the tables soon after.

use std::{ops::Range, thread, time::Duration};

use journal::{Entry, Position, Reader};
use laboratory::{
    away::{Begin, Fault, Frail},
    fleet::{LIMIT, Member},
    wait_until,
};
use libtest_mimic::Trial;
use tokio::time::Instant;

use super::{CALLS, NODE, Scene, count};

const WAITING: &str = "records wait in the journal";
const CALLS_PER_SECOND: usize = 100;

pub(crate) fn trials() -> Vec<Trial> {
    let faults: [(&str, Begin); 5] = [
        ("stopped::postgres", || Frail::postgres(Fault::Stopped)),
        ("stopped::mariadb", || Frail::mariadb(Fault::Stopped)),
        ("hung::postgres", || Frail::postgres(Fault::Hung)),
        ("hung::mariadb", || Frail::mariadb(Fault::Hung)),
        ("locked::sqlite", Frail::sqlite),
    ];
    let told = |(name, database): (&'static str, Begin)| {
        Trial::test(format!("records::databases::nothing_is_lost_while_it_is::{name}"), move || {
            let (url, database) = database();
            nothing_is_lost(name, &url, database);
            Ok(())
        })
    };
    faults.into_iter().map(told).collect()
}

fn nothing_is_lost(fault: &str, url: &str, mut database: Frail) {
    let scene = Scene::on(url);
    let mut collector = scene.collector("one");
    scene.say(0..20);
    scene.wait_number(CALLS, 20);
    let digest = scene.digest("1 = 1");

    killed_meanwhile(&scene, &mut collector, &mut database, 20..50);
    scene.wait_number(CALLS, 50);
    assert_eq!(scene.digest("1 = 1"), digest.replace("20|", "50|"));

    let away = Duration::from_secs(count(5, 600) as u64);
    let last = 50 + (count(5, 600) * CALLS_PER_SECOND) as u64;
    let back = scene.meanwhile(50..last, || {
        database.take_away();
        let began = Instant::now();
        collector.wait_says(WAITING);
        thread::sleep(away.saturating_sub(began.elapsed()));
        database.bring_back();
        Instant::now()
    });
    scene.wait_number(CALLS, last);
    eprintln!("{fault}: {last} calls are told {:.1?} after {away:?} without a database", back.elapsed());
    assert_eq!(scene.digest("1 = 1"), digest.replace("20|", &format!("{last}|")));
    collector.wait_silent(WAITING);
    assert_eq!(scene.node.too_slow(), 0);
}

/// The collector is killed while the database is away, and started again before it is back.
fn killed_meanwhile(scene: &Scene, collector: &mut Member, database: &mut Frail, calls: Range<u64>) {
    const LAST: &str = "Event: UserEvent\r\nUserEvent: TheLast\r\n\r\n";
    database.take_away();
    scene.say(calls);
    scene.node.say(LAST);
    wait_until("the last event is in the journal", LIMIT, || {
        let mut reader = Reader::open(&collector.journal(NODE), Position(1)).unwrap();
        let entries = std::iter::from_fn(|| reader.read().unwrap());
        let is_last =
            |entry: &Entry| matches!(entry, Entry::Record(record) if *record.payload == *LAST.as_bytes());
        entries.into_iter().any(|entry| is_last(&entry)).then_some(())
    });
    scene.kill(collector);
    collector.start();
    scene.wait_listeners(1);
    database.bring_back();
}
