//! What findings claim is what the router does: each case asks it before and after the edit that makes the finding.

use domain::{Class, Direction, Presentation};
use routing::{Dial, Generation, NoTrace, Request, Snapshot, Verb, decide, tables::Tables};

use super::tests::{base, found};

/// A question in the order `node endpoint source to from`.
#[derive(Clone, Copy)]
struct Question {
    verb: Verb,
    text: &'static str,
    class: Option<Class>,
    hops: Option<u8>,
}

const fn out(text: &'static str) -> Question {
    Question { verb: Verb::Outbound, text, class: None, hops: None }
}

const fn into(text: &'static str) -> Question {
    Question { verb: Verb::Inbound, text, class: None, hops: None }
}

const CALLS_US: Question = out("one phone-100 - 12025550160 -");
const CALLS_COLLEAGUE: Question = out("one phone-100 - 101 -");
const CALLS_911: Question = out("one phone-100 - 911 -");
const CALLS_999: Question = out("two phone-101 - 999 -");
const CALLED_HERE: Question = into("one x 192.0.2.9 12025550100 12025550160");
const CALLED_AWAY: Question = into("two x 192.0.2.9 12025550100 12025550160");
const CALLED_BY_CUSTOMER: Question = into("one x 192.0.2.9 12025550100 12025550150");
const CALLED_GROUP: Question = into("two x 198.51.100.7 12025550102 12025550160");
const HANDED_OVER: Question = Question { hops: Some(1), ..into("one server-two - 12025550100 12025550160") };

/// Who is dialled in which order, or why nobody is.
fn answer(tables: &Tables, question: Question, call: &str) -> String {
    let snapshot = Snapshot::compile(tables.clone().into(), Generation::of_working_copy(0)).unwrap();
    let fields: Vec<&str> = question.text.split(' ').collect();
    let request = Request {
        verb: question.verb,
        node: &fields[0].parse().unwrap(),
        call,
        endpoint: fields[1],
        source: fields[2].parse().ok(),
        to: fields[3],
        from: fields[4],
        cli: None,
        presentation: Presentation::Allowed,
        class: question.class,
        hops: question.hops,
        asked_us: None,
    };
    let outcome = decide(&snapshot, &request, &mut NoTrace).outcome;
    let peers = outcome.attempts().iter().map(|attempt| match attempt.dial {
        Dial::Carrier { peer, .. } => peer.to_string(),
        Dial::Hop { path, .. } => path.to_string(),
        Dial::Endpoint { endpoint, .. } => endpoint.to_string(),
        _ => "?".to_owned(),
    });
    outcome.reason().map_or_else(|| peers.collect::<Vec<_>>().join(" "), ToOwned::to_owned)
}

/// The answers to several calls alike, each once: carriers of equal priority take turns.
fn answers(tables: &Tables, question: Question) -> Vec<String> {
    let mut answers: Vec<_> = (0..20).map(|call| answer(tables, question, &call.to_string())).collect();
    answers.sort_unstable();
    answers.dedup();
    answers
}

type Case = (&'static str, Question, &'static [&'static str], fn(&mut Tables), &'static [&'static str]);

fn check(cases: &[Case]) {
    for (finding, question, before, edit, after) in cases {
        assert!(found(edit).iter().any(|found| found == finding), "{finding}: {:?}", found(edit));
        let mut tables = base();
        assert_eq!(answers(&tables, *question), *before, "before {finding}");
        edit(&mut tables);
        assert_eq!(answers(&tables, *question), *after, "after {finding}");
    }
}

const BOTH: &[&str] = &["gate-one sip.example.net", "sip.example.net gate-one"];
const WHOLESALE: &[&str] = &["sip.example.net"];

#[test]
fn outgoing_calls() {
    check(&[
        (
            "provider-not-dialled 1",
            CALLS_US,
            BOTH,
            |t| {
                t.provider_addresses[0].enabled = false;
                t.gates.clear();
            },
            WHOLESALE,
        ),
        ("routes-all-disabled 1", CALLS_US, BOTH, |t| t.routes[0].enabled = false, WHOLESALE),
        ("routes-of-closed-provider 1", CALLS_US, BOTH, |t| t.providers[0].enabled = false, WHOLESALE),
        ("routes-of-closed-provider 1", CALLS_US, BOTH, |t| t.providers[0].sells_outgoing = false, WHOLESALE),
        ("route-weight-zero 1", CALLS_US, BOTH, |t| t.routes[0].weight = 0, &["sip.example.net gate-one"]),
        (
            "provider-shows-nothing 1",
            CALLS_US,
            BOTH,
            |t| {
                t.numbers[0].direction = Direction::In;
                t.numbers[1].enabled = false;
            },
            WHOLESALE,
        ),
        (
            "gate-without-class 1",
            Question { class: Some(Class::Cli), ..CALLS_US },
            BOTH,
            |t| {
                t.gates[0].cid_support = false;
                t.providers[0].cli_prefix = Some("7".parse().unwrap());
            },
            WHOLESALE,
        ),
        (
            "extension-class-not-sold 1",
            CALLS_US,
            BOTH,
            |t| {
                t.providers[0].cli_prefix = Some("7".parse().unwrap());
                t.providers[1].premcli_prefix = None;
                t.extensions[0].class = Class::Premium;
            },
            &["no_provider_takes_it"],
        ),
        (
            "gate-on-disabled-server 1",
            CALLS_US,
            BOTH,
            |t| (t.gates[0].server_id, t.servers[1].enabled) = (t.servers[1].id, false),
            WHOLESALE,
        ),
    ]);
}

#[test]
fn colleagues_and_services() {
    check(&[
        (
            "extension-on-disabled-server 2",
            CALLS_COLLEAGUE,
            &["IAX2/server-two"],
            |t| t.servers[1].enabled = false,
            &["extension_elsewhere"],
        ),
        (
            "server-without-path 2",
            CALLS_COLLEAGUE,
            &["IAX2/server-two"],
            |t| t.servers[1].iax2 = None,
            &["extension_elsewhere"],
        ),
        (
            "extension-behind-service-number 2",
            CALLS_911,
            &["sip.example.com"],
            |t| t.extensions[1].number = "911".parse().unwrap(),
            &["sip.example.com"],
        ),
        (
            "service-number-not-dialled 1",
            CALLS_911,
            &["sip.example.com"],
            |t| t.provider_addresses[0].enabled = false,
            &["no_provider_takes_it"],
        ),
        (
            "service-number-of-disabled-provider 1",
            CALLS_911,
            &["sip.example.com"],
            |t| t.providers[0].enabled = false,
            &["no_provider_takes_it"],
        ),
        ("no-emergency-number 2", CALLS_999, WHOLESALE, |t| t.service_numbers.truncate(1), &["not_a_number"]),
    ]);
}

#[test]
fn incoming_calls() {
    let here: &[&str] = &["phone-100"];
    let unknown: &[&str] = &["unknown_source"];
    let nowhere: &[&str] = &["no_destination"];
    check(&[
        (
            "provider-not-recognised 1",
            CALLED_HERE,
            here,
            |t| t.provider_addresses[1].enabled = false,
            unknown,
        ),
        ("number-of-disabled-provider 1", CALLED_HERE, here, |t| t.providers[0].enabled = false, unknown),
        ("number-without-server 1", CALLED_HERE, here, |t| t.numbers[0].server_id = None, nowhere),
        ("number-without-destination 1", CALLED_HERE, here, |t| t.number_destinations.clear(), nowhere),
        ("destination-disabled 1", CALLED_HERE, here, |t| t.extensions[0].enabled = false, nowhere),
        (
            "network-nested 9",
            CALLED_HERE,
            here,
            |t| {
                let (id, provider_id) = (domain::ProviderAddressId(9), t.providers[1].id);
                let domainname = "192.0.2.8/29".parse().unwrap();
                let outer = t.provider_addresses[1].clone();
                t.provider_addresses.push(routing::tables::ProviderAddress {
                    id,
                    provider_id,
                    domainname,
                    ..outer
                });
            },
            &["wrong_provider"],
        ),
        (
            "number-on-disabled-server 1",
            CALLED_AWAY,
            &["SIP/server-one"],
            |t| t.servers[0].enabled = false,
            &["server_unreachable"],
        ),
        (
            "server-without-path 1",
            CALLED_AWAY,
            &["SIP/server-one"],
            |t| t.servers[0].sip = None,
            &["server_unreachable"],
        ),
        (
            "host-not-resolved 3",
            CALLED_GROUP,
            &["SIP/server-one phone-101"],
            |t| t.provider_addresses[2].ipaddress = None,
            unknown,
        ),
        (
            "group-without-phones 1",
            CALLED_GROUP,
            &["SIP/server-one phone-101"],
            |t| t.ring_group_members.clear(),
            nowhere,
        ),
        (
            "manager-disabled 1",
            CALLED_BY_CUSTOMER,
            &["IAX2/server-two phone-100"],
            |t| t.extensions[1].enabled = false,
            here,
        ),
        (
            "destination-on-other-server 1",
            HANDED_OVER,
            here,
            |t| t.number_destinations[0].extension_id = Some(t.extensions[1].id),
            nowhere,
        ),
    ]);
}
