use routing::ChunkPlace;

use crate::ChunkHash;

/// Why stored bytes are not the rows a manifest speaks of.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Damage {
    #[error("chunk {hash} of {}/{} is missing", place.table, place.range)]
    Missing { place: ChunkPlace, hash: ChunkHash },
    /// Not a frame of the compression used here, or one that does not say how much it holds.
    #[error("chunk {} of {} cannot be decompressed", place.range, place.table)]
    Compression { place: ChunkPlace },
    #[error("chunk {} of {} claims to be larger than any chunk is", place.range, place.table)]
    TooLarge { place: ChunkPlace },
    #[error("chunk {} of {} does not hold what its hash names", place.range, place.table)]
    Hash { place: ChunkPlace },
    #[error("row {row} of chunk {} of {} cannot be read: {reason}", place.range, place.table)]
    Row {
        place: ChunkPlace,
        /// Counted from 1.
        row: usize,
        /// Without the value that was seen: it may be a number in full.
        reason: String,
    },
    /// The rows are out of order or of another range, a key stands there twice, or their count is not the manifest's.
    #[error("the rows of chunk {} of {} are not those the manifest speaks of", place.range, place.table)]
    Rows { place: ChunkPlace },
    #[error("a chunk of {} was asked for as one of {asked}", place.table)]
    Table { place: ChunkPlace, asked: routing::TableName },
}
