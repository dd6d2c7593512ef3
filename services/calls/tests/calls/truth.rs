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
#[derive(Clone)]
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

/// None for sessions that saw no channel.
fn truth(story: &Story) -> Option<Vec<Channel>> {
    let name =
        RECORDED_TOGETHER.iter().find_map(|suffix| story.name.strip_suffix(suffix)).unwrap_or(&story.name);
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

/// Sessions that heard the same calls share one truth.
const RECORDED_TOGETHER: [&str; 4] = ["-nosystem", "-action", "-conf", "-conf-old-syntax"];

/// A session with a filter does not hear of everything: what it tells must be true, and may be little.
fn is_filtered(story: &Story) -> bool {
    story.name.contains("event-filter")
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

/// Everything in the records that is not what happened.
fn faults(story: &Story, truth: &[Channel], records: &Records) -> Vec<String> {
    let mut faults = Vec::new();
    let legs = legs(records);
    for id in legs.keys().filter(|id| !truth.iter().any(|channel| channel.unique_id == **id)) {
        faults.push(format!("{id} was never there"));
    }
    for channel in truth {
        match legs.get(&*channel.unique_id) {
            Some((record, leg)) => {
                leg_faults(story, channel, leg, &mut faults);
                attempt_faults(story, channel, record, &mut faults);
            }
            None if is_filtered(story) => {}
            None => faults.push(format!("{} is missing", channel.unique_id)),
        }
    }
    group_faults(story, truth, records, &mut faults);
    faults.into_iter().map(|fault| format!("{}: {fault}", story.name)).collect()
}

fn leg_faults(story: &Story, channel: &Channel, leg: &LegRecord, faults: &mut Vec<String>) {
    let mut check = |holds: bool, what: &str| {
        if !holds {
            faults.push(format!("{what} of {} ({:?})", leg.channel, leg.unique_id));
        }
    };
    // CEL, too, invents an end where there was none.
    let is_lost = story.name.ends_with("core-restart");
    let end_us = Some(channel.hungup_us).filter(|_| !is_lost);
    let may_lack = is_filtered(story);
    check(
        near(leg.start_us, Some(channel.created_us), ANSWER_US) || (may_lack && leg.start_us.is_none()),
        "start",
    );
    check(
        near(leg.answer_us, channel.answered_us, ANSWER_US) || (may_lack && leg.answer_us.is_none()),
        "answer",
    );
    check(near(leg.end_us, end_us, END_US), "end");
    check(leg.cause == Some(channel.cause).filter(|_| !is_lost), "cause");
}

/// `Dial(PJSIP/749500041@carrier4,4,…)` in the dialplan is `749500041@carrier4` in the events, in the same order. Whom a
/// queue or a transfer calls, CEL does not tell.
fn attempt_faults(story: &Story, channel: &Channel, record: &CallRecord, faults: &mut Vec<String>) {
    let positions: Vec<_> = record.attempts.iter().map(|attempt| attempt.position).collect();
    if positions != (1..).take(positions.len()).collect::<Vec<_>>() {
        faults.push(format!("positions {positions:?}"));
    }
    let is_queue = channel.dials.iter().any(|dial| dial.starts_with("Queue("));
    if is_queue || is_filtered(story) || story.name.contains("transfer") {
        return;
    }
    let wanted: Vec<_> = channel.dials.iter().filter_map(|dial| dialled(dial)).collect();
    let mine = record.attempts.iter().filter(|it| it.caller_leg.as_deref() == Some(&channel.unique_id));
    let found: Vec<_> = mine.clone().filter_map(|attempt| attempt.dial.as_deref()).collect();
    if found != wanted {
        faults.push(format!("dialled {found:?} and not {wanted:?}"));
    }
    // Whatever was dialled and not answered is there with the cause its channel ended with.
    for attempt in mine.filter(|attempt| attempt.dialstatus.as_deref() != Some("ANSWER")) {
        let leg = record.legs.iter().find(|leg| leg.unique_id == attempt.leg);
        if leg.is_none_or(|leg| leg.cause != attempt.cause || leg.answer_us != attempt.answer_us) {
            faults.push(format!("attempt {} is not what its leg is", attempt.position));
        }
    }
}

fn dialled(dial: &str) -> Option<&str> {
    let target = dial.strip_prefix("Dial(")?.split([',', ')']).next()?;
    let (technology, target) = target.split_once('/')?;
    (technology != "Local").then_some(target)
}

/// One call per linkedid. CEL writes the linkedid a channel ended with, so pickup, parking and transfers need no
/// exception.
fn group_faults(story: &Story, truth: &[Channel], records: &Records, faults: &mut Vec<String>) {
    let ids = |record: &CallRecord| record.legs.iter().map(|leg| leg.unique_id.to_string()).collect();
    let found: BTreeSet<BTreeSet<String>> = records.values().map(ids).collect();
    let known: BTreeSet<_> = found.iter().flatten().cloned().collect();
    let mut wanted: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    let heard = |channel: &&Channel| !is_filtered(story) || known.contains(&channel.unique_id);
    for channel in truth.iter().filter(heard) {
        wanted.entry(&channel.linked_id).or_default().insert(channel.unique_id.clone());
    }
    if found != wanted.into_values().collect() {
        faults.push(format!("calls are grouped as {found:?}"));
    }
}

#[test]
fn records_are_true() {
    let (mut channels, mut attempts, mut without) = (0, 0, Vec::new());
    for story in stories() {
        let records = play_story(&story).all();
        let Some(truth) = truth(&story) else {
            assert!(records.is_empty() || story.name.contains("second-node"), "{}", story.name);
            without.push(story.name);
            continue;
        };
        assert_eq!(faults(&story, &truth, &records), [""; 0]);
        channels += truth.len();
        attempts += records.values().map(|record| record.attempts.len()).sum::<usize>();
    }
    // Refused logins have no calls, and the truth of the second node's call is the first one's.
    let wanted = |name: &String| name.contains("wrong-password") || name.contains("second-node");
    assert!(without.iter().all(wanted) && without.len() == 5, "{without:?}");
    assert!(channels > 300 && attempts > 120, "{channels} {attempts}");
}

/// The test above can fail: each change of a record is found.
#[test]
fn what_is_not_true_is_found() {
    type Change = fn(&mut CallRecord);
    let changes: [(&str, Change); 9] = [
        ("a leg is missing", |record| _ = record.legs.pop()),
        ("a leg too many", |record| {
            record.legs.push(LegRecord { unique_id: "x".into(), ..record.legs[0].clone() });
        }),
        ("start", |record| record.legs[0].start_us = record.legs[0].start_us.map(|us| us + ANSWER_US * 2)),
        ("answer", |record| record.legs[0].answer_us = record.legs[0].answer_us.map(|us| us - ANSWER_US * 2)),
        ("no answer", |record| record.legs[0].answer_us = None),
        ("end", |record| record.legs[0].end_us = record.legs[0].end_us.map(|us| us + END_US * 2)),
        ("cause", |record| record.legs[0].cause = record.legs[0].cause.map(|cause| cause + 1)),
        ("order of attempts", |record| record.attempts.reverse()),
        ("a failed attempt is missing", |record| _ = record.attempts.remove(0)),
    ];
    let story = stories().into_iter().find(|story| story.name == "ast22/answered-after-503").unwrap();
    let (truth, records) = (truth(&story).unwrap(), play_story(&story).all());
    for (what, change) in changes {
        let mut changed = records.clone();
        changed.values_mut().for_each(change);
        assert!(changed != records && !faults(&story, &truth, &changed).is_empty(), "{what}");
    }
    let apart = stories().into_iter().find(|story| story.name == "ast22/reconnect-mid-call").unwrap();
    let (truth, mut records) = (self::truth(&apart).unwrap(), play_story(&apart).all());
    assert_eq!(faults(&apart, &truth, &records), [""; 0]);
    let (_, moved) = records.pop_first().unwrap();
    records.values_mut().next().unwrap().legs.extend(moved.legs);
    assert!(!faults(&apart, &truth, &records).is_empty(), "two calls that are one");
}

/// CEL names the channel that ended another one.
#[test]
fn who_hung_up_is_true() {
    let mut seen = BTreeMap::new();
    for story in stories().into_iter().filter(|story| !is_filtered(story)) {
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
