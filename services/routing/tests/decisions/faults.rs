//! Tables that are no configuration: every fault is named by table, key and field.

use crate::common::article;
use routing::{Generation, Snapshot, tables::Tables};

fn faults(change: impl FnOnce(&mut Tables)) -> String {
    let mut tables = article();
    change(&mut tables);
    Snapshot::compile(tables.clone().into(), Generation::of_working_copy(0)).unwrap_err().to_string()
}

#[test]
fn rows_that_point_nowhere() {
    let text = faults(|tables| {
        tables.numbers[0].provider_id.0 = 999;
        tables.gates[0].number_id.0 = 998;
        tables.extensions[0].server_id.0 = 997;
        tables.routes[0].provider_id.0 = 996;
        tables.provider_addresses[0].provider_id.0 = 995;
    });
    for missing in ["999", "998", "997", "996", "995"] {
        assert!(text.contains(&format!("points to {missing}, which does not exist")), "{text}");
    }
    assert!(text.contains("numbers 125: provider_id points to 999"), "{text}");
}

#[test]
fn rows_that_stand_twice() {
    let text = faults(|tables| {
        tables.numbers[1].number = tables.numbers[0].number;
        tables.servers[1].servername = tables.servers[0].servername.clone();
    });
    assert!(text.contains("numbers 126: number stands in the table twice"), "{text}");
    assert!(text.contains("servername stands in the table twice"), "{text}");
}

#[test]
fn an_address_that_names_no_peer() {
    let text = faults(|tables| {
        tables.provider_addresses[0].domainname = "2001:db8::/64".parse().unwrap();
        tables.provider_addresses[0].endpoint = None;
    });
    assert!(text.contains("endpoint must be given: `2001:db8::/64` cannot name a peer"), "{text}");
}

#[test]
fn a_token_hash_that_is_none() {
    let text = faults(|tables| {
        tables.node_tokens.push(routing::tables::NodeToken {
            id: domain::NodeTokenId(1),
            server_id: tables.servers[0].id,
            token_sha256: "secret".into(),
            comment: None,
        });
    });
    assert!(text.contains("node_tokens 1: token_sha256 must be 64 hexadecimal digits"), "{text}");
    assert!(!text.contains("secret"), "{text}");
}

#[test]
fn nobody_else_bears_a_servers_name() {
    let text = faults(|tables| tables.gates[0].gatename = "msm".parse().unwrap());
    assert!(text.contains("servers 2: iax2 names a peer that stands for somebody else too"), "{text}");
    let text = faults(|tables| tables.provider_addresses[0].endpoint = Some("msm".parse().unwrap()));
    assert!(text.contains("servers 2: iax2 names a peer that stands for somebody else too"), "{text}");
    let text = faults(|tables| tables.servers[1].iax2 = Some("SIP/msmiax".parse().unwrap()));
    assert!(text.contains("servers 2: iax2 must be of the form IAX2/peer"), "{text}");
}
