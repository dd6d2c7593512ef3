//! The codec beside what others wrote for the same purpose: in the same process on the same bytes, and over a socket, fed
//! by the same peer. `peers PYTHON NODE` names the interpreters that have the clients of their languages installed.

mod clients;
mod feed;

use std::{hint::black_box, time::Instant};

use asterisk::ami::{Decoder, Event, Frame, Limits};
use bytes::BytesMut;
use tokio_util::codec::Decoder as _;

/// What a socket gives at once.
const READ_BYTES: usize = 64 * 1_024;
/// Pairs of measurements behind a ratio.
const PAIRS: usize = 9;

fn main() {
    let text = feed::recording();
    let events = feed::repeated(&text, 20);
    let parse = parse_ratio(&events);
    let mut arguments = std::env::args().skip(1);
    let interpreters = (arguments.next(), arguments.next());
    clients::beside(&text, interpreters);
    println!(
        "\nasked for: 6 x the fastest crate in one process, 8 x panoramisk and asterisk-manager over a socket,"
    );
    println!("which is {parse:.1} x above, and not one event fewer than sent");
}

fn chunks(text: &[u8], mut take: impl FnMut(&mut BytesMut)) {
    let mut buffer = BytesMut::new();
    for piece in text.chunks(READ_BYTES) {
        buffer.extend_from_slice(piece);
        take(&mut buffer);
    }
}

fn ours(text: &[u8]) -> usize {
    let (mut decoder, mut events) = (Decoder::new(Limits::default()), 0);
    chunks(text, |buffer| {
        while let Some(frame) = decoder.decode(buffer).expect("it greets") {
            if let Frame::Event(block) = &frame {
                black_box(Event::read(block));
                events += 1;
            }
        }
    });
    events
}

/// `asterisk-rs-ami`: the only one of them whose codec can be had without its connection.
fn theirs(text: &[u8]) -> usize {
    let (mut codec, mut events) = (asterisk_rs_ami::AmiCodec::new(), 0);
    chunks(text, |buffer| {
        while let Some(message) = codec.decode(buffer).expect("it greets") {
            events += usize::from(black_box(asterisk_rs_ami::AmiEvent::from_raw(&message)).is_some());
        }
    });
    events
}

fn seconds(run: fn(&[u8]) -> usize, text: &[u8], events: usize) -> f64 {
    let begun = Instant::now();
    assert_eq!(run(text), events, "not one event fewer");
    begun.elapsed().as_secs_f64()
}

/// How many times faster, by alternating pairs.
fn parse_ratio(text: &[u8]) -> f64 {
    let events = ours(text);
    let pairs: Vec<_> =
        (0..PAIRS).map(|_| (seconds(ours, text, events), seconds(theirs, text, events))).collect();
    let ratio = median(pairs.iter().map(|(ours, theirs)| theirs / ours).collect());
    let rate = |seconds: f64| events as f64 / seconds / 1e6;
    let (mine, other) = (
        median(pairs.iter().map(|pair| pair.0).collect()),
        median(pairs.iter().map(|pair| pair.1).collect()),
    );
    println!(
        "in one process: {:.2} million events/s, asterisk-rs-ami {:.3}: {ratio:.1} x",
        rate(mine),
        rate(other)
    );
    ratio
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
