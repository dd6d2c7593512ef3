//! Addresses that are valid for a time, that are for media, or of which only a name is known.

use routing::{Explanation, Generation, Place, Snapshot, Verb, decide, tables::Tables};

use crate::common::{Question, article, compiled};

const BEFORE: &str = "2026-11-21T19:59:59Z";
const BEGIN: &str = "2026-11-21T20:00:00Z";
const END: &str = "2026-11-21T22:00:00Z";

/// Westcall's address, and the address of another carrier in the same place.
fn tables(change: impl FnOnce(&mut Tables, usize)) -> Tables {
    let mut tables = article();
    let westcall = tables.provider_addresses.iter().position(|row| row.provider_id.0 == 7).unwrap();
    change(&mut tables, westcall);
    tables
}

fn us(moment: &str) -> Option<i64> {
    moment.parse().ok().map(domain::Moment::us)
}

/// A call from Westcall's address for a number of its own.
fn incoming(asked_us: Option<i64>) -> Question {
    let source = "195.94.225.2".parse().ok();
    Question {
        verb: Verb::Inbound,
        source,
        endpoint: "westcall".into(),
        asked_us,
        ..Question::to("74951815000")
    }
}

fn is_known(snapshot: &Snapshot, question: &Question) -> bool {
    question.answer(snapshot) != ["reject: unknown_source"]
}

#[test]
fn an_address_is_recognised_from_its_first_microsecond_to_its_last() {
    let snapshot = compiled(&tables(|tables, at| {
        tables.provider_addresses[at].valid_from = BEGIN.parse().ok();
        tables.provider_addresses[at].valid_to = END.parse().ok();
    }));
    let (begin, end) = (us(BEGIN).unwrap(), us(END).unwrap());
    for (asked_us, known) in [(begin - 1, false), (begin, true), (end - 1, true), (end, false)] {
        assert_eq!(is_known(&snapshot, &incoming(Some(asked_us))), known, "{asked_us}");
    }
    assert!(is_known(&snapshot, &incoming(None)), "of a question nobody timed it is valid");
}

#[test]
fn two_providers_share_a_network_one_after_the_other() {
    let renumbered = |from: &'static str| {
        tables(move |tables, at| {
            tables.provider_addresses[at].valid_to = END.parse().ok();
            let mut other = tables.provider_addresses[at].clone();
            (other.id.0, other.provider_id.0) = (900, 16);
            (other.valid_from, other.valid_to) = (from.parse().ok(), None);
            tables.provider_addresses.push(other);
        })
    };
    let snapshot = compiled(&renumbered(END));
    assert_eq!(incoming(us(BEGIN)).answer(&snapshot), ["SIP/1000 as "]);
    assert_eq!(incoming(us(END)).answer(&snapshot), ["reject: wrong_provider"]);
    let fault = Snapshot::compile(renumbered(BEGIN).into(), Generation::number(1)).unwrap_err().to_string();
    assert!(
        fault.contains("provider_addresses 900: ipaddress 195.94.225.2 is another provider's too"),
        "{fault}"
    );
}

#[test]
fn an_address_whose_time_has_not_come_is_not_dialled_and_says_so() {
    let snapshot = compiled(&tables(|tables, _| {
        for row in tables.provider_addresses.iter_mut().filter(|row| row.provider_id.0 == 8) {
            row.valid_from = BEGIN.parse().ok();
        }
    }));
    let dialled = |asked_us| Question { asked_us, ..Question::to("810442038070121") }.answer(&snapshot);
    let through = |answer: &[String]| answer.iter().filter(|line| line.contains("voxbeam")).count();
    let all = dialled(us(BEGIN));
    assert!(through(&all) > 0 && dialled(None) == all, "{all:?}");
    assert_eq!(through(&dialled(us(BEFORE))), 0);

    let mut explanation = Explanation::default();
    let question = Question { asked_us: us(BEFORE), ..Question::to("810442038070121") };
    decide(&snapshot, &question.request(), &mut explanation);
    let reasons = explanation.candidates.iter().filter(|candidate| candidate.name == "Voxbeam");
    let reasons: Vec<_> = reasons
        .map(|candidate| match candidate.place {
            Place::Dropped(reason) => reason.as_str(),
            Place::Attempt { .. } => "dialled",
        })
        .collect();
    assert!(
        !reasons.is_empty() && reasons.iter().all(|reason| *reason == "address_not_valid"),
        "{reasons:?}"
    );
    assert_eq!(explanation.candidates.len(), snapshot.tables().provider_addresses.len(), "each once");
}

#[test]
fn media_is_neither_recognised_nor_dialled() {
    let snapshot = compiled(&tables(|tables, at| {
        tables.provider_addresses[at].purpose = domain::Purpose::Media;
        tables.provider_addresses[at].endpoint = None;
    }));
    assert!(!is_known(&snapshot, &incoming(None)));
    let both = compiled(&tables(|tables, at| tables.provider_addresses[at].purpose = domain::Purpose::Both));
    assert!(is_known(&both, &incoming(None)));
}

/// Westcall by its name only, and what the name stands for.
fn named(resolved: &str) -> Tables {
    tables(|tables, at| {
        let row = &mut tables.provider_addresses[at];
        (row.domainname, row.ipaddress) = ("sip.example.net".parse().unwrap(), None);
        let id = row.id;
        let text = resolved.replace("WESTCALL", &id.to_string());
        tables.resolved_addresses = toml::from_str::<Tables>(&text).unwrap().resolved_addresses;
    })
}

#[test]
fn calls_are_told_by_what_a_name_stands_for() {
    let snapshot = compiled(&named(
        "resolved_addresses = [{ id = 1, provider_address_id = WESTCALL, network = \"195.94.225.2\", port = 5062 }]",
    ));
    assert!(is_known(&snapshot, &incoming(None)));
    assert!(!is_known(&compiled(&named("")), &incoming(None)));
}

#[test]
fn what_dns_says_of_nobody_or_of_a_pinned_address_says_nothing() {
    let stranger =
        "resolved_addresses = [{ id = 1, provider_address_id = 9999, network = \"195.94.225.2\" }]";
    assert!(!is_known(&compiled(&named(stranger)), &incoming(None)));
    let pinned = compiled(&tables(|tables, at| {
        let id = tables.provider_addresses[at].id;
        let text = format!(
            "resolved_addresses = [{{ id = 1, provider_address_id = {id}, network = \"192.0.2.9\" }}]"
        );
        tables.resolved_addresses = toml::from_str::<Tables>(&text).unwrap().resolved_addresses;
    }));
    let elsewhere = Question { source: "192.0.2.9".parse().ok(), ..incoming(None) };
    assert!(is_known(&pinned, &incoming(None)) && !is_known(&pinned, &elsewhere));
}

#[test]
fn no_answer_of_dns_takes_an_address_from_another_provider() {
    let claims_ipport =
        "resolved_addresses = [{ id = 1, provider_address_id = WESTCALL, network = \"89.208.190.2\" }]";
    let snapshot = compiled(&named(claims_ipport));
    let from_ipport =
        Question { source: "89.208.190.2".parse().ok(), endpoint: "ipport".into(), ..incoming(None) };
    assert_eq!(from_ipport.answer(&snapshot), ["reject: wrong_provider"], "the number is Westcall's");
}

#[test]
fn addresses_that_contradict_themselves_are_named() {
    type Edit = fn(&mut routing::tables::ProviderAddress);
    let cases: [(Edit, &str); 10] = [
        (
            |row| (row.valid_from, row.valid_to) = (END.parse().ok(), END.parse().ok()),
            "valid_to must be later than valid_from",
        ),
        (|row| row.port = Some(0), "port must be 1 to 65535"),
        (|row| row.port_to = Some(5061), "port_to must be absent where port is"),
        (|row| (row.port, row.port_to) = (Some(5061), Some(5060)), "port_to must not be less than port"),
        (|row| row.lookup = domain::Lookup::Srv, "lookup must be HOST: a network is no name to look up"),
        (
            |row| {
                row.domainname = "sip.example.net".parse().unwrap();
                (row.lookup, row.port) = (domain::Lookup::Srv, Some(5060));
            },
            "port must be absent where lookup is SRV",
        ),
        (
            |row| {
                row.domainname = "sip.example.net".parse().unwrap();
                (row.lookup, row.proto) = (domain::Lookup::Srv, domain::Protocol::Iax2);
            },
            "lookup must be HOST: SRV records are looked up for the signalling of SIP only",
        ),
        (
            |row| (row.proto, row.transport) = (domain::Protocol::Iax2, Some(domain::Transport::Tls)),
            "transport must be UDP where proto is IAX2",
        ),
        (
            |row| (row.proto, row.transport) = (domain::Protocol::H323, Some(domain::Transport::Udp)),
            "transport must be TCP or TLS where proto is H323",
        ),
        (
            |row| row.purpose = domain::Purpose::Media,
            "endpoint must be absent where purpose is MEDIA: media is not dialled",
        ),
    ];
    for (edit, rule) in cases {
        let broken = tables(|tables, at| {
            tables.provider_addresses[at].id.0 = 900;
            edit(&mut tables.provider_addresses[at]);
        });
        let faults = Snapshot::compile(broken.into(), Generation::number(1)).unwrap_err().to_string();
        assert!(faults.contains(&format!("provider_addresses 900: {rule}")), "{rule}: {faults}");
    }
}
