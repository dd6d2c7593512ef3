//! How long a call took for the phone.

use std::time::Duration;

use laboratory::{phones::Outcome, sipp::Message};

use super::rows::Record;

/// Between an event of the node and a packet of the phone may lie what two processors need for a dozen stories.
const NEAR: Duration = Duration::from_secs(1);

/// How long it took for the phone.
#[derive(Debug)]
pub(super) struct Seen {
    /// From the call to the answer.
    wait: Duration,
    /// From ringing to the answer, if it rang.
    ring: Option<Duration>,
    /// From the answer to the end.
    talk: Duration,
}

/// What a phone saw that was answered and that hung up, or was hung up on.
pub(super) fn seen(outcome: &Outcome) -> Seen {
    let first = |is: &dyn Fn(&Message) -> bool| outcome.messages.iter().find(|message| is(message));
    let called = outcome.invite();
    let rang = first(&|message| message.status() == Some(180));
    let answered = first(&|message| message.status() == Some(200)).expect("it was answered");
    let ended = first(&|message| message.method() == Some("BYE")).expect("it ended");
    Seen {
        wait: between(called, answered),
        ring: rang.map(|rang| between(rang, answered)),
        talk: between(answered, ended),
    }
}

fn between(from: &Message, to: &Message) -> Duration {
    to.at.saturating_sub(from.at)
}

/// The record tells the same.
pub(super) fn as_long_as(told: &Record, seen: &Seen) {
    let times = [("wait_us", Some(seen.wait)), ("ring_us", seen.ring), ("talk_us", Some(seen.talk))];
    for (column, time) in times {
        near(column, told.us(column), time.unwrap_or_else(|| panic!("no {column}: {seen:?}")));
    }
}

/// The same of a call that was answered before it was connected: only the whole can be seen.
pub(super) fn as_long_in_all(told: &Record, seen: &Seen) {
    near("all", told.us("wait_us") + told.us("talk_us"), seen.wait + seen.talk);
}

fn near(what: &str, told_us: i64, seen: Duration) {
    let told = Duration::from_micros(u64::try_from(told_us).unwrap());
    assert!(told.abs_diff(seen) < NEAR, "{what}: {told:?}, and the phone saw {seen:?}");
}
