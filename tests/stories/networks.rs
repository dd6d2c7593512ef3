//! Whom an address stands for: networks wider in the node's sections than in the tables, and IPv6.

use laboratory::{
    asterisk::{PLANS, Plan},
    carriers::{Answer, Carrier},
    node,
    phones::{self, Call, Outcome},
    pool::{self, Leased},
    stack, tables,
};
use libtest_mimic::Trial;

use super::inbound::{alone, asked};

/// In the section's network, and not the one address of it that the tables have.
const BETWEEN: &str = "203.0.113.140";
/// Next to the network of the carrier over IPv6, and far from it.
const STRANGERS: [&str; 2] = ["2001:db8:53:1::10", "2001:db8:54::10"];

/// Told of one node.
type Story = fn(&Plan);

/// `chan_sip` knows neither: a section of it is one address, and so is the one it listens at.
pub(crate) fn trials() -> Vec<Trial> {
    let stories: [(&str, Story); 5] = [
        ("networks::the_address_in_the_tables_rings", |plan| {
            rings(plan, pool::OF_WIDE, "wide", &Carrier::named("wide").address(), "12025550153");
        }),
        ("networks::the_rest_of_the_sections_network_is_refused", between),
        ("networks::ipv6_from_the_carriers_network_rings", |plan| {
            let carrier = Carrier::named("over-ipv6");
            rings(plan, pool::OVER_IPV6, carrier.name, &carrier.address(), "12025550154");
        }),
        ("networks::ipv6_strangers_ask_nobody", strangers),
        ("networks::ipv6_carries_an_outgoing_call", outgoing),
    ];
    let nodes = PLANS.iter().filter(|plan| plan.ipv6.is_some());
    let told = nodes.flat_map(|plan| {
        stories.map(|(name, story)| {
            Trial::test(format!("{name}::{}", plan.name), move || {
                story(&node(plan.name).plan);
                Ok(())
            })
        })
    });
    told.collect()
}

fn call(plan: &Plan, phone: &str, to: &str, address: &str, caller: &str) -> Outcome {
    let mut call = Call::new(plan, phone, to);
    call.secret = None;
    call.from = Some(format!("<sip:+{caller}@203.0.113.99>"));
    call.address = Some(address.to_owned());
    call.place()
}

fn rings(plan: &Plan, number: Leased, carrier: &str, address: &str, caller: &str) {
    phones::register(plan, "1010", Answer::Answers);
    let outcome = asked(|| call(plan, carrier, &number.number(plan.name), address, caller));
    assert_eq!((outcome.status(), outcome.provisional()), (200, vec![180]));
    assert_eq!(phones::rung(plan, "1010", caller).len(), 1);
}

/// The node takes it for the carrier, the router does not.
fn between(plan: &Plan) {
    let refusals = || stack().router.counted("refusals_total", "\"unknown_source\"");
    let (before, number) = (refusals(), pool::OF_WIDE.number(plan.name));
    let outcome = asked(|| call(plan, "wide", &number, BETWEEN, "12025550155"));
    assert_eq!((outcome.status(), outcome.cause()), (403, Some(21)));
    assert!(refusals() > before, "the reason is counted");
    assert_eq!(phones::rung(plan, "1010", "12025550155").len(), 0);
    let log = node(plan.name).log();
    let asked = log.lines().any(|line| line.contains("PJSIP/wide-") && line.contains(BETWEEN));
    assert!(asked, "the dialplan was reached, from there");
}

fn strangers(plan: &Plan) {
    let number = pool::OVER_IPV6.number(plan.name);
    let _alone = alone();
    let questions = || stack().router.counted("answers_total", "verb=\"inbound\"");
    let before = questions();
    for address in STRANGERS {
        let status = call(plan, "over-ipv6", &number, address, "12025550156").status();
        assert!([401, 403].contains(&status), "{address}: {status}");
    }
    assert_eq!(questions(), before, "no question came");
}

fn outgoing(plan: &Plan) {
    let (carrier, called) = (Carrier::named("over-ipv6"), tables::OVER_IPV6.number(plan.name, 0));
    assert_eq!(Call::new(plan, "1001", &called).place().status(), 200);
    let invites = carrier.invites(&called);
    assert_eq!(invites.len(), 1);
    let [via, contact] = ["Via", "Contact"].map(|header| invites[0].header(header).unwrap());
    let node = plan.ipv6.unwrap();
    assert!(via.contains(node) && contact.contains(node), "{}", invites[0].text);
    assert!(invites[0].text.contains(&format!("c=IN IP6 {node}")), "media too: {}", invites[0].text);
}
