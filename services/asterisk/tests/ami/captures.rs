//! Recorded streams come out whole, header for header, and agree with what really happened.

use std::collections::BTreeMap;

use asterisk::ami::{Block, Channel, Decoder, Event, Frame, Limits, ListMark};

use crate::{captures, decode};

/// How anybody would cut these streams by hand. `Atxfer` and `BlindTransfer` are answered with an empty line too many.
fn naive(text: &[u8]) -> Vec<Vec<(String, Vec<u8>)>> {
    let text = String::from_utf8(text.to_vec()).unwrap();
    let (_, blocks) = text.split_once("\r\n").unwrap();
    let header = |line: &str| {
        let (name, value) = line.split_once(": ").unwrap();
        (name.to_owned(), value.as_bytes().to_vec())
    };
    let blocks = blocks.split_terminator("\r\n\r\n").map(|block| block.trim_start_matches("\r\n"));
    blocks.map(|block| block.split("\r\n").map(header).collect()).collect()
}

fn block(frame: &Frame) -> &Block {
    match frame {
        Frame::Response(response) => response.block(),
        Frame::Event(block) => block,
        other => panic!("{other:?}"),
    }
}

fn headers(block: &Block) -> Vec<(String, Vec<u8>)> {
    let header = |header: asterisk::ami::Header<'_>| {
        (header.name.to_text().into_owned(), header.value.as_bytes().to_vec())
    };
    block.headers().map(header).collect()
}

fn decoded(text: &[u8]) -> Vec<Frame> {
    let (frames, rest) = decode(&mut Decoder::new(Limits::default()), [text]);
    assert!(rest.is_empty());
    frames
}

#[test]
fn every_capture_decodes_whole() {
    let mut total = 0;
    for (name, text) in captures() {
        let frames = decoded(&text);
        let Some((Frame::Banner(banner), frames)) = frames.split_first() else { panic!("{name}") };
        let version = if name.contains("ast16") { ("5.0.4", 5) } else { ("11.0.0", 11) };
        assert_eq!((&*banner.version().to_text(), banner.major().unwrap()), version, "{name}");
        assert_eq!(frames.iter().map(block).map(headers).collect::<Vec<_>>(), naive(&text), "{name}");
        let bytes: Vec<u8> = frames.iter().flat_map(|frame| block(frame).bytes().to_vec()).collect();
        let (_, text) = std::str::from_utf8(&text).unwrap().split_once("\r\n").unwrap();
        assert!(bytes == text.replace("\r\n\r\n\r\n", "\r\n\r\n").as_bytes(), "{name}: bytes were lost");
        total += frames.len();
    }
    assert!(total > 4_000, "{total} frames");
}

fn events(name: &str) -> Vec<Block> {
    let (_, text) = captures().into_iter().find(|(path, _)| path.ends_with(name)).unwrap();
    let events = decoded(&text).into_iter().filter_map(|frame| match frame {
        Frame::Event(block) => Some(block),
        _ => None,
    });
    events.collect()
}

type Legs = BTreeMap<String, i64>;

/// Uniqueid and cause of every channel that CEL saw end.
fn truth(path: &str) -> Option<Legs> {
    let text = std::fs::read_to_string(path.replace(".ami", ".truth.json")).ok()?;
    let truth: serde_json::Value = serde_json::from_str(&text).unwrap();
    let leg = |channel: &serde_json::Value| {
        (channel["uniqueid"].as_str().unwrap().to_owned(), channel["cause"].as_i64().unwrap())
    };
    Some(truth["channels"].as_array().unwrap().iter().map(leg).collect())
}

fn id(channel: &Channel<'_>) -> String {
    channel.unique_id().unwrap().to_string()
}

#[test]
fn channels_and_causes_agree_with_the_truth() {
    let mut legs = 0;
    for (path, text) in captures() {
        let Some(truth) = truth(&path) else { continue };
        let (mut begun, mut ended) = (Vec::new(), Legs::new());
        for frame in decoded(&text) {
            let Frame::Event(block) = frame else { continue };
            match Event::read(&block) {
                Event::Newchannel(channel) => begun.push(id(&channel)),
                Event::Hangup(hangup) => {
                    assert!(block.timestamp_us().is_some());
                    ended.insert(id(&hangup.channel), hangup.cause.unwrap().into());
                }
                _ => {}
            }
        }
        begun.sort();
        assert_eq!(begun, truth.keys().cloned().collect::<Vec<_>>(), "{path}");
        assert_eq!(ended, truth, "{path}");
        legs += truth.len();
    }
    assert!(legs > 100, "{legs}");
}

/// Every name that the table knows and these streams hold leads to its own event.
#[test]
fn known_events_have_a_meaning() {
    let (mut known, mut other) = (BTreeMap::new(), BTreeMap::new());
    for (_, text) in captures() {
        for frame in decoded(&text) {
            let Frame::Event(block) = frame else { continue };
            let name = block.name().unwrap().to_text().into_owned();
            let event = Event::read(&block);
            let into = if matches!(event, Event::Other(_)) { &mut other } else { &mut known };
            let variant = format!("{event:?}");
            *into.entry((name, variant.split('(').next().unwrap().to_owned())).or_insert(0) += 1;
        }
    }
    for (name, variant) in known.keys() {
        assert_eq!(name, variant);
    }
    assert!(known.len() >= 48, "{} kinds: {known:?}", known.len());
    let unknown: Vec<_> = other.keys().map(|(name, _)| name.as_str()).collect();
    for noise in ["CEL", "Cdr", "TestEvent", "DeviceStateChange", "SuccessfulAuth"] {
        assert!(unknown.contains(&noise), "{noise}");
    }
}

#[test]
fn attempts_of_a_failed_call_are_read() {
    for version in ["ast16", "ast22"] {
        let events = events(&format!("{version}/congestion-503-twice.ami"));
        let mut attempts = Vec::new();
        for block in &events {
            match Event::read(block) {
                Event::DialBegin(dial) => {
                    attempts
                        .push((id(&dial.called.unwrap()), dial.dial_string.unwrap().to_text().into_owned()));
                }
                Event::DialEnd(dial) => {
                    assert!(dial.status.unwrap().is("CONGESTION"));
                    assert_eq!(attempts.last().unwrap().0, id(&dial.called.unwrap()));
                    let variables: Vec<_> = dial.called.unwrap().variables().collect();
                    assert_eq!(variables[0].0.as_bytes(), b"ROUTE_ID");
                    assert_eq!(variables[1].1.number::<usize>(), Some(attempts.len()));
                }
                _ => {}
            }
        }
        let wanted = if version == "ast16" { "carrier4/749500044" } else { "749500044@carrier4" };
        assert_eq!(attempts.iter().map(|(_, dialled)| dialled.as_str()).collect::<Vec<_>>(), [wanted; 2]);
    }
}

#[test]
fn lists_and_output_are_read() {
    for version in ["ast16", "ast22"] {
        let (_, text) = captures()
            .into_iter()
            .find(|(path, _)| path.ends_with(&format!("{version}/reconnect-mid-call-part2.ami")))
            .unwrap();
        let frames = decoded(&text);
        let mut items: BTreeMap<String, (u64, Option<u64>)> = BTreeMap::new();
        for frame in &frames {
            let Frame::Event(block) = frame else { continue };
            let list = |id: asterisk::ami::Value<'_>| id.to_text().into_owned();
            let Some(list) = block.action_id().map(list) else { continue };
            match Event::read(block) {
                Event::CoreShowChannelsComplete(end) | Event::BridgeListComplete(end) => {
                    assert_eq!(block.list_mark(), Some(ListMark::Complete));
                    items.entry(list).or_default().1 = end.items;
                }
                Event::StatusComplete(end) | Event::QueueStatusComplete(end) => {
                    items.entry(list).or_default().1 = end.items;
                }
                Event::CoreShowChannel(item) => {
                    assert!(item.channel.linked_id().is_some() && item.age_s.is_some());
                    items.entry(list).or_default().0 += 1;
                }
                Event::Status(item) => {
                    assert!(item.age_s.is_some() && item.technology.is_some());
                    items.entry(list).or_default().0 += 1;
                }
                Event::BridgeListItem(bridge) => {
                    assert!(bridge.id.is_some() && bridge.channels.is_some());
                    items.entry(list).or_default().0 += 1;
                }
                Event::QueueParams(_) | Event::QueueEntry(_) => items.entry(list).or_default().0 += 1,
                Event::QueueMember(member) => {
                    assert!(member.member.is_some() && member.interface.is_some());
                    items.entry(list).or_default().0 += 1;
                }
                _ => {}
            }
        }
        assert_eq!(items.len(), 4, "{items:?}");
        assert!(items.values().all(|(seen, told)| *seen > 0 && *told == Some(*seen)), "{items:?}");

        let outputs = frames.iter().filter_map(|frame| match frame {
            Frame::Response(response) if response.output().count() > 0 => Some(response),
            _ => None,
        });
        let outputs: Vec<_> =
            outputs.map(|response| (response.is_success(), response.output().count())).collect();
        assert_eq!(outputs, [(true, 4), (false, 1)]);
    }
}

#[test]
fn names_of_callers_lose_their_backslashes() {
    for version in ["ast16", "ast22"] {
        let events = events(&format!("{version}/weird-caller-ids.ami"));
        let names = events.iter().filter_map(|block| match Event::read(block) {
            Event::Newchannel(channel) => channel.caller_name(),
            _ => None,
        });
        let names: Vec<_> =
            names.map(|name| String::from_utf8(name.unescaped().into_owned()).unwrap()).collect();
        // PJSIP leaves the backslashes of SIP's own quoting in the name.
        let boss = if version == "ast16" { r#"O'Neil "The" Boss"# } else { r#"O'Neil  \"The\" Boss"# };
        assert!(names.iter().any(|name| name == boss), "{names:?}");
        assert!(names.iter().any(|name| name == "Жуков Пётр"));
    }
}
