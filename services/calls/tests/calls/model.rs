//! Records as text for people: ids and times relative, so that two runs of one story read alike.

use std::{collections::BTreeMap, fmt::Write};

use calls::{AttemptRecord, CallRecord, LegRecord};

use crate::replay::Records;

/// All calls, in the order they began.
pub(crate) fn text(records: &Records) -> String {
    let mut records: Vec<_> = records.values().collect();
    let first = |record: &CallRecord| record.legs.iter().filter_map(|leg| leg.start_us.or(leg.end_us)).min();
    records.sort_by_key(|record| (first(record), record.id.clone()));
    let zero = records.iter().filter_map(|record| first(record)).min().unwrap_or_default();
    records.iter().map(|record| call(record, zero)).collect::<Vec<_>>().join("\n")
}

struct Scale {
    zero: i64,
}

impl Scale {
    fn at(&self, us: Option<i64>) -> String {
        span(us.map(|us| us - self.zero))
    }
}

fn span(us: Option<i64>) -> String {
    us.map_or("-".into(), |us| format!("{}.{:06}", us / 1_000_000, us % 1_000_000))
}

fn word<T: serde::Serialize>(value: &T) -> String {
    match serde_json::to_value(value).unwrap() {
        serde_json::Value::Null => "-".into(),
        serde_json::Value::String(text) => text,
        other => other.to_string(),
    }
}

fn call(record: &CallRecord, zero: i64) -> String {
    let scale = Scale { zero };
    let names: BTreeMap<_, _> = record.legs.iter().map(|leg| (&*leg.unique_id, &*leg.channel)).collect();
    let party =
        |party: &Option<calls::Party>| party.as_ref().map_or("-".into(), |party| party.raw.to_string());
    let mut text = String::new();
    let complete = if record.is_complete() { "complete".into() } else { word(&record.flaws) };
    writeln!(text, "call {} -> {} {complete}", party(&record.caller), party(&record.called)).unwrap();
    writeln!(
        text,
        "  start {} ring {} answer {} end {} wait {} rang {} talk {}",
        scale.at(record.start_us),
        scale.at(record.first_ring_us),
        scale.at(record.answer_us),
        scale.at(record.end_us),
        span(record.wait_us),
        span(record.ring_us),
        span(record.talk_us),
    )
    .unwrap();
    let (disposition, by) = (word(&record.disposition), word(&record.hangup_by));
    writeln!(text, "  {disposition} cause {} sip {} by {by}", word(&record.cause), word(&record.sip))
        .unwrap();
    for alias in &record.aliases {
        writeln!(text, "  alias {}", names[&*alias.unique_id]).unwrap();
    }
    record.legs.iter().for_each(|leg| text.push_str(&self::leg(leg, &scale)));
    record.attempts.iter().for_each(|attempt| text.push_str(&self::attempt(attempt, &scale, &names)));
    text
}

fn leg(leg: &LegRecord, scale: &Scale) -> String {
    format!(
        "  leg {} start {} answer {} end {} cause {} sip {} by {}\n",
        leg.channel,
        scale.at(leg.start_us),
        scale.at(leg.answer_us),
        scale.at(leg.end_us),
        word(&leg.cause),
        word(&leg.sip),
        word(&leg.hangup_by),
    )
}

fn attempt(attempt: &AttemptRecord, scale: &Scale, names: &BTreeMap<&str, &str>) -> String {
    format!(
        "  attempt {} {} of {} to {} start {} ring {} answer {} end {} {} cause {} sip {}\n",
        attempt.position,
        attempt.dial.as_deref().unwrap_or("-"),
        attempt.caller_leg.as_ref().map_or("-", |id| names[&**id]),
        names[&*attempt.leg],
        scale.at(Some(attempt.start_us)),
        scale.at(attempt.ring_us),
        scale.at(attempt.answer_us),
        scale.at(attempt.end_us),
        attempt.dialstatus.as_deref().unwrap_or("-"),
        word(&attempt.cause),
        word(&attempt.sip),
    )
}
