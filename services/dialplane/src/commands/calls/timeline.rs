//! What people read of a call: one line for the whole, and one for each thing that happened, in its order.

use std::fmt::Write;

use calls::{AttemptRecord, CallRecord, LegRecord};
use records::Zone;

use super::{
    clock::Clock,
    text::{printable, word},
    view,
};

/// What is known of times, and how they are written.
pub(super) trait Times {
    fn known(&self, us: Option<i64>) -> Option<i64>;
    fn instant(&self, us: i64) -> Option<String>;
}

impl Times for Clock {
    fn known(&self, us: Option<i64>) -> Option<i64> {
        self.known(us)
    }

    fn instant(&self, us: i64) -> Option<String> {
        view::instant(us)
    }
}

/// What is recorded happened when it says.
impl Times for Zone {
    fn known(&self, us: Option<i64>) -> Option<i64> {
        us
    }

    fn instant(&self, us: i64) -> Option<String> {
        self.show(us)
    }
}

/// What happened, and when. Times that were made up give the order and are not shown.
struct Step {
    at_us: Option<i64>,
    what: String,
}

pub(super) fn of(record: &CallRecord, times: &impl Times) -> String {
    let mut steps: Vec<_> = record.legs.iter().flat_map(leg).collect();
    steps.extend(record.attempts.iter().flat_map(|attempt| self::attempt(record, attempt)));
    steps.sort_by_key(|step| step.at_us);
    let zero_us = steps.iter().find_map(|step| times.known(step.at_us));
    let mut text = head(record, zero_us.and_then(|us| times.instant(us)));
    for step in steps {
        let since = times
            .known(step.at_us)
            .zip(zero_us)
            .map_or("-".to_owned(), |(us, zero)| seconds(us.saturating_sub(zero)));
        // Writing into a String cannot fail.
        let _ = write!(text, "\n  {since:>12}  {}", printable(&step.what));
    }
    text
}

fn head(record: &CallRecord, began: Option<String>) -> String {
    let began = began.unwrap_or_else(|| "at an unknown time".to_owned());
    let state = match (record.end_us, view::is_complete(record)) {
        (_, true) => "complete",
        (Some(_), false) => "incomplete",
        (None, false) => "without an end",
    };
    let words = [
        word(&record.direction),
        word(&record.disposition),
        word(&record.hangup_by).map(|by| format!("by {by}")),
    ];
    let words: Vec<_> = words.into_iter().flatten().chain([state.to_owned()]).collect();
    format!("{}  {began}  {}", printable(&view::id(record)), words.join(", "))
}

fn leg(leg: &LegRecord) -> impl Iterator<Item = Step> {
    let channel = &leg.channel;
    let ends = leg.end_us.map(|us| {
        let by = word(&leg.hangup_by).map(|by| format!("by {by}"));
        Step { at_us: Some(us), what: told(format!("{channel} ends"), leg.cause, leg.sip, by) }
    });
    let answers = leg.answer_us.map(|us| Step { at_us: Some(us), what: format!("{channel} answers") });
    let begins = Step { at_us: leg.start_us, what: format!("{channel} begins") };
    [Some(begins), answers, ends].into_iter().flatten()
}

fn attempt(record: &CallRecord, attempt: &AttemptRecord) -> impl Iterator<Item = Step> {
    let position = attempt.position;
    let channel = record.legs.iter().find(|leg| leg.unique_id == attempt.leg);
    let channel = channel.map_or(&*attempt.leg, |leg| &leg.channel);
    let dial = attempt.dial.as_deref().unwrap_or("-");
    let begins =
        Step { at_us: Some(attempt.start_us), what: format!("attempt {position} dials {dial}: {channel}") };
    let rings = attempt.ring_us.map(|us| Step { at_us: Some(us), what: format!("attempt {position} rings") });
    // The leg of an answered one goes on.
    let ends = attempt.end_us.zip(attempt.dialstatus.as_deref()).filter(|(_, status)| *status != "ANSWER");
    let ends = ends.map(|(us, status)| Step {
        at_us: Some(us),
        what: told(format!("attempt {position} ends: {status}"), attempt.cause, attempt.sip, None),
    });
    [Some(begins), rings, ends].into_iter().flatten()
}

fn told(what: String, cause: Option<u16>, sip: Option<u16>, by: Option<String>) -> String {
    let cause = cause.map(|cause| format!("cause {cause}"));
    let sip = sip.map(|sip| format!("sip {sip}"));
    [Some(what), cause, sip, by].into_iter().flatten().collect::<Vec<_>>().join(", ")
}

fn seconds(us: i64) -> String {
    format!("+{}.{:06}", us / 1_000_000, us % 1_000_000)
}
