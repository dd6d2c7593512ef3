//! Back to what was good: in every router, and until somebody says otherwise.

use laboratory::fleet::{Fleet, Member, question};
use libtest_mimic::Trial;
use tokio::time::Instant;

use super::{
    NODE, ask, assert_dials, generations, name_gate, name_gate_by_hand, newest, on_every_database,
    wait_dials, with_article,
};

pub(crate) fn trials() -> Vec<Trial> {
    let held = on_every_database("rollback::it_holds_until_somebody_activates", held);
    let restored = on_every_database("rollback::the_tables_come_back_too", restored);
    let revoked = on_every_database("rollback::what_was_revoked_stays_revoked", revoked);
    [held, restored, revoked].into_iter().flatten().collect()
}

fn fleet_with_a_mistake(url: &str) -> (Fleet, Member, Member, u64) {
    let fleet = with_article(Fleet::on(url).with("GENERATIONS__SCAN_S", "1"));
    let (one, two) = (fleet.router("one"), fleet.router("two"));
    let good = newest(&fleet);
    assert_eq!(name_gate(&fleet, "mistake").code, 0);
    wait_dials(&[&one, &two], "mistake");
    (fleet, one, two, good)
}

fn held(url: &str) {
    let (fleet, one, two, good) = fleet_with_a_mistake(url);
    let routers = [&one, &two];
    let begun = Instant::now();
    fleet.must(&["rollback", &good.to_string(), "--comment", "a mistake"]);
    wait_dials(&routers, "westcall");
    eprintln!("rollback, {}: in both routers after {:.1?}", &url[..6], begun.elapsed());
    assert_eq!(generations(&fleet)[0]["comment"], "a mistake");

    // The mistake still stands in the tables, and more is edited, by command and by hand.
    let said = name_gate(&fleet, "more");
    assert!(said.code == 0 && said.out.contains("held"), "{said:?}");
    name_gate_by_hand(&fleet, "and-more");
    // Tokens go live all the same, three times after another: each time the tables were looked at and left alone.
    for _ in 0..3 {
        let token = fleet.must(&["token", "create", "--node", NODE]);
        let with_token = format!("node={NODE}&token={}&endpoint=1000&to=74957777777", token.trim());
        for router in routers {
            router.wait_answers(&with_token, "by the new token", |answer| answer.get("status") == "ok");
        }
        assert_dials(&routers, "westcall");
    }
    let said = name_gate(&fleet, "held-still");
    assert!(said.code == 0 && said.out.contains("held"), "{said:?}");
    assert_dials(&routers, "westcall");

    fleet.must(&["activate"]);
    wait_dials(&routers, "held-still");
    assert_eq!(name_gate(&fleet, "by-itself-again").code, 0);
    wait_dials(&routers, "by-itself-again");
}

fn restored(url: &str) {
    let (fleet, one, two, good) = fleet_with_a_mistake(url);
    let routers = [&one, &two];
    fleet.must(&["rollback", &good.to_string(), "--restore"]);
    wait_dials(&routers, "westcall");
    assert!(fleet.must(&["verify"]).contains("no changes"));
    // Nothing is held: the next edit goes live, and takes nothing of the mistake along.
    fleet.must(&["rows", "set", "providers", "8", "dial_timeout_s=33"]);
    for router in routers {
        let seconds =
            |answer: &laboratory::asking::Answer| (1..=9).any(|n| answer.get(&format!("tmo{n}")) == "33");
        router.wait_answers(&ask(), "with 33 seconds", seconds);
    }
    assert_dials(&routers, "westcall");

    // Without a rollback the restored tables go live like any other edit.
    assert_eq!(name_gate(&fleet, "second-mistake").code, 0);
    fleet.must(&["restore", &good.to_string()]);
    wait_dials(&routers, "westcall");
    // And one may roll back first and restore later.
    let last = newest(&fleet);
    assert_eq!(name_gate(&fleet, "third-mistake").code, 0);
    fleet.must(&["rollback", &last.to_string()]);
    fleet.must(&["restore", &last.to_string()]);
    fleet.must(&["activate"]);
    assert_eq!(name_gate(&fleet, "right").code, 0);
    wait_dials(&routers, "right");
}

fn revoked(url: &str) {
    let fleet = with_article(Fleet::on(url).with("GENERATIONS__SCAN_S", "1"));
    let (one, two) = (fleet.router("one"), fleet.router("two"));
    let token = fleet.must(&["token", "create", "--node", NODE, "--comment", "lost"]);
    let with_token = format!("node={NODE}&token={}&endpoint=1000&to=74957777777", token.trim());
    let routers = [&one, &two];
    for router in routers {
        router.wait_answers(&with_token, "by the new token", |answer| answer.get("status") == "ok");
    }
    let with_it = newest(&fleet);
    fleet.must(&["token", "revoke", "node-2"]);
    for router in routers {
        router.wait_answers(&with_token, "no more by it", |answer| answer.get("status") != "ok");
    }
    assert_eq!(name_gate(&fleet, "later").code, 0);
    wait_dials(&routers, "later");

    fleet.must(&["rollback", &with_it.to_string()]);
    wait_dials(&routers, "westcall");
    for router in routers {
        assert_ne!(router.ask(&with_token).get("status"), "ok");
        assert_eq!(router.ask(&question(NODE, "1000", "74957777777")).get("status"), "ok");
    }
}
