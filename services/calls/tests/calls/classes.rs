//! What a session has to hear: the classes `system`, `call`, `user` and `agent`, less what the shipped `eventfilter`
//! keeps out. Records lose nothing by the rest, `VarSet` and `Newexten` included, although those may be the first to show
//! that a linkedid changed.

use asterisk::ami::Block;

use crate::{
    model,
    replay::{capture, play, stories},
};

const CLASSES: [&str; 4] = ["system,all", "call,all", "user,all", "agent,all"];
const WITHOUT: [&str; 3] = ["CEL", "DeviceStateChange", "ExtensionStatus"];

/// Items of lists belong to no class.
fn is_heard(event: &Block) -> bool {
    let is_read = event.value("Privilege").is_none_or(|privilege| {
        !privilege.as_bytes().contains(&b',') || CLASSES.iter().any(|class| privilege.is(class))
    });
    is_read && !WITHOUT.iter().any(|name| event.name().is_some_and(|found| found.is(name)))
}

#[test]
fn records_need_no_other_classes() {
    let (mut all, mut heard, mut told) = (0, 0, 0);
    for story in stories() {
        let streams: Vec<_> = story.streams.iter().map(|stream| capture(stream)).collect();
        let less: Vec<Vec<Block>> = streams
            .iter()
            .map(|stream| stream.iter().filter(|event| is_heard(event)).cloned().collect())
            .collect();
        // Without a single event there is no time either.
        if less.iter().any(|stream| stream.iter().all(|event| event.timestamp_us().is_none())) {
            continue;
        }
        told += 1;
        all += streams.iter().flatten().map(|event| event.bytes().len()).sum::<usize>();
        heard += less.iter().flatten().map(|event| event.bytes().len()).sum::<usize>();
        assert_eq!(model::text(&play(&less).all()), model::text(&play(&streams).all()), "{}", story.name);
    }
    assert!(told > 50 && heard * 3 < all, "{told} stories, {heard} of {all} bytes");
}
