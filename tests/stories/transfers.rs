//! Nobody but the router opens a leg: no carrier by a redirection or a transfer, no phone by where it says it is.

use std::time::Duration;

use laboratory::{
    asterisk::Node,
    carriers::{Answer, CARRIERS, Carrier},
    node,
    phones::{self, Call, Then},
    pool,
    tables::{self, OWN_NUMBER},
    wait_until,
};
use libtest_mimic::Trial;

use super::{inbound::asked, on_every_node};

/// The number nobody asked for, wherever it is smuggled in.
const SMUGGLED: &str = "15550199";

/// User parts of contacts that would be more than one phone, were they pasted into a Dial: `sip:…@address` follows.
const USERS: [&str; 2] = ["500&PJSIP/answers/sip:15550199", "500,1,L(1000)"];

pub(crate) fn trials() -> Vec<Trial> {
    let refer = on_every_node("transfers::a_carrier_transfers_nobody", |name| {
        let called = tables::REFERRED.number(name, 0);
        let mut call = Call::new(&node(name).plan, "1001", &called);
        call.talk = Duration::from_secs(1);
        assert_eq!(call.place().status(), 200);
        let answers: Vec<_> = Carrier::named("refers")
            .received()
            .into_iter()
            .filter(|message| message.header("CSeq").is_some_and(|cseq| cseq.ends_with("REFER")))
            .filter(|message| message.text.contains(node(name).plan.address))
            .collect();
        assert!(!answers.is_empty(), "the transfer was tried");
        for answer in answers {
            assert!(answer.status().is_some_and(|status| status >= 400), "{}", answer.text);
        }
        nothing_smuggled(node(name));
    });
    let contacts = on_every_node("transfers::a_contact_adds_no_leg", |name| {
        let node = node(name);
        // A phone is not where a carrier is.
        phones::try_contact(
            &node.plan,
            "1014",
            &format!("{SMUGGLED}@{}:5060", Carrier::named("answers").address()),
        );
        assert!(calls_1014(node, "leases") >= 400);
        for user in USERS {
            phones::register_as(&node.plan, "1014", user, Answer::Answers);
            for carrier in ["leases", "asks-nobody"] {
                calls_1014(node, carrier);
            }
            for invite in phones::rung_as(&node.plan, "1014", user, "") {
                assert_ne!(invite.uri_user(), SMUGGLED, "a second leg");
            }
        }
        nothing_smuggled(node);
    });
    let emergency = on_every_node("transfers::emergency_from_a_phone_without_rights", |name| {
        let plan = &node(name).plan;
        let mut call = Call::new(plan, tables::WITHOUT_RIGHTS, tables::EMERGENCY);
        call.headers.push("Privacy: id".into());
        assert_eq!(call.place().status(), 200);
        let invites = Carrier::named("answers").invites(tables::EMERGENCY);
        let mine = invites.iter().filter(|invite| invite.header("Via").unwrap().contains(plan.address));
        let withheld =
            mine.filter(|invite| invite.header("From").unwrap().to_lowercase().contains("anonymous"));
        assert!(withheld.count() > 0, "the call went out, and the number stayed withheld");
        let other = Call::new(plan, tables::WITHOUT_RIGHTS, &tables::REFERRED.number(name, 1)).place();
        assert_eq!(other.status(), 403, "no other number is dialled for it");
    });
    let asks = on_every_node("transfers::a_phone_transfers_through_the_router", |name| {
        let (called, next) = (tables::IDENTITY.number(name, 2), tables::AFTER_503.number(name, 1));
        let mut call = Call::new(&node(name).plan, "1001", &called);
        call.then = Then::Refer(&next);
        assert_eq!(call.place().status(), 200);
        wait_until("the next carrier is tried", Duration::from_secs(10), || {
            (!Carrier::named("answers").invites(&next).is_empty()).then_some(())
        });
        let invites = Carrier::named("answers").invites(&next);
        // The number of the phone that transferred: the call is its own now.
        assert!(invites[0].header("From").unwrap().contains(OWN_NUMBER), "{}", invites[0].text);
        assert_eq!(Carrier::named("refuses-503").invites(&next).len(), 1, "by the router's order");
    });
    [refer, asks, contacts, emergency].into_iter().flatten().collect()
}

/// A call to the number behind which the phone 1014 is; one of the carriers has it decided by the fallback.
fn calls_1014(node: &Node, carrier: &str) -> u16 {
    let number = pool::HOSTILE_CONTACT.number(node.plan.name);
    let mut call = Call::new(&node.plan, carrier, &number);
    call.secret = None;
    call.address = Some(Carrier::named(carrier).address());
    asked(|| call.place()).status()
}

fn nothing_smuggled(node: &Node) {
    let log = node.log();
    assert!(!log.contains(&format!("Executing [{SMUGGLED}")), "a call went on without its router");
    for carrier in CARRIERS {
        let theirs = carrier.invites(SMUGGLED);
        assert!(theirs.is_empty(), "{} was called: {}", carrier.name, theirs[0].text);
    }
}
