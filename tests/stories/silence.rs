//! A carrier that does not answer costs a bounded time.

use std::time::Duration;

use laboratory::{
    asterisk::{Driver, Node},
    carriers::Carrier,
    node,
    phones::{Call, Outcome},
    tables::{self, Journey},
    wait_until,
};
use libtest_mimic::Trial;

use super::on_every_node;

pub(crate) fn trials() -> Vec<Trial> {
    let silent = on_every_node("silence::the_next_carrier_rings_within_8_s", |name| {
        let outcome = call(name, tables::AFTER_SILENCE);
        assert_eq!(Carrier::named("ignores-calls").invites(&tables::AFTER_SILENCE.number(name, 0)).len(), 1);
        rings_within(&outcome, Duration::from_secs(8));
    });
    let given_up = on_every_node("silence::a_dial_given_up_in_silence_goes_on", |name| {
        rings_within(&call(name, tables::AFTER_BRIEF_SILENCE), Duration::from_secs(8));
    });
    let unreachable = on_every_node("silence::within_1_s_once_known_unreachable", |name| {
        wait_until("the node knows the carrier is unreachable", Duration::from_secs(30), || {
            knows_unreachable(node(name), "ignores-everything").then_some(())
        });
        let outcome = call(name, tables::AFTER_NOBODY);
        rings_within(&outcome, Duration::from_secs(1));
    });
    [silent, given_up, unreachable].into_iter().flatten().collect()
}

fn call(name: &str, journey: Journey) -> Outcome {
    Call::new(&node(name).plan, "1001", &journey.number(name, 0)).place()
}

fn rings_within(outcome: &Outcome, limit: Duration) {
    assert_eq!(outcome.status(), 200);
    let ringing = outcome.messages.iter().find(|message| message.received && message.status() == Some(180));
    let waited = ringing.expect("the second carrier rings").at.saturating_sub(outcome.invite().at);
    assert!(waited <= limit, "rang after {waited:?}");
}

fn knows_unreachable(node: &Node, carrier: &str) -> bool {
    match node.plan.driver {
        Driver::Pjsip => node.cli(&format!("pjsip show aor {carrier}")).contains("Unavail"),
        Driver::ChanSip => node.cli(&format!("sip show peer {carrier}")).contains("UNREACHABLE"),
    }
}
