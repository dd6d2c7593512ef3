//! What a carrier says decides whether the next one is tried.

use laboratory::{
    carriers::Carrier,
    node,
    phones::{Call, Outcome},
    tables::{self, Journey},
};
use libtest_mimic::Trial;

use super::on_every_node;

pub(crate) fn trials() -> Vec<Trial> {
    let goes_on = [
        ("failover::503_goes_on", tables::AFTER_503, 180),
        ("failover::503_with_a_hostile_reason_goes_on", tables::AFTER_HOSTILE_503, 180),
        // Once there was media from the first carrier, Asterisk plays the ringing of the second itself.
        ("failover::183_then_503_goes_on", tables::AFTER_183_AND_503, 183),
        ("failover::403_goes_on", tables::AFTER_403, 180),
        ("failover::408_goes_on", tables::AFTER_408, 180),
        ("failover::500_goes_on", tables::AFTER_500, 180),
        ("failover::302_opens_no_leg_of_its_own", tables::AFTER_302, 180),
    ];
    // A phone hears what Asterisk makes of the Q.850 cause: 1 → 404, 17 → 486, 19 → 480, 21 → 403.
    let ends = [
        ("failover::404_ends", tables::AFTER_404, (404, 1)),
        ("failover::480_ends", tables::AFTER_480, (480, 19)),
        ("failover::486_ends", tables::AFTER_486, (486, 17)),
        ("failover::603_ends", tables::AFTER_603, (403, 21)),
        ("failover::rung_out_ends", tables::AFTER_RINGING, (480, 19)),
    ];
    let goes_on = goes_on.into_iter().flat_map(|(name, journey, heard)| {
        on_every_node(name, move |node| {
            let outcome = call(node, journey);
            assert_eq!(tried(node, journey), journey.carriers, "every carrier, in order");
            assert_eq!(outcome.status(), 200);
            assert_eq!(outcome.provisional().last(), Some(&heard), "the second carrier rings");
            // Asterisk would follow a 302 with a call of its own to the number in it.
            assert!(!laboratory::node(node).log().contains("Executing [15550199@"), "a leg past the router");
        })
    });
    let ends = ends.into_iter().flat_map(|(name, journey, heard)| {
        on_every_node(name, move |node| {
            let outcome = call(node, journey);
            assert_eq!(tried(node, journey), &journey.carriers[..1], "no carrier after the first");
            assert_eq!((outcome.status(), outcome.cause()), (heard.0, Some(heard.1)));
        })
    });
    goes_on
        .chain(ends)
        .chain(on_every_node("failover::when_all_fail_there_is_no_circuit", all_fail))
        .collect()
}

fn all_fail(node: &str) {
    let outcome = call(node, tables::ALL_FAIL);
    assert_eq!(tried(node, tables::ALL_FAIL), tables::ALL_FAIL.carriers);
    assert_eq!((outcome.status(), outcome.cause()), (503, Some(34)));
}

fn call(name: &str, journey: Journey) -> Outcome {
    let node = node(name);
    Call::new(&node.plan, "1001", &journey.number(name, 0)).place()
}

/// The carriers that received the call, in the order they did.
fn tried(node: &str, journey: Journey) -> Vec<&'static str> {
    let number = journey.number(node, 0);
    let mut seen: Vec<_> = laboratory::carriers::CARRIERS
        .iter()
        .flat_map(|carrier: &Carrier| {
            carrier.invites(&number).into_iter().map(|invite| (invite.at, carrier.name))
        })
        .collect();
    seen.sort();
    seen.into_iter().map(|(_, name)| name).collect()
}
