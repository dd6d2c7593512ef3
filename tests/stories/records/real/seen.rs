//! How long a call took for the phone.

use std::time::Duration;

use laboratory::{phones::Outcome, sipp::Message};

use super::rows::Record;

/// Between an event of the node and a packet of the phone may lie what two processors need for a dozen stories.
const NEAR_US: i64 = 1_000_000;

/// From the call to the answer, from ringing to the answer, from the answer to the end, in microseconds.
#[derive(Debug)]
pub(super) struct Seen {
    wait_us: i64,
    ring_us: i64,
    talk_us: i64,
}

/// What a phone saw that was answered and that hung up, or was hung up on.
pub(super) fn seen(outcome: &Outcome) -> Seen {
    let first = |what: &str, is: &dyn Fn(&Message) -> bool| {
        let message = outcome.messages.iter().find(|message| is(message));
        message.unwrap_or_else(|| panic!("no {what}: {outcome:#?}")).at
    };
    let called = outcome.invite().at;
    let rang = first("ringing", &|message| message.status() == Some(180));
    let answered = first("answer", &|message| message.status() == Some(200));
    let ended = first("end", &|message| message.method() == Some("BYE"));
    Seen { wait_us: us(called, answered), ring_us: us(rang, answered), talk_us: us(answered, ended) }
}

fn us(from: Duration, to: Duration) -> i64 {
    i64::try_from(to.as_micros()).unwrap() - i64::try_from(from.as_micros()).unwrap()
}

/// The record tells the same.
pub(super) fn as_long_as(told: &Record, seen: &Seen) {
    let times = [("wait_us", seen.wait_us), ("ring_us", seen.ring_us), ("talk_us", seen.talk_us)];
    for (column, us) in times {
        let told_us = told.us(column);
        assert!((told_us - us).abs() < NEAR_US, "{column}: {told_us}, and the phone saw {seen:?}");
    }
}
