//! Calls on the real nodes, told by collectors that watch all of them: what rows say is what phones saw.

mod rows;
mod seen;

use std::{collections::BTreeSet, time::Duration};

use laboratory::{
    ami::{Ami, Event},
    asterisk::PLANS,
    carriers::Carrier,
    node,
    phones::{Call, Then},
    pool::{self, Gate},
    tables::{Journey, RECORDED, RECORDED_LEFT},
};
use libtest_mimic::Trial;

use self::{
    rows::{Record, cells, drawn, everywhere, no_call, record, records, rows, watched},
    seen::{as_long_as, as_long_in_all, seen},
};
use super::super::{inbound::asked, on_every_node};

const CALLER: &str = "1030";

/// Told of one node.
type Story = fn(&str);

pub(crate) fn trials() -> Vec<Trial> {
    let stories: [(&str, Story); 8] = [
        ("the_caller_hangs_up", caller_hangs_up),
        ("the_called_one_hangs_up", called_one_hangs_up),
        ("a_hop_is_two_records_of_one_root", hop),
        ("a_blind_transfer_is_one_call", blind_transfer),
        ("an_attended_transfer_is_one_call", attended_transfer),
        ("who_waits_in_a_queue_and_who_answers_are_one_call", queue),
        ("twenty_at_once_are_twenty", twenty_at_once),
        ("analysts_find_it", analysts_find_it),
    ];
    stories
        .into_iter()
        .flat_map(|(name, story)| on_every_node(&format!("records::real::{name}"), story))
        .collect()
}

fn call<'a>(name: &str, to: &'a str) -> Call<'a> {
    Call::new(&node(name).plan, CALLER, to)
}

fn caller_hangs_up(name: &str) {
    answered_at_the_second(name, RECORDED, Then::HangUp, "caller");
}

fn called_one_hangs_up(name: &str) {
    answered_at_the_second(name, RECORDED_LEFT, Then::Stay, "callee");
}

/// The first carrier refuses, the second one answers.
fn answered_at_the_second(name: &str, journey: Journey, then: Then<'_>, hangup_by: &str) {
    watched();
    let called = journey.number(name, 0);
    let mut ami = Ami::connect(&node(name).plan);
    let outcome = Call { then, ..call(name, &called) }.place();
    let reports = [1, 2].map(|_| ami.until(|event| reports(event, &called)));

    let told = record(&called);
    assert_eq!(
        told.call(["node", "direction", "caller_raw", "disposition", "cause", "sip", "hangup_by"]),
        [name, "outbound", CALLER, "answered", "16", "200", hangup_by]
    );
    let (id, root) = (reports[0].value("Id"), reports[0].value("Root"));
    assert_eq!((told.call(["decision", "root"]), reports[1].value("Id")), ([id, root], id));
    dialled(&told, &[journey.carriers], &[&called]);
    let of_attempts = cells(&told.attempts, ["decision", "cause", "sip", "dialstatus"]);
    assert_eq!(of_attempts, [[id, "34", "503", "CONGESTION"], [id, "16", "200", "ANSWER"]]);
    // Whoever called, and whom it called.
    assert_eq!(cells(&told.legs, ["hangup_by"]), [[hangup_by], ["callee"], [hangup_by]]);
    as_long_as(&told, &seen(&outcome));
}

/// The report of a leg dialled for this number.
fn reports(event: &Event, called: &str) -> bool {
    let numbers = ["ConnectedLineNum", "CallerIDNum"].map(|header| event.value(header));
    event.value("UserEvent") == "Dialplane" && numbers.iter().any(|number| number.contains(called))
}

/// These carriers were tried for these numbers in this order, and so stand with their place in the decision.
fn dialled(told: &Record, carriers: &[&[&str]], numbers: &[&str]) {
    let tried = cells(&told.attempts, ["position", "dial", "decision_attempt"]);
    let wanted: Vec<_> = carriers
        .iter()
        .zip(numbers)
        .flat_map(|(carriers, number)| {
            (1..).zip(*carriers).map(move |(place, carrier)| (place, *carrier, *number))
        })
        .collect();
    assert_eq!(tried.len(), wanted.len(), "{told:?}");
    for (position, ([told, dial, of_decision], (place, carrier, number))) in
        (1..).zip(tried.iter().zip(wanted))
    {
        assert_eq!((*told, *of_decision), (position.to_string().as_str(), place.to_string().as_str()));
        assert!(dial.contains(carrier) && dial.contains(number), "{position}: {dial}");
        assert_eq!(Carrier::named(carrier).invites(number).len(), 1);
    }
}

/// From each node to the next one.
fn hop(name: &str) {
    watched();
    let position = PLANS.iter().position(|plan| plan.name == name).unwrap();
    let next = PLANS[(position + 1) % PLANS.len()].name;
    let gate = Gate::of(next, "gate-answers");
    let called = gate.journey().number("ast22", 2);
    let (mut here, mut there) = (Ami::connect(&node(name).plan), Ami::connect(&node(next).plan));
    let outcome = call(name, &called).place();
    let [first, second] = [&mut here, &mut there].map(|ami| ami.until(|event| reports(event, &called)));

    let told = records(&called, 2);
    let root = first.value("Id");
    let of_calls: Vec<_> = told.iter().map(|told| told.call(["node", "decision", "root"])).collect();
    assert_eq!(of_calls, [[name, root, root], [next, second.value("Id"), root]]);
    for told in &told {
        let outcome_of_call = told.call(["direction", "disposition", "cause", "hangup_by"]);
        assert_eq!(outcome_of_call, ["outbound", "answered", "16", "caller"]);
        assert_eq!((told.legs.len(), told.attempts.len()), (2, 1));
        as_long_as(told, &seen(&outcome));
    }
    let of_view = rows(&format!("SELECT hop, node FROM calls_by_root WHERE root = '{root}' ORDER BY hop"), 2);
    assert_eq!(of_view, [["1", name], ["2", next]]);
}

/// The phone transfers whom it called to a number whose second carrier answers.
fn blind_transfer(name: &str) {
    let told = transfer(name, 1, |number| Then::Refer(number));
    assert_eq!(told.legs.len(), 1 + 4, "{told:?}");
    let (answered, calls) = (&told.attempts[1], &told.attempts[3]);
    assert_eq!(calls["caller_leg"], answered["leg"], "who was transferred calls");
}

/// The phone calls that number itself, and then puts both together.
fn attended_transfer(name: &str) {
    let told = transfer(name, 2, |number| Then::Attend(number));
    assert_eq!(told.legs.len(), 2 + 4, "{told:?}");
    let callers = [&told.attempts[1], &told.attempts[3]].map(|attempt| attempt["caller_leg"].as_str());
    assert_eq!(
        callers,
        [&told.legs[0], &told.legs[3]].map(|leg| leg["unique_id"].as_str()),
        "the phone calls twice"
    );
}

/// One record of two decisions; the carrier that answers last hangs up.
fn transfer(name: &str, story: usize, then: fn(&str) -> Then<'_>) -> Record {
    watched();
    let (called, next) = (RECORDED.number(name, story), RECORDED_LEFT.number(name, story));
    let mut ami = Ami::connect(&node(name).plan);
    Call { then: then(&next), ..call(name, &called) }.place();
    let [first, second] = [&called, &next].map(|number| ami.until(|event| reports(event, number)));

    let told = record(&called);
    no_call(&next);
    assert_eq!(
        told.call(["node", "direction", "caller_raw", "disposition", "cause", "hangup_by"]),
        [name, "outbound", CALLER, "answered", "16", "callee"]
    );
    let (first, second) = (first.value("Id"), second.value("Id"));
    assert_eq!(told.call(["decision", "root"]), [first, first]);
    dialled(&told, &[RECORDED.carriers, RECORDED_LEFT.carriers], &[&called, &next]);
    assert_eq!(
        cells(&told.attempts, ["decision", "cause", "dialstatus"]),
        [
            [first, "34", "CONGESTION"],
            [first, "16", "ANSWER"],
            [second, "34", "CONGESTION"],
            [second, "16", "ANSWER"]
        ]
    );
    // What a leg was told is cleared when it calls others itself: unknown then, and never wrong.
    let sip = |attempt: usize| told.attempts[attempt]["sip"].as_str();
    assert!(["", "200"].contains(&sip(1)), "{told:?}");
    assert_eq!([0, 2, 3].map(sip), ["503", "503", "200"]);
    told
}

fn queue(name: &str) {
    watched();
    let node = node(name);
    let (caller, called) = ("12025550155", pool::QUEUE.number(name));
    let mut call = Call::new(&node.plan, "leases", &called);
    call.secret = None;
    call.address = Some(Carrier::named("leases").address());
    call.from = Some(format!("<sip:+{caller}@203.0.113.99>"));
    call.then = Then::Stay;
    let outcome = asked(|| call.place());
    let member = node.plan.queue_member();
    assert_eq!(Carrier::named("hangs-up").invites(&member).len(), 1);

    let told = record(&called);
    assert_eq!(
        told.call(["node", "direction", "disposition", "cause", "hangup_by"]),
        [name, "inbound", "answered", "16", "callee"]
    );
    assert!(told.call(["caller_raw"])[0].ends_with(caller), "{told:?}");
    let [id, root] = told.call(["decision", "root"]);
    assert!(!id.is_empty() && id == root, "a call from outside: {told:?}");
    assert_eq!(cells(&told.attempts, ["position", "cause", "dialstatus"]), [["1", "16", "ANSWER"]]);
    assert!(told.attempts[0]["dial"].contains(&member), "{told:?}");
    let legs = cells(&told.legs, ["unique_id", "hangup_by"]);
    let [waits, answers] = ["caller_leg", "leg"].map(|column| told.attempts[0][column].as_str());
    assert_eq!(legs, [[waits, "callee"], [answers, "callee"]]);
    as_long_in_all(&told, &seen(&outcome));
}

fn twenty_at_once(name: &str) {
    watched();
    let called = RECORDED.number_of_twin(name, 0);
    let mut call = call(name, &called);
    call.talk = Duration::from_secs(3);
    call.place_at_once(20);
    let told = records(&called, 20);
    let decisions: BTreeSet<_> = told.iter().map(|told| told.call(["decision"])).collect();
    assert_eq!(decisions.len(), 20, "each call once");
    for told in &told {
        let outcome = told.call(["disposition", "cause", "sip", "hangup_by"]);
        assert_eq!(outcome, ["answered", "16", "200", "caller"]);
        let of_attempts = cells(&told.attempts, ["cause", "sip", "dialstatus"]);
        assert_eq!(of_attempts, [["34", "503", "CONGESTION"], ["16", "200", "ANSWER"]]);
        assert_eq!(told.legs.len(), 3);
    }
    let first_ended = told.iter().map(|told| told.us("end_us")).min().unwrap();
    let up = told.iter().filter(|told| told.us("start_us") < first_ended).count();
    // Whoever had to call again because the node was busy may come late.
    assert!(up > 10, "{up} were up together");
}

/// On the command line and over HTTP, on every database, as its rows have it.
fn analysts_find_it(name: &str) {
    watched();
    let called = RECORDED.number_of_twin(name, 1);
    call(name, &called).place();
    let told = record(&called);
    let [created, unique_id] = told.call(["created_us", "unique_id"]);
    let id = format!("{name}/{created}/{unique_id}");
    for shown in everywhere(&called) {
        let [call] = shown.as_array().unwrap().as_slice() else { panic!("{shown}") };
        assert_eq!((&call["id"], &call["called"]["e164"]), (&id.as_str().into(), &called.as_str().into()));
        assert_eq!((&call["cause"], &call["disposition"]), (&16.into(), &"answered".into()));
        assert_eq!(call["decision"], told.call(["decision"])[0]);
    }
    for drawn in drawn(&id) {
        assert!(drawn.contains("attempt 1 ends: CONGESTION") && drawn.contains("attempt 2 rings"), "{drawn}");
        assert!(drawn.contains(&format!("{} of generation ", told.call(["decision"])[0])), "{drawn}");
    }
}
