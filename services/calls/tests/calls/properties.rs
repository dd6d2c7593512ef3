//! What holds for every stream: made from recordings, torn, doubled, shuffled, interrupted.

use std::collections::{BTreeMap, BTreeSet};

use asterisk::ami::{Block, Event};
use calls::{CallAssembler, CallRecord, Checkpoint, Limits};
use proptest::prelude::*;

use crate::replay::{Player, Records, Story, capture, play, stories};

/// What a collector does in between, and what no node should send.
const SPOILERS: [&str; 8] = [
    "",
    "Event: Gap\r\n\r\n",
    "Event: Restarted\r\n\r\n",
    "Event: NodeLost\r\n\r\n",
    "Event: Checkpoint\r\n\r\n",
    "Event: Hangup\r\nTimestamp: 9223372036854.775807\r\nUniqueid: 9223372036854.1\r\nCause: 99\r\n\r\n",
    "Event: CoreShowChannelsComplete\r\n\r\nEvent: FullyBooted\r\nUptime: 18446744073709551615\r\n\r\n",
    "Event: Newchannel\r\nUniqueid: \0\r\nLinkedid: <unknown>\r\n\r\nno event at all\r\n\r\n",
];

fn config() -> ProptestConfig {
    let config = ProptestConfig::default();
    ProptestConfig { cases: config.cases.min(400), failure_persistence: None, ..config }
}

/// One connection each, without the variables and steps of the dialplan, which say nothing new.
pub(crate) fn streams() -> Vec<(String, Vec<Block>)> {
    let is_single = |story: &Story| story.streams.len() == 1 && !story.name.contains("event-filter");
    let tells = |block: &Block| {
        let name = block.name().unwrap();
        !["VarSet", "Newexten", "CEL", "TestEvent", "RTCPSent"].iter().any(|noise| name.is(noise))
    };
    let stream = |story: Story| {
        let events = capture(&story.streams[0]);
        (story.name, events.into_iter().filter(tells).collect())
    };
    stories().into_iter().filter(is_single).map(stream).collect()
}

fn check(name: &str, found: &Records, wanted: &Records) {
    assert!(
        found == wanted,
        "{name}:\n{}\n-- not --\n{}",
        crate::model::text(found),
        crate::model::text(wanted)
    );
}

/// Revisions count tellings, which duplicates and later merges may add to.
fn without_revisions(records: Records) -> Records {
    records.into_iter().map(|(id, record)| (id, CallRecord { revision: 0, ..record })).collect()
}

#[test]
fn a_checkpoint_at_any_event_changes_nothing() {
    for (name, events) in streams().into_iter().filter(|(_, events)| events.len() < 400) {
        let wanted = play(std::slice::from_ref(&events)).all();
        let mut player = Player::new();
        for event in &events {
            player.apply(event);
            let text = serde_json::to_string(player.assembler.checkpoint()).unwrap();
            let checkpoint: Checkpoint = serde_json::from_str(&text).unwrap();
            assert!(checkpoint == *player.assembler.checkpoint());
            player.assembler = CallAssembler::restore("node".parse().unwrap(), Limits::default(), checkpoint);
        }
        check(&name, &player.all(), &wanted);
    }
}

#[test]
fn events_that_come_twice_say_nothing_new() {
    for (name, events) in streams() {
        let wanted = play(std::slice::from_ref(&events)).all();
        let doubled = events.iter().flat_map(|event| [event, event]);
        let mut player = Player::new();
        player.apply_all(doubled);
        check(&name, &without_revisions(player.all()), &without_revisions(wanted));
    }
}

/// What a feeder does after a crash: it begins again a little earlier.
#[test]
fn a_part_that_comes_again_says_nothing_new() {
    for (name, events) in streams().into_iter().filter(|(name, _)| !name.contains("originate-apps")) {
        let wanted = without_revisions(play(std::slice::from_ref(&events)).all());
        for at in (1..events.len()).step_by(7) {
            let mut player = Player::with(Limits { linger_us: i64::MAX / 4, ..Limits::default() });
            let again = at.saturating_sub(12);
            player.apply_all(&events[..at]).apply_all(&events[again..]);
            check(&format!("{name} at {at}"), &without_revisions(player.all()), &wanted);
        }
    }
}

/// All times and numbers an event of a channel can give to a record.
pub(crate) struct Told {
    times: BTreeSet<i64>,
    causes: BTreeMap<String, u16>,
    words: BTreeSet<Vec<u8>>,
}

impl Told {
    pub(crate) fn by<'b>(events: impl Iterator<Item = &'b Block>) -> Self {
        let mut told = Self { times: BTreeSet::new(), causes: BTreeMap::new(), words: BTreeSet::new() };
        for event in events {
            told.times.extend(event.timestamp_us());
            told.words.extend(event.headers().map(|header| header.value.as_bytes().to_vec()));
            if let Event::Hangup(hangup) = Event::read(event) {
                let id = hangup.channel.unique_id().unwrap().to_string();
                told.causes.entry(id).or_insert(hangup.cause.unwrap());
            }
        }
        told
    }

    pub(crate) fn knows(&self, record: &CallRecord) {
        let word = |word: &str| self.words.contains(word.as_bytes());
        for leg in &record.legs {
            assert!(
                [leg.start_us, leg.answer_us, leg.end_us].iter().flatten().all(|us| self.times.contains(us))
            );
            assert_eq!(leg.cause, self.causes.get(&*leg.unique_id).copied());
            assert!(word(&leg.unique_id) && word(&leg.channel) && leg.linked_id.as_deref().is_none_or(word));
        }
        for attempt in &record.attempts {
            let times = [Some(attempt.start_us), attempt.ring_us, attempt.answer_us, attempt.end_us];
            assert!(times.iter().flatten().all(|us| self.times.contains(us)));
            assert!([&attempt.dial, &attempt.dialstatus].into_iter().flatten().all(|text| word(text)));
        }
    }
}

fn agrees<T: PartialEq + std::fmt::Debug>(part: Option<T>, whole: Option<T>, what: &str) {
    if let Some(part) = part {
        assert_eq!(part, whole.expect(what), "{what}");
    }
}

/// Every value a record keeps is one the undisturbed run has, too.
fn is_part_of(record: &CallRecord, whole: &Records) {
    let has = |of: &&CallRecord, id: &str| of.legs.iter().any(|leg| &*leg.unique_id == id);
    let whole = whole.values().find(|of| has(of, &record.legs[0].unique_id)).unwrap();
    for leg in &record.legs {
        let was = whole.legs.iter().find(|was| was.unique_id == leg.unique_id).unwrap();
        agrees(leg.start_us, was.start_us, "start");
        agrees(leg.answer_us, was.answer_us, "answer");
        agrees(leg.end_us, was.end_us, "end");
        agrees(leg.cause, was.cause, "cause");
    }
    if record.is_complete() {
        assert!(record.id == whole.id && record.legs == whole.legs && record.attempts == whole.attempts);
    }
    // What would have joined it was lost with the gap: it is a call of its own.
    if record.id != whole.id {
        return;
    }
    agrees(record.start_us, whole.start_us, "start of the call");
    agrees(record.answer_us, whole.answer_us, "answer of the call");
    agrees(record.end_us.filter(|_| record.legs.len() == whole.legs.len()), whole.end_us, "end of the call");
    agrees(record.caller.as_ref(), whole.caller.as_ref(), "caller");
    agrees(record.called.as_ref(), whole.called.as_ref(), "called");
    agrees(record.cause, whole.cause, "cause of the call");
    agrees(record.disposition, whole.disposition, "disposition");
    agrees(record.hangup_by, whole.hangup_by, "who hung up");
    agrees(record.talk_us.filter(|_| record.end_us == whole.end_us), whole.talk_us, "talk");
    agrees(record.wait_us, whole.wait_us, "wait");
}

fn with_gap(events: &[Block], from: usize, to: usize) -> Player {
    let mut player = Player::new();
    player.apply_all(&events[..from]);
    let until = events[to..].iter().find_map(Block::timestamp_us).unwrap_or(player.last_us);
    player.gap(until);
    player.apply_all(&events[to..]);
    player
}

/// Every range of events of these, and more by chance below.
#[test]
fn nothing_is_invented_for_a_gap() {
    for name in ["ast22/plain-user-answered", "ast16/congestion-503-twice", "ast16/queue-timeout"] {
        let (_, events) = streams().into_iter().find(|(stream, _)| stream == name).unwrap();
        let whole = play(std::slice::from_ref(&events)).all();
        for from in (0..events.len()).step_by(3) {
            for to in (from + 1..events.len()).step_by(2) {
                for record in with_gap(&events, from, to).all().values() {
                    Told::by(events[..from].iter().chain(&events[to..])).knows(record);
                    is_part_of(record, &whole);
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_gap_makes_incomplete_and_invents_nothing(
        pick in any::<prop::sample::Index>(), from in any::<prop::sample::Index>(), length in 1_usize..200,
    ) {
        let streams = streams_once();
        let (_, events) = pick.get(streams);
        let from = from.index(events.len());
        let to = (from + length).min(events.len());
        let whole = play(std::slice::from_ref(events)).all();
        let told = Told::by(events[..from].iter().chain(&events[to..]));
        for record in with_gap(events, from, to).all().values() {
            told.knows(record);
            is_part_of(record, &whole);
        }
    }

    /// Pieces of recorded streams with something else in their midst: what a fuzzer begins with.
    #[test]
    fn everything_holds_for_damaged_streams(
        picks in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>()), 1..6),
        between in prop::collection::vec(prop::sample::select(SPOILERS.to_vec()), 6),
    ) {
        let mut text = Vec::new();
        for ((pick, from), between) in picks.iter().zip(between) {
            let (_, events) = pick.get(streams_once());
            let from = from.index(events.len());
            events[from..(from + 60).min(events.len())].iter().for_each(|event| text.extend(event.bytes()));
            text.extend(between.as_bytes());
        }
        crate::fuzzed::check(&text);
    }

    /// Without being told of a gap it may be wrong, but it must not panic, and known events stay what they are.
    #[test]
    fn lost_and_shuffled_events_do_no_harm(
        pick in any::<prop::sample::Index>(), order in prop::collection::vec(any::<u16>(), 0..600),
    ) {
        let streams = streams_once();
        let (_, events) = pick.get(streams);
        // Times jump back and forth: nothing may be forgotten in between.
        let mut player = Player::with(Limits { linger_us: i64::MAX / 4, ..Limits::default() });
        for at in order {
            player.apply(&events[usize::from(at) % events.len()]);
        }
        let told = Told::by(events.iter());
        for record in player.all().values() {
            for leg in &record.legs {
                prop_assert!(leg.cause.is_none() || leg.cause == told.causes.get(&*leg.unique_id).copied());
            }
        }
    }

    /// Calls that have nothing to do with each other do not become entangled, whatever the order of their events.
    #[test]
    fn interleaved_calls_are_those_alone(
        picks in prop::collection::vec(any::<prop::sample::Index>(), 2..5), seed in any::<u64>(),
    ) {
        let streams = streams_once();
        let picked: BTreeSet<_> = picks.iter().map(|pick| pick.index(streams.len())).collect();
        let mut wanted = Records::new();
        for stream in &picked {
            wanted.extend(play(std::slice::from_ref(&streams[*stream].1)).all());
        }
        let mut queues: Vec<_> = picked.iter().map(|stream| streams[*stream].1.iter()).collect();
        let limits = Limits { linger_us: i64::MAX / 4, ..Limits::default() };
        let (mut player, mut state) = (Player::with(limits), seed | 1);
        while !queues.is_empty() {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let at = usize::try_from(state >> 33).unwrap() % queues.len();
            match queues[at].next() {
                Some(event) => player.apply(event),
                None => _ = queues.remove(at),
            }
        }
        prop_assert!(without_revisions(player.all()) == without_revisions(wanted));
    }
}

pub(crate) fn streams_once() -> &'static [(String, Vec<Block>)] {
    static STREAMS: std::sync::OnceLock<Vec<(String, Vec<Block>)>> = std::sync::OnceLock::new();
    STREAMS.get_or_init(|| streams().into_iter().filter(|(_, events)| events.len() > 2).collect())
}
