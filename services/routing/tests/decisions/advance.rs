//! Whatever is edited in whatever order: going on from the last good snapshot gives what starting anew gives.

use std::collections::BTreeSet;

use domain::Moment;
use proptest::prelude::*;
use routing::{ChunkedTables, Generation, Outcome, Snapshot, TableFaults, TableName, Verb, tables::Tables};
use serde_json::Value;

use crate::{
    common::Question,
    edits::{self, Edit, edit},
    questions::{config, explained, question},
};

fn tables(value: &Value) -> ChunkedTables {
    serde_json::from_value::<Tables>(value.clone()).unwrap().into()
}

fn generation() -> Generation {
    Generation::number(1)
}

fn named(faults: &TableFaults) -> BTreeSet<String> {
    let count = faults.0.len();
    let named: BTreeSet<_> = faults.0.iter().map(ToString::to_string).collect();
    assert_eq!(named.len(), count, "a fault stands twice: {faults:?}");
    named
}

/// Every way in: at every node every phone, gate and server calls every number of ours, abroad, colleagues and 112, and
/// every carrier calls the same. What else a question holds is mixed anew from one to the next.
fn every_way(tables: &Tables) -> Vec<Question> {
    let numbers = || tables.numbers.iter().map(|row| row.number.to_string());
    let colleagues = tables.extensions.iter().map(|row| row.number.to_string());
    let others = ["112", "01", "s", "84957777777", "810442038070121"].map(String::from);
    let called: Vec<String> = numbers().chain(colleagues).chain(others).collect();
    let gates = tables.gates.iter().map(|row| row.gatename.to_string());
    let phones = tables.extensions.iter().map(|row| row.endpoint.to_string());
    let endpoints: Vec<String> = phones.chain(gates).chain(["msm", "macomnet"].map(String::from)).collect();
    let networks = tables.provider_addresses.iter().filter_map(|row| row.ipaddress);
    let resolved = tables.resolved_addresses.iter().map(|row| row.network);
    let sources: Vec<_> = networks.chain(resolved).map(|network| network.net().addr()).collect();
    let times =
        ["2026-11-21T19:00:00Z", "2026-11-21T21:00:00Z", ""].map(|text| text.parse().ok().map(Moment::us));
    let shown: Vec<Option<String>> = numbers().map(Some).chain([None]).collect();
    let classes = [None, Some(domain::Class::Cli), Some(domain::Class::NonCli)];
    let mut questions = Vec::new();
    for (server, to) in tables.servers.iter().flat_map(|server| called.iter().map(move |to| (server, to))) {
        let outbound = endpoints.iter().map(|endpoint| (Verb::Outbound, endpoint.clone(), None));
        let inbound = sources.iter().map(|source| (Verb::Inbound, endpoints[0].clone(), Some(*source)));
        let handed_over = endpoints.iter().map(|endpoint| (Verb::Inbound, endpoint.clone(), None));
        for (verb, endpoint, source) in outbound.chain(inbound).chain(handed_over) {
            let mixed = questions.len();
            questions.push(Question {
                verb,
                node: server.servername.clone(),
                endpoint,
                source,
                from: if mixed.is_multiple_of(5) { "442038070123" } else { "" }.into(),
                cli: shown[mixed % shown.len()].clone(),
                class: classes[mixed % classes.len()],
                hops: Some(1),
                call: mixed.to_string(),
                asked_us: times[mixed % times.len()],
                ..Question::to(to)
            });
        }
    }
    questions
}

/// The answers, and how they came about.
fn same(one: &Snapshot, other: &Snapshot, questions: &[Question]) -> Result<(), TestCaseError> {
    prop_assert_eq!(one.size(), other.size());
    prop_assert!(one.tables() == other.tables());
    for question in questions {
        prop_assert_eq!(question.ask(one), question.ask(other), "{:?}", question);
        prop_assert_eq!(explained(one, question)?, explained(other, question)?, "{:?}", question);
    }
    for row in one.tables().node_tokens.rows().map(|row| &row.token_sha256) {
        let mut hash = [0; 32];
        for (byte, at) in hash.iter_mut().zip(0..) {
            *byte = u8::from_str_radix(&row[2 * at..2 * at + 2], 16).unwrap();
        }
        prop_assert_eq!(one.node_of_token(&hash), other.node_of_token(&hash));
        prop_assert_eq!(one.may_explain(&hash), other.may_explain(&hash));
    }
    Ok(())
}

/// One person's transaction, and whether it is taken back when it was no configuration.
fn transactions() -> impl Strategy<Value = Vec<(Vec<Edit>, bool)>> {
    let transaction = (proptest::collection::vec(edit(), 1..4), proptest::bool::weighted(0.7));
    proptest::collection::vec(transaction, 1..16)
}

/// One in so many of all questions is asked after each step.
const PART: usize = 7;

proptest! {
    #![proptest_config(config(100))]

    #[test]
    fn going_on_gives_what_starting_anew_gives(
        transactions in transactions(),
        asked in proptest::collection::vec(question(), 20),
        first in 0usize..PART,
    ) {
        let mut working_copy = edits::tables();
        let mut good_copy = working_copy.clone();
        let mut good = Snapshot::compile(tables(&working_copy), generation()).unwrap();
        for (edits, taken_back) in transactions {
            working_copy = edits.iter().fold(working_copy, |copy, edit| edit.apply(&copy));
            let went_on = good.advance(tables(&working_copy), generation());
            let anew = Snapshot::compile(tables(&working_copy), generation());
            match (went_on, anew) {
                (Ok(next), Ok(anew)) => {
                    let rows = Tables::from(next.tables());
                    let mut questions: Vec<_> = every_way(&rows).into_iter().skip(first).step_by(PART).collect();
                    questions.extend(asked.iter().cloned());
                    same(&next, &anew, &questions)?;
                    (good, good_copy) = (next, working_copy.clone());
                }
                (Err(faults), Err(anew)) => {
                    prop_assert_eq!(named(&faults), named(&anew));
                    let untouched = Snapshot::compile(tables(&good_copy), generation()).unwrap();
                    same(&good, &untouched, &asked)?;
                    if taken_back {
                        working_copy = good_copy.clone();
                    }
                }
                (went_on, anew) => prop_assert!(
                    false, "went on: {:?}, anew: {:?}", went_on.map(|_| "good"), anew.map(|_| "good"),
                ),
            }
        }
    }
}

#[test]
fn edits_and_questions_reach_everything() {
    let copy = edits::tables();
    let rows: Tables = serde_json::from_value(copy.clone()).unwrap();
    for table in TableName::ALL {
        assert!(!copy[table.as_str()].as_array().unwrap().is_empty(), "{table} has no row to edit");
    }
    let snapshot = Snapshot::compile(tables(&copy), generation()).unwrap();
    let statuses: BTreeSet<_> =
        every_way(&rows).iter().map(|question| question.ask(&snapshot).outcome.status()).collect();
    for status in ["ok", "redirect", "goto", "reject", "no_route"] {
        assert!(statuses.contains(status), "{statuses:?}");
    }
    let hops = every_way(&rows).into_iter().filter(|question| {
        matches!(question.ask(&snapshot).outcome, Outcome::Dial { ref attempts, .. } if attempts.iter().any(|a| a.asks.is_some()))
    });
    assert!(hops.count() > 0);
}

#[test]
fn faults_between_rows_that_stayed_and_rows_that_changed_are_found() {
    // Each: what is edited, and the fault that must come of it; the rows it names were not touched.
    type Change = fn(&mut Tables);
    let cases: [(Change, &str); 8] = [
        (|tables| drop(tables.providers.remove(0)), "numbers"),
        (|tables| drop(tables.servers.remove(1)), "extensions"),
        (|tables| tables.numbers.retain(|row| row.id != tables.gates[0].number_id), "gates"),
        (|tables| drop(tables.extensions.remove(0)), "customers 1: extension_id points to"),
        (|tables| drop(tables.ring_groups.remove(0)), "ring_group_members"),
        (|tables| tables.countries.clear(), "servers 1: location points to RU"),
        (|tables| tables.extensions[0].endpoint = "msm".parse().unwrap(), "servers 2: iax2 names a peer"),
        (
            |tables| tables.numbers[0].number = tables.numbers[1].number,
            "numbers 126: number stands in the table twice",
        ),
    ];
    let copy: Tables = serde_json::from_value(edits::tables()).unwrap();
    let good = Snapshot::compile(copy.clone().into(), generation()).unwrap();
    for (change, expected) in cases {
        let mut edited = copy.clone();
        change(&mut edited);
        let faults = named(&good.advance(edited.into(), generation()).unwrap_err());
        assert!(faults.iter().any(|fault| fault.starts_with(expected)), "no `{expected}` in {faults:?}");
    }
}
