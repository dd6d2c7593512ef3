//! Whatever stalls behind the journal, the words of the node are read as they come: it drops a manager who does not read
//! for 100 ms.

use std::{thread, time::Duration};

use laboratory::{
    away::{Begin, Fault, Frail},
    feed::Feed,
    fleet::Fleet,
    redis, sqlite,
};
use libtest_mimic::Trial;

use super::{COMPLETE, Scene, count};

pub(crate) fn trials() -> Vec<Trial> {
    let databases: [(&str, Begin); 2] =
        [("sqlite", Frail::sqlite), ("postgres", || Frail::postgres(Fault::Hung))];
    let told = |(name, database): (&str, Begin)| {
        Trial::test(format!("records::stalls::a_database_delays_no_reader::{name}"), move || {
            let (url, mut database) = database();
            let scene = noisy(Fleet::on(&url));
            let _collector = scene.collector("one");
            told_on(&scene, || {
                database.take_away();
                thread::sleep(lasts());
                database.bring_back();
            });
            Ok(())
        })
    };
    let bus = Trial::test("records::stalls::a_bus_delays_no_reader", || {
        a_bus_stalls();
        Ok(())
    });
    databases.into_iter().map(told).chain([bus]).collect()
}

fn a_bus_stalls() {
    const AWAY: &str = "bus: ";
    let server = redis::single();
    let bus = format!("redis://127.0.0.1:{}", server.port);
    let scene = noisy(Fleet::on(&sqlite()).with("BUS__URL", &bus));
    let collector = scene.collector("one");
    collector.wait_silent(AWAY);
    told_on(&scene, || {
        server.hang();
        thread::sleep(lasts());
        server.go_on();
    });
    collector.wait_silent(AWAY);
}

/// How long something stalls.
pub(super) fn lasts() -> Duration {
    Duration::from_secs(count(5, 60) as u64)
}

/// Calls with everything Asterisk says of them, so many events a second.
pub(super) fn noisy(fleet: Fleet) -> Scene {
    let feed = Feed::answered_after_failure(true);
    let apart_us = feed.events() * 1_000_000 / count(1_000, 5_000);
    Scene::in_fleet(fleet, feed, i64::try_from(apart_us).unwrap())
}

/// Tells calls for as long as something stalls and a little longer; all of them become rows, and no reader was late.
pub(super) fn told_on(scene: &Scene, stall: impl FnOnce()) {
    let told_us = (lasts() + Duration::from_secs(1)).as_micros();
    let last = u64::try_from(told_us).unwrap() / scene.apart_us.unsigned_abs();
    scene.meanwhile(0..last, stall);
    scene.wait_number(COMPLETE, last);
    assert_eq!(scene.number("SELECT count(*) FROM calls"), last);
    assert_eq!(scene.number("SELECT count(*) FROM call_gaps"), 0);
    assert_eq!(scene.node.too_slow(), 0, "the reader was late");
}
