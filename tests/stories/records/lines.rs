//! A line that breaks, and an Asterisk that goes away.

use std::{thread, time::Duration};

use laboratory::{fleet::LIMIT, wait_until};
use libtest_mimic::Trial;

use super::{CALLS, COMPLETE, INCOMPLETE, Scene, count, now_us, on_every_database};

pub(crate) fn trials() -> Vec<Trial> {
    let mut trials = on_every_database("records::lines::what_was_not_heard_is_a_gap", a_cut_line);
    trials.extend(on_every_database("records::lines::who_was_up_ends_with_its_node", a_restart));
    trials
}

/// Calls that are over before, up meanwhile, ended without a witness, and begun after.
fn a_cut_line(url: &str) {
    let scene = Scene::on(url);
    let _collector = scene.collector("one");
    scene.say(0..20);
    scene.wait_number(CALLS, 20);
    let digest = scene.digest("complete = TRUE");

    let last = count(420, 3_800) as u64;
    scene.meanwhile(20..last, || {
        thread::sleep(Duration::from_millis(2_700));
        scene.node.close(true);
        thread::sleep(Duration::from_millis(count(500, 30_000) as u64));
        scene.node.close(false);
        scene.wait_listeners(1);
    });
    scene.say_last(last..last + 10);

    let complete = scene.number(COMPLETE);
    assert_eq!(scene.digest("complete = TRUE"), digest.replace("20|", &format!("{complete}|")), "unaffected");
    assert_eq!(scene.number("SELECT count(*) FROM call_gaps WHERE reason = 'disconnected'"), 1);
    // Some 230 are up at any moment; no more are touched than were up at one of the two ends.
    let incomplete = scene.number(INCOMPLETE);
    assert!((100..480).contains(&incomplete), "{incomplete}");
    let other = "SELECT count(*) FROM calls WHERE complete = FALSE AND flaws NOT LIKE 'gap_disconnected%' \
                 AND flaws <> 'beginning_unseen'";
    assert_eq!(
        scene.number(other),
        0,
        "{}",
        scene.fleet.by_hand("SELECT flaws, count(*) FROM calls GROUP BY 1")
    );
    let unseen = "SELECT count(*) FROM calls WHERE flaws = 'gap_disconnected,end_unseen'";
    assert!(scene.number(unseen) > 0, "nobody ended without a witness");
}

fn a_restart(url: &str) {
    let scene = Scene::on(url);
    let _collector = scene.collector("one");
    let up = scene.events(0..20, now_us());
    up[..up.len() / 2].iter().for_each(|(_, event)| scene.node.say(event));
    wait_until("the calls are up", LIMIT, || {
        let live = scene.fleet.run(&["calls", "live", "--json"]).out;
        (live.matches("\"unique_id\"").count() >= 20).then_some(())
    });
    scene.node.restart();
    scene.wait_number("SELECT count(*) FROM calls WHERE complete = FALSE AND hangup_by = 'node_lost'", 20);
    assert_eq!(scene.number(CALLS), 20);
}
