//! A router that does not answer costs a bounded time: then the next one is asked, then the node's own fallback.

use std::{thread, time::Duration};

use laboratory::{
    asterisk::PLANS,
    carriers::{Answer, Carrier},
    node,
    phones::{self, Call, Outcome},
    pool::{self, Gate},
    router::Router,
    stack, tables,
};
use libtest_mimic::Trial;

use super::on_every_node;

/// One second per router, and what setting up a call takes on a busy machine.
const LIMIT: Duration = Duration::from_millis(1500);
/// The same for two routers.
const LIMIT_OF_TWO: Duration = Duration::from_millis(2500);
/// The port the phone 1091 asks, and the two that 1095 asks.
const PORTS: [u16; 2] = [8062, 8065];

pub(crate) fn trials() -> Vec<Trial> {
    let down = on_every_node("outage::nobody_listens", |node| falls_back(node, "1090", 0, LIMIT));
    let second = on_every_node("outage::the_second_router_answers", |node| {
        assert_eq!(call(node, "1092", 1).status(), 200);
    });
    let emergency = on_every_node("outage::emergency_without_a_router", |name| {
        let node = node(name);
        let outcome = Call::new(&node.plan, "1090", tables::EMERGENCY).place();
        assert_eq!(outcome.status() == 200, node.plan.has_fallback());
    });
    let colleague = on_every_node("outage::a_colleague_without_a_router", |name| {
        let node = node(name);
        phones::register(&node.plan, "1012", Answer::Answers);
        let outcome = Call::new(&node.plan, "1090", &tables::extension(name, "1012")).place();
        assert_eq!(outcome.status() == 200, node.plan.has_fallback());
    });
    let incoming = on_every_node("outage::incoming_without_a_router", incoming);
    let hangs = Trial::test("outage::routers_that_hang_or_stop", || {
        stack();
        let routers = PORTS.map(Router::start);
        everywhere(|node| assert_eq!(call(node, "1091", 2).status(), 200));
        routers[0].process.signal("STOP");
        everywhere(|node| falls_back(node, "1091", 0, LIMIT));
        everywhere(|node| assert_eq!(call(node, "1095", 2).status(), 200, "the other router answers"));
        routers[1].process.signal("STOP");
        everywhere(|node| falls_back(node, "1095", 0, LIMIT_OF_TWO));
        for router in &routers {
            router.process.signal("CONT");
        }
        drop(routers);
        everywhere(|node| falls_back(node, "1095", 0, LIMIT));
        Ok(())
    });
    let all = [down, second, emergency, colleague, incoming];
    all.into_iter().flatten().chain([hangs]).collect()
}

fn everywhere(act: impl Fn(&'static str) + Sync) {
    thread::scope(|scope| {
        for plan in PLANS {
            let act = &act;
            scope.spawn(move || act(plan.name));
        }
    });
}

fn call(name: &str, phone: &str, story: usize) -> Outcome {
    Call::new(&node(name).plan, phone, &tables::ANSWERED.number(name, story)).place()
}

/// Through the node's gate, showing the gate's number; or, on the node that has nothing to fall back to, not at all: 38,
/// network out of order, in SIP a 500. The carrier the router would have chosen hears nothing.
fn falls_back(name: &str, phone: &str, story: usize, limit: Duration) {
    let (node, number) = (node(name), tables::ANSWERED.number(name, story));
    let gate = Gate::of(name, "gate-answers");
    let before = Carrier::named(gate.carrier).invites(&number).len();
    let outcome = call(name, phone, story);
    assert!(Carrier::named("answers").invites(&number).is_empty());
    let waited = if node.plan.has_fallback() {
        assert_eq!(outcome.status(), 200);
        let invites = Carrier::named(gate.carrier).invites(&number);
        let invite = &invites[before];
        let shown = invite.header("From").unwrap();
        assert!(shown.contains(&format!("sip:{}@{}", gate.number(), node.plan.address)), "{shown}");
        invite.at.checked_sub(outcome.invite().at).expect("the carrier hears after the phone spoke")
    } else {
        assert_eq!((outcome.status(), outcome.cause()), (500, Some(38)));
        outcome.duration()
    };
    assert!(waited <= limit, "took {waited:?}");
}

fn incoming(name: &str) {
    let node = node(name);
    phones::register(&node.plan, "1010", Answer::Answers);
    let number = pool::PHONE.number(name);
    let national = &number[2..];
    for (to, caller) in [
        (number.clone(), "12025550120"),
        (format!("+{number}"), "12025550121"),
        (format!("0{national}"), "12025550122"),
        (national.to_owned(), "12025550123"),
    ] {
        let mut call = Call::new(&node.plan, "asks-nobody", &to);
        call.secret = None;
        call.from = Some(format!("<sip:{caller}@203.0.113.99>"));
        call.address = Some(Carrier::named("asks-nobody").address());
        let status = call.place().status();
        assert_eq!(status, if node.plan.has_fallback() { 200 } else { 500 }, "{to}");
        let rung = phones::rung(&node.plan, "1010", caller).len();
        assert_eq!(rung, usize::from(node.plan.has_fallback()));
    }
}
