//! A router that does not answer costs a call, but never more than the dialplan's limit.

use std::{thread, time::Duration};

use laboratory::{
    asterisk::PLANS,
    carriers::Carrier,
    node,
    phones::{Call, Outcome},
    router::Router,
    stack, tables,
};
use libtest_mimic::Trial;

use super::on_every_node;

/// One second per router, and what setting up a call takes on a busy machine.
const LIMIT: Duration = Duration::from_millis(1500);
/// The port the phone 1091 asks.
const PORT: u16 = 8062;

pub(crate) fn trials() -> Vec<Trial> {
    let down = on_every_node("outage::nobody_listens", |node| fails(&call(node, "1090", 0), node, 0));
    let second = on_every_node("outage::the_second_router_answers", |node| {
        assert_eq!(call(node, "1092", 1).status(), 200);
    });
    let hangs = Trial::test("outage::a_router_that_hangs_or_stops", || {
        stack();
        let router = Router::start(PORT);
        everywhere(|node| assert_eq!(call(node, "1091", 2).status(), 200));
        router.process.signal("STOP");
        everywhere(|node| fails(&call(node, "1091", 0), node, 0));
        router.process.signal("CONT");
        drop(router);
        everywhere(|node| fails(&call(node, "1091", 0), node, 0));
        Ok(())
    });
    down.into_iter().chain(second).chain([hangs]).collect()
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

/// 38, network out of order: in SIP a 500. No carrier hears of the call.
fn fails(outcome: &Outcome, node: &str, story: usize) {
    assert_eq!((outcome.status(), outcome.cause()), (500, Some(38)));
    assert!(outcome.duration() <= LIMIT, "failed after {:?}", outcome.duration());
    assert!(Carrier::named("answers").invites(&tables::ANSWERED.number(node, story)).is_empty());
}
