//! Whatever comes: no panic, no memory beyond the limits, no forged event, and the next good block is read.

use asterisk::ami::{Decoder, Event, Fault, Frame, FrameError, Limits, MAX_BANNER_BYTES};
use bytes::BytesMut;
use proptest::prelude::*;

use crate::{captures, decode, frames, fuzzed};

const TIGHT: Limits = Limits { line_bytes: 64, headers: 8, block_bytes: 200 };
const GREETING: &[u8] = b"Asterisk Call Manager/11.0.0\r\n";
const GREETING_OLD: &[u8] = b"Asterisk Call Manager/1.1\r\n";
const GOOD: &[u8] = b"Event: Hangup\r\nUniqueid: 1.2\r\nCause: 16\r\n\r\n";

fn is_good(frame: Option<&Frame>) -> bool {
    let Some(Frame::Event(block)) = frame else { return false };
    matches!(Event::read(block), Event::Hangup(hangup) if hangup.cause == Some(16)) && *block.bytes() == GOOD
}

fn hostile() -> impl Strategy<Value = Vec<u8>> {
    let words = prop::sample::select(vec![
        &b"Event: Hangup"[..],
        b"Response: Success",
        b"Response: Follows",
        b"--END COMMAND--",
        b"ActionID: 1",
        b"Output: x",
        b"Asterisk Call Manager/1.0",
        b"\r\n",
        b"\r\n\r\n",
        b"\n",
        b"\n\n",
        b"\r",
        b":",
        b": ",
        b"\0",
        b"\xff\xfe",
        b"Channel: a\r\n",
    ]);
    let word = prop_oneof![
        6 => words.prop_map(<[u8]>::to_vec),
        1 => prop::collection::vec(any::<u8>(), 0..20),
        1 => (60_usize..70).prop_map(|length| vec![b'x'; length]),
    ];
    prop::collection::vec(word, 0..40).prop_map(|words| words.concat())
}

fn captures_once() -> &'static [(String, Vec<u8>)] {
    static CAPTURES: std::sync::OnceLock<Vec<(String, Vec<u8>)>> = std::sync::OnceLock::new();
    CAPTURES.get_or_init(captures)
}

fn check_torn(greeting: &[u8], text: &[u8], limits: Limits) {
    let stream = [greeting, text].concat();
    let whole = decode(&mut Decoder::new(limits), [&stream[..]]);
    assert!(decode(&mut Decoder::new(limits), stream.chunks(1)) == whole);
    for place in greeting.len()..stream.len() {
        let (head, tail) = stream.split_at(place);
        assert!(decode(&mut Decoder::new(limits), [head, tail]) == whole, "at {place}");
    }
}

proptest! {
    #![proptest_config(crate::config())]

    #[test]
    fn hostile_bytes_may_be_torn_anywhere(text in hostile()) {
        for greeting in [GREETING, GREETING_OLD] {
            check_torn(greeting, &text, TIGHT);
        }
    }

    /// Every event and response lies in the stream as it was, in order, and nothing is left out but what is damaged.
    #[test]
    fn frames_are_the_stream(text in hostile()) {
        let (frames, _) = decode(&mut Decoder::resumed(Limits::default()), [&text[..]]);
        fuzzed::check_order(&text, &frames);
    }

    /// Recorded streams with something else in their midst: what a fuzzer begins with.
    #[test]
    fn everything_holds_for_damaged_recordings(
        pick in any::<prop::sample::Index>(), from in any::<prop::sample::Index>(), length in 0_usize..6_000,
        spoilt in prop::collection::vec((any::<prop::sample::Index>(), hostile()), 0..4),
    ) {
        let (_, text) = pick.get(captures_once());
        let from = from.index(text.len());
        let mut text = text[from..(from + length).min(text.len())].to_vec();
        for (at, bytes) in spoilt {
            let at = at.index(text.len() + 1);
            text.splice(at..at, bytes);
        }
        fuzzed::check(&text);
    }

    #[test]
    fn the_next_good_block_is_read(text in hostile()) {
        let stream = [GREETING, &text, b"\r\n\r\n", GOOD].concat();
        for limits in [TIGHT, Limits::default()] {
            let (frames, rest) = decode(&mut Decoder::new(limits), [&stream[..]]);
            // A greeting in the middle may announce a version whose commands end in their own way.
            let old = frames.iter().skip(1).any(|frame| matches!(frame, Frame::Banner(_)));
            prop_assert!(old || is_good(frames.last()), "{:?}", frames);
            prop_assert!(old || rest.is_empty());
        }
    }

    #[test]
    fn any_bytes_do(text in prop::collection::vec(any::<u8>(), 0..2_000)) {
        let (frames, _) = decode(&mut Decoder::resumed(TIGHT), text.chunks(7));
        for frame in &frames {
            if let Frame::Event(block) = frame {
                let _ = format!("{:?} {block:?}", Event::read(block));
            }
        }
    }

    #[test]
    fn memory_stays_below_the_limits(line in 1_usize..500, end in prop::sample::select(vec!["\r\n", "\n", ": x\r\n", ""])) {
        let line = ["x".repeat(line).as_str(), end].concat();
        let mut decoder = Decoder::resumed(TIGHT);
        let mut buffer = BytesMut::new();
        for piece in line.repeat(20_000 / line.len() + 1).as_bytes().chunks(100) {
            buffer.extend_from_slice(piece);
            while decoder.decode(&mut buffer).unwrap().is_some() {}
            prop_assert!(buffer.len() <= TIGHT.block_bytes + TIGHT.line_bytes);
        }
    }
}

fn damaged(text: &[u8], limits: Limits) -> (Fault, String, u64) {
    let (frames, rest) = decode(&mut Decoder::new(limits), [GREETING, text, b"\r\n", GOOD]);
    assert!(rest.is_empty() && is_good(frames.last()), "{frames:?}");
    let Some(Frame::Damaged(damaged)) = frames.get(1) else { panic!("{frames:?}") };
    let name = damaged.head.name().map(|name| name.to_text().into_owned());
    (damaged.fault, name.unwrap_or_default(), damaged.bytes)
}

#[test]
fn a_block_over_a_limit_is_named_and_left() {
    let default = Limits::default();
    let line =
        [&b"Event: VarSet\r\nUniqueid: 1.1\r\nValue: "[..], &vec![b'x'; 10_000_000], b"\r\nCause: 1\r\n"]
            .concat();
    assert_eq!(damaged(&line, default), (Fault::LineTooLong, "VarSet".into(), line.len() as u64 + 2));

    let headers = [&b"Event: VarSet\r\n"[..], &b"Variable: A=1\r\n".repeat(10_000)].concat();
    assert_eq!(
        damaged(&headers, default),
        (Fault::TooManyHeaders, "VarSet".into(), headers.len() as u64 + 2)
    );

    let block =
        [&b"Response: Success\r\n"[..], &["y".repeat(60_000).as_bytes(), b": x\r\n"].concat().repeat(40)]
            .concat();
    assert_eq!(damaged(&block, default), (Fault::BlockTooLong, "Success".into(), block.len() as u64 + 2));

    let strange = b"Action: Login\r\nSecret: x\r\n";
    assert_eq!(damaged(strange, default), (Fault::Unrecognised, "Login".into(), strange.len() as u64 + 2));
}

#[test]
fn a_limit_is_reached_before_it_is_broken() {
    let event = |value: usize| [b"Event: A\r\nB: ", &vec![b'x'; value][..], b"\r\n\r\n"].concat();
    let fits = TIGHT.line_bytes - "B: \r\n".len();
    assert!(matches!(decode(&mut Decoder::resumed(TIGHT), [&event(fits)[..]]).0[..], [Frame::Event(_)]));
    assert!(matches!(
        decode(&mut Decoder::resumed(TIGHT), [&event(fits + 1)[..]]).0[..],
        [Frame::Damaged(_)]
    ));
    let event = |headers: usize| [b"Event: A\r\n", &b"B: 1\r\n".repeat(headers - 1)[..], b"\r\n"].concat();
    assert!(matches!(decode(&mut Decoder::resumed(TIGHT), [&event(8)[..]]).0[..], [Frame::Event(_)]));
    assert!(matches!(decode(&mut Decoder::resumed(TIGHT), [&event(9)[..]]).0[..], [Frame::Damaged(_)]));
}

#[test]
fn no_value_makes_an_event() {
    let text = b"Event: VarSet\r\nValue: a\nEvent: Hangup\n\nEvent: Hangup\nCause: 1\r\nEvent: Hangup\r\nX: \0\xff\r\n\r\n";
    let frames = frames(text);
    let [Frame::Event(block)] = &frames[..] else { panic!("{frames:?}") };
    assert!(matches!(Event::read(block), Event::VarSet(_)));
    assert_eq!(block.value("Value").unwrap().as_bytes(), b"a\nEvent: Hangup\n\nEvent: Hangup\nCause: 1");
    assert_eq!(block.value("x").unwrap().as_bytes(), b"\0\xff");
}

#[test]
fn odd_lines_are_kept() {
    let frames =
        frames(b"Event: A\r\nno colon\r\nB:no blank\r\nC:  two blanks\r\nD:\r\n: no name\r\nE: a: b\r\n\r\n");
    let [Frame::Event(block)] = &frames[..] else { panic!("{frames:?}") };
    let headers: Vec<_> =
        block.headers().map(|header| (header.name.to_text(), header.value.to_text())).collect();
    let wanted = [
        ("Event", "A"),
        ("", "no colon"),
        ("B", "no blank"),
        ("C", " two blanks"),
        ("D", ""),
        ("", ": no name"),
        ("E", "a: b"),
    ];
    assert_eq!(headers, wanted.map(|(name, value)| (name.into(), value.into())));
}

#[test]
fn what_does_not_greet_is_no_asterisk() {
    let first = |text: &[u8]| Decoder::new(Limits::default()).decode(&mut BytesMut::from(text)).map(|_| ());
    for text in
        [&b"SSH-2.0-OpenSSH_9.2\r\n"[..], b"\r\n", b"Event: Hangup\r\n\r\n", &[b'A'; MAX_BANNER_BYTES + 1]]
    {
        assert_eq!(first(text), Err(FrameError::NotAmi));
    }
    assert_eq!(first(b"Asterisk Call Man"), Ok(()));
}

/// A megabyte without a line end, a million headers, NUL and broken UTF-8, values that look like events: each costs itself
/// and nothing else.
#[test]
fn whatever_comes_is_counted_once() {
    let long = [b"Event: A\r\nX: ".to_vec(), vec![b'x'; 1 << 20], b"\r\n".to_vec()].concat();
    let many = [b"Event: A\r\n".to_vec(), b"X: 1\r\n".repeat(1_000_000)].concat();
    let endless = vec![b'x'; 1 << 20];
    for (hostile, damaged) in [(long, 1), (many, 1), (endless, 1)] {
        let stream = [GOOD, &hostile, b"\r\n\r\n", GOOD].concat();
        let (frames, rest) = decode(&mut Decoder::resumed(Limits::default()), stream.chunks(4_096));
        assert!(rest.is_empty() && is_good(frames.first()) && is_good(frames.last()));
        let counted = frames.iter().filter(|frame| matches!(frame, Frame::Damaged(_))).count();
        assert_eq!((counted, frames.len()), (damaged, damaged + 2));
    }
    let odd = b"Event: VarSet\r\nA\0B: \0\xff\xfe\xc3\r\nValue: x\rEvent: Hangup\n\nEvent: Hangup\r\n\r\n";
    let found = frames(&[odd, GOOD].concat());
    assert!(found.len() == 2 && is_good(found.last()), "{found:?}");
}
