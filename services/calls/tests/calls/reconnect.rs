//! The connection breaks at some event and comes back at a later one; then the node is asked who is there, and its answers
//! come mixed with what happens meanwhile.

use std::collections::BTreeSet;

use asterisk::ami::Block;
use calls::{AttemptRecord, CallRecord, LegRecord};

use crate::{
    node::Node,
    properties::streams_once,
    replay::{Player, Records, events, play},
};

/// A small generator with a seed of its own, so that a failure can be had again.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % limit.max(1)
    }
}

/// Events from `broken` on are not heard, from `back` on they are.
#[derive(Clone, Copy, Debug)]
struct Break {
    broken: usize,
    back: usize,
}

/// An item of a list is no later than this.
const LATE_US: i64 = 2_000_000;

const BOOTED: &str =
    "Event: FullyBooted\r\nStatus: Fully Booted\r\nUptime: 1000000\r\nLastReload: 1000000\r\n\r\n";

/// What comes after the reconnect. The node answers each action as it is at some event; the answer may be early or late
/// by some events, since both go through queues of their own.
fn after_reconnect(stream: &[Block], back: usize, chance: &mut Chance) -> Vec<Block> {
    let mut placed: Vec<(usize, Block)> = Vec::new();
    let at_us = |at: usize| stream[..at].iter().rev().find_map(Block::timestamp_us).unwrap_or_default();
    for action in 0..4 {
        let asked = back + chance.below((stream.len() - back + 1).min(40));
        let answered = (asked + chance.below(40)).clamp(back + 20, stream.len().max(back + 20)) - 20;
        let answered = answered.clamp(back, stream.len());
        let node = Node::after(&stream[..answered]);
        let mut at = asked;
        for item in &node.lists()[action].0 {
            at = (at + chance.below(4)).min(stream.len());
            while at > answered && at_us(at) - at_us(answered) > LATE_US {
                at -= 1;
            }
            placed.push((at, events(item.as_bytes()).remove(0)));
        }
    }
    placed.sort_by_key(|(at, _)| *at);
    let mut placed = placed.into_iter().peekable();
    let mut heard = events(BOOTED.as_bytes());
    for at in back..=stream.len() {
        while let Some((_, item)) = placed.next_if(|(place, _)| *place == at) {
            heard.push(item);
        }
        heard.extend(stream.get(at).cloned());
    }
    heard
}

fn broken(stream: &[Block], cut: Break, chance: &mut Chance) -> Records {
    let mut player = Player::new();
    player.apply_all(&stream[..cut.broken]);
    let until = stream[cut.back..].iter().find_map(Block::timestamp_us).unwrap_or(player.last_us);
    player.gap(until);
    // Whoever logs in knows the time, and the greeting tells none.
    player.last_us = until.max(player.last_us);
    player.apply_all(&after_reconnect(stream, cut.back, chance));
    player.all()
}

fn value_or_unknown<T: PartialEq>(found: Option<&T>, whole: Option<&T>, what: &str, wrong: &mut Vec<String>) {
    if found.is_some() && found != whole {
        wrong.push(what.to_owned());
    }
}

macro_rules! compare {
    ($wrong:ident, $found:expr, $whole:expr, $what:expr, [$($field:ident),+ $(,)?]) => {
        $(value_or_unknown($found.$field.as_ref(), $whole.$field.as_ref(), &format!("{} {}", stringify!($field), $what), $wrong);)+
    };
}

fn compare_legs(found: &LegRecord, whole: &LegRecord, wrong: &mut Vec<String>) {
    let what = format!("of {}", found.unique_id);
    compare!(wrong, found, whole, what, [linked_id, start_us, answer_us, end_us, cause, sip, hangup_by]);
}

fn compare_attempts(found: &AttemptRecord, whole: &AttemptRecord, wrong: &mut Vec<String>) {
    let what = format!("of the attempt of {}", found.leg);
    if found.start_us != whole.start_us {
        wrong.push(format!("start_us {what}"));
    }
    compare!(
        wrong,
        found,
        whole,
        what,
        [dial, caller_leg, ring_us, answer_us, end_us, cause, sip, dialstatus]
    );
}

/// Everything in a record that the undisturbed one does not have.
fn wrong_values(found: &CallRecord, records: &Records) -> Vec<String> {
    let mut found_wrong = Vec::new();
    let wrong = &mut found_wrong;
    let has = |record: &&CallRecord, id: &str| record.legs.iter().any(|leg| &*leg.unique_id == id);
    let Some(whole) = records.values().find(|record| has(record, &found.legs[0].unique_id)) else {
        return vec!["a call that never was".to_owned()];
    };
    for leg in &found.legs {
        match whole.legs.iter().find(|other| other.unique_id == leg.unique_id) {
            Some(other) => compare_legs(leg, other, wrong),
            None => wrong.push(format!("{} does not belong there", leg.unique_id)),
        }
    }
    for attempt in &found.attempts {
        match whole.attempts.iter().find(|other| other.leg == attempt.leg) {
            Some(other) => compare_attempts(attempt, other, wrong),
            None => wrong.push(format!("{} was never dialled", attempt.leg)),
        }
    }
    if found.is_complete() && (found.legs != whole.legs || found.attempts != whole.attempts) {
        wrong.push("it is said to be complete".to_owned());
    }
    if found.id == whole.id {
        compare!(
            wrong,
            found,
            whole,
            "of the call",
            [
                direction,
                caller,
                called,
                start_us,
                first_ring_us,
                answer_us,
                wait_us,
                ring_us,
                disposition,
                cause,
                sip,
                hangup_by
            ]
        );
        // What would have joined it was lost with the gap, and is a call of its own.
        if found.legs.len() == whole.legs.len() {
            compare!(wrong, found, whole, "of the call", [end_us, talk_us]);
        }
    }
    found_wrong
}

/// The calls that no event of the break is about, and that were not up during it.
fn unaffected<'r>(stream: &[Block], cut: Break, whole: &'r Records) -> Vec<&'r CallRecord> {
    let ids = |event: &Block| -> BTreeSet<String> {
        let is_id = |name: &[u8]| name.to_ascii_lowercase().ends_with(b"uniqueid");
        let found = event.headers().filter(|header| is_id(header.name.as_bytes()));
        found.map(|header| header.value.to_text().into_owned()).collect()
    };
    let of = |events: &[Block]| -> BTreeSet<String> { events.iter().flat_map(ids).collect() };
    let (before, during, after) =
        (of(&stream[..cut.broken]), of(&stream[cut.broken..cut.back]), of(&stream[cut.back..]));
    let hears = |set: &BTreeSet<String>, record: &CallRecord| {
        record.legs.iter().any(|leg| set.contains(&*leg.unique_id))
    };
    let whole = whole.values().filter(|record| !hears(&during, record));
    whole.filter(|record| hears(&before, record) != hears(&after, record)).collect()
}

/// How many calls of this stream had nothing to do with the break.
fn check(name: &str, stream: &[Block], cut: Break, seed: u64) -> Result<usize, String> {
    let whole = play(std::slice::from_ref(&stream.to_vec())).all();
    let found = broken(stream, cut, &mut Chance(seed));
    let fault = |what: String| format!("{name} {cut:?} seed {seed}: {what}\n{}", crate::model::text(&found));
    for record in found.values() {
        let wrong = wrong_values(record, &whole);
        if !wrong.is_empty() {
            return Err(fault(format!("{wrong:?}")));
        }
    }
    let unaffected = unaffected(stream, cut, &whole);
    for record in &unaffected {
        let same =
            found.get(&record.id).map(|found| CallRecord { revision: record.revision, ..found.clone() });
        if same.as_ref() != Some(record) {
            return Err(fault(format!("{:?} has changed", record.id)));
        }
    }
    Ok(unaffected.len())
}

/// All that went wrong, the first ones in full.
fn assert_none(faults: &[String]) {
    assert!(faults.is_empty(), "{} of\n{}", faults.len(), faults[..faults.len().min(12)].join("\n"));
}

fn cut_at(stream: &[Block], broken: usize, chance: &mut Chance) -> Break {
    // Half of all breaks lose nothing or little.
    let lost = if chance.below(2) == 0 { chance.below(5) } else { chance.below(stream.len()) };
    Break { broken, back: (broken + lost).min(stream.len()) }
}

fn is_slow() -> bool {
    std::env::var_os("DIALPLANE_SLOW").is_some()
}

#[test]
fn a_reconnect_anywhere_makes_nothing_wrong() {
    let streams = streams_once();
    let (mut unaffected, mut faults) = (0, Vec::new());
    for seed in 0..if is_slow() { 20_000 } else { 50 } {
        let mut chance = Chance(seed);
        let (name, stream) = &streams[chance.below(streams.len())];
        let broken = chance.below(stream.len() + 1);
        match check(name, stream, cut_at(stream, broken, &mut chance), seed) {
            Ok(calls) => unaffected += calls,
            Err(fault) => faults.push(fault),
        }
    }
    assert_none(&faults);
    assert!(unaffected > 0);
}

/// In the slow suite, at every event of these.
#[test]
fn a_reconnect_at_every_event_makes_nothing_wrong() {
    let names = [
        "answered-after-503",
        "attended-transfer",
        "local-channel-optimised",
        "originate-apps",
        "parking-timeout",
        "queue-timeout",
    ];
    let (step, seeds) = if is_slow() { (1, 8) } else { (97, 1) };
    let mut faults = Vec::new();
    for name in names.map(|name| format!("ast22/{name}")) {
        let (_, stream) = streams_once().iter().find(|(stream, _)| *stream == name).unwrap();
        for (broken, seed) in
            (0..=stream.len()).step_by(step).flat_map(|at| (0..seeds).map(move |seed| (at, seed)))
        {
            let mut chance = Chance(seed + broken as u64 * 1_000);
            faults.extend(check(&name, stream, cut_at(stream, broken, &mut chance), seed).err());
        }
    }
    assert_none(&faults);
}
