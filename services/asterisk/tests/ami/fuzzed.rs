//! What holds for every stream of bytes, however hostile. The fuzz target `codec` runs this very function.

use asterisk::ami::{Decoder, Event, Frame, Limits};
use bytes::BytesMut;

const TIGHT: Limits = Limits { line_bytes: 300, headers: 40, block_bytes: 2_000 };

pub(crate) fn check(stream: &[u8]) {
    for limits in [TIGHT, Limits::default()] {
        let whole = decode(stream, stream.len().max(1), limits);
        check_order(stream, &whole);
        // How bytes are torn changes nothing; the size of pieces comes from the stream, too.
        let size = 1 + stream.iter().fold(0, |sum: usize, byte| sum.wrapping_add(usize::from(*byte))) % 97;
        assert!(decode(stream, size, limits) == whole, "torn into pieces of {size}");
        for frame in &whole {
            check_meaning(frame, limits);
        }
    }
}

fn decode(stream: &[u8], size: usize, limits: Limits) -> Vec<Frame> {
    let (mut decoder, mut buffer, mut frames) = (Decoder::resumed(limits), BytesMut::new(), Vec::new());
    for piece in stream.chunks(size) {
        buffer.extend_from_slice(piece);
        while let Some(frame) = decoder.decode(&mut buffer).expect("a kept stream needs no greeting") {
            frames.push(frame);
        }
        assert!(buffer.len() <= limits.block_bytes + limits.line_bytes, "{} bytes are kept", buffer.len());
    }
    frames
}

/// Every block lies in the stream as it was, in the same order, and begins where a line begins: no value makes one.
pub(crate) fn check_order(stream: &[u8], frames: &[Frame]) {
    let mut from = 0;
    for frame in frames {
        let bytes = match frame {
            Frame::Event(block) => block.bytes(),
            Frame::Response(response) => response.block().bytes(),
            Frame::Damaged(damaged) => damaged.head.bytes(),
            Frame::Banner(_) => continue,
        };
        if bytes.is_empty() {
            continue;
        }
        let mut places = memchr::memmem::find_iter(&stream[from..], bytes).map(|place| from + place);
        let place = places.find(|place| *place == 0 || stream[place - 1] == b'\n');
        from = place.expect("no block is made of nothing") + bytes.len();
        if let Frame::Event(_) = frame {
            assert!(bytes[..b"Event:".len()].eq_ignore_ascii_case(b"Event:"));
        }
    }
}

fn check_meaning(frame: &Frame, limits: Limits) {
    let Frame::Event(block) = frame else { return };
    assert!(block.bytes().len() <= limits.block_bytes + limits.line_bytes);
    assert!(block.headers().len() <= limits.headers);
    for header in block.headers().filter(|header| !header.is_bare()) {
        // Headers may come twice: a lookup gives the first.
        let name = header.name.to_text();
        let is_plain = name.is_ascii() && !name.contains(':');
        assert!(!is_plain || block.values(&name).any(|value| value == header.value));
    }
    let _ = format!("{:?} {:?} {:?}", Event::read(block), block.timestamp_us(), block.list_mark());
}
