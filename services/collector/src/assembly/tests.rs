use journal::{Entry, Gap, Position, Record, Why};

use super::*;

const SECOND_US: i64 = 1_000_000;
const BORN: &str = "Event: Newchannel\r\nChannel: PJSIP/1001-00000001\r\nChannelState: 4\r\nUniqueid: 1.1\r\n\
                    Linkedid: 1.1\r\n\r\n";
const OVER: &str = "Event: Hangup\r\nChannel: PJSIP/1001-00000001\r\nChannelState: 4\r\nUniqueid: 1.1\r\n\
                    Linkedid: 1.1\r\nCause: 16\r\n\r\n";
const ITEM: &str =
    "Event: CoreShowChannel\r\nChannel: PJSIP/1001-00000001\r\nUniqueid: 1.1\r\nLinkedid: 1.1\r\n\r\n";

/// An assembly, and what it was told so far.
struct Desk {
    assembly: Assembly,
    number: u64,
    told: Told,
}

impl Desk {
    /// With one call up.
    fn new() -> Self {
        let assembly = Assembly::new("node".parse().unwrap());
        let mut desk = Self { assembly, number: 0, told: Told::default() };
        desk.note(&Note::Opened).note(&Note::Started { when: "today".into() }).block(BORN);
        desk
    }

    fn record(&mut self, kind: u8, payload: &[u8]) -> &mut Self {
        self.number += 1;
        let time_us = i64::try_from(self.number).unwrap() * SECOND_US;
        let position = Position(self.number);
        let entry = Entry::Record(Record { position, time_us, kind, payload: payload.into() });
        self.assembly.take(&entry, &mut self.told);
        self
    }

    fn block(&mut self, text: &str) -> &mut Self {
        self.record(BLOCK, text.as_bytes())
    }

    fn note(&mut self, note: &Note) -> &mut Self {
        self.record(NOTE, &serde_json::to_vec(note).unwrap())
    }

    fn lose(&mut self, class: Class, why: Why) -> &mut Self {
        self.number += 1;
        let position = Position(self.number);
        self.assembly.take(&Entry::Gap(Gap { from: position, to: position, why, class }), &mut self.told);
        self
    }

    fn list_of(&mut self, count: u64) -> &mut Self {
        self.block(&format!(
            "Event: CoreShowChannelsComplete\r\nEventList: Complete\r\nListItems: {count}\r\n\r\n"
        ))
    }

    /// The records that were told, by their flaws.
    fn flaws(&self) -> Vec<String> {
        let ended = self.told.updates.iter().filter_map(|update| match update {
            CallUpdate::Ended(record) => Some(format!("{:?}", record.flaws)),
            CallUpdate::Superseded { .. } => None,
        });
        ended.collect()
    }

    fn gaps(&self) -> Vec<(i64, i64, GapReason)> {
        self.told
            .gaps
            .iter()
            .map(|gap| (gap.from_us / SECOND_US, gap.to_us / SECOND_US, gap.reason))
            .collect()
    }
}

#[test]
fn what_was_heard_whole_has_no_flaw() {
    let mut desk = Desk::new();
    desk.block(ITEM).list_of(1).block(OVER);
    assert_eq!(desk.flaws(), ["[]"]);
    assert!(desk.gaps().is_empty() && !desk.told.must_list);
}

#[test]
fn between_two_sessions_is_a_gap_from_the_last_block_on() {
    let mut desk = Desk::new();
    desk.note(&Note::Closed);
    assert!(!desk.assembly.is_listening());
    desk.note(&Note::Opened).block(ITEM).list_of(1).block(OVER);
    assert!(desk.assembly.is_listening());
    assert_eq!(desk.gaps(), [(3, 5, GapReason::Disconnected)]);
    assert_eq!(desk.flaws(), ["[Gap(Disconnected)]"]);
}

#[test]
fn who_is_not_listed_has_ended_and_half_a_list_is_none() {
    let mut desk = Desk::new();
    desk.note(&Note::Opened).list_of(1);
    assert!(desk.told.must_list && desk.flaws().is_empty(), "an item is missing");
    desk.list_of(0);
    assert_eq!(desk.flaws(), ["[Gap(Disconnected), EndUnseen]"]);
}

#[test]
fn another_start_ends_what_was_up() {
    let mut desk = Desk::new();
    desk.note(&Note::Opened).note(&Note::Started { when: "today".into() });
    assert!(desk.flaws().is_empty(), "the same start");
    desk.note(&Note::Opened).note(&Note::Started { when: "tomorrow".into() });
    assert_eq!(desk.flaws(), ["[Gap(Disconnected), NodeLost]"]);
}

#[test]
fn what_the_journal_lost_is_a_gap_unless_it_was_noise_or_the_end_of_a_process() {
    let mut desk = Desk::new();
    desk.lose(Class::Noise, Why::QueueFull).lose(Class::Keep, Why::TornTail).block(ITEM);
    assert!(desk.gaps().is_empty() && !desk.told.must_list);
    desk.lose(Class::Keep, Why::DiskFull).block(ITEM);
    assert_eq!(desk.gaps(), [(6, 8, GapReason::JournalLost)]);
    assert!(desk.told.must_list);
}

#[test]
fn a_damaged_block_may_have_been_of_any_call() {
    let mut desk = Desk::new();
    desk.record(DAMAGED, b"Event: Newstate\r\n").block(OVER);
    assert!(desk.told.must_list);
    assert_eq!(desk.flaws(), ["[Gap(Damaged)]"]);
}

#[test]
fn what_nobody_knows_yet_changes_nothing() {
    let mut desk = Desk::new();
    desk.record(NOTE, b"{\"note\":\"of_tomorrow\"}")
        .record(NOTE, b"")
        .record(99, b"x")
        .block("rubbish")
        .block(OVER);
    assert_eq!(desk.flaws(), ["[]"]);
}

#[test]
fn it_goes_on_where_it_was_saved() {
    let mut whole = Desk::new();
    whole.note(&Note::Opened).block(ITEM);
    let mut restored = Desk::new();
    restored.note(&Note::Opened);
    let saved = restored.assembly.save().unwrap();
    restored.assembly = Assembly::restore("node".parse().unwrap(), &saved).unwrap();
    restored.block(ITEM);
    for desk in [&mut whole, &mut restored] {
        desk.list_of(1).block(OVER);
    }
    assert_eq!(whole.told.updates, restored.told.updates);
    assert!(Assembly::restore("node".parse().unwrap(), b"{}").is_err(), "of another version");
}
