//! A line that breaks, and an Asterisk that goes away.

use laboratory::{fleet::LIMIT, wait_until};
use libtest_mimic::Trial;

use super::{CALLS, COMPLETE, Scene, on_every_database};

pub(crate) fn trials() -> Vec<Trial> {
    let mut trials = on_every_database("records::lines::what_was_not_heard_is_a_gap", a_cut_line);
    trials.extend(on_every_database("records::lines::who_was_up_ends_with_its_node", a_restart));
    trials
}

/// Three kinds of calls: over before the line broke, up meanwhile and after, and ended without a witness.
fn a_cut_line(url: &str) {
    let scene = Scene::on(url);
    let _collector = scene.collector("one");
    scene.say(0..50);
    scene.wait_number(CALLS, 50);
    let digest = scene.digest("complete = TRUE");

    let survivors = scene.events(50..60);
    let losers = scene.events(60..70);
    let (heard, unheard) = (survivors.len() / 2, losers.len() / 2);
    survivors[..heard].iter().chain(&losers[..unheard]).for_each(|(_, event)| scene.node.say(event));
    wait_until("the calls are up", LIMIT, || {
        let live = scene.fleet.run(&["calls", "live", "--json"]).out;
        (live.matches("\"unique_id\"").count() >= 20).then_some(())
    });
    scene.node.close(true);
    losers[unheard..].iter().for_each(|(_, event)| scene.node.think(event));
    scene.node.close(false);
    scene.wait_listeners(1);
    survivors[heard..].iter().for_each(|(_, event)| scene.node.say(event));
    scene.say(70..100);
    scene.wait_number(CALLS, 100);

    scene.wait_number(COMPLETE, 80);
    assert_eq!(scene.digest("complete = TRUE"), digest.replace("50|", "80|"), "who was not up is as ever");
    assert_eq!(scene.number("SELECT count(*) FROM call_gaps WHERE reason = 'disconnected'"), 1);
    let flaws =
        scene.fleet.by_hand("SELECT flaws, count(*) FROM calls WHERE complete = FALSE GROUP BY 1 ORDER BY 1");
    let flaws = flaws.replace('\t', "|");
    assert_eq!(flaws, "gap_disconnected|10\ngap_disconnected,end_unseen|10");
}

fn a_restart(url: &str) {
    let scene = Scene::on(url);
    let _collector = scene.collector("one");
    let up = scene.events(0..20);
    up[..up.len() / 2].iter().for_each(|(_, event)| scene.node.say(event));
    wait_until("the calls are up", LIMIT, || {
        let live = scene.fleet.run(&["calls", "live", "--json"]).out;
        (live.matches("\"unique_id\"").count() >= 20).then_some(())
    });
    scene.node.restart();
    scene.wait_number("SELECT count(*) FROM calls WHERE complete = FALSE AND hangup_by = 'node_lost'", 20);
    assert_eq!(scene.number(CALLS), 20);
}
