//! Which addresses a question is answered with.

use domain::{Direction, Protocol};
use firewall::{Entry, NoSuchServer, Question, Who, select};
use routing::ChunkedTables;

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
