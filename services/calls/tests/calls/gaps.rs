//! Connections that break, and nodes that go away.

use asterisk::ami::Block;
use calls::{Flaw, HangupBy};

use crate::replay::{Player, Records, capture, events, play};

fn records_of(streams: &[&str]) -> Records {
    play(&streams.iter().map(|stream| capture(stream)).collect::<Vec<_>>()).all()
}

#[test]
fn a_reconnect_keeps_what_was_known() {
    for version in ["ast16", "ast22"] {
        let part = |number| format!("{version}/reconnect-mid-call-part{number}");
        let records = records_of(&[&part(1), &part(2)]);
        assert_eq!(records.len(), 3);
        assert!(records.values().all(|record| !record.is_complete() && record.end_us.is_some()));
        assert_eq!(records.values().map(|record| record.attempts.len()).sum::<usize>(), 4);
    }
}

/// The second connection alone: who is there is known from the lists, since when from nothing but the ids.
#[test]
fn a_collector_that_begins_in_the_middle_guesses_nothing() {
    for version in ["ast16", "ast22"] {
        let whole = records_of(&[
            &format!("{version}/reconnect-mid-call-part1"),
            &format!("{version}/reconnect-mid-call-part2"),
        ]);
        let records = records_of(&[&format!("{version}/reconnect-mid-call-part2")]);
        assert_eq!(
            records.keys().collect::<Vec<_>>(),
            whole.keys().collect::<Vec<_>>(),
            "the same identities"
        );
        for record in records.values() {
            assert_eq!(record.flaws, [Flaw::BeginningUnseen]);
            assert!(record.start_us.is_none() && record.answer_us.is_none() && record.caller.is_none());
            assert!(record.legs.iter().all(|leg| leg.end_us.is_some() && leg.cause.is_some()));
        }
    }
}

#[test]
fn a_restart_ends_what_was_up() {
    for version in ["ast16", "ast22"] {
        let mut player = Player::new();
        player.apply_all(&capture(&format!("{version}/core-restart-before")));
        assert_eq!(player.assembler.live().count(), 1);
        let after = capture(&format!("{version}/core-restart-after"));
        player.gap(after.iter().find_map(Block::timestamp_us).unwrap());
        player.apply_all(&after);
        assert_eq!(player.assembler.live().count(), 0);
        let record = player.records.values().next().unwrap();
        assert_eq!(record.hangup_by, Some(HangupBy::NodeLost));
        assert!(record.end_us.is_none() && record.cause.is_none() && record.answer_us.is_some());
    }
}

#[test]
fn a_restart_that_somebody_else_noticed() {
    let mut player = Player::new();
    player.apply_all(&capture("ast22/core-restart-before"));
    player.assembler.node_lost(&mut player.updates);
    player.take();
    assert!(
        player.records.values().all(|record| record.flaws == [Flaw::NodeLost]) && player.records.len() == 1
    );
}

const UP: &str = "Event: Newchannel\nTimestamp: 100.0\nChannel: PJSIP/a-1\nChannelState: 4\nUniqueid: 100.1\nLinkedid: 100.1\n\n\
    Event: Newchannel\nTimestamp: 100.5\nChannel: PJSIP/b-2\nChannelState: 4\nUniqueid: 100.2\nLinkedid: 100.2\n\n";
const LIST: &str = "Event: CoreShowChannel\nChannel: PJSIP/a-1\nChannelState: 6\nUniqueid: 100.1\nLinkedid: 100.1\nDuration: 00:00:05\n\n";
const LIST_END: &str = "Event: CoreShowChannelsComplete\nListItems: 1\n\n";

fn lines(text: &str) -> Vec<Block> {
    events(text.replace('\n', "\r\n").as_bytes())
}

#[test]
fn who_is_not_listed_is_gone() {
    let mut player = Player::new();
    player.apply_all(&lines(UP)).gap(104_000_000);
    player.apply_all(&lines(LIST));
    assert_eq!(player.assembler.live().count(), 2, "until the list is over nobody is missing");
    player.apply_all(&lines(LIST_END));
    assert_eq!(player.assembler.live().count(), 1);
    let gone = player.records.values().next().unwrap();
    assert!(gone.flaws.contains(&Flaw::EndUnseen) && gone.end_us.is_none() && gone.hangup_by.is_none());
}

/// The node wrote the item before the Hangup, and it came after it.
#[test]
fn a_list_brings_nobody_back() {
    let hangup = "Event: Hangup\nTimestamp: 104.0\nChannel: PJSIP/a-1\nUniqueid: 100.1\nLinkedid: 100.1\nCause: 16\n\n";
    let newcomer =
        "Event: Newchannel\nTimestamp: 104.5\nChannel: PJSIP/c-3\nUniqueid: 104.3\nLinkedid: 104.3\n\n";
    let mut player = Player::new();
    player.apply_all(&lines(UP)).gap(103_000_000);
    for text in [hangup, LIST, newcomer, LIST_END] {
        player.apply_all(&lines(text));
    }
    let live: Vec<_> = player.assembler.live().collect();
    assert_eq!(live.len(), 1, "{live:?}");
    assert!(&*live[0].id.unique_id == "104.3" && live[0].is_complete());
}

const NEWCOMER: &str =
    "Event: Newchannel\nTimestamp: 104.5\nChannel: PJSIP/c-3\nUniqueid: 104.3\nLinkedid: 104.3\n\n";

fn restarted(player: &mut Player) -> usize {
    player.assembler.restarted(&mut player.updates);
    let told = player.updates.len();
    player.take();
    told
}

#[test]
fn a_restart_that_core_status_tells() {
    let mut player = Player::new();
    player.apply_all(&lines(UP));
    assert_eq!(restarted(&mut player), 0, "nobody was away");
    player.gap(104_000_000);
    player.apply_all(&lines(NEWCOMER));
    assert_eq!(restarted(&mut player), 2);
    assert!(player.records.values().all(|record| {
        record.hangup_by == Some(HangupBy::NodeLost)
            && record.flaws.contains(&Flaw::NodeLost)
            && record.legs.iter().all(|leg| leg.end_us.is_none() && leg.cause.is_none())
    }));
    let live: Vec<_> = player.assembler.live().collect();
    assert!(live.len() == 1 && &*live[0].id.unique_id == "104.3" && live[0].is_complete());
    assert_eq!(restarted(&mut player), 0, "once is enough");
}

#[test]
fn a_node_that_tells_its_age_says_the_same() {
    // Two channels, begun at 100.0 and 100.5; at 104.0 the process is so many seconds old, cut off.
    for (uptime_s, lost) in [(0, 2), (2, 2), (3, 0), (4, 0), (100_000, 0)] {
        let mut player = Player::new();
        player.apply_all(&lines(UP)).gap(104_000_000);
        let booted = format!("Event: FullyBooted\nTimestamp: 104.0\nUptime: {uptime_s}\n\n");
        player.apply_all(&lines(&booted)).apply_all(&lines(NEWCOMER));
        assert_eq!((player.records.len(), player.assembler.live().count()), (lost, 3 - lost), "{uptime_s}");
        assert_eq!(restarted(&mut player), 2 - lost, "what one told the other does not tell again");
    }
}
