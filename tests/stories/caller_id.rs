//! What the called side learns about the caller.

use laboratory::{
    carriers::Carrier,
    node,
    phones::Call,
    sipp::Message,
    tables::{self, FIXED, FOREIGN_NUMBER, Journey, OWN_NUMBER, POOL_FALLBACK},
};
use libtest_mimic::Trial;

use super::on_every_node;

/// The phone that asks to show a number that is not ours, and one that asks for nothing.
const WITH_A_WISH: &str = "1002";
const PLAIN: &str = "1001";

pub(crate) fn trials() -> Vec<Trial> {
    let shown = [
        ("caller_id::own_pool_shows_its_own", tables::OWN_POOL, PLAIN, OWN_NUMBER),
        ("caller_id::own_pool_refuses_a_foreign_number", tables::OWN_POOL, WITH_A_WISH, POOL_FALLBACK),
        ("caller_id::any_number_is_shown", tables::ANY_NUMBER, WITH_A_WISH, FOREIGN_NUMBER),
        ("caller_id::fixed_number_whatever_is_asked", tables::FIXED_NUMBER, WITH_A_WISH, FIXED),
    ];
    let shown = shown.into_iter().zip([0, 1, 0, 0]).flat_map(|((name, journey, phone, number), story)| {
        on_every_node(name, move |node| shows(node, journey, phone, number, story))
    });
    let classes = [
        ("class::cli_has_its_prefix", "1001", "001"),
        ("class::premium_has_its_prefix", "1003", "003"),
        ("class::noncli_has_its_prefix", "1004", "002"),
    ];
    let classes = (0..).zip(classes).flat_map(|(story, (name, phone, prefix))| {
        on_every_node(name, move |node| has_prefix(node, phone, prefix, story))
    });
    let withheld = [
        ("caller_id::withheld_by_privacy_stays_withheld", None, Some("Privacy: id")),
        (
            "caller_id::withheld_by_an_anonymous_name_stays_withheld",
            Some("\"Anonymous\" <sip:anonymous@anonymous.invalid>"),
            None,
        ),
    ];
    let withheld = (1..).zip(withheld).flat_map(|(story, (name, from, header))| {
        on_every_node(name, move |node| stays_withheld(node, from, header, story))
    });
    shown.chain(classes).chain(withheld).collect()
}

fn shows(name: &str, journey: Journey, phone: &str, number: &str, story: usize) {
    let called = journey.number(name, story);
    let mut call = Call::new(&node(name).plan, phone, &called);
    call.from = Some(format!("\"Boss & Co\" <sip:{phone}@192.0.2.1>"));
    assert_eq!(call.place().status(), 200);
    let invite = only_invite(&called);
    assert_eq!(user_of(invite.header("From").unwrap()), number);
    assert!(
        invite.header("From").unwrap().starts_with('<'),
        "no display name goes to a carrier: {}",
        invite.text
    );
    assert!(!invite.text.contains("Boss"), "{}", invite.text);
}

fn has_prefix(name: &str, phone: &str, prefix: &str, story: usize) {
    let called = tables::TARIFFS.number(name, story);
    assert_eq!(Call::new(&node(name).plan, phone, &called).place().status(), 200);
    assert_eq!(only_invite(&called).uri_user(), format!("{prefix}{called}"));
}

fn stays_withheld(name: &str, from: Option<&str>, header: Option<&str>, story: usize) {
    let called = tables::ANY_NUMBER.number(name, story);
    let mut call = Call::new(&node(name).plan, WITH_A_WISH, &called);
    call.from = from.map(str::to_owned);
    call.headers.extend(header.map(str::to_owned));
    assert_eq!(call.place().status(), 200);
    let invite = only_invite(&called);
    let told = told(&invite.text);
    for number in [FOREIGN_NUMBER, OWN_NUMBER, WITH_A_WISH] {
        assert!(!told.contains(number), "{number} is nobody's business: {}", invite.text);
    }
}

/// An INVITE without what Asterisk draws or counts: a `CSeq: 11002` tells nothing of the phone 1002.
fn told(invite: &str) -> String {
    const DRAWN: [&str; 6] = ["Via: ", "Call-ID: ", "CSeq: ", "Session-ID: ", "o=", "m="];
    let lines = invite.lines().filter(|line| !DRAWN.iter().any(|drawn| line.starts_with(drawn)));
    lines.map(|line| line.split(";tag=").next().unwrap_or(line)).collect::<Vec<_>>().join("\n")
}

/// The one INVITE the carrier behind the special providers got for this number.
fn only_invite(called: &str) -> Message {
    let mut invites = Carrier::named("answers-too").invites(called);
    assert_eq!(invites.len(), 1);
    invites.remove(0)
}

fn user_of(header: &str) -> &str {
    header.split_once("sip:").and_then(|(_, uri)| uri.split_once('@')).map_or("", |(user, _)| user)
}
