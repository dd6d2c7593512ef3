use std::collections::BTreeMap;

use asterisk::agi::{Command, CommandError, MAX_COMMAND_BYTES, fill_hash};
use proptest::prelude::*;

use crate::res_agi::Channel;

fn played(commands: &[Command]) -> Channel {
    let mut channel = Channel::default();
    for command in commands {
        let line = std::str::from_utf8(command.as_bytes()).unwrap().strip_suffix('\n').unwrap();
        assert_eq!(channel.command(line), "200 result=1\n");
    }
    channel
}

/// What a value of an answer could hold at worst: everything but line breaks and NUL.
fn value() -> impl Strategy<Value = String> {
    prop_oneof!["[^\r\n\0]{0,60}", "[,()\\[\\]\"\\\\ a]{0,20}", "PJSIP/[0-9]{5}@[a-z]{3},60"]
}

proptest! {
    #![proptest_config(crate::config())]

    #[test]
    fn a_value_arrives_as_it_was(value in value()) {
        let command = Command::set_variable("DP", &value).unwrap();
        prop_assert_eq!(&played(&[command]).variables["DP"], &value);
    }

    #[test]
    fn a_hash_arrives_as_it_was(values in proptest::collection::vec(value(), 0..120)) {
        let pairs: Vec<_> = (0..).map(|number| format!("key{number}")).zip(values).collect();
        let commands = fill_hash("DP", &pairs).unwrap();
        prop_assert_eq!(played(&commands).hash("DP"), pairs.into_iter().collect::<BTreeMap<_, _>>());
    }
}

#[test]
fn the_last_pair_is_set_last() {
    let mut pairs: Vec<_> = (0..200).map(|number| (format!("dial{number}"), "x".repeat(100))).collect();
    pairs.push(("status".into(), "ok".into()));
    let commands = fill_hash("DP", &pairs).unwrap();
    let (last, before) = commands.split_last().unwrap();
    assert_eq!(played(&commands).hash("DP").len(), 201);
    assert!(!played(before).hash("DP").contains_key("status"));
    assert!(last.as_bytes().ends_with(b"ok\"\n"));
}

#[test]
fn few_round_trips_are_needed() {
    let pair = |number: usize| (format!("key{number}"), "x".repeat(40));
    assert_eq!(fill_hash("DP", &[("status", "ok")]).unwrap().len(), 1);
    assert_eq!(fill_hash("DP", &(0..40).map(pair).collect::<Vec<_>>()).unwrap().len(), 2);
    assert_eq!(fill_hash("DP", &(0..80).map(pair).collect::<Vec<_>>()).unwrap().len(), 4);
}

#[test]
fn what_no_line_can_carry_is_refused() {
    let long = "x".repeat(MAX_COMMAND_BYTES);
    assert_eq!(fill_hash("DP", &[("a", "1"), ("b", &long)]).unwrap_err(), CommandError::TooLong);
    assert_eq!(fill_hash("DP", &[("a", "1\n"), ("b", "2")]).unwrap_err(), CommandError::LineBreak);
    assert_eq!(fill_hash("DP", &[("a)", "1")]).unwrap_err(), CommandError::BadName);
    assert_eq!(fill_hash("DP", &[("", "1")]).unwrap_err(), CommandError::BadName);
}
