//! How bytes are torn on their way changes nothing.

use asterisk::ami::{Decoder, Frame, Limits};
use proptest::prelude::*;

use crate::{captures, decode};

fn whole(text: &[u8]) -> (Vec<Frame>, Vec<u8>) {
    decode(&mut Decoder::new(Limits::default()), [text])
}

fn torn<'p>(pieces: impl IntoIterator<Item = &'p [u8]>) -> (Vec<Frame>, Vec<u8>) {
    decode(&mut Decoder::new(Limits::default()), pieces)
}

#[test]
fn captures_come_byte_by_byte() {
    for (name, text) in captures() {
        assert!(torn(text.chunks(1)) == whole(&text), "{name}");
    }
}

/// Two pieces cut at every place of small streams; of longer ones, at every place of their first kilobytes and some more.
#[test]
fn captures_are_cut_everywhere() {
    let mut small = 0;
    for (name, text) in captures() {
        let is_small = text.len() < 10_000;
        small += usize::from(is_small);
        let beginning = if is_small { &text[..] } else { &text[..2_500] };
        check_cuts(&name, beginning, 0..=beginning.len());
        let step = text.len() / 3 + 1;
        check_cuts(&name, &text, (name.len() * 31 % step..text.len()).step_by(step));
    }
    assert!(small > 8, "{small}");
}

fn check_cuts(name: &str, text: &[u8], places: impl Iterator<Item = usize>) {
    let whole = whole(text);
    for place in places {
        let (head, tail) = text.split_at(place);
        assert!(torn([head, tail]) == whole, "{name} at {place}");
    }
}

/// The same bytes in pieces of these sizes, over and over.
fn pieces<'t>(mut text: &'t [u8], sizes: &[usize]) -> Vec<&'t [u8]> {
    let mut pieces = Vec::new();
    for size in sizes.iter().cycle() {
        let (piece, rest) = text.split_at((*size).min(text.len()));
        pieces.push(piece);
        text = rest;
        if text.is_empty() {
            return pieces;
        }
    }
    pieces
}

#[test]
fn captures_come_in_pieces_of_any_size() {
    let captures = captures();
    let config = ProptestConfig { cases: crate::config().cases.min(1_000), ..crate::config() };
    let strategy = (0..captures.len(), proptest::collection::vec(1_usize..5_000, 1..20));
    let outcome = proptest::test_runner::TestRunner::new(config).run(&strategy, |(index, sizes)| {
        let (_, text) = &captures[index];
        prop_assert!(torn(pieces(text, &sizes)) == whole(text));
        Ok(())
    });
    assert_eq!(outcome, Ok(()));
}

/// Frames that were kept are read again one by one, without the greeting.
#[test]
fn kept_blocks_read_the_same() {
    for (name, text) in captures() {
        let mut again = Decoder::resumed(Limits::default());
        for frame in whole(&text).0 {
            let bytes = match &frame {
                Frame::Response(response) => response.block().bytes(),
                Frame::Event(block) => block.bytes(),
                Frame::Banner(_) | Frame::Damaged(_) => continue,
            };
            assert!(decode(&mut again, [&bytes[..]]) == (vec![frame.clone()], Vec::new()), "{name}");
        }
    }
}

#[test]
fn an_editor_may_have_changed_the_line_ends() {
    for (name, text) in captures() {
        let plain: Vec<u8> = text.iter().copied().filter(|byte| *byte != b'\r').collect();
        let (frames, rest) = whole(&plain);
        assert!(rest.is_empty(), "{name}");
        assert_eq!(frames.len(), whole(&text).0.len(), "{name}");
    }
}
