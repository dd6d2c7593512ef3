//! Calls that arrive, decided from the article's tables, case by case.

use domain::{
    CustomerId, ExtensionId, NumberDestinationId, Presentation, RingGroupId, RingGroupMemberId, RingStrategy,
};
use routing::{
    Snapshot, Verb,
    tables::{Customer, NumberDestination, RingGroup, RingGroupMember, Tables},
};

use crate::common::{Question, article, compiled};

/// Westcall calls one of its numbers from its own address, at asterisk-macomnet.
fn westcall(to: &str) -> Question {
    carrier("195.94.225.2", "westcall", to)
}

fn carrier(source: &str, endpoint: &str, to: &str) -> Question {
    Question {
        verb: Verb::Inbound,
        source: Some(source.parse().unwrap()),
        endpoint: endpoint.into(),
        from: "+442038070123".into(),
        ..Question::to(to)
    }
}

fn changed(change: impl FnOnce(&mut Tables)) -> Snapshot {
    let mut tables = article();
    let phone = tables.extensions[0].id;
    tables.number_destinations = vec![destination(1, 279, |row| row.extension_id = Some(phone))];
    change(&mut tables);
    compiled(&tables)
}

fn destination(id: i64, number: i64, fill: impl FnOnce(&mut NumberDestination)) -> NumberDestination {
    let mut row = NumberDestination {
        id: NumberDestinationId(id),
        number_id: domain::NumberId(number),
        extension_id: None,
        ring_group_id: None,
        context: None,
        exten: None,
    };
    fill(&mut row);
    row
}

fn plain() -> Snapshot {
    changed(|_| {})
}

#[test]
fn a_call_from_the_right_address_rings_the_phone() {
    for to in ["74951815000", "+74951815000", "84951815000", "4951815000"] {
        assert_eq!(westcall(to).answer(&plain()), ["SIP/1000 as 442038070123"], "{to}");
    }
}

#[test]
fn nobody_is_recognised_by_what_the_other_side_wrote() {
    for from in ["westcall", "1000", "195.94.225.2", "+74951815000"] {
        let question = Question { from: from.into(), ..carrier("203.0.113.9", "anonymous", "74951815000") };
        assert_eq!(question.answer(&plain()), ["reject: unknown_source"], "{from}");
    }
    let nowhere = Question { source: None, ..westcall("74951815000") };
    assert_eq!(nowhere.answer(&plain()), ["reject: unknown_source"]);
}

#[test]
fn an_address_that_only_takes_calls_out_recognises_nobody() {
    // sip.n1.ipport.net is an OUT address of IPport.
    assert_eq!(carrier("89.208.190.2", "x", "74957952301").answer(&plain()), ["reject: unknown_source"]);
}

#[test]
fn the_pool_refuses_with_a_reason() {
    let snapshot = plain();
    let refused =
        |question: &Question, reason| assert_eq!(question.answer(&snapshot), [format!("reject: {reason}")]);
    refused(&westcall("74957952301"), "wrong_provider");
    refused(&westcall("74959999999"), "unknown_number");
    refused(&westcall("500&PJSIP/x"), "unknown_number");
    // Multitel's German number is disabled.
    refused(&carrier("209.124.34.105", "multitel", "4971122954000"), "number_disabled");
    // 74951815001 has no destination.
    refused(&westcall("74951815001"), "no_destination");
    let outgoing =
        changed(|tables| tables.numbers.iter_mut().for_each(|row| row.direction = domain::Direction::Out));
    assert_eq!(westcall("74951815000").answer(&outgoing), ["reject: number_outgoing_only"]);
}

#[test]
fn the_longest_network_tells_whose_the_call_is() {
    let snapshot = changed(|tables| {
        let mut wide = tables.provider_addresses.iter().find(|row| row.provider_id.0 == 7).unwrap().clone();
        wide.id.0 = 900;
        wide.provider_id.0 = 16;
        wide.ipaddress = Some("195.94.225.0/24".parse().unwrap());
        tables.provider_addresses.push(wide);
    });
    assert_eq!(westcall("74951815000").answer(&snapshot), ["SIP/1000 as 442038070123"]);
    let neighbour = carrier("195.94.225.3", "x", "74951815000");
    assert_eq!(neighbour.answer(&snapshot), ["reject: wrong_provider"]);
}

#[test]
fn an_echo_test_plays_back() {
    let snapshot = changed(|tables| tables.numbers.iter_mut().for_each(|row| row.echotest = true));
    assert_eq!(westcall("74951815000").answer(&snapshot), ["echo: "]);
}

#[test]
fn a_number_of_another_server_is_redirected_there() {
    // 74957952302 lives on asterisk-msm, and IPport calls asterisk-macomnet.
    let answer = carrier("89.208.190.5", "ipport", "74957952302").answer(&plain());
    assert_eq!(answer, ["redirect IAX2/msm/74957952302 as 442038070123"]);
}

#[test]
fn the_server_of_the_number_answers_and_never_sends_it_on() {
    let snapshot = changed(|tables| {
        let phone = tables.extensions[1].id;
        tables.number_destinations.push(destination(2, 516, |row| row.extension_id = Some(phone)));
    });
    let handed_over = Question {
        node: "asterisk-msm".parse().unwrap(),
        source: None,
        from: "442038070123".into(),
        hops: Some(1),
        ..carrier("192.0.2.1", "macomnet", "74957952302")
    };
    assert_eq!(handed_over.answer(&snapshot), ["SIP/1001 as 442038070123"]);
    let not_here = Question { to: "74951815000".into(), ..handed_over.clone() };
    assert_eq!(not_here.answer(&snapshot), ["reject: hop_limit"]);
    let second_hop = Question { hops: Some(2), ..handed_over };
    assert_eq!(second_hop.answer(&snapshot), ["reject: hop_limit"]);
}

#[test]
fn a_colleague_on_another_server_is_rung_there() {
    let handed_over = Question {
        node: "asterisk-msm".parse().unwrap(),
        from: "1000".into(),
        hops: Some(1),
        ..carrier("192.0.2.1", "macomnet", "1001")
    };
    assert_eq!(handed_over.answer(&plain()), ["SIP/1001 as 1000"]);
}

#[test]
fn trunks_that_call_their_login_are_told_apart_by_their_gates() {
    let snapshot = changed(|tables| {
        for (id, number, gate) in [(800, 515, "line-1"), (801, 516, "line-2")] {
            let mut row = tables.gates[0].clone();
            (row.id.0, row.number_id.0, row.gatename) = (id, number, gate.parse().unwrap());
            tables.gates.push(row);
        }
        let phone = tables.extensions[0].id;
        tables.number_destinations.push(destination(2, 515, |row| row.extension_id = Some(phone)));
    });
    let ask = |endpoint| carrier("89.208.190.5", endpoint, "s").answer(&snapshot);
    assert_eq!(ask("line-1"), ["SIP/1000 as 442038070123"]);
    assert_eq!(ask("line-2"), ["redirect IAX2/msm/74957952302 as 442038070123"]);
    // A number of the pool is that number, wherever it arrives, and a number that is nobody's is nobody's.
    let ask_for = |to| carrier("89.208.190.5", "line-2", to).answer(&snapshot);
    assert_eq!(ask_for("74951815000"), ["reject: wrong_provider"]);
    assert_eq!(ask_for("74959999999"), ["reject: unknown_number"]);
    // Three numbers share Westcall's gate: nobody can say which was meant.
    assert_eq!(westcall("s").answer(&snapshot), ["reject: unknown_number"]);
}

fn with_group(tables: &mut Tables, strategy: RingStrategy) {
    let mut second = tables.extensions[0].clone();
    (second.id, second.number, second.endpoint) =
        (ExtensionId(50), "1005".parse().unwrap(), "1005".parse().unwrap());
    tables.extensions.push(second);
    let id = RingGroupId(70);
    tables.ring_groups.push(RingGroup { id, name: "sales team".into(), strategy, dial_timeout_s: 20 });
    for (position, extension) in (1..).zip([tables.extensions[0].id, ExtensionId(50)]) {
        tables.ring_group_members.push(RingGroupMember {
            id: RingGroupMemberId(70 + i64::from(position)),
            ring_group_id: id,
            extension_id: extension,
            position,
        });
    }
    tables.number_destinations[0] = destination(1, 279, |row| row.ring_group_id = Some(id));
}

#[test]
fn groups_ring_together_or_in_order() {
    let together = changed(|tables| with_group(tables, RingStrategy::All));
    assert_eq!(westcall("74951815000").answer(&together), ["SIP/1000&SIP/1005 as 442038070123"]);
    let in_order = changed(|tables| with_group(tables, RingStrategy::Order));
    let answer = westcall("74951815000").answer(&in_order);
    assert_eq!(answer, ["SIP/1000 as 442038070123", "SIP/1005 as 442038070123"]);
}

#[test]
fn a_known_caller_reaches_the_manager_first_and_then_the_group() {
    let customer = |tables: &mut Tables| {
        tables.customers.push(Customer {
            id: CustomerId(1),
            number: "442038070123".parse().unwrap(),
            extension_id: tables.extensions[1].id,
            comment: None,
        });
    };
    let group = changed(|tables| {
        with_group(tables, RingStrategy::All);
        customer(tables);
    });
    let answer = westcall("74951815000").answer(&group);
    assert_eq!(answer, ["IAX2/msm/1001 as 442038070123", "SIP/1000&SIP/1005 as 442038070123"]);
    let place = changed(|tables| {
        customer(tables);
        tables.number_destinations[0] = destination(1, 279, |row| {
            (row.context, row.exten) = (Some("queues".parse().unwrap()), Some("sales".parse().unwrap()));
        });
    });
    let answer = westcall("74951815000").answer(&place);
    assert_eq!(answer, ["IAX2/msm/1001 as 442038070123", "then queues,sales"]);
    let stranger = Question { from: "anonymous".into(), ..westcall("74951815000") };
    assert_eq!(stranger.answer(&place), ["goto queues,sales"]);
}

#[test]
fn anonymous_callers_are_legal_callers() {
    let question =
        Question { from: String::new(), presentation: Presentation::Prohibited, ..westcall("74951815000") };
    assert_eq!(question.answer(&plain()), ["SIP/1000 as "]);
}

#[test]
fn two_providers_cannot_share_a_network() {
    let mut tables = article();
    let mut same = tables.provider_addresses.iter().find(|row| row.provider_id.0 == 7).unwrap().clone();
    same.id.0 = 900;
    same.provider_id.0 = 16;
    tables.provider_addresses.push(same);
    let faults = Snapshot::compile(tables.clone().into(), routing::Generation::of_working_copy(0))
        .unwrap_err()
        .to_string();
    assert!(
        faults.contains("provider_addresses 900: ipaddress 195.94.225.2 is another provider's too"),
        "{faults}"
    );
}

#[test]
fn a_group_is_no_larger_than_an_answer() {
    for (strategy, most) in [(RingStrategy::All, 16), (RingStrategy::Order, 8)] {
        let mut tables = article();
        with_group(&mut tables, strategy);
        for id in 100..120 {
            let mut phone = tables.extensions[0].clone();
            (phone.id, phone.number, phone.endpoint) =
                (ExtensionId(id), id.to_string().parse().unwrap(), format!("p{id}").parse().unwrap());
            tables.extensions.push(phone);
            let mut member = tables.ring_group_members.last().unwrap().clone();
            (member.id, member.extension_id) = (RingGroupMemberId(id), ExtensionId(id));
            tables.ring_group_members.push(member);
        }
        let faults = Snapshot::compile(tables.clone().into(), routing::Generation::of_working_copy(0))
            .unwrap_err()
            .to_string();
        assert!(
            faults.contains(&format!("ring_groups 70: strategy rings 22 phones, {most} are the most")),
            "{faults}"
        );
    }
}

#[test]
fn a_redirect_waits_for_everybody_who_is_rung_there() {
    let snapshot = changed(|tables| {
        let group = RingGroupId(70);
        with_group(tables, RingStrategy::Order);
        tables.number_destinations.push(destination(2, 516, |row| row.ring_group_id = Some(group)));
    });
    let outcome = carrier("89.208.190.5", "ipport", "74957952302").ask(&snapshot).outcome;
    assert_eq!(outcome.attempts()[0].timeout_s, 2 * 20 + 5);
}
