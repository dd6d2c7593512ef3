//! Parts of files (RFC 9110, 14.2): one part, in bytes.

use std::{
    fs::File,
    io::{self, SeekFrom},
};

use axum::body::Bytes;
use futures_util::{Stream, stream};
use tokio::io::{AsyncReadExt, AsyncSeekExt};

const CHUNK_BYTES: u64 = 64 * 1024;

/// From one byte up to, and without, another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) from: u64,
    pub(super) to: u64,
}

/// The part that is asked for; all of it where nothing is asked. None: there is no such part.
pub(super) fn of(asked: Option<&str>, bytes: u64) -> Option<Part> {
    let Some(asked) = asked else { return Some(Part { from: 0, to: bytes }) };
    let (first, last) = asked.strip_prefix("bytes=")?.split_once('-')?;
    let number = |text: &str| {
        let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse::<u64>().ok().filter(|_| is_number)
    };
    let part = if first.is_empty() {
        Part { from: bytes.saturating_sub(number(last)?), to: bytes }
    } else {
        let end = if last.is_empty() { bytes } else { number(last)?.saturating_add(1).min(bytes) };
        Part { from: number(first)?, to: end }
    };
    Some(part).filter(|part| part.from < part.to)
}

/// The bytes of a part, as they are taken.
pub(super) fn read(file: File, part: Part) -> impl Stream<Item = io::Result<Bytes>> + Send {
    let begin = (tokio::fs::File::from_std(file), part, false);
    stream::try_unfold(begin, |(mut file, part, is_there)| async move {
        if part.from >= part.to {
            return Ok(None);
        }
        if !is_there {
            file.seek(SeekFrom::Start(part.from)).await?;
        }
        let mut chunk = Vec::new();
        let wanted = CHUNK_BYTES.min(part.to - part.from);
        let read = (&mut file).take(wanted).read_to_end(&mut chunk).await? as u64;
        if read == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(Some((Bytes::from(chunk), (file, Part { from: part.from + read, ..part }, true))))
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn one_part_can_be_asked_for() {
        for (asked, part) in [
            (None, Some((0, 10))),
            (Some("bytes=0-3"), Some((0, 4))),
            (Some("bytes=4-"), Some((4, 10))),
            (Some("bytes=4-99"), Some((4, 10))),
            (Some("bytes=-3"), Some((7, 10))),
            (Some("bytes=-99"), Some((0, 10))),
            (Some("bytes=10-"), None),
            (Some("bytes=3-2"), None),
            (Some("bytes=-0"), None),
            (Some("bytes=-"), None),
            (Some("bytes=0-1,3-4"), None),
            (Some("bytes=+1-2"), None),
            (Some("lines=0-1"), None),
        ] {
            assert_eq!(of(asked, 10).map(|part| (part.from, part.to)), part, "{asked:?}");
        }
    }

    proptest! {
        #[test]
        fn a_part_is_within(asked in "bytes=[0-9]{0,21}-[0-9]{0,21}|\\PC{0,20}", bytes in 0_u64..100) {
            if let Some(part) = of(Some(&asked), bytes) {
                prop_assert!(part.from < part.to && part.to <= bytes);
            }
        }
    }
}
