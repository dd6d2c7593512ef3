//! Why candidates were not dialled, case by case: each has one reason.

use domain::{CustomerId, ExtensionId, GateId, RingGroupId, RingGroupMemberId, RingStrategy};
use routing::{
    CandidateKey, Place, Snapshot, Verb,
    tables::{Customer, Extension, RingGroup, RingGroupMember, Tables},
};

use crate::{
    common::{Question, article, compiled},
    questions::explained,
};

fn changed(change: impl FnOnce(&mut Tables)) -> Snapshot {
    let mut tables = article();
    change(&mut tables);
    compiled(&tables)
}

/// `key name: fate`, those of kinds that are asked for.
fn fates(snapshot: &Snapshot, question: &Question, asked: fn(&CandidateKey) -> bool) -> Vec<String> {
    let explanation = explained(snapshot, question).unwrap();
    let candidates = explanation.candidates.into_iter().filter(|candidate| asked(&candidate.key));
    let fate = |place| match place {
        Place::Attempt { position } => position.to_string(),
        Place::Dropped(reason) => reason.as_str().to_owned(),
    };
    let kind = |key| match key {
        CandidateKey::Address(_) => "address",
        CandidateKey::Gate(_) => "gate",
        CandidateKey::Manager(_) => "manager",
        CandidateKey::Phone(_) => "phone",
        CandidateKey::Member(_) => "member",
    };
    candidates.map(|one| format!("{} {}: {}", kind(one.key), one.name, fate(one.place))).collect()
}

/// Westcall calls its number on asterisk-macomnet; the caller is known, and a group answers: 1000, 1001 on the other
/// server, 1005 which is disabled.
fn a_group(strategy: RingStrategy, manager: usize, members: &[usize]) -> Snapshot {
    changed(|tables| {
        let third = Extension {
            id: ExtensionId(50),
            number: "1005".parse().unwrap(),
            endpoint: "1005".parse().unwrap(),
            enabled: false,
            ..tables.extensions[0].clone()
        };
        tables.extensions.push(third);
        let extension_id = tables.extensions[manager].id;
        let number = "442038070123".parse().unwrap();
        tables.customers.push(Customer { id: CustomerId(1), number, extension_id, comment: None });
        let id = RingGroupId(70);
        tables.ring_groups.push(RingGroup { id, name: "team".into(), strategy, dial_timeout_s: 20 });
        for (position, member) in (1..).zip(members) {
            tables.ring_group_members.push(RingGroupMember {
                id: RingGroupMemberId(700 + i64::from(position)),
                ring_group_id: id,
                extension_id: tables.extensions[*member].id,
                position,
            });
        }
        let called = tables.numbers.iter().find(|row| row.number.to_string() == "74951815000").unwrap().id;
        let row = tables.number_destinations.iter_mut().find(|row| row.number_id == called).unwrap();
        (row.extension_id, row.ring_group_id, row.context, row.exten) = (None, Some(id), None, None);
    })
}

fn westcall() -> Question {
    Question {
        verb: Verb::Inbound,
        source: Some("195.94.225.2".parse().unwrap()),
        endpoint: "westcall".into(),
        from: "+442038070123".into(),
        ..Question::to("74951815000")
    }
}

#[test]
fn every_phone_that_was_considered_is_named() {
    let all = |_: &CandidateKey| true;
    let in_order = a_group(RingStrategy::Order, 1, &[2, 1, 0]);
    assert_eq!(
        fates(&in_order, &westcall(), all),
        ["manager 1001: 1", "member 1005: extension_disabled", "member 1001: already_rung", "member 1000: 2"]
    );
    let together = a_group(RingStrategy::All, 2, &[0, 2]);
    assert_eq!(
        fates(&together, &westcall(), all),
        ["manager 1005: extension_disabled", "member 1000: 1", "member 1005: extension_disabled"]
    );
    let nobody = a_group(RingStrategy::All, 2, &[2]);
    assert_eq!(westcall().answer(&nobody), ["reject: no_destination"]);
    let disabled = ["manager 1005: extension_disabled", "member 1005: extension_disabled"];
    assert_eq!(fates(&nobody, &westcall(), all), disabled);
}

#[test]
fn a_phone_that_cannot_be_reached_is_named() {
    let snapshot = changed(|tables| tables.servers.iter_mut().for_each(|row| row.iax2 = None));
    let fates = fates(&snapshot, &Question::to("1001"), |_| true);
    assert_eq!(fates, ["phone 1001: extension_elsewhere"]);
}

#[test]
fn emergency_numbers_account_for_every_provider() {
    let snapshot = changed(|tables| {
        let providers = tables.providers.iter_mut();
        providers.filter(|row| row.providername == "Westcall").for_each(|row| row.enabled = false);
    });
    let fates = fates(&snapshot, &Question::to("112"), |_| true);
    assert_eq!(fates.len(), snapshot.tables().provider_addresses.len());
    assert!(fates.contains(&"address Westcall: provider_disabled".to_owned()), "{fates:?}");
    assert!(fates.contains(&"address Voxbeam: destination_not_taken".to_owned()), "{fates:?}");
}

fn is_gate(key: &CandidateKey) -> bool {
    matches!(key, CandidateKey::Gate(_))
}

#[test]
fn a_gate_needs_no_open_address_of_its_provider() {
    let snapshot = changed(|tables| {
        for row in tables.provider_addresses.iter_mut().filter(|row| row.provider_id.0 == 16) {
            row.enabled = false;
        }
    });
    let answer = Question::to("84957777777").answer(&snapshot);
    assert_eq!(answer[1], "SIP/sip_peer_msm_2301/+74957777777 as 74957952301");
    let fates = fates(&snapshot, &Question::to("84957777777"), is_gate);
    assert!(fates.contains(&"gate IPport: 2".to_owned()), "{fates:?}");
}

#[test]
fn of_several_gates_the_nearest_counts_once_and_the_addresses_stand_back() {
    let snapshot = changed(|tables| {
        // A second gate of 74957952301 on another server, and more addresses of its provider.
        let gate = tables.gates.iter().find(|gate| gate.gatename.as_str() == "sip_peer_msm_2301").unwrap();
        let mut other = gate.clone();
        (other.id, other.server_id) = (GateId(1), tables.servers[2].id);
        other.gatenumber = "74957952399".parse().unwrap();
        tables.gates.push(other);
    });
    let question = Question::to("84957777777");
    let mut gates = fates(&snapshot, &question, is_gate);
    gates.retain(|fate| fate.starts_with("gate IPport"));
    assert_eq!(gates, ["gate IPport: 2", "gate IPport: other_gate"]);
    let addresses = fates(&snapshot, &question, |key| matches!(key, CandidateKey::Address(_)));
    let of_ipport: Vec<_> = addresses.iter().filter(|fate| fate.starts_with("address IPport")).collect();
    assert!(of_ipport.iter().any(|fate| fate.ends_with(": bound_to_gate")), "{of_ipport:?}");
    assert!(of_ipport.iter().all(|fate| !fate.ends_with(": 2")), "{of_ipport:?}");
}

#[test]
fn a_gate_that_is_not_dialled_says_why() {
    let snapshot = changed(|tables| tables.gates.iter_mut().for_each(|gate| gate.cid_support = false));
    let fates = fates(&snapshot, &Question::to("84957777777"), is_gate);
    assert!(fates.contains(&"gate IPport: gate_without_caller_id".to_owned()), "{fates:?}");
}
