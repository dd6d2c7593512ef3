//! Decoding a recorded stream beside a bare splitter of the same bytes, and the cost of meaning on top.

use std::{fs, hint::black_box};

use asterisk::ami::{Decoder, Event, Frame, Limits};
use bytes::BytesMut;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};

/// What a socket gives at once.
const READ_BYTES: usize = 64 * 1_024;
/// Pairs of measurements behind the printed ratios.
const PAIRS: usize = 15;
/// Runs of one measurement: the kernel's account moves in steps of a tick, 4 ms on many machines.
const RUNS: usize = 30;

/// The ceiling: every line cut at its end and at its first colon, and nothing known about any of it. All bytes lie there
/// beforehand, nothing is kept, no limit, no frame.
fn bare(text: &[u8]) -> usize {
    let (mut sum, mut start, mut colon) = (0, 0, None);
    for place in memchr::memchr2_iter(b':', b'\n', text) {
        if text[place] == b':' {
            colon.get_or_insert(place);
            continue;
        }
        let line = &text[start..place];
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let name = &line[..colon.take().map_or(0, |colon| colon - start)];
        let value = &line[name.len()..];
        let (name, value) = black_box((name, value));
        sum += name.len() + value.len();
        start = place + 1;
    }
    sum
}

/// What a session does: reads of a socket go into one buffer, frames come out.
fn decode(text: &[u8], mut take: impl FnMut(&Frame)) -> usize {
    let mut decoder = Decoder::new(Limits::default());
    let mut buffer = BytesMut::new();
    let mut frames = 0;
    for read in text.chunks(READ_BYTES) {
        buffer.extend_from_slice(read);
        while let Some(frame) = decoder.decode(&mut buffer).expect("the stream greets") {
            take(black_box(&frame));
            frames += 1;
        }
    }
    frames
}

fn meaning(frame: &Frame) {
    if let Frame::Event(block) = frame {
        black_box(Event::read(block));
    }
}

/// Every header of every frame, looked at.
fn walk(frame: &Frame) {
    if let Frame::Event(block) = frame {
        for header in block.headers() {
            black_box(header);
        }
    }
}

fn capture() -> Vec<u8> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/fixtures/ami/ast22/twenty-calls.ami");
    let once = fs::read(path).expect("the recorded stream is there");
    let banner = once.iter().position(|byte| *byte == b'\n').map_or(0, |end| end + 1);
    [&once[..], &once[banner..].repeat(19)].concat()
}

/// Nanoseconds this thread has had a processor, by the kernel's own account: the machine may be shared.
fn cpu_ns() -> u64 {
    let account = fs::read_to_string("/proc/thread-self/schedstat").expect("Linux keeps this account");
    account.split(' ').next().and_then(|ns| ns.parse().ok()).expect("a number comes first")
}

fn cost_ns(run: impl Fn() -> usize) -> u64 {
    let before = cpu_ns();
    for _ in 0..RUNS {
        black_box(run());
    }
    cpu_ns() - before
}

fn median<T: PartialOrd + Copy>(mut values: Vec<T>) -> T {
    values.sort_by(|a, b| a.partial_cmp(b).expect("figures are numbers"));
    values[values.len() / 2]
}

/// How much of the bare splitter's speed is left, by alternating pairs.
#[expect(clippy::cast_precision_loss, reason = "figures for people")]
fn beside_bare(name: &str, text: &[u8], frames: usize, run: impl Fn() -> usize) {
    let pairs: Vec<_> = (0..PAIRS).map(|_| (cost_ns(&run) as f64, cost_ns(|| bare(text)) as f64)).collect();
    let ours = median(pairs.iter().map(|(ours, _)| *ours).collect());
    let ratio = median(pairs.iter().map(|(ours, bare)| bare / ours).collect());
    println!(
        "{name}: {:.2} million frames/s, {:.0} MB/s, {ratio:.2} of the bare splitter (median of {PAIRS} pairs)",
        (frames * RUNS) as f64 / ours * 1e3,
        (text.len() * RUNS) as f64 / ours * 1e3,
    );
}

fn ami(criterion: &mut Criterion) {
    let text = capture();
    let frames = decode(&text, |_| ());
    beside_bare("frames", &text, frames, || decode(&text, |_| ()));
    beside_bare("frames, every header", &text, frames, || decode(&text, walk));
    beside_bare("frames with meaning", &text, frames, || decode(&text, meaning));
    for (unit, throughput) in
        [("events", Throughput::Elements(frames as u64)), ("bytes", Throughput::Bytes(text.len() as u64))]
    {
        let mut group = criterion.benchmark_group(format!("ami/{unit}"));
        group.throughput(throughput);
        group.bench_function("bare splitter", |bencher| bencher.iter(|| bare(&text)));
        group.bench_function("frames", |bencher| bencher.iter(|| decode(&text, |_| ())));
        group.bench_function("frames, every header", |bencher| bencher.iter(|| decode(&text, walk)));
        group.bench_function("frames with meaning", |bencher| bencher.iter(|| decode(&text, meaning)));
        group.finish();
    }
}

criterion_group!(benches, ami);
criterion_main!(benches);
