//! A dialplan that asks over FastAGI dials what one that asks over HTTP dials.

use laboratory::{
    carriers::{CARRIERS, Carrier},
    node,
    phones::{Call, Outcome},
    pool::Gate,
    tables,
};
use libtest_mimic::Trial;

use super::on_every_node;

/// The phone that asks over FastAGI.
const PHONE: &str = "1017";

pub(crate) fn trials() -> Vec<Trial> {
    let stories = [
        ("agi::503_goes_on", tables::AFTER_503, &["refuses-503", "answers"][..], (200, None)),
        ("agi::486_ends", tables::AFTER_486, &["refuses-486"], (486, Some(17))),
        ("agi::all_fail", tables::ALL_FAIL, &["refuses-500", "refuses-403", "refuses-503"], (503, Some(34))),
        // Through another server's gate on two of the nodes.
        ("agi::busy_at_a_gate", Gate::of("ast22", "gate-busy").journey(), &["gate-busy"], (486, Some(17))),
    ];
    let stories = stories.into_iter().flat_map(|(name, journey, tried, heard)| {
        on_every_node(name, move |node| {
            let called = journey.number(node, 2);
            let outcome = call(node, &called);
            assert_eq!(carriers_of(&called), tried);
            assert_eq!((outcome.status(), heard.1.and(outcome.cause())), heard);
        })
    });
    let refused = on_every_node("agi::a_refusal_is_told", |node| {
        let outcome = call(node, "12");
        assert_eq!((outcome.status(), outcome.cause()), (484, Some(28)));
    });
    stories.chain(refused).collect()
}

fn call(name: &str, to: &str) -> Outcome {
    Call::new(&node(name).plan, PHONE, to).place()
}

/// The carriers that received a call, in the order they did.
fn carriers_of(number: &str) -> Vec<&'static str> {
    let mut seen: Vec<_> = CARRIERS
        .iter()
        .flat_map(|carrier: &Carrier| {
            carrier.invites(number).into_iter().map(|invite| (invite.at, carrier.name))
        })
        .collect();
    seen.sort();
    seen.into_iter().map(|(_, name)| name).collect()
}
