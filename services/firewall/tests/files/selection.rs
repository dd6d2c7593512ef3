//! Which addresses a question is answered with.

use domain::{Direction, Protocol, ProviderAddressId, ResolvedAddressId};
use firewall::{Entry, NoSuchServer, Question, Who, select};
use routing::{ChunkedTables, tables::ResolvedAddress};

use super::sample::{article, selected};

fn providers(entries: &[Entry]) -> Vec<i64> {
    let mut ids: Vec<_> = entries
        .iter()
        .filter_map(|entry| match &entry.who {
            Who::Provider { id, .. } => Some(id.0),
            Who::Server { .. } => None,
        })
        .collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

fn servers(entries: &[Entry]) -> Vec<&str> {
    let mut names: Vec<_> = entries
        .iter()
        .filter_map(|entry| match &entry.who {
            Who::Provider { .. } => None,
            Who::Server { name, .. } => Some(name.as_str()),
        })
        .collect();
    names.dedup();
    names
}

fn of_server(name: &str) -> Question {
    Question { server: Some(name.parse().unwrap()), ..Question::default() }
}

#[test]
fn everybody_and_every_server_without_a_server() {
    let selection = select(&ChunkedTables::from(article()), 0, &Question::default()).unwrap();
    assert_eq!(providers(&selection.entries), [3, 4, 7, 8, 11, 16]);
    let unresolved: Vec<_> = selection.unresolved.iter().map(|id| id.0).collect();
    assert_eq!(unresolved, [1, 7], "sbc.voxbeam.com and sip.zadarma.com");
    // Each speaks SIP and IAX2.
    let of_servers = selection.entries.iter().filter(|entry| !entry.who.is_provider()).count();
    assert_eq!(of_servers, 6);
    let names = servers(&selection.entries);
    assert!(names.contains(&"asterisk-msm") && names.contains(&"asterisk-corbina"), "{names:?}");
}

#[test]
fn a_server_has_its_carriers_those_of_nobody_and_the_other_servers() {
    // Multitel sells nothing, and all its numbers are at the first server, so are their gates.
    let mut tables = article();
    tables.gates.retain(|gate| gate.server_id.0 == 1);
    let there = selected(tables.clone(), &of_server("asterisk-macomnet"));
    let elsewhere = selected(tables, &of_server("asterisk-msm"));
    assert!(providers(&there).contains(&4) && !providers(&elsewhere).contains(&4));
    assert!(providers(&elsewhere).contains(&8), "Voxbeam has no number anywhere");
    assert!(providers(&elsewhere).contains(&11), "and so has Voicebuy, which is only dialled");
    assert_eq!(servers(&there), ["asterisk-msm", "asterisk-corbina"]);
}

#[test]
fn what_is_dialled_is_dialled_from_every_server() {
    let mut tables = article();
    tables.numbers.iter_mut().for_each(|number| number.server_id = Some(domain::ServerId(2)));
    tables.gates.clear();
    tables.number_destinations.clear();
    let entries = selected(tables, &of_server("asterisk-macomnet"));
    let westcall = entries.iter().find(|entry| entry.network.to_string() == "195.94.225.2");
    assert!(westcall.is_some(), "Westcall is IN/OUT and sells");
    assert!(!providers(&entries).contains(&4), "Multitel sells nothing");
}

#[test]
fn what_is_disabled_is_nobody() {
    let mut tables = article();
    tables.providers.iter_mut().filter(|row| row.id.0 == 7).for_each(|row| row.enabled = false);
    tables.provider_addresses.iter_mut().filter(|row| row.id.0 == 2).for_each(|row| row.enabled = false);
    tables.servers.iter_mut().filter(|row| row.id.0 == 2).for_each(|row| row.enabled = false);
    let entries = selected(tables.clone(), &Question::default());
    assert!(!providers(&entries).contains(&7));
    assert!(entries.iter().all(|entry| entry.network.to_string() != "95.211.119.240"));
    assert!(!servers(&entries).contains(&"asterisk-msm"));
    let gone = select(&ChunkedTables::from(tables), 0, &of_server("asterisk-msm"));
    assert_eq!(gone, Err(NoSuchServer("asterisk-msm".parse().unwrap())));
}

#[test]
fn questions_narrow() {
    let ask = |question: Question| selected(article(), &question);
    let all = ask(Question::default()).len();
    for direction in [Direction::In, Direction::Out, Direction::InOut] {
        let entries = ask(Question { direction: Some(direction), ..Question::default() });
        let fits = |entry: &Entry| match direction {
            Direction::In => entry.direction.allows_in(),
            Direction::Out => entry.direction.allows_out(),
            Direction::InOut => entry.direction == Direction::InOut,
        };
        assert!(!entries.is_empty() && entries.len() < all && entries.iter().all(fits), "{direction}");
    }
    let iax2 = ask(Question { protocol: Some(Protocol::Iax2), ..Question::default() });
    assert_eq!((providers(&iax2), iax2.len()), (Vec::<i64>::new(), 3), "the servers");
    let media = ask(Question { purpose: Some("MEDIA".parse().unwrap()), ..Question::default() });
    assert!(providers(&media).is_empty(), "nobody said where media comes from");
}

fn networks(entries: &[Entry], row: i64) -> Vec<String> {
    let of_row = |entry: &&Entry| entry.who.is_provider() && entry.origin.id == row;
    entries.iter().filter(of_row).map(|entry| entry.network.to_string()).collect()
}

#[test]
fn an_address_is_there_from_its_first_microsecond_up_to_its_last() {
    let mut tables = article();
    let row = tables.provider_addresses.iter_mut().find(|row| row.id.0 == 44).unwrap();
    row.valid_from = "2026-11-21T20:00:00Z".parse().ok();
    row.valid_to = "2026-11-21T22:00:00Z".parse().ok();
    let (from, to) = (row.valid_from.unwrap().us(), row.valid_to.unwrap().us());
    let tables = ChunkedTables::from(tables);
    for (at_us, is_there) in [(0, false), (from - 1, false), (from, true), (to - 1, true), (to, false)] {
        let entries = select(&tables, at_us, &Question::default()).unwrap().entries;
        assert_eq!(networks(&entries, 44).len(), usize::from(is_there), "{at_us}");
        let found = entries.iter().find(|entry| entry.origin.id == 44 && entry.who.is_provider());
        assert!(found.is_none_or(|entry| (entry.valid_from_us, entry.valid_to_us) == (Some(from), Some(to))));
    }
}

#[test]
fn a_host_name_is_what_was_found_of_it() {
    let mut tables = article();
    let resolved = |id, network: &str, port| ResolvedAddress {
        id: ResolvedAddressId(id),
        provider_address_id: ProviderAddressId(1),
        network: network.parse().unwrap(),
        port,
    };
    tables.resolved_addresses =
        vec![resolved(1, "203.0.113.7", Some(5080)), resolved(2, "2001:db8:53::7", None)];
    let selection = select(&ChunkedTables::from(tables), 0, &Question::default()).unwrap();
    assert_eq!(networks(&selection.entries, 1), ["203.0.113.7", "2001:db8:53::7"]);
    let srv = selection.entries.iter().find(|entry| entry.network.to_string() == "203.0.113.7").unwrap();
    assert_eq!(
        (srv.ports.unwrap().to_string(), srv.origin.to_string()),
        ("5080".into(), "provider_addresses 1, domainname".into())
    );
    assert_eq!(selection.unresolved, [ProviderAddressId(7)]);
}

#[test]
fn media_is_media() {
    let mut tables = article();
    for (id, purpose) in [(2, "MEDIA"), (44, "BOTH")] {
        let row = tables.provider_addresses.iter_mut().find(|row| row.id.0 == id).unwrap();
        row.purpose = purpose.parse().unwrap();
    }
    let of_purpose = |purpose: &str| {
        let purpose = Some(purpose.parse().unwrap());
        selected(tables.clone(), &Question { purpose, ..Question::default() })
    };
    assert_eq!(providers(&of_purpose("MEDIA")), [7, 8]);
    assert_eq!(providers(&of_purpose("BOTH")), [7]);
    assert!(!providers(&of_purpose("SIGNALLING")).contains(&8));
}
