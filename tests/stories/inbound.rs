//! Calls from outside: who calls is the address the signalling comes from, never anything the other side wrote.

use std::sync::{PoisonError, RwLock, RwLockWriteGuard};

use laboratory::{
    asterisk::Driver,
    carriers::{Answer, Carrier},
    node,
    phones::{self, Call, Outcome},
    pool::{self, Leased},
    stack,
};
use libtest_mimic::Trial;

use super::on_every_node;

/// What a carrier hears: SIP status and Q.850 cause.
type Heard = (u16, u16);

/// The carrier that leases us most of the numbers.
const LEASES: &str = "leases";

/// Everybody who makes a node ask `inbound` holds it; who counts those questions has it alone.
static QUESTIONS: RwLock<()> = RwLock::new(());

pub(crate) fn trials() -> Vec<Trial> {
    let refusals: [(&str, &str, Leased, &str, Heard); 6] = [
        ("another_providers_number", LEASES, pool::OTHER_PROVIDERS, "wrong_provider", (403, 21)),
        ("a_disabled_number", LEASES, pool::DISABLED, "number_disabled", (404, 1)),
        ("a_number_for_outgoing_calls", LEASES, pool::OUTGOING_ONLY, "number_outgoing_only", (403, 21)),
        ("a_number_nobody_answers", LEASES, pool::UNASSIGNED, "no_destination", (404, 3)),
        // The node's section for it is wider than the tables: the router has the last word.
        ("an_address_only_the_node_knows", "unlisted", pool::PHONE, "unknown_source", (403, 21)),
        // Buys from us, and may send us nothing.
        ("an_address_for_outgoing_calls", "answers", pool::PHONE, "unknown_source", (403, 21)),
    ];
    let refusals = refusals.into_iter().flat_map(|(name, carrier, number, reason, heard)| {
        on_every_node(&format!("inbound::refused::{name}"), move |node| {
            refused(node, carrier, &number.number(node), reason, heard);
        })
    });
    let unknown = on_every_node("inbound::refused::a_number_that_is_not_ours", |node| {
        refused(node, LEASES, "442079461999", "unknown_number", (404, 1));
    });
    let phone =
        on_every_node("inbound::the_phone_rings", |name| rings(name, pool::PHONE, "1010", "12025550140"));
    let ways = on_every_node("inbound::the_number_as_the_country_dials_it", |name| {
        let number = pool::PHONE.number(name);
        for (caller, way) in (142..).zip([format!("+{number}"), format!("0{}", &number[2..])]) {
            let caller = format!("12025550{caller}");
            phones::register(&node(name).plan, "1010", Answer::Answers);
            assert_eq!(call(name, LEASES, &caller, &way).status(), 200, "{way}");
            assert_eq!(phones::rung(&node(name).plan, "1010", &caller).len(), 1, "{way}");
        }
    });
    let group =
        on_every_node("inbound::a_group_rings", |name| rings(name, pool::GROUP, "1012", "12025550144"));
    let both = on_every_node("inbound::all_contacts_of_a_phone_ring", all_contacts);
    let nobody = on_every_node("inbound::a_caller_without_a_number_is_a_legal_caller", |name| {
        phones::register(&node(name).plan, "1010", Answer::Answers);
        let number = pool::PHONE.number(name);
        let mut call = from_carrier(name, LEASES, &number);
        call.from = Some("\"Anonymous\" <sip:anonymous@anonymous.invalid>".into());
        assert_eq!(asked(|| call.place()).status(), 200);
    });
    let echo = on_every_node("inbound::echo", |name| {
        assert_eq!(call(name, LEASES, "12025550145", &pool::ECHO.number(name)).status(), 200);
    });
    let place = on_every_node("inbound::a_place_of_the_dialplan", |name| {
        let outcome = call(name, LEASES, "12025550146", &pool::PLACE.number(name));
        hears(&outcome, (410, 22));
    });
    let managers = [
        on_every_node("inbound::a_known_caller_reaches_the_manager", |name| {
            let caller = pool::OF_A_MANAGER.number(name);
            rings(name, pool::GROUP, "1010", &caller);
            assert_eq!(phones::rung(&node(name).plan, "1012", &caller).len(), 0, "the group is left alone");
        }),
        on_every_node("inbound::the_group_when_the_manager_is_busy", |name| {
            let caller = pool::OF_A_BUSY_MANAGER.number(name);
            phones::register(&node(name).plan, "1011", Answer::Refuses(486));
            rings(name, pool::GROUP, "1012", &caller);
            assert!(!phones::rung(&node(name).plan, "1011", &caller).is_empty(), "the manager first");
        }),
        on_every_node("inbound::the_place_when_the_manager_is_busy", |name| {
            phones::register(&node(name).plan, "1011", Answer::Refuses(486));
            let outcome =
                call(name, LEASES, &pool::OF_A_BUSY_MANAGER.number(name), &pool::PLACE.number(name));
            hears(&outcome, (410, 22));
        }),
    ];
    let strangers = [
        on_every_node("inbound::a_stranger_asks_nobody", stranger),
        on_every_node("inbound::what_a_stranger_writes_changes_nothing", impostors),
    ];
    let others = [unknown, phone, ways, group, both, nobody, echo, place];
    refusals.chain(others.into_iter().chain(managers).chain(strangers).flatten()).collect()
}

fn rings(name: &str, number: Leased, phone: &str, caller: &str) {
    phones::register(&node(name).plan, phone, Answer::Answers);
    let outcome = call(name, LEASES, caller, &number.number(name));
    assert_eq!((outcome.status(), outcome.provisional()), (200, vec![180]));
    let invites = phones::rung(&node(name).plan, phone, caller);
    assert_eq!(invites.len(), 1, "{phone} rings once, and is told who calls");
}

/// `chan_sip` keeps one contact for each phone.
fn all_contacts(name: &str) {
    let node = node(name);
    let users: &[&str] = if node.plan.driver == Driver::Pjsip { &["1013a", "1013b"] } else { &["1013"] };
    for user in users {
        phones::register_as(&node.plan, "1013", user, Answer::Rings);
    }
    assert_eq!(call(name, LEASES, "12025550147", &pool::TWO_PLACES.number(name)).status(), 480);
    for user in users {
        assert_eq!(phones::rung_as(&node.plan, "1013", user, "12025550147").len(), 1, "{user}");
    }
}

fn refused(name: &str, carrier: &str, number: &str, reason: &str, heard: Heard) {
    let label = format!("\"{reason}\"");
    let before = stack().router.counted("refusals_total", &label);
    let outcome = call(name, carrier, "12025550148", number);
    hears(&outcome, heard);
    assert!(stack().router.counted("refusals_total", &label) > before, "{reason} is counted");
    let line = format!("Dialplane: cause {}: reject {reason}", heard.1);
    assert!(node(name).log().contains(&line), "the node says why");
}

/// `chan_sip` tells carriers no cause: there the same option would also believe theirs.
fn hears(outcome: &Outcome, (status, cause): Heard) {
    assert_eq!((outcome.status(), outcome.cause().unwrap_or(cause)), (status, cause));
}

/// From an address no section of the node has.
fn stranger(name: &str) {
    let number = pool::PHONE.number(name);
    let mut call = from_carrier(name, LEASES, &number);
    call.address = None;
    call.from = Some("<sip:12025550149@192.0.2.1>".into());
    let _alone = alone();
    let questions = || stack().router.counted("answers_total", "verb=\"inbound\"");
    let before = questions();
    assert!([401, 403].contains(&call.place().status()));
    assert_eq!(questions(), before, "no question came");
}

/// Names and hosts of those who may call, written by those who may not.
fn impostors(name: &str) {
    let trunk = Carrier::named(LEASES).address();
    let froms = [
        format!("<sip:12025550149@{trunk}>"),
        format!("<sip:{LEASES}@192.0.2.1>"),
        format!("<sip:{LEASES}@{trunk}>"),
        "<sip:1010@192.0.2.1>".into(),
        "<sip:sip-ast22@192.0.2.22>".into(),
        "<sip:iax-ast16@192.0.2.16>".into(),
    ];
    for from in froms {
        let mut call = from_carrier(name, LEASES, "442079460999");
        call.address = None;
        call.from = Some(from.clone());
        call.headers.push("X-Dialplane-Hop: w-1-1.1.1/inbound///allowed".into());
        let status = call.place().status();
        assert!([401, 403].contains(&status), "{from}: {status}");
    }
    assert!(!node(name).log().contains("Executing [442079460999@"), "the dialplan was reached");
}

/// The call of a carrier; it has no password to show.
fn from_carrier<'a>(name: &str, carrier: &'a str, to: &'a str) -> Call<'a> {
    let mut call = Call::new(&node(name).plan, carrier, to);
    call.secret = None;
    call.address = Some(Carrier::named(carrier).address());
    call
}

fn call(name: &str, carrier: &str, caller: &str, to: &str) -> Outcome {
    let mut call = from_carrier(name, carrier, to);
    call.from = Some(format!("<sip:+{caller}@203.0.113.99>"));
    asked(|| call.place())
}

/// Does what makes a node ask `inbound`.
pub(super) fn asked<T>(act: impl FnOnce() -> T) -> T {
    let _one_of_many = QUESTIONS.read().unwrap_or_else(PoisonError::into_inner);
    act()
}

/// Keeps everybody else from making a node ask `inbound`.
pub(super) fn alone() -> RwLockWriteGuard<'static, ()> {
    QUESTIONS.write().unwrap_or_else(PoisonError::into_inner)
}
