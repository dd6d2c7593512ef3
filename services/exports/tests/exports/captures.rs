//! The calls of every recorded stream.

use std::fs;

use asterisk::ami::{Decoder, Event, Frame, Limits};
use bytes::BytesMut;
use calls::{CallAssembler, CallRecord, CallUpdate};
use domain::ProviderId;
use exports::{Attempt, Call, Format, Leg, Recorded, Row};
use traffic::{AttemptFacts, Outcome};

use crate::reading::{Read, exported, read, told};

const STREAMS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/fixtures/ami");

fn streams() -> Vec<Vec<u8>> {
    let folders = ["ast16", "ast22"].map(|version| fs::read_dir(format!("{STREAMS}/{version}")).unwrap());
    let files = folders.into_iter().flatten().map(|entry| entry.unwrap().path());
    files
        .filter(|path| path.extension().is_some_and(|ending| ending == "ami"))
        .map(|path| fs::read(path).unwrap())
        .collect()
}

/// What was told of the calls of a stream, and what is known of those that are up at its end.
fn records(stream: &[u8]) -> Vec<CallRecord> {
    let mut assembler = CallAssembler::new("node".parse().unwrap(), calls::Limits::default());
    let (mut decoder, mut buffer) = (Decoder::resumed(Limits::default()), BytesMut::from(stream));
    let (mut updates, mut at_us) = (Vec::new(), 0);
    while let Some(frame) = decoder.decode(&mut buffer).unwrap() {
        let Frame::Event(block) = frame else { continue };
        at_us = block.timestamp_us().unwrap_or(at_us);
        assembler.apply(&Event::read(&block), at_us, &mut updates);
    }
    let told = updates.into_iter().filter_map(|update| match update {
        CallUpdate::Ended(record) => Some(*record),
        CallUpdate::Superseded { .. } => None,
    });
    told.chain(assembler.live()).collect()
}

fn recorded() -> Vec<Recorded> {
    let records: Vec<_> = streams().iter().flat_map(|stream| records(stream)).collect();
    assert!(records.len() > 100, "the recorded streams are gone: {}", records.len());
    let facts = || AttemptFacts {
        provider: Some(ProviderId(3)),
        kind: Some("carrier".into()),
        prefix: Some("1202".into()),
        country: Some("US".into()),
        outcome: Some(Outcome::Network),
    };
    let recorded = |record: CallRecord| Recorded {
        // Of the last attempt of each call nothing is known yet.
        facts: record.attempts.iter().skip(1).map(|_| facts()).collect(),
        record,
        provider_in: Some(ProviderId(7)),
        provider_out: None,
        country: Some("US".into()),
        outcome: Some(Outcome::Answered),
    };
    records.into_iter().map(recorded).collect()
}

fn rows<R: Row>(calls: &[Recorded]) -> Vec<R> {
    let mut rows = Vec::new();
    calls.iter().cloned().for_each(|call| R::push_of(call, &mut rows));
    rows
}

fn come_back<R: Row>(calls: &[Recorded], expected: usize) {
    let rows = rows::<R>(calls);
    assert_eq!(rows.len(), expected);
    for format in Format::ALL {
        let bytes = exported(format, &rows);
        assert!(read::<R>(format, &bytes) == told(&rows), "{} as {}", R::WHAT.as_str(), format.as_str());
    }
}

#[test]
fn captured_calls_come_back() {
    let calls = recorded();
    come_back::<Call>(&calls, calls.len());
    come_back::<Leg>(&calls, calls.iter().map(|call| call.record.legs.len()).sum());
    come_back::<Attempt>(&calls, calls.iter().map(|call| call.record.attempts.len()).sum());
}

/// Each column of a call, by its name.
#[test]
fn columns_hold_what_they_are_called() {
    let call =
        recorded().into_iter().find(|call| call.record.answer_us.is_some() && call.record.caller.is_some());
    let call = call.unwrap();
    let record = call.record.clone();
    let rows = rows::<Call>(&[call]);
    let cells = told(&rows).remove(0);
    let of = |name: &str| {
        let at = Call::COLUMNS.iter().position(|column| column.name == name).unwrap();
        cells[at].clone()
    };
    let instant = |us: Option<i64>| us.map_or(Read::Null, Read::Instant);
    let number = |us: Option<i64>| us.map_or(Read::Null, Read::Integer);
    assert_eq!(of("node"), Read::Text("node".to_owned()));
    assert_eq!(of("created_at"), Read::Instant(record.id.created_us));
    assert_eq!(of("start_at"), instant(record.start_us));
    assert_eq!(of("first_ring_at"), instant(record.first_ring_us));
    assert_eq!(of("answer_at"), instant(record.answer_us));
    assert_eq!(of("end_at"), instant(record.end_us));
    assert_eq!(
        [of("wait_us"), of("ring_us"), of("talk_us")],
        [record.wait_us, record.ring_us, record.talk_us].map(number)
    );
    assert_eq!(of("caller_raw"), Read::Text(record.caller.unwrap().raw.into()));
    assert_eq!([of("provider_in"), of("provider_out")], [Read::Integer(7), Read::Null]);
    assert_eq!(of("disposition"), Read::Text("answered".to_owned()));
    assert_eq!([of("country"), of("outcome")], ["US", "answered"].map(|text| Read::Text(text.to_owned())));
}

/// Each attempt has its own facts, and one without any has none.
#[test]
fn attempts_have_their_own_facts() {
    let several = recorded().into_iter().find(|call| call.record.attempts.len() == 2).unwrap();
    let of = |cells: &[Read], name: &str| {
        let at = Attempt::COLUMNS.iter().position(|column| column.name == name).unwrap();
        cells[at].clone()
    };
    let cells = told(&rows::<Attempt>(&[several]));
    let names = ["provider", "kind", "prefix", "country", "outcome"];
    let text = |text: &str| Read::Text(text.to_owned());
    let known = [Read::Integer(3), text("carrier"), text("1202"), text("US"), text("network")];
    assert_eq!(names.map(|name| of(&cells[0], name)), known);
    assert_eq!(names.map(|name| of(&cells[1], name)), [const { Read::Null }; 5]);
}
