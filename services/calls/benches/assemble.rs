//! Decoding a recorded stream and making records of it, beside decoding alone.

use std::{fs, hint::black_box};

use asterisk::ami::{Decoder, Event, Frame, Limits};
use bytes::BytesMut;
use calls::{CallAssembler, CallUpdate};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};

/// What a socket gives at once.
const READ_BYTES: usize = 64 * 1_024;
const REPEATS: usize = 20;

fn decode(text: &[u8], mut take: impl FnMut(&Frame)) -> u64 {
    let mut decoder = Decoder::new(Limits::default());
    let mut buffer = BytesMut::new();
    let mut events = 0;
    for read in text.chunks(READ_BYTES) {
        buffer.extend_from_slice(read);
        while let Some(frame) = decoder.decode(&mut buffer).expect("the stream greets") {
            take(black_box(&frame));
            events += u64::from(matches!(frame, Frame::Event(_)));
        }
    }
    events
}

/// A new assembler for each repetition would be kind: one for all has to tell channels of the same ids apart by time.
fn assemble(text: &[u8]) -> u64 {
    let node = "node".parse().expect("a name");
    let mut assembler = CallAssembler::new(node, calls::Limits::default());
    let mut updates: Vec<CallUpdate> = Vec::new();
    let events = decode(text, |frame| {
        let Frame::Event(block) = frame else { return };
        let at_us = block.timestamp_us().unwrap_or_default();
        assembler.apply(&Event::read(block), at_us, &mut updates);
        black_box(updates.drain(..).count());
    });
    assert_eq!(assembler.live().count(), 0, "every call of the recording ends");
    events
}

fn meaning(frame: &Frame) {
    if let Frame::Event(block) = frame {
        black_box(block.timestamp_us());
        black_box(Event::read(block));
    }
}

/// The recording again and again, each time an hour later: ids and times move, lengths stay.
fn stream(name: &str) -> Vec<u8> {
    let path = format!("{}/../../tests/fixtures/ami/ast22/{name}.ami", env!("CARGO_MANIFEST_DIR"));
    let once = fs::read(path).expect("the recorded stream is there");
    let once = String::from_utf8(once).expect("recordings are UTF-8");
    let (banner, events) = once.split_once("\r\n").expect("a greeting");
    let later = |hour: usize| events.replace("1795244", &(1_795_244 + 4 * hour).to_string());
    let repeated: String = (0..REPEATS).map(later).collect();
    format!("{banner}\r\n{repeated}").into_bytes()
}

fn assembling(criterion: &mut Criterion) {
    for name in ["twenty-calls", "plain-user-answered"] {
        let text = stream(name);
        let events = decode(&text, |_| ());
        let mut group = criterion.benchmark_group(format!("calls/{name}"));
        group.throughput(Throughput::Elements(events));
        group.bench_function("decode", |bencher| bencher.iter(|| decode(&text, |_| ())));
        group.bench_function("decode, meaning and time", |bencher| bencher.iter(|| decode(&text, meaning)));
        group.bench_function("decode and assemble", |bencher| bencher.iter(|| assemble(&text)));
        group.finish();
    }
}

criterion_group!(benches, assembling);
criterion_main!(benches);
