//! The AMI codec from the outside: recorded streams, older dialects, torn and hostile bytes, and what actions put on the
//! wire.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod actions;
mod captures;
mod dialects;
mod fuzzed;
mod hostile;
mod meanings;
mod torn;

use asterisk::ami::{Block, Decoder, Frame, Limits};
use bytes::BytesMut;

/// What came out of these pieces, and what was left of them.
fn decode<'p>(decoder: &mut Decoder, pieces: impl IntoIterator<Item = &'p [u8]>) -> (Vec<Frame>, Vec<u8>) {
    let (mut frames, mut buffer) = (Vec::new(), BytesMut::new());
    for piece in pieces {
        buffer.extend_from_slice(piece);
        while let Some(frame) = decoder.decode(&mut buffer).unwrap() {
            frames.push(frame);
        }
    }
    (frames, buffer.to_vec())
}

fn frames(text: &[u8]) -> Vec<Frame> {
    decode(&mut Decoder::resumed(Limits::default()), [text]).0
}

/// The one event in this text; lines may end in `\n`.
fn event(text: &str) -> Block {
    let text = text.replace('\n', "\r\n") + "\r\n\r\n";
    match &frames(text.as_bytes())[..] {
        [Frame::Event(block)] => block.clone(),
        other => panic!("one event expected: {other:?}"),
    }
}

/// Recorded streams as (name, bytes).
fn captures() -> Vec<(String, Vec<u8>)> {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/fixtures/ami");
    let mut captures = Vec::new();
    for version in ["ast16", "ast22"] {
        for entry in std::fs::read_dir(format!("{root}/{version}")).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|extension| extension == "ami") {
                captures.push((path.display().to_string(), std::fs::read(&path).unwrap()));
            }
        }
    }
    assert!(captures.len() > 30, "the recorded streams are gone");
    captures.sort();
    captures
}

/// `PROPTEST_CASES` as everywhere, with a cap: each case here decodes its bytes many times.
fn config() -> proptest::prelude::ProptestConfig {
    let config = proptest::prelude::ProptestConfig::default();
    let cases = config.cases.min(20_000);
    proptest::prelude::ProptestConfig { cases, failure_persistence: None, ..config }
}
