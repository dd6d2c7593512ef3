//! Nothing a caller, a phone or an attacker writes adds a key, a leg or an argument to a reply.

use domain::{PeerName, StopRule};
use proptest::prelude::*;

use crate::common::{article, question, read, serving};

/// The keys of version 1; the numbered ones without their number.
const KEYS: &[&str] = &[
    "status", "reason", "cause", "id", "root", "gen", "count", "cut", "then", "dial", "kind", "ext", "cid",
    "pres", "tmo", "stop", "hop", "ask", "class", "context", "exten",
];

fn hostile() -> impl Strategy<Value = Vec<u8>> {
    let value = prop_oneof![
        "\\PC{0,60}".prop_map(String::into_bytes),
        proptest::collection::vec(any::<u8>(), 0..60),
        "(8|%2B7)?[0-9]{4,12}".prop_map(String::into_bytes),
        Just(b"500%26PJSIP/x".to_vec()),
        Just(b"%24%7BSHELL(id)%7D".to_vec()),
        Just(b"1%2C60%2Cg&count=9&dial1=SIP/x".to_vec()),
        Just(b"%0D%0ASet-Cookie:x".to_vec()),
    ];
    let key = prop_oneof![
        Just("to"),
        Just("cli"),
        Just("endpoint"),
        Just("from"),
        Just("call"),
        Just("pres"),
        Just("source"),
        Just("hop"),
        Just("class"),
        Just("x")
    ];
    proptest::collection::vec((key, value), 0..4).prop_map(|pairs| {
        let mut bytes = Vec::new();
        for (key, value) in pairs {
            bytes.extend_from_slice(b"&");
            bytes.extend_from_slice(key.as_bytes());
            bytes.extend_from_slice(b"=");
            bytes.extend_from_slice(&value);
        }
        bytes
    })
}

fn config() -> ProptestConfig {
    let asked = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok());
    ProptestConfig { cases: asked.unwrap_or(10_000), failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn replies_keep_their_form(verb in prop_oneof![Just("outbound"), Just("inbound")], more in hostile()) {
        let rig = RIG.get_or_init(|| serving(&article()));
        let mut bytes = question("").into_bytes();
        bytes.extend_from_slice(&more);
        let reply = read(&rig.service.answer(verb, &bytes, None).line);
        for key in reply.keys() {
            prop_assert!(KEYS.contains(&key.trim_end_matches(|c: char| c.is_ascii_digit())), "{}", key);
        }
        let count: usize = reply.get("count").map_or(0, |count| count.parse().unwrap());
        let dialled: Vec<_> = reply.iter().filter(|(key, _)| key.starts_with("dial")).collect();
        prop_assert_eq!(dialled.len(), count);
        for (_, string) in dialled {
            prop_assert!(!string.contains(['&', ',', '^', '$', '(', '|', '\\', ' ']), "{}", string);
        }
    }
}

static RIG: std::sync::OnceLock<crate::common::Rig> = std::sync::OnceLock::new();

#[test]
fn the_longest_reply_that_tables_can_make_fits_whole() {
    let mut tables = article();
    tables.gates.clear();
    let peer = |id: i64| -> PeerName { format!("{id}{}", "x".repeat(77)).parse().unwrap() };
    let stop: StopRule = ["s486"; StopRule::MAX_TOKENS].join(",").parse().unwrap();
    for provider in &mut tables.providers {
        provider.sells_outgoing = true;
        provider.stop_rule = Some(stop.clone());
        provider.dynamic_calls_caller_id = Some("74951815000".parse().unwrap());
    }
    tables.routes.clear();
    let row = tables.provider_addresses[0].clone();
    tables.provider_addresses.clear();
    for (id, provider) in (100..).zip(tables.providers.iter().flat_map(|provider| [provider.id; 3])) {
        let mut address = row.clone();
        (address.id.0, address.provider_id, address.endpoint) = (id, provider, Some(peer(id)));
        address.direction = domain::Direction::Out;
        tables.provider_addresses.push(address);
    }
    let reply = serving(&tables).ask("outbound", &question("&to=84957777777"));
    assert_eq!(reply["count"], "9");
    assert!(!reply.contains_key("cut"));
    assert_eq!((&*reply["then"], &*reply["cause"]), ("hangup", "34"));
}
