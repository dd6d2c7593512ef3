//! Configurations as generations: a manifest that lists content-addressed chunks of rows, so that only what changed is
//! stored, sent and read; with the differences between two, the guard against losing one by accident, and the lint
//! that tells what is legal but surely or probably not meant. Bytes and values only: who keeps them where is others'
//! business.

mod canonical;
mod damage;
mod diff;
mod file;
mod guard;
mod hash;
mod lint;
mod manifest;
mod pack;
mod packed;
mod parallel;
mod record;
#[cfg(test)]
mod sample;

pub use canonical::{decode, encode};
pub use damage::Damage;
pub use diff::{Change, Diff, FieldDiff, LISTED_ROWS_MAX, RowDiff, TableDiff, diff};
pub use file::{FileDamage, GenerationFile, Part};
pub use guard::{Shrunk, guard};
pub use hash::{Checksum, ChunkHash, NoHash};
pub use lint::{Finding, LISTED_FINDINGS_MAX, Severity, lint};
pub use manifest::{Entry, Manifest, ManifestError};
pub use pack::{Packing, missing, pack, unpack};
pub use packed::{MAX_CANONICAL_BYTES, Packed};
pub use record::GenerationRecord;
