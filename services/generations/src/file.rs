//! The file a router keeps of a generation, to answer from after a restart without database.
//!
//! Magic and version, the record as JSON, the manifest, the chunks, and SHA-256 of all that as a seal. Lengths are
//! little-endian `u32`s.

use std::{collections::BTreeMap, fmt};

use crate::{ChunkHash, GenerationRecord, Manifest, Packed, canonical::verified};

/// Bytes that are no text, so that nobody edits the file in place.
const MAGIC: &[u8; 8] = b"\x89dpgen\r\n";
const VERSION: u32 = 1;
const HASH_BYTES: usize = 32;

/// A generation with everything it takes to answer from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GenerationFile {
    pub record: GenerationRecord,
    pub manifest: Manifest,
    pub chunks: BTreeMap<ChunkHash, Packed>,
}

/// The parts of a file, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    Version,
    Record,
    Manifest,
    Chunks,
    Seal,
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Version => "version",
            Self::Record => "record",
            Self::Manifest => "manifest",
            Self::Chunks => "chunks",
            Self::Seal => "seal",
        })
    }
}

/// Why bytes are not a whole generation.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FileDamage {
    #[error("this is no file of a generation")]
    Magic,
    #[error("the file is of version {0}, this release reads version {VERSION}")]
    Version(u32),
    #[error("the file ends within its {0}")]
    Cut(Part),
    #[error("the {0} of the file is damaged")]
    Part(Part),
    #[error("chunk {0} of the file is damaged")]
    Chunk(ChunkHash),
    #[error("chunk {0} is not in the file")]
    MissingChunk(ChunkHash),
    /// Everything that can be checked on its own is right: the damage is in the seal or in the record's words.
    #[error("the file does not match its seal")]
    Seal,
    #[error("bytes follow the end of the file")]
    Tail,
}

impl GenerationFile {
    /// The bytes of the file. `decode` asks for every chunk the manifest names, so all of them must be there.
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = [&MAGIC[..], &VERSION.to_le_bytes()].concat();
        put(&mut bytes, &json(&self.record));
        put(&mut bytes, self.manifest.encode().as_bytes());
        bytes.extend(length(self.chunks.len()));
        for (hash, packed) in &self.chunks {
            bytes.extend(hash.0);
            put(&mut bytes, packed.as_bytes());
        }
        bytes.extend(ChunkHash::of(&bytes).0);
        bytes
    }

    /// The generation of a file. Every flipped bit and every cut is noticed.
    pub fn decode(bytes: &[u8]) -> Result<Self, FileDamage> {
        let mut reader = Reader(bytes);
        let file = Self::read(&mut reader)?;
        let sealed = &bytes[..bytes.len() - reader.0.len()];
        let seal = reader.take(HASH_BYTES, Part::Seal)?;
        if !reader.0.is_empty() {
            return Err(FileDamage::Tail);
        }
        if ChunkHash::of(sealed).0 != seal {
            return Err(file.damaged_chunk().map_or(FileDamage::Seal, FileDamage::Chunk));
        }
        Ok(file)
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, FileDamage> {
        if reader.take(MAGIC.len(), Part::Version).map_err(|_| FileDamage::Magic)? != MAGIC {
            return Err(FileDamage::Magic);
        }
        match reader.number(Part::Version)? {
            VERSION => {}
            other => return Err(FileDamage::Version(other)),
        }
        let record: GenerationRecord = serde_json::from_slice(reader.block(Part::Record)?)
            .map_err(|_| FileDamage::Part(Part::Record))?;
        let manifest = std::str::from_utf8(reader.block(Part::Manifest)?).ok();
        let manifest = manifest.and_then(|text| Manifest::decode(text).ok());
        let manifest = manifest.filter(|manifest| manifest.checksum() == record.checksum);
        let manifest = manifest.ok_or(FileDamage::Part(Part::Manifest))?;
        let chunks = reader.chunks()?;
        let file = Self { record, manifest, chunks };
        let missing = file.manifest.hashes().find(|hash| !file.chunks.contains_key(hash));
        missing.map_or(Ok(file), |hash| Err(FileDamage::MissingChunk(hash)))
    }

    /// The first chunk that is not what its name says. Slow, and needed only to say what is damaged.
    fn damaged_chunk(&self) -> Option<ChunkHash> {
        let entries = self.manifest.entries();
        let damaged = entries.filter_map(|entry| Some((entry, self.chunks.get(&entry.hash)?)));
        let mut damaged =
            damaged.filter(|(entry, packed)| verified(entry.place, entry.hash, packed).is_err());
        damaged.next().map(|(entry, _)| entry.hash)
    }
}

fn json(record: &GenerationRecord) -> Vec<u8> {
    serde_json::to_vec(record).expect("a record is a struct of texts and numbers")
}

fn length(length: usize) -> [u8; 4] {
    u32::try_from(length).expect("no part of a configuration comes near 4 GiB").to_le_bytes()
}

fn put(bytes: &mut Vec<u8>, part: &[u8]) {
    bytes.extend(length(part.len()));
    bytes.extend(part);
}

/// What is left to read.
struct Reader<'b>(&'b [u8]);

impl<'b> Reader<'b> {
    fn take(&mut self, count: usize, part: Part) -> Result<&'b [u8], FileDamage> {
        let (taken, rest) = self.0.split_at_checked(count).ok_or(FileDamage::Cut(part))?;
        self.0 = rest;
        Ok(taken)
    }

    fn number(&mut self, part: Part) -> Result<u32, FileDamage> {
        let (bytes, rest) = self.0.split_first_chunk().ok_or(FileDamage::Cut(part))?;
        self.0 = rest;
        Ok(u32::from_le_bytes(*bytes))
    }

    fn block(&mut self, part: Part) -> Result<&'b [u8], FileDamage> {
        let length = self.number(part)?;
        self.take(usize::try_from(length).unwrap_or(usize::MAX), part)
    }

    fn chunks(&mut self) -> Result<BTreeMap<ChunkHash, Packed>, FileDamage> {
        let mut chunks = BTreeMap::new();
        for _ in 0..self.number(Part::Chunks)? {
            let (hash, rest) = self.0.split_first_chunk().ok_or(FileDamage::Cut(Part::Chunks))?;
            self.0 = rest;
            // In order and each once, as they are written: one generation has one file.
            if chunks.last_key_value().is_some_and(|(last, _): (&ChunkHash, _)| last.0 >= *hash) {
                return Err(FileDamage::Part(Part::Chunks));
            }
            chunks.insert(ChunkHash(*hash), Packed::from(self.block(Part::Chunks)?));
        }
        Ok(chunks)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{Checksum, pack, sample, unpack};

    fn file(numbers: i64) -> GenerationFile {
        let packing = pack(&sample::many_numbers(numbers), None);
        let record = GenerationRecord {
            number: 42,
            parent: Some(41),
            created_us: 1_800_000_000_000_000,
            actor: "ops".into(),
            comment: "moved the \"London\" numbers".into(),
            held: false,
            checksum: packing.manifest.checksum(),
        };
        GenerationFile { record, manifest: packing.manifest, chunks: packing.chunks.into_iter().collect() }
    }

    /// Where the first occurrence of `needle` begins.
    fn find(bytes: &[u8], needle: &[u8]) -> usize {
        bytes.windows(needle.len()).position(|window| window == needle).unwrap()
    }

    fn damage(bytes: &[u8], at: usize) -> FileDamage {
        let mut bytes = bytes.to_vec();
        bytes[at] ^= 1;
        GenerationFile::decode(&bytes).unwrap_err()
    }

    #[test]
    fn files_read_back_equal() {
        for numbers in [0, 1, 3000] {
            let file = file(numbers);
            let back = GenerationFile::decode(&file.encode()).unwrap();
            assert_eq!(back, file);
            let tables = unpack(&back.manifest, None, |hash| back.chunks.get(hash).cloned()).unwrap();
            assert_eq!(tables, sample::many_numbers(numbers));
        }
    }

    #[test]
    fn every_flipped_bit_of_a_file_is_noticed() {
        let bytes = file(2).encode();
        for bit in 0..bytes.len() * 8 {
            let mut damaged = bytes.clone();
            damaged[bit / 8] ^= 1 << (bit % 8);
            assert!(GenerationFile::decode(&damaged).is_err(), "bit {bit} of {}", bytes.len() * 8);
        }
    }

    #[test]
    fn every_cut_and_every_tail_is_noticed() {
        let mut bytes = file(2).encode();
        for length in 0..bytes.len() {
            assert!(GenerationFile::decode(&bytes[..length]).is_err(), "cut at {length} of {}", bytes.len());
        }
        bytes.push(0);
        assert_eq!(GenerationFile::decode(&bytes), Err(FileDamage::Tail));
    }

    #[test]
    fn the_damaged_part_is_named() {
        let file = file(2000);
        let bytes = file.encode();
        let chunk = file.chunks.keys().last().unwrap();
        assert_eq!(damage(&bytes, 0), FileDamage::Magic);
        assert_eq!(damage(&bytes, MAGIC.len()), FileDamage::Version(0));
        assert_eq!(damage(&bytes, find(&bytes, b"{\"number")), FileDamage::Part(Part::Record));
        assert_eq!(damage(&bytes, find(&bytes, b"numbers 0 ") + 8), FileDamage::Part(Part::Manifest));
        assert_eq!(damage(&bytes, find(&bytes, &chunk.0)), FileDamage::MissingChunk(*chunk));
        assert_eq!(damage(&bytes, bytes.len() - HASH_BYTES - 9), FileDamage::Chunk(*chunk));
        assert_eq!(damage(&bytes, find(&bytes, b"London")), FileDamage::Seal);
        assert_eq!(damage(&bytes, bytes.len() - 1), FileDamage::Seal);
        assert_eq!(GenerationFile::decode(&bytes[..bytes.len() - 1]), Err(FileDamage::Cut(Part::Seal)));
        assert_eq!(GenerationFile::decode(&bytes[..40]), Err(FileDamage::Cut(Part::Record)));
    }

    #[test]
    fn a_manifest_of_another_generation_is_noticed() {
        let mut file = file(2);
        file.record.checksum = Checksum::of(b"");
        assert_eq!(GenerationFile::decode(&file.encode()), Err(FileDamage::Part(Part::Manifest)));
    }

    #[test]
    fn a_file_without_one_of_its_chunks_is_noticed() {
        let mut file = file(2);
        let (hash, _) = file.chunks.pop_first().unwrap();
        assert_eq!(GenerationFile::decode(&file.encode()), Err(FileDamage::MissingChunk(hash)));
    }

    proptest! {
        #[test]
        fn any_bytes_are_damage(bytes in proptest::collection::vec(any::<u8>(), 0..300), version in 0u32..3) {
            prop_assert!(GenerationFile::decode(&bytes).is_err());
            let headed = [&MAGIC[..], &version.to_le_bytes(), &bytes].concat();
            prop_assert!(GenerationFile::decode(&headed).is_err());
        }
    }

    proptest! {
        #![proptest_config(sample::config())]

        #[test]
        fn a_flipped_bit_and_a_cut_of_a_bigger_file_are_noticed(at in any::<prop::sample::Index>(), bit in 0u8..8) {
            static BYTES: std::sync::LazyLock<Vec<u8>> = std::sync::LazyLock::new(|| file(1500).encode());
            let mut bytes = BYTES.clone();
            let at = at.index(bytes.len());
            bytes[at] ^= 1u8 << bit;
            prop_assert!(GenerationFile::decode(&bytes).is_err());
            prop_assert!(GenerationFile::decode(&BYTES[..at]).is_err());
        }
    }
}
