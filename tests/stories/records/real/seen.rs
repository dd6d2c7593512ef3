//! How long a call took for the phone.

use laboratory::{phones::Outcome, sipp::Message};

use super::rows::Record;

/// Between an event of the node and a packet of the phone may lie what two processors need for a dozen stories.
const NEAR_US: i64 = 1_000_000;

/// How long it took for the phone, in microseconds.
#[derive(Debug)]
pub(super) struct Seen {
    /// From the call to the answer.
    wait_us: i64,
    /// From ringing to the answer, if it rang.
    ring_us: Option<i64>,
    /// From the answer to the end.
    talk_us: i64,
}

/// What a phone saw that was answered and that hung up, or was hung up on.
pub(super) fn seen(outcome: &Outcome) -> Seen {
    let first = |is: &dyn Fn(&Message) -> bool| outcome.messages.iter().find(|message| is(message));
    let called = outcome.invite();
    let rang = first(&|message| message.status() == Some(180));
    let answered = first(&|message| message.status() == Some(200)).expect("it was answered");
    let ended = first(&|message| message.method() == Some("BYE")).expect("it ended");
    Seen {
        wait_us: between_us(called, answered),
        ring_us: rang.map(|rang| between_us(rang, answered)),
        talk_us: between_us(answered, ended),
    }
}

fn between_us(from: &Message, to: &Message) -> i64 {
    i64::try_from(to.at.saturating_sub(from.at).as_micros()).unwrap()
}

/// The record tells the same.
pub(super) fn as_long_as(told: &Record, seen: &Seen) {
    let times = [("wait_us", Some(seen.wait_us)), ("ring_us", seen.ring_us), ("talk_us", Some(seen.talk_us))];
    for (column, us) in times {
        near(column, told.us(column), us.unwrap_or_else(|| panic!("no {column}: {seen:?}")));
    }
}

/// The same of a call that was answered before it was connected: only the whole can be seen.
pub(super) fn as_long_in_all(told: &Record, seen: &Seen) {
    near("all", told.us("wait_us") + told.us("talk_us"), seen.wait_us + seen.talk_us);
}

fn near(what: &str, told_us: i64, seen_us: i64) {
    assert!((told_us - seen_us).abs() < NEAR_US, "{what}: {told_us} us, and the phone saw {seen_us} us");
}
