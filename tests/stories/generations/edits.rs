//! One row is edited, and every router answers by it.

use laboratory::{fleet::Fleet, redis};
use libtest_mimic::Trial;
use tokio::time::Instant;

use super::{name_gate, name_gate_by_hand, on_every_database, wait_dials, with_article};

pub(crate) fn trials() -> Vec<Trial> {
    let polled = on_every_database("edits::a_command_is_live_in_two_routers", |url| {
        by_command(with_article(Fleet::on(url).with("GENERATIONS__SCAN_S", "0")), &[]);
    });
    let hinted = on_every_database("edits::a_command_is_live_in_two_routers_by_a_hint", |url| {
        let fleet = Fleet::on(url).with("GENERATIONS__SCAN_S", "0").with("BUS__URL", &redis());
        let prefix = format!("edits-{}", url.split(':').next().unwrap());
        // The second router looks so seldom by itself that only the hint of the first explains its haste.
        by_command(with_article(fleet.with("BUS__PREFIX", &prefix)), &[("GENERATIONS__POLL_MS", "10000")]);
    });
    let by_hand = on_every_database("edits::sql_is_live_in_two_routers_at_the_next_scan", sql);
    [polled, hinted, by_hand].into_iter().flatten().collect()
}

fn by_command(fleet: Fleet, of_the_second: &[(&str, &str)]) {
    let (one, two) = (fleet.router("one"), fleet.router_with("two", of_the_second));
    wait_dials(&[&one, &two], "westcall");
    for gate in ["edited", "edited-again"] {
        let begun = Instant::now();
        let said = name_gate(&fleet, gate);
        assert_eq!(said.code, 0, "{said:?}");
        assert!(said.err.contains("live in generation"), "{said:?}");
        let told = begun.elapsed();
        wait_dials(&[&one], gate);
        let first = begun.elapsed();
        wait_dials(&[&two], gate);
        let second = begun.elapsed();
        eprintln!(
            "one row by command, {}: said so after {told:.1?}, live after {first:.1?} and {second:.1?}",
            &fleet.url[..6]
        );
    }
    drop(fleet);
}

fn sql(url: &str) {
    let fleet = with_article(Fleet::on(url).with("GENERATIONS__SCAN_S", "1"));
    let (one, two) = (fleet.router("one"), fleet.router("two"));
    wait_dials(&[&one, &two], "westcall");
    let begun = Instant::now();
    name_gate_by_hand(&fleet, "by-hand");
    wait_dials(&[&one, &two], "by-hand");
    eprintln!("one row by SQL, {}, scan every second: live after {:.1?}", &url[..6], begun.elapsed());
}
