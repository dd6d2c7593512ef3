//! What is shown of calls while they are up.

use calls::{CallState, ChannelState, LiveCall};

use crate::replay::{Player, capture, stories};

/// The states one call goes through, each once.
fn states(name: &str) -> Vec<CallState> {
    let mut player = Player::new();
    let mut states = Vec::new();
    for block in capture(name) {
        player.apply(&block);
        if let [call] = &player.assembler.live_calls(10).0[..] {
            states.push(call.state);
        }
    }
    states.dedup();
    states
}

#[test]
fn a_call_is_dialled_rings_and_is_up() {
    use CallState::{Dialling, Ringing, Up};
    for version in ["ast16", "ast22"] {
        // The carrier that answers rings first.
        let seen = states(&format!("{version}/answered-after-503"));
        assert_eq!((seen.first(), seen.last()), (Some(&Dialling), Some(&Up)), "{version}: {seen:?}");
        let seen = states(&format!("{version}/noanswer-timeout"));
        assert!(seen.contains(&Ringing) && !seen.contains(&Up), "{version}: {seen:?}");
    }
}

/// At every event of every recording: the same calls as the records', in no more than was asked for.
#[test]
fn what_is_shown_is_what_is_up() {
    for story in stories() {
        let mut player = Player::new();
        for block in story.streams.iter().flat_map(|stream| capture(stream)) {
            player.apply(&block);
            let (calls, left_out) = player.assembler.live_calls(3);
            let records: Vec<_> = player.assembler.live().collect();
            assert_eq!(calls.len() + left_out, records.len(), "{}", story.name);
            for (call, record) in calls.iter().zip(&records) {
                assert_eq!((&call.unique_id, call.created_us), (&record.id.unique_id, record.id.created_us));
                assert_eq!(call.attempts as usize, record.attempts.len());
                let up = record.legs.iter().filter(|leg| leg.end_us.is_none()).count();
                assert_eq!(call.channels.len(), up, "{}", story.name);
                assert!(!call.channels.is_empty());
            }
        }
    }
}

#[test]
fn whoever_talks_is_shown_with_whom() {
    let mut player = Player::new();
    let mut talked = false;
    for block in capture("ast22/answered-after-503") {
        player.apply(&block);
        let calls = player.assembler.live_calls(10).0;
        talked |= calls.iter().any(talks_with_each_other);
    }
    assert!(talked, "two channels in one bridge, both up");
}

fn talks_with_each_other(call: &LiveCall) -> bool {
    let [one, other] = &call.channels[..] else { return false };
    let hears = |one, other| call.partners(one).eq([other]);
    hears(one, other) && hears(other, one) && [one, other].iter().all(|leg| leg.state == ChannelState::Up)
}
