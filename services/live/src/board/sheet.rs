//! A board as bytes: a version and the calls as JSON, one Zstandard frame (RFC 8878) where that pays.

use calls::LiveCall;
use domain::NodeName;
use serde::{Deserialize, Serialize};
use zstd::{bulk, zstd_safe};

use super::LiveCalls;

/// What this program writes, and the only one it reads. New fields need no new version; readers skip what they do not
/// know.
const VERSION: u32 = 1;
/// Most bytes of JSON in a board. A frame that claims more is a decompression bomb.
const TEXT_BYTES_MAX: usize = 4 << 20;
/// Shorter text is sent as it is.
const PACKED_FROM_BYTES: usize = 1 << 10;
/// Posted every second, so effort counts more than size.
const LEVEL: i32 = 1;
/// What every frame begins with, and no JSON.
const MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];
const COLLECTOR_CHARS_MAX: usize = 100;

/// Why bytes are no board.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    #[error("it is too long")]
    TooLong,
    #[error("it is broken")]
    Broken,
    #[error("it is of a version this program does not know")]
    Version,
    #[error("it holds too many calls or channels")]
    TooMany,
}

#[derive(Serialize)]
struct Sheet<'a> {
    v: u32,
    node: &'a NodeName,
    collector: &'a str,
    at_us: i64,
    calls: &'a [LiveCall],
    left_out: u64,
}

#[derive(Deserialize)]
struct Version {
    v: u32,
}

impl LiveCalls {
    /// At most [`Self::PACKED_BYTES_MAX`] bytes. Where the calls do not fit, the younger ones are left out, by halves:
    /// texts of half a kilobyte in every place are somebody's joke and not worth a finer measure.
    pub fn pack(&self) -> Vec<u8> {
        let mut shown = self.calls.len().min(Self::CALLS_MAX);
        loop {
            // Without calls it is a few hundred bytes, so there is an end.
            match self.packed(shown) {
                Some(bytes) => return bytes,
                None => shown /= 2,
            }
        }
    }

    fn packed(&self, shown: usize) -> Option<Vec<u8>> {
        let text = self.text(shown);
        if text.len() > TEXT_BYTES_MAX {
            return None;
        }
        if text.len() < PACKED_FROM_BYTES {
            return Some(text);
        }
        let frame = bulk::compress(&text, LEVEL).expect("compression into memory that grows cannot fail");
        (frame.len() <= Self::PACKED_BYTES_MAX).then_some(frame)
    }

    fn text(&self, shown: usize) -> Vec<u8> {
        let collector = self.collector.char_indices().nth(COLLECTOR_CHARS_MAX);
        let sheet = Sheet {
            v: VERSION,
            node: &self.node,
            collector: &self.collector[..collector.map_or(self.collector.len(), |(end, _)| end)],
            at_us: self.at_us,
            calls: &self.calls[..shown],
            left_out: self.left_out.saturating_add((self.calls.len() - shown) as u64),
        };
        serde_json::to_vec(&sheet).expect("texts and numbers are JSON")
    }

    /// Reads what somebody packed, whoever that was.
    pub fn unpack(bytes: &[u8]) -> Result<Self, Unreadable> {
        Self::unpack_within(bytes, &mut { TEXT_BYTES_MAX })
    }

    /// The same, of several boards with so many bytes of JSON left for all of them.
    pub(crate) fn unpack_within(bytes: &[u8], left: &mut usize) -> Result<Self, Unreadable> {
        if bytes.len() > Self::PACKED_BYTES_MAX {
            return Err(Unreadable::TooLong);
        }
        let text = if bytes.starts_with(&MAGIC) { unframed(bytes, *left)? } else { bytes.to_vec() };
        *left = left.checked_sub(text.len()).ok_or(Unreadable::TooLong)?;
        let version: Version = serde_json::from_slice(&text).map_err(|_| Unreadable::Broken)?;
        if version.v != VERSION {
            return Err(Unreadable::Version);
        }
        let live: Self = serde_json::from_slice(&text).map_err(|_| Unreadable::Broken)?;
        let crowded = |call: &LiveCall| call.channels.len() > LiveCall::CHANNELS_MAX;
        if live.calls.len() > Self::CALLS_MAX || live.calls.iter().any(crowded) {
            return Err(Unreadable::TooMany);
        }
        Ok(live)
    }
}

fn unframed(frame: &[u8], left: usize) -> Result<Vec<u8>, Unreadable> {
    let size = zstd_safe::get_frame_content_size(frame).ok().flatten().ok_or(Unreadable::Broken)?;
    let size = usize::try_from(size).ok().filter(|size| *size <= TEXT_BYTES_MAX.min(left));
    bulk::decompress(frame, size.ok_or(Unreadable::TooLong)?).map_err(|_| Unreadable::Broken)
}

#[cfg(test)]
mod tests {
    use calls::{CallState, ChannelState, LiveChannel, Party};
    use proptest::prelude::*;

    use super::*;

    fn call(number: usize, text: &str, channels: usize) -> LiveCall {
        let channel = |at| LiveChannel {
            unique_id: format!("1795244047.{at}").into(),
            name: format!("PJSIP/{text}-{at}").into(),
            state: ChannelState::Up,
            bridge: Some(text.into()),
        };
        LiveCall {
            unique_id: format!("1795244047.{number}").into(),
            created_us: 1_795_244_047_000_000,
            root: Some(text.into()),
            decision: None,
            direction: Some(calls::Direction::Outbound),
            caller: Some(Party { raw: text.into(), e164: None }),
            called: Some(Party { raw: "12025550100".into(), e164: "12025550100".parse().ok() }),
            since_us: 1_795_244_047_000_001,
            state: CallState::Ringing,
            attempts: 2,
            channels: (0..channels).map(channel).collect(),
            channels_left_out: 0,
        }
    }

    fn board(calls: Vec<LiveCall>) -> LiveCalls {
        let node = "asterisk-macomnet".parse().unwrap();
        LiveCalls { node, collector: "here".into(), at_us: 1, calls, left_out: 3 }
    }

    #[test]
    fn a_board_comes_back_as_it_was() {
        for calls in [0, 1, 2_000] {
            let board = board((0..calls).map(|number| call(number, "ещё", 2)).collect());
            let packed = board.pack();
            assert_eq!(LiveCalls::unpack(&packed).unwrap(), board);
            assert_eq!(packed.starts_with(&MAGIC), calls > 1, "{} bytes", packed.len());
        }
    }

    #[test]
    fn what_is_too_much_is_left_out_and_said() {
        let crowd = board((0..2_500).map(|number| call(number, "x", 1)).collect());
        let read = LiveCalls::unpack(&crowd.pack()).unwrap();
        assert_eq!((read.calls.len(), read.left_out), (2_000, 503));
        assert_eq!(read.calls[..], crowd.calls[..2_000], "the oldest stay");
        // Nothing that packs well, and more than fits.
        let noise = |number: usize| -> String {
            let letter =
                |at: usize| char::from(b'0' + u8::try_from((number * 7919 + at * at * 31) % 75).unwrap());
            (0..500).map(letter).collect()
        };
        let long = board((0..1_000).map(|number| call(number, &noise(number), 4)).collect());
        let packed = long.pack();
        assert!(packed.len() <= LiveCalls::PACKED_BYTES_MAX);
        let read = LiveCalls::unpack(&packed).unwrap();
        assert!(!read.calls.is_empty() && read.calls.len() < 1_000);
        assert_eq!(read.calls.len() as u64 + read.left_out, 1_003);
        let wordy = LiveCalls { collector: "ы".repeat(10_000).into(), ..board(Vec::new()) };
        assert_eq!(*LiveCalls::unpack(&wordy.pack()).unwrap().collector, "ы".repeat(100));
    }

    #[test]
    fn what_is_no_board_is_refused() {
        let refused = |bytes: &[u8]| LiveCalls::unpack(bytes).unwrap_err();
        let frame = |text: &[u8]| bulk::compress(text, LEVEL).unwrap();
        assert_eq!(refused(b""), Unreadable::Broken);
        assert_eq!(refused(b"{}"), Unreadable::Broken);
        assert_eq!(refused(br#"{"v":2,"words":"of tomorrow"}"#), Unreadable::Version);
        assert_eq!(refused(&frame(br#"{"v":2}"#)), Unreadable::Version);
        assert_eq!(
            refused(br#"{"v":1,"node":"no such\nname","collector":"","at_us":1,"calls":[]}"#),
            Unreadable::Broken
        );
        assert_eq!(refused(&vec![b' '; LiveCalls::PACKED_BYTES_MAX + 1]), Unreadable::TooLong);
        let bomb = frame(&vec![b' '; TEXT_BYTES_MAX + 1]);
        assert!(bomb.len() < 10_000);
        assert_eq!(refused(&bomb), Unreadable::TooLong);
        assert_eq!(refused(&frame(&vec![b'['; TEXT_BYTES_MAX])), Unreadable::Broken);
        let many = board((0..2_001).map(|number| call(number, "x", 1)).collect());
        assert_eq!(refused(&frame(&many.text(2_001))), Unreadable::TooMany);
        assert_eq!(refused(&frame(&board(vec![call(1, "x", 33)]).text(1))), Unreadable::TooMany);
        assert_eq!(refused(&[&MAGIC[..], &[0; 40]].concat()), Unreadable::Broken);
    }

    #[test]
    fn boards_together_have_a_limit_too() {
        let packed = board((0..100).map(|number| call(number, "x", 1)).collect()).pack();
        let mut left = 60_000;
        assert!(LiveCalls::unpack_within(&packed, &mut left).is_ok());
        assert!(left < 60_000);
        assert_eq!(LiveCalls::unpack_within(&packed, &mut 100), Err(Unreadable::TooLong));
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
            let _ = LiveCalls::unpack(&bytes);
            let _ = LiveCalls::unpack(&[&MAGIC[..], &bytes].concat());
            let _ = LiveCalls::unpack(&bulk::compress(&bytes, LEVEL).unwrap());
        }

        /// Any one byte of a true board changed: refused, or read as some other board within the limits.
        #[test]
        fn no_damage_panics(at in any::<prop::sample::Index>(), byte in any::<u8>(), calls in 0usize..4) {
            let board = board((0..calls).map(|number| call(number, "12025550101", 2)).collect());
            for mut bytes in [board.text(calls), bulk::compress(&board.text(calls), LEVEL).unwrap()] {
                let at = at.index(bytes.len());
                bytes[at] = byte;
                if let Ok(read) = LiveCalls::unpack(&bytes) {
                    prop_assert!(read.calls.len() <= 4);
                }
            }
        }

        #[test]
        fn any_texts_come_back(texts in prop::collection::vec(".{0,40}", 0..6)) {
            let board = board(texts.iter().enumerate().map(|(number, text)| call(number, text, 1)).collect());
            prop_assert_eq!(LiveCalls::unpack(&board.pack()).unwrap(), board);
        }
    }
}
