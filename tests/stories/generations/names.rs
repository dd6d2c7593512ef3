//! A carrier's host name: what it stands for is recognised by a router soon after DNS says so, and only if nothing about it
//! is odd.

use laboratory::{
    dns::{NameServer, Says},
    fleet::{Fleet, LIMIT, Member, question},
    sqlite, wait_until,
};
use libtest_mimic::Trial;
use serde_json::Value;

use super::{NODE, article, newest};

const NAME: &str = "sip.example.net";

pub(crate) fn trials() -> Vec<Trial> {
    vec![Trial::test("generations::names::a_router_follows_dns_and_is_not_fooled", || {
        follows(&sqlite());
        Ok(())
    })]
}

/// Westcall has a second address, of which only the name is known.
fn fleet(url: &str) -> Fleet {
    let fleet = Fleet::on(url).with("GENERATIONS__SCAN_S", "1");
    let row = format!(
        "\n[[provider_addresses]]\nid = 900\nprovider_id = 7\ndomainname = \"{NAME}\"\ndirection = \"IN\"\nproto = \"SIP\"\n"
    );
    let imported = fleet.import(&(article() + &row));
    assert_eq!(imported.code, 0, "{imported:?}");
    fleet
}

fn is_known(router: &Member, source: &str) -> bool {
    let form = format!("{}&source={source}", question(NODE, "westcall", "74951815000"));
    router.ask_inbound(&form).get("reason") != "unknown_source"
}

fn wait_known(router: &Member, source: &str, known: bool) {
    let what = format!("{source} is {}", if known { "recognised" } else { "a stranger" });
    wait_until(&what, LIMIT, || (is_known(router, source) == known).then_some(()));
}

fn quarantine(fleet: &Fleet) -> Vec<Value> {
    serde_json::from_str(&fleet.must(&["addresses", "quarantine", "--json"])).unwrap()
}

fn follows(url: &str) {
    let server = NameServer::start();
    server.has(NAME, &["192.0.2.1"]);
    let fleet = fleet(url);
    let servers = server.address().to_string();
    let settings = [
        ("RESOLVER__ENABLED", "true"),
        ("RESOLVER__SERVERS", &servers),
        ("RESOLVER__TTL_FLOOR_S", "1"),
        ("RESOLVER__TTL_CEILING_S", "1"),
        ("RESOLVER__HOLD_DOWN_S", "2"),
    ];
    let router = fleet.router_with("one", &settings);
    wait_known(&router, "192.0.2.1", true);

    // Somebody leaves an edit behind that cannot go live: names do not wait for that.
    fleet.by_hand("UPDATE provider_addresses SET ipaddress = '128.0.0.0/2' WHERE id = 52");
    wait_until("the edit is refused", LIMIT, || router.readyz()?.1.contains("edits: ").then_some(()));
    server.has(NAME, &["192.0.2.2"]);
    wait_known(&router, "192.0.2.2", true);
    wait_known(&router, "192.0.2.1", false);

    // Poison and silence change nothing, and no generation is made of them.
    server.has(NAME, &["203.0.113.9", "127.0.0.1"]);
    wait_until("both are in quarantine", LIMIT, || (quarantine(&fleet).len() == 2).then_some(()));
    let before = newest(&fleet);
    server.says(NAME, Says::ServerFailure);
    let failing = || fleet.must(&["addresses", "list", "--provider", "Westcall"]).contains("failing");
    wait_until("it is said that the name fails", LIMIT, || failing().then_some(()));
    assert!(is_known(&router, "192.0.2.2") && !is_known(&router, "203.0.113.9"));
    assert_eq!(newest(&fleet), before);

    // A person lets one through; nobody can let the other.
    let id = |address: &str| {
        let row = quarantine(&fleet).into_iter().find(|row| row["address"] == address).unwrap();
        row["id"].to_string()
    };
    let never = fleet.run(&["addresses", "approve", &id("127.0.0.1"), "--reason", "why not"]);
    assert_eq!(never.code, 4, "{never:?}");
    fleet.must(&["addresses", "approve", &id("203.0.113.9"), "--reason", "their mail"]);
    server.has(NAME, &["192.0.2.2", "203.0.113.9"]);
    wait_known(&router, "203.0.113.9", true);
    assert!(fleet.must(&["audit"]).contains("address_approved"));

    // Its time is over.
    fleet.by_hand("UPDATE provider_addresses SET ipaddress = '128.0.2.0/24' WHERE id = 52");
    fleet.by_hand("UPDATE provider_addresses SET valid_to = '2026-01-01T00:00:00Z' WHERE id = 900");
    wait_known(&router, "203.0.113.9", false);
    assert!(!is_known(&router, "192.0.2.2"));
}
