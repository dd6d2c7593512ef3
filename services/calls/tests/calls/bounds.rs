//! Memory has an end, and what it costs is counted.

use asterisk::ami::{Decoder, Event, Frame};
use bytes::BytesMut;
use calls::{CallAssembler, CallUpdate, Flaw, Limits};

use crate::replay::{Player, events};

const SMALL: Limits =
    Limits { calls: 50, legs: 120, legs_per_call: 8, silence_us: 60_000_000, linger_us: 1_000_000 };

fn newchannel(at_s: usize, id: usize, linked: usize) -> String {
    format!(
        "Event: Newchannel\r\nTimestamp: {at_s}.5\r\nChannel: PJSIP/x-{id}\r\nChannelState: 4\r\n\
         CallerIDNum: 12025550100\r\nExten: 100\r\nUniqueid: {id}.{id}\r\nLinkedid: {linked}.{linked}\r\n\r\n"
    )
}

fn hangup(at_s: usize, id: usize) -> String {
    format!(
        "Event: Hangup\r\nTimestamp: {at_s}.9\r\nChannel: PJSIP/x-{id}\r\nUniqueid: {id}.{id}\r\n\
         Linkedid: {id}.{id}\r\nCause: 16\r\n\r\n"
    )
}

fn size(assembler: &CallAssembler) -> usize {
    serde_json::to_vec(assembler.checkpoint()).unwrap().len()
}

/// A million channels of which most never end.
#[test]
fn a_million_events_leave_no_more_than_a_thousand() {
    let mut assembler = CallAssembler::new("node".parse().unwrap(), SMALL);
    let (mut decoder, mut buffer) = (Decoder::resumed(asterisk::ami::Limits::default()), BytesMut::new());
    let (mut updates, mut told, mut largest): (Vec<CallUpdate>, _, _) = (Vec::new(), 0, [0; 2]);
    for index in 0..1_000_000_usize {
        let (at_s, id) = (1_000 + index / 100, index + 1);
        let text = match index % 4 {
            0 => newchannel(at_s, id, id),
            1 => newchannel(at_s, id, index),
            2 => newchannel(at_s, id, 1),
            _ => hangup(at_s, index - 2),
        };
        buffer.extend_from_slice(text.as_bytes());
        while let Some(Frame::Event(block)) = decoder.decode(&mut buffer).unwrap() {
            assembler.apply(&Event::read(&block), block.timestamp_us().unwrap(), &mut updates);
        }
        told += updates.drain(..).count();
        if index % 50_000 == 49_999 {
            let half = index / 500_000;
            largest[half] = size(&assembler).max(largest[half]);
        }
    }
    assert!(assembler.live().count() <= SMALL.calls && told > 200_000, "{told}");
    assert!(assembler.losses().calls_evicted > 100_000 && assembler.losses().legs_refused > 0);
    assert!(largest[1] < largest[0] + largest[0] / 2 && largest[1] < 300_000, "{largest:?}");
}

#[test]
fn who_makes_room_is_told_as_incomplete() {
    let mut player = Player::with(SMALL);
    for id in 1..=51 {
        player.apply_all(&events(newchannel(1_000, id, id).as_bytes()));
    }
    assert_eq!(player.assembler.losses().calls_evicted, 1);
    let told = player.records.values().next().unwrap();
    assert_eq!((told.flaws.as_slice(), &*told.id.unique_id), (&[Flaw::Overflow][..], "1.1"));
    assert!(told.end_us.is_none() && told.start_us.is_some() && told.disposition.is_none());
}

#[test]
fn a_call_has_so_many_legs_and_no_more() {
    let mut player = Player::with(SMALL);
    for id in 1..=20 {
        player.apply_all(&events(newchannel(1_000, id, 1).as_bytes()));
    }
    let live: Vec<_> = player.assembler.live().collect();
    assert_eq!((live.len(), live[0].legs.len(), live[0].flaws.as_slice()), (1, 8, &[Flaw::Overflow][..]));
    assert_eq!(player.assembler.losses().legs_refused, 12);
}

#[test]
fn silence_ends_a_call_and_time_forgets_it() {
    let mut player = Player::with(SMALL);
    player.apply_all(&events(newchannel(1_000, 1, 1).as_bytes()));
    let full = size(&player.assembler);
    for (now_s, told) in [(1_059, 0), (1_062, 1), (1_062, 1)] {
        player.assembler.expire(now_s * 1_000_000, &mut player.updates);
        player.take();
        assert_eq!(player.records.len(), told);
    }
    assert!(player.records.values().all(|record| record.flaws == [Flaw::Expired]));
    assert_eq!(player.assembler.losses().calls_expired, 1);
    assert!(size(&player.assembler) < full / 2);
}
