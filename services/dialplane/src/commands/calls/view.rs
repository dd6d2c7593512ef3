//! What programs read of a call.

use calls::{AttemptRecord, CallRecord, Direction, HangupBy, LegRecord};
use serde::Serialize;
use time::{OffsetDateTime, format_description::BorrowedFormatItem, macros::format_description};

use super::clock::Clock;

/// RFC 3339 with microseconds.
const INSTANT: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:6]Z");

#[derive(Serialize)]
pub(super) struct View<'r> {
    /// The node and the Uniqueid of the first leg.
    id: String,
    direction: Option<Direction>,
    /// Whether it ended and nothing of it was missed.
    complete: bool,
    legs: Vec<Leg<'r>>,
    attempts: Vec<Attempt<'r>>,
}

#[derive(Serialize)]
struct Leg<'r> {
    uniqueid: &'r str,
    linkedid: Option<&'r str>,
    channel: &'r str,
    start: Option<String>,
    answer: Option<String>,
    end: Option<String>,
    cause: Option<u16>,
    sip: Option<u16>,
    hangup_by: Option<HangupBy>,
}

#[derive(Serialize)]
struct Attempt<'r> {
    position: u32,
    dial: Option<&'r str>,
    leg: &'r str,
    start: Option<String>,
    ring: Option<String>,
    answer: Option<String>,
    end: Option<String>,
    cause: Option<u16>,
    sip: Option<u16>,
    dialstatus: Option<&'r str>,
}

impl<'r> View<'r> {
    pub(super) fn of(record: &'r CallRecord, clock: &Clock) -> Self {
        Self {
            id: id(record),
            direction: record.direction,
            complete: is_complete(record),
            legs: record.legs.iter().map(|leg| Leg::of(leg, clock)).collect(),
            attempts: record.attempts.iter().map(|attempt| Attempt::of(attempt, clock)).collect(),
        }
    }
}

impl<'r> Leg<'r> {
    fn of(leg: &'r LegRecord, clock: &Clock) -> Self {
        let instant = |us| clock.known(us).and_then(instant);
        Self {
            uniqueid: &leg.unique_id,
            linkedid: leg.linked_id.as_deref(),
            channel: &leg.channel,
            start: instant(leg.start_us),
            answer: instant(leg.answer_us),
            end: instant(leg.end_us),
            cause: leg.cause,
            sip: leg.sip,
            hangup_by: leg.hangup_by,
        }
    }
}

impl<'r> Attempt<'r> {
    fn of(attempt: &'r AttemptRecord, clock: &Clock) -> Self {
        let instant = |us| clock.known(us).and_then(instant);
        Self {
            position: attempt.position,
            dial: attempt.dial.as_deref(),
            leg: &attempt.leg,
            start: instant(Some(attempt.start_us)),
            ring: instant(attempt.ring_us),
            answer: instant(attempt.answer_us),
            end: instant(attempt.end_us),
            cause: attempt.cause,
            sip: attempt.sip,
            dialstatus: attempt.dialstatus.as_deref(),
        }
    }
}

pub(super) fn id(record: &CallRecord) -> String {
    format!("{}/{}", record.id.node, record.id.unique_id)
}

/// A call that is still up was told by no revision.
pub(super) fn is_complete(record: &CallRecord) -> bool {
    record.is_complete() && record.end_us.is_some()
}

pub(super) fn instant(us: i64) -> Option<String> {
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(us) * 1_000).ok()?.format(INSTANT).ok()
}
