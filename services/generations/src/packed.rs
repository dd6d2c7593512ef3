//! Compressed canonical bytes.

use std::{fmt, sync::Arc};

use zstd::{bulk, zstd_safe};

/// Most canonical bytes a chunk has. The columns' own lengths keep its 1,024 rows far below; a frame that claims more
/// is a decompression bomb.
pub const MAX_CANONICAL_BYTES: usize = 16 << 20;

/// Where more effort stops to pay on rows of this kind. Readers take any level.
const LEVEL: i32 = 3;

/// A chunk as it is stored and sent: one Zstandard frame (RFC 8878) that states the size of what it holds.
///
/// Two releases may compress equal rows differently; what names a chunk is the hash of what is inside.
#[derive(Clone, PartialEq, Eq)]
pub struct Packed(Arc<[u8]>);

/// Why bytes cannot be decompressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unpackable {
    TooLarge,
    Broken,
}

impl Packed {
    pub(crate) fn compress(canonical: &[u8]) -> Self {
        let frame = bulk::compress(canonical, LEVEL).expect("compression into memory that grows cannot fail");
        Self(frame.into())
    }

    pub(crate) fn decompress(&self) -> Result<Vec<u8>, Unpackable> {
        let size = match zstd_safe::get_frame_content_size(&self.0) {
            Ok(Some(size)) => usize::try_from(size).map_err(|_| Unpackable::TooLarge)?,
            Ok(None) | Err(_) => return Err(Unpackable::Broken),
        };
        if size > MAX_CANONICAL_BYTES {
            return Err(Unpackable::TooLarge);
        }
        bulk::decompress(&self.0, size).map_err(|_| Unpackable::Broken)
    }

    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Bytes from a database, a file or another process. Whether they are a chunk turns out when they are decoded.
impl From<&[u8]> for Packed {
    fn from(bytes: &[u8]) -> Self {
        Self(bytes.into())
    }
}

impl From<Vec<u8>> for Packed {
    fn from(bytes: Vec<u8>) -> Self {
        Self(bytes.into())
    }
}

impl fmt::Debug for Packed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Packed({} bytes)", self.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_packed_comes_out_again() {
        let bytes = b"row\n".repeat(1000);
        let packed = Packed::compress(&bytes);
        assert!(packed.len() < 100);
        assert_eq!(packed.decompress(), Ok(bytes));
    }

    #[test]
    fn a_bomb_is_refused_before_memory_is_spent_on_it() {
        let bomb = Packed::compress(&vec![0; MAX_CANONICAL_BYTES + 1]);
        assert!(bomb.len() < 10_000);
        assert_eq!(bomb.decompress(), Err(Unpackable::TooLarge));
    }

    #[test]
    fn a_frame_that_claims_less_than_it_holds_is_refused() {
        // Frame header descriptor 0xa0: a single segment whose content size stands in the next four bytes.
        let mut frame = Packed::compress(&vec![0; 1 << 20]).as_bytes().to_vec();
        assert_eq!((frame[4], &frame[5..9]), (0xa0, &(1u32 << 20).to_le_bytes()[..]));
        frame[5..9].copy_from_slice(&9u32.to_le_bytes());
        assert_eq!(Packed::from(frame).decompress(), Err(Unpackable::Broken));
    }

    #[test]
    fn several_frames_are_no_chunk() {
        let one = Packed::compress(b"row\n");
        let two = [one.as_bytes(), one.as_bytes()].concat();
        assert_eq!(Packed::from(two).decompress(), Err(Unpackable::Broken));
    }
}
