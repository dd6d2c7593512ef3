//! Where people want to activate by hand: edits wait for them, tokens do not.

use laboratory::fleet::Fleet;
use libtest_mimic::Trial;

use super::{
    NODE, article, assert_dials, name_gate, name_gate_by_hand, newest, on_every_database, wait_dials,
};

pub(crate) fn trials() -> Vec<Trial> {
    on_every_database("manual::edits_wait_and_tokens_do_not", waits)
}

fn waits(url: &str) {
    let fleet = Fleet::on(url).with("GENERATIONS__ACTIVATION", "manual").with("GENERATIONS__SCAN_S", "1");
    let imported = fleet.import(&article());
    assert!(
        imported.code == 0 && imported.out.contains("`dialplane activate` makes it live"),
        "{imported:?}"
    );
    fleet.must(&["activate"]);
    let (one, two) = (fleet.router("one"), fleet.router("two"));
    let routers = [&one, &two];
    let said = name_gate(&fleet, "waits");
    assert!(said.code == 0 && said.out.contains("`dialplane activate` makes it live"), "{said:?}");
    name_gate_by_hand(&fleet, "waits-too");

    let token = fleet.must(&["token", "create", "--node", NODE]);
    let with_token = format!("node={NODE}&token={}&endpoint=1000&to=74957777777", token.trim());
    for router in routers {
        router.wait_answers(&with_token, "by the new token", |answer| answer.get("status") == "ok");
    }
    assert_dials(&routers, "westcall");
    fleet.must(&["token", "revoke", "node-2"]);
    for router in routers {
        router.wait_answers(&with_token, "no more by it", |answer| answer.get("status") != "ok");
    }
    assert_dials(&routers, "westcall");
    // A row by hand goes the same way, found by the scan.
    let hash = fleet.by_hand("SELECT token_sha256 FROM node_tokens WHERE id = 1");
    fleet.by_hand("DELETE FROM node_tokens WHERE id = 1");
    for router in routers {
        router.wait_answers(&super::ask(), "nobody", |answer| answer.get("status") != "ok");
    }
    fleet.by_hand(&format!("INSERT INTO node_tokens (id, server_id, token_sha256) VALUES (1, 1, '{hash}')"));
    wait_dials(&routers, "westcall");

    let before = newest(&fleet);
    fleet.must(&["activate"]);
    wait_dials(&routers, "waits-too");
    assert_eq!(newest(&fleet), before + 1);
}
