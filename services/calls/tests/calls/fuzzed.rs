//! What holds for every stream of events, however hostile. The fuzz target `assembler` runs this very function.

use asterisk::ami::{Block, Decoder, Event, Frame};
use bytes::BytesMut;
use calls::{CallAssembler, CallRecord, CallUpdate, Checkpoint, GapReason, Limits};

const SMALL: Limits =
    Limits { calls: 20, legs: 60, legs_per_call: 8, silence_us: 60_000_000, linger_us: 1_000_000 };

pub(crate) fn check(stream: &[u8]) {
    let mut decoder = Decoder::resumed(asterisk::ami::Limits::default());
    let mut buffer = BytesMut::from(stream);
    let (mut assembler, mut updates, mut last_us) = (assembler(Checkpoint::default()), Vec::new(), 0);
    while let Some(frame) = decoder.decode(&mut buffer).expect("a kept stream needs no greeting") {
        match &frame {
            Frame::Event(block) => {
                last_us = block.timestamp_us().unwrap_or(last_us);
                assembler = happened(assembler, block, last_us, &mut updates);
            }
            Frame::Damaged(_) => assembler.gap(last_us, last_us, GapReason::Damaged, &mut updates),
            Frame::Banner(_) | Frame::Response(_) => {}
        }
        updates.drain(..).for_each(|update| check_update(&update));
        assert!(assembler.live().count() <= SMALL.calls);
    }
    assembler.live().for_each(|record| check_record(&record));
}

fn assembler(checkpoint: Checkpoint) -> CallAssembler {
    CallAssembler::restore("node".parse().expect("a name"), SMALL, checkpoint)
}

/// What a collector does is part of the stream, as events of no version of Asterisk.
fn happened(
    mut assembler: CallAssembler,
    block: &Block,
    at_us: i64,
    updates: &mut Vec<CallUpdate>,
) -> CallAssembler {
    let name = block.name().map(|name| name.to_text().into_owned()).unwrap_or_default();
    match &*name {
        "Gap" => assembler.gap(at_us, at_us.saturating_add(1_000_000), GapReason::Disconnected, updates),
        "Restarted" => assembler.restarted(updates),
        "NodeLost" => assembler.node_lost(updates),
        "Expire" => assembler.expire(at_us, updates),
        "Checkpoint" => return restored(&assembler),
        _ => assembler.apply(&Event::read(block), at_us, updates),
    }
    assembler
}

fn restored(of: &CallAssembler) -> CallAssembler {
    let text = serde_json::to_string(of.checkpoint()).expect("a checkpoint is plain data");
    let checkpoint: Checkpoint = serde_json::from_str(&text).expect("and comes back");
    assert!(checkpoint == *of.checkpoint());
    assembler(checkpoint)
}

fn check_update(update: &CallUpdate) {
    match update {
        CallUpdate::Ended(record) => {
            check_record(record);
            assert!(record.revision > 0);
        }
        CallUpdate::Superseded { id, by } => assert!(id != by),
    }
}

fn check_record(record: &CallRecord) {
    assert!(!record.legs.is_empty() && record.legs.len() <= SMALL.legs_per_call);
    assert_eq!(record.id.unique_id, record.legs[0].unique_id);
    let apart_us = record.began_us().abs_diff(record.id.created_us);
    assert!(apart_us <= CallRecord::CREATION_FROM_START_US.unsigned_abs(), "{record:?}");
    for (position, attempt) in (1..).zip(&record.attempts) {
        assert_eq!(attempt.position, position);
        assert!(record.legs.iter().any(|leg| leg.unique_id == attempt.leg));
    }
    for us in [record.wait_us, record.ring_us, record.talk_us].into_iter().flatten() {
        assert!(us >= 0);
    }
}
