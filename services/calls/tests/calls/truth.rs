//! Every recording against what really happened, told by sources other than AMI.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

use calls::{CallRecord, LegRecord};

use crate::replay::{ROOT, Records, Story, play_story, stories};

const ANSWER_US: i64 = 50_000;
const END_US: i64 = 100_000;

/// A channel as CEL saw it.
struct Channel {
    unique_id: String,
    linked_id: String,
    created_us: i64,
    answered_us: Option<i64>,
    hungup_us: i64,
    cause: u16,
    source: String,
    dials: Vec<String>,
}

fn us(value: &serde_json::Value) -> Option<i64> {
    let text = value.as_f64().map(|_| value.to_string())?;
    let (seconds, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let micros: i64 = format!("{fraction:0<6.6}").parse().unwrap();
    Some(seconds.parse::<i64>().unwrap() * 1_000_000 + micros)
}

fn truth(story: &Story) -> Option<Vec<Channel>> {
    // One call seen by three sessions, and one call of each of two sessions with filters.
    let name = story.name.replace("-nosystem", "");
    let text = fs::read_to_string(format!("{ROOT}/{name}.truth.json")).ok()?;
    let truth: serde_json::Value = serde_json::from_str(&text).unwrap();
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let channel = |channel: &serde_json::Value| Channel {
        unique_id: text(&channel["uniqueid"]),
        linked_id: text(&channel["linkedid"]),
        created_us: us(&channel["created"]).unwrap(),
        answered_us: us(&channel["answered"]),
        hungup_us: us(&channel["hungup"]).unwrap(),
        cause: u16::try_from(channel["cause"].as_u64().unwrap()).unwrap(),
        source: text(&channel["source"]),
        dials: channel["dials"].as_array().unwrap().iter().map(text).collect(),
    };
    Some(truth["channels"].as_array().unwrap().iter().map(channel).collect())
}

fn legs(records: &Records) -> BTreeMap<&str, (&CallRecord, &LegRecord)> {
    let legs = records.values().flat_map(|record| record.legs.iter().map(move |leg| (record, leg)));
    legs.map(|(record, leg)| (&*leg.unique_id, (record, leg))).collect()
}

fn near(one: Option<i64>, other: Option<i64>, within: i64) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => (one - other).abs() <= within,
        (one, other) => one.is_none() && other.is_none(),
    }
}

#[test]
fn legs_times_and_causes_are_true() {
    let mut seen = 0;
    for story in stories() {
        let Some(truth) = truth(&story) else { continue };
        let records = play_story(&story).all();
        let legs = legs(&records);
        let ids: BTreeSet<_> = truth.iter().map(|channel| &*channel.unique_id).collect();
        assert_eq!(legs.keys().copied().collect::<BTreeSet<_>>(), ids, "{}", story.name);
        let is_lost = story.name.ends_with("core-restart");
        for channel in truth {
            let (_, leg) = legs[&*channel.unique_id];
            let who = format!("{} {}", story.name, leg.channel);
            assert!(near(leg.start_us, Some(channel.created_us), ANSWER_US), "{who}");
            assert!(near(leg.answer_us, channel.answered_us, ANSWER_US), "{who}: {:?}", leg.answer_us);
            // CEL, too, invents an end where there was none.
            let (end, cause) =
                if is_lost { (None, None) } else { (Some(channel.hungup_us), Some(channel.cause)) };
            assert!(near(leg.end_us, end, END_US), "{who}");
            assert_eq!(leg.cause, cause, "{who}");
            seen += 1;
        }
    }
    assert!(seen > 300, "{seen}");
}

/// One call per linkedid. CEL writes the linkedid a channel ended with, so pickup needs no exception.
#[test]
fn calls_are_those_of_the_linkedids() {
    for story in stories() {
        let Some(truth) = truth(&story) else { continue };
        let records = play_story(&story).all();
        let mut wanted: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for channel in truth {
            wanted.entry(channel.linked_id).or_default().insert(channel.unique_id);
        }
        let found =
            records.values().map(|record| record.legs.iter().map(|leg| leg.unique_id.to_string()).collect());
        assert_eq!(
            found.collect::<BTreeSet<BTreeSet<String>>>(),
            wanted.into_values().collect::<BTreeSet<_>>(),
            "{}",
            story.name
        );
    }
}

/// `Dial(PJSIP/749500041@carrier4,4,…)` in the dialplan is `749500041@carrier4` in the events, in the same order.
#[test]
fn attempts_are_those_of_the_dialplan() {
    let mut seen = 0;
    for story in stories() {
        let Some(truth) = truth(&story) else { continue };
        let records = play_story(&story).all();
        for channel in truth {
            let (record, _) = legs(&records)[&*channel.unique_id];
            let dial = |dial: &String| {
                let target = dial.strip_prefix("Dial(")?.split([',', ')']).next()?;
                let (technology, target) = target.split_once('/')?;
                (technology != "Local").then(|| target.to_owned())
            };
            let wanted: Vec<_> = channel.dials.iter().filter_map(dial).collect();
            let mine =
                record.attempts.iter().filter(|it| it.caller_leg.as_deref() == Some(&channel.unique_id));
            let found: Vec<_> = mine.filter_map(|attempt| attempt.dial.as_deref()).collect();
            if !channel.dials.iter().any(|dial| dial.starts_with("Queue("))
                && !story.name.contains("transfer")
            {
                assert_eq!(found, wanted, "{}", story.name);
            }
            let positions: Vec<_> = record.attempts.iter().map(|attempt| attempt.position).collect();
            assert_eq!(positions, (1..).take(positions.len()).collect::<Vec<_>>());
            seen += wanted.len();
        }
    }
    assert!(seen > 100, "{seen}");
}

/// CEL names the channel that ended another one.
#[test]
fn who_hung_up_is_true() {
    let mut seen = BTreeMap::new();
    for story in stories() {
        let Some(truth) = truth(&story) else { continue };
        let records = play_story(&story).all();
        for channel in truth {
            let (record, leg) = legs(&records)[&*channel.unique_id];
            let is_first = record.legs[0].unique_id == leg.unique_id && record.caller.is_some();
            if !is_first || !record.is_complete() {
                continue;
            }
            let by = serde_json::to_value(record.hangup_by).unwrap();
            let by = by.as_str().unwrap_or("-").to_owned();
            let wanted = match &*channel.source {
                "dialplan/builtin" => "dialplan",
                source if source == &*leg.channel && record.disposition != Some(calls::Disposition::Busy) => {
                    "caller"
                }
                _ => &*by,
            };
            assert_eq!(by, wanted, "{} {}", story.name, leg.channel);
            *seen.entry(by).or_insert(0) += 1;
        }
    }
    assert!(seen["caller"] > 30 && seen["dialplan"] > 10, "{seen:?}");
}
