//! Calls handed over between servers of ours. Nodes 22 and 16 are called over encrypted IAX2, node 16p over SIP; by the
//! data of the router the phone 1016 asks, node 22 is called over SIP too.

use std::time::Duration;

use laboratory::{
    ami::{Ami, Event},
    asterisk::PLANS,
    capture::{ACCEPT, ANSWER, AUTHENTICATE, Capture, NEW, RINGING},
    carriers::{Answer, Carrier},
    node,
    phones::{self, Call, Outcome},
    pool::{self, Gate},
    stack, tables, wait_until,
};
use libtest_mimic::Trial;

use super::{inbound::asked, on_every_node};

/// The calling server, the called one, and the phone that calls. In this order: IAX2 both ways between the versions,
/// SIP from PJSIP and from `chan_sip`, SIP back.
const WAYS: [(&str, &str, &str); 6] = [
    ("ast22", "ast16", "1001"),
    ("ast16", "ast22", "1001"),
    ("ast16p", "ast22", "1001"),
    ("ast22", "ast16p", "1001"),
    ("ast16", "ast16p", "1001"),
    ("ast16p", "ast22", "1016"),
];

/// Told of one way, from one node to another, by a phone.
type Story = fn(usize, &str, &str, &str);

pub(crate) fn trials() -> Vec<Trial> {
    let stories: [(&str, Story); 6] = [
        ("hops::through_the_gate_of_another_server", through_the_gate),
        ("hops::withheld_stays_withheld", withheld),
        ("hops::busy_is_heard_as_busy", busy),
        ("hops::a_failure_there_goes_on_here", goes_on),
        ("hops::a_colleague_of_another_server_rings", colleague),
        ("hops::an_incoming_call_is_handed_to_its_server", redirect),
    ];
    let stories = stories.into_iter().flat_map(|(name, story)| {
        WAYS.into_iter().enumerate().map(move |(way, (from, to, phone))| {
            Trial::test(format!("{name}::{from}_to_{to}_by_{phone}"), move || {
                story(way, from, to, phone);
                Ok(())
            })
        })
    });
    let encrypted = WAYS[..3].iter().map(|&(from, to, phone)| {
        Trial::test(format!("hops::iax2_is_encrypted::{from}_to_{to}"), move || {
            encrypted(from, to, phone);
            Ok(())
        })
    });
    stories
        .chain(encrypted)
        .chain(on_every_node("hops::a_loop_ends_at_the_second_server", ends_at_the_second_server))
        .chain(on_every_node("hops::a_manager_on_a_third_server_is_passed_over", passes_over_the_manager))
        .collect()
}

/// A number no other way calls through this gate.
fn number(gate: &Gate, way: usize) -> String {
    gate.journey().number("ast22", 0) + &way.to_string()
}

fn call(from: &str, phone: &str, to: &str) -> Outcome {
    Call::new(&node(from).plan, phone, to).place()
}

fn through_the_gate(way: usize, from: &str, to: &str, phone: &str) {
    let gate = Gate::of(to, "gate-answers");
    let called = number(gate, way);
    let (mut here, mut there) = (Ami::connect(&node(from).plan), Ami::connect(&node(to).plan));
    let outcome = call(from, phone, &called);
    assert_eq!((outcome.status(), outcome.provisional().last()), (200, Some(&180)));

    let invites = Carrier::named(gate.carrier).invites(&called);
    assert_eq!(invites.len(), 1, "one call through the gate");
    let shown = invites[0].header("From").unwrap();
    assert!(shown.contains(&format!("sip:{}@{}", gate.number(), node(to).plan.address)), "{shown}");
    for header in ["X-Dialplane-Hop", "P-Asserted-Identity", "Remote-Party-ID"] {
        assert_eq!(invites[0].header(header), None, "{header} is nobody's business");
    }

    // The legs of both nodes tell the same call.
    let first = here.until(|event| is_leg(event, &called));
    let second = there.until(|event| is_leg(event, &called));
    let (root, id) = (first.variable("DP_ROOT"), second.variable("DP_ID"));
    assert_eq!((first.variable("DP_ID"), second.variable("DP_ROOT")), (root, root));
    assert!(!root.is_empty() && !id.is_empty() && id != root, "a decision of its own: {id}");
}

/// The report of a leg dialled for this number.
fn is_leg(event: &Event, called: &str) -> bool {
    event.value("UserEvent") == "Dialplane" && event.value("ConnectedLineNum").contains(called)
        || event.value("UserEvent") == "Dialplane" && event.value("CallerIDNum").contains(called)
}

fn withheld(way: usize, from: &str, to: &str, phone: &str) {
    let gate = Gate::of(to, "gate-answers");
    let called = gate.journey().number("ast22", 1) + &way.to_string();
    let mut call = Call::new(&node(from).plan, phone, &called);
    call.headers.push("Privacy: id".into());
    assert_eq!(call.place().status(), 200);
    let invites = Carrier::named(gate.carrier).invites(&called);
    assert_eq!(invites.len(), 1);
    for number in [gate.number().as_str(), phone, &tables::extension(from, phone)] {
        let shown = invites[0].text.contains(&format!("sip:{number}@"));
        assert!(!shown, "{number} is nobody's business: {}", invites[0].text);
    }
}

fn busy(way: usize, from: &str, to: &str, phone: &str) {
    let gate = Gate::of(to, "gate-busy");
    let called = number(gate, way);
    let outcome = call(from, phone, &called);
    assert_eq!(Carrier::named(gate.carrier).invites(&called).len(), 1);
    assert_eq!(Carrier::named("answers").invites(&called).len(), 0, "busy is the last word");
    assert_eq!((outcome.status(), outcome.cause()), (486, Some(17)));
}

fn goes_on(way: usize, from: &str, to: &str, phone: &str) {
    let gate = Gate::of(to, "gate-fails");
    let called = number(gate, way);
    assert_eq!(call(from, phone, &called).status(), 200);
    assert_eq!(Carrier::named(gate.carrier).invites(&called).len(), 1, "the other server's attempt");
    let next = Carrier::named("answers").invites(&called);
    assert_eq!(next.len(), 1, "the next attempt");
    assert!(
        next[0].header("From").unwrap().contains(&format!("@{}", node(from).plan.address)),
        "is this server's"
    );
}

fn colleague(_way: usize, from: &str, to: &str, phone: &str) {
    phones::register(&node(to).plan, "1012", Answer::Answers);
    let outcome = asked(|| call(from, phone, &tables::extension(to, "1012")));
    assert_eq!((outcome.status(), outcome.provisional().last()), (200, Some(&180)));
    let caller = tables::extension(from, phone);
    let invites = phones::rung(&node(to).plan, "1012", &format!("sip:{caller}@"));
    assert_eq!(invites.len(), 1, "{caller} rings once");
}

fn redirect(way: usize, from: &str, to: &str, _phone: &str) {
    phones::register(&node(to).plan, "1010", Answer::Answers);
    let caller = format!("1202555011{way}");
    let outcome = incoming(from, "leases", &caller, &pool::PHONE.number(to));
    assert_eq!((outcome.status(), outcome.provisional().last()), (200, Some(&180)));
    assert_eq!(phones::rung(&node(to).plan, "1010", &caller).len(), 1, "rings there, and is told who calls");
}

/// The rest of the call is noise to whoever listens: the frame that offers it comes before the keys.
fn encrypted(from: &str, to: &str, phone: &str) {
    let gate = Gate::of(to, "gate-answers");
    let called = number(gate, 7 + usize::from(from == "ast16p"));
    let capture = Capture::start();
    assert_eq!(call(from, phone, &called).status(), 200);
    let offered = || (capture.count(NEW, &called) > 0 && capture.count(AUTHENTICATE, "") > 0).then_some(());
    wait_until("the offer was seen", Duration::from_secs(5), offered);
    for kind in [ACCEPT, RINGING, ANSWER] {
        assert_eq!(capture.count(kind, ""), 0, "{kind:?} was readable");
    }
    for node in [node(from), node(to)] {
        let peers = node.cli("iax2 show peers");
        assert_eq!(peers.matches("(E)").count(), 2, "{peers}");
    }
}

/// Each router takes the next server for the number's home.
fn ends_at_the_second_server(name: &str) {
    let position = PLANS.iter().position(|plan| plan.name == name).unwrap();
    let next = PLANS[(position + 1) % PLANS.len()].name;
    let (caller, number) = (format!("1202555012{}", 5 + position), pool::PHONE.number(name));
    let before = stack().router.counted("refusals_total", "hop_limit");
    let outcome = incoming(name, "loops", &caller, &number);
    assert!(outcome.status() >= 400, "{}", outcome.status());
    assert!(stack().router.counted("refusals_total", "hop_limit") > before);
    let refused = "Dialplane: cause 25: reject hop_limit";
    assert!(node(next).log().contains(refused), "the second server says so");
    assert!(!node(next).log().contains(&format!("SIP/sip-{name}/{number}")), "and hands nothing back");
    for plan in PLANS {
        assert_eq!(phones::rung(&plan, "1010", &caller).len(), 0);
    }
}

/// One server is where the call comes in, the next one has the number, the third one the manager of the caller. The
/// call has hopped once by then.
fn passes_over_the_manager(name: &str) {
    let position = PLANS.iter().position(|plan| plan.name == name).unwrap();
    let [next, third] = [1, 2].map(|further| &PLANS[(position + further) % PLANS.len()]);
    let caller = pool::OF_A_DISTANT_MANAGER.number(third.name);
    for (plan, phone) in [(next, "1012"), (third, "1010")] {
        phones::register(plan, phone, Answer::Answers);
    }
    let outcome = incoming(name, "leases", &caller, &pool::GROUP.number(next.name));
    assert_eq!((outcome.status(), outcome.provisional().last()), (200, Some(&180)));
    assert_eq!(phones::rung(next, "1012", &caller).len(), 1, "the group answers");
    assert_eq!(phones::rung(third, "1010", &caller).len(), 0, "the manager would be a second hop");
}

fn incoming(at: &str, carrier: &str, caller: &str, to: &str) -> Outcome {
    let mut call = Call::new(&node(at).plan, carrier, to);
    call.secret = None;
    call.from = Some(format!("<sip:+{caller}@203.0.113.99>"));
    call.address = Some(Carrier::named(carrier).address());
    asked(|| call.place())
}
