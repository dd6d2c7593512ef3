//! From tables to a manifest with its chunks and back, touching only what changed.

use std::sync::Arc;

use routing::{Chunk, ChunkPlace, Chunked, ChunkedTables, Row, tables};
use rustc_hash::FxHashSet;
use serde::{Serialize, de::DeserializeOwned};

use crate::{ChunkHash, Damage, Entry, Manifest, Packed, decode, encode, parallel};

/// A configuration ready to be stored.
#[derive(Clone, Debug)]
pub struct Packing {
    pub manifest: Manifest,
    /// The chunks the previous configuration does not have.
    pub chunks: Vec<(ChunkHash, Packed)>,
}

macro_rules! pack_tables {
    ($($row:ident in $table:ident),+ $(,)?) => {
        /// Packs a configuration. Chunks shared with the previous one keep their entries in its manifest unread.
        pub fn pack(tables: &ChunkedTables, previous: Option<(&ChunkedTables, &Manifest)>) -> Packing {
            let mut packer = Packer::new(previous.map(|(_, manifest)| manifest));
            $(packer.add(&tables.$table, previous.map(|(tables, _)| &tables.$table));)+
            Packing { manifest: packer.entries.into_iter().collect(), chunks: packer.chunks }
        }
    };
}
routing::for_every_table!(pack_tables);

struct Packer<'p> {
    previous: Option<&'p Manifest>,
    /// The names of the previous chunks.
    stored: FxHashSet<ChunkHash>,
    entries: Vec<Entry>,
    chunks: Vec<(ChunkHash, Packed)>,
}

impl<'p> Packer<'p> {
    fn new(previous: Option<&'p Manifest>) -> Self {
        let stored = previous.into_iter().flat_map(Manifest::hashes).collect();
        Self { previous, stored, entries: Vec::new(), chunks: Vec::new() }
    }

    fn add<R>(&mut self, table: &Chunked<R>, previous: Option<&Chunked<R>>)
    where
        R: Row + Serialize + Send + Sync,
    {
        let mut fresh: Vec<&Arc<Chunk<R>>> = Vec::new();
        for chunk in table.chunks() {
            match self.shared(chunk, previous) {
                Some(entry) => self.entries.push(entry),
                None => fresh.push(chunk),
            }
        }
        let packed = parallel::map(&fresh, |chunk| encode(chunk));
        for (chunk, (hash, packed)) in fresh.into_iter().zip(packed) {
            let rows = u32::try_from(chunk.rows().len()).expect("a chunk has at most as many rows as keys");
            self.entries.push(Entry { place: place(chunk), rows, hash });
            if !self.stored.contains(&hash) {
                self.chunks.push((hash, packed));
            }
        }
    }

    /// The entry of a chunk that is the very one the previous configuration has.
    fn shared<R: Row>(&self, chunk: &Arc<Chunk<R>>, previous: Option<&Chunked<R>>) -> Option<Entry> {
        let before = previous?.chunk(chunk.range())?;
        self.previous?.get(place(chunk)).filter(|_| Arc::ptr_eq(before, chunk))
    }
}

fn place<R: Row>(chunk: &Chunk<R>) -> ChunkPlace {
    ChunkPlace { table: R::TABLE, range: chunk.range() }
}

macro_rules! unpack_tables {
    ($($row:ident in $table:ident),+ $(,)?) => {
        /// The configuration of a manifest. Chunks it shares with the previous one are taken from there, all others
        /// from `fetch`.
        pub fn unpack(
            manifest: &Manifest,
            previous: Option<(&ChunkedTables, &Manifest)>,
            fetch: impl Fn(&ChunkHash) -> Option<Packed>,
        ) -> Result<ChunkedTables, Damage> {
            Ok(ChunkedTables {
                $($table: unpack_table::<tables::$row>(
                    manifest,
                    previous.map(|(tables, manifest)| (&tables.$table, manifest)),
                    &fetch,
                )?,)+
            })
        }
    };
}
routing::for_every_table!(unpack_tables);

fn unpack_table<R>(
    manifest: &Manifest,
    previous: Option<(&Chunked<R>, &Manifest)>,
    fetch: impl Fn(&ChunkHash) -> Option<Packed>,
) -> Result<Chunked<R>, Damage>
where
    R: Row + DeserializeOwned + Send + Sync,
{
    let mut table = Chunked::default();
    let mut fetched = Vec::new();
    for entry in manifest.entries_of(R::TABLE) {
        match previous.and_then(|(rows, manifest)| kept(entry, rows, manifest)) {
            Some(chunk) => table.put(chunk),
            None => fetched.push((
                entry,
                fetch(&entry.hash).ok_or(Damage::Missing { place: entry.place, hash: entry.hash })?,
            )),
        }
    }
    for chunk in parallel::map(&fetched, |(entry, packed)| decode(entry, packed)) {
        table.put(chunk?);
    }
    Ok(table)
}

/// The previous configuration's chunk, if it is the one the entry names.
fn kept<R: Row>(entry: Entry, previous: &Chunked<R>, manifest: &Manifest) -> Option<Arc<Chunk<R>>> {
    let same = manifest.get(entry.place) == Some(entry);
    previous.chunk(entry.place.range).filter(|_| same).cloned()
}

/// The chunks of a manifest that whoever has the previous one does not have yet, those of tables this release does not
/// know included.
pub fn missing(manifest: &Manifest, previous: Option<&Manifest>) -> Vec<ChunkHash> {
    let mut seen: FxHashSet<ChunkHash> = previous.into_iter().flat_map(Manifest::hashes).collect();
    manifest.hashes().filter(|hash| seen.insert(*hash)).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;
    use routing::{TableName, tables::Tables};

    use super::*;
    use crate::sample;

    fn store(packing: &Packing) -> BTreeMap<ChunkHash, Packed> {
        packing.chunks.iter().cloned().collect()
    }

    fn with_number(tables: &ChunkedTables, id: i64, enabled: bool) -> ChunkedTables {
        let mut rows: Vec<_> = tables.numbers.rows().filter(|row| row.id.0 != id).cloned().collect();
        rows.push(tables::Number { enabled, ..sample::number(id) });
        let edited: Chunked<_> = rows.into_iter().collect();
        let mut changed = tables.clone();
        let range = routing::range_of(id);
        changed.numbers.put(edited.chunk(range).unwrap().clone());
        changed
    }

    #[test]
    fn a_changed_row_is_one_entry_and_one_new_chunk() {
        let before = sample::many_numbers(5000);
        let first = pack(&before, None);
        assert_eq!(first.chunks.len(), 5);
        let after = with_number(&before, 2500, false);
        let second = pack(&after, Some((&before, &first.manifest)));
        let place = ChunkPlace { table: TableName::Number, range: 2 };
        assert_eq!(first.manifest.changed(&second.manifest), [place]);
        assert_eq!(second.chunks.len(), 1);
        assert_eq!(missing(&second.manifest, Some(&first.manifest)), [second.chunks[0].0]);
        assert_eq!(second.manifest, pack(&after, None).manifest);
    }

    #[test]
    fn rows_read_anew_are_no_new_chunks() {
        let first = pack(&sample::many_numbers(3000), None);
        let before = sample::many_numbers(3000);
        let again = pack(&sample::many_numbers(3000), Some((&before, &first.manifest)));
        assert!(again.chunks.is_empty());
        assert_eq!(again.manifest, first.manifest);
    }

    #[test]
    fn unchanged_chunks_stay_where_they_are_in_memory() {
        let before = sample::many_numbers(3000);
        let first = pack(&before, None);
        let second = pack(&with_number(&before, 1, false), Some((&before, &first.manifest)));
        let chunks = store(&second);
        let after =
            unpack(&second.manifest, Some((&before, &first.manifest)), |hash| chunks.get(hash).cloned());
        let after = after.unwrap();
        let shared: Vec<bool> = (0..3)
            .map(|range| {
                Arc::ptr_eq(before.numbers.chunk(range).unwrap(), after.numbers.chunk(range).unwrap())
            })
            .collect();
        assert_eq!(shared, [false, true, true]);
        assert!(!after.numbers.get(1).unwrap().enabled);
    }

    #[test]
    fn a_chunk_nobody_has_is_named() {
        let packing = pack(&sample::many_numbers(10), None);
        let place = ChunkPlace { table: TableName::Number, range: 0 };
        let hash = packing.manifest.get(place).unwrap().hash;
        assert_eq!(unpack(&packing.manifest, None, |_| None), Err(Damage::Missing { place, hash }));
    }

    proptest! {
        #![proptest_config(sample::config())]

        #[test]
        fn what_was_packed_unpacks_equal(tables in sample::tables()) {
            let packing = pack(&tables, None);
            let chunks = store(&packing);
            let unpacked = unpack(&packing.manifest, None, |hash| chunks.get(hash).cloned());
            prop_assert_eq!(unpacked.as_ref(), Ok(&tables));
            let again = unpack(&packing.manifest, Some((&tables, &packing.manifest)), |_| None).unwrap();
            prop_assert!(again.numbers.same_chunks(&tables.numbers));
        }

        #[test]
        fn equal_rows_are_one_manifest_whatever_the_order(tables in sample::tables(), by in any::<prop::sample::Index>()) {
            let mut rows = Tables::from(&tables);
            if !rows.numbers.is_empty() {
                let by = by.index(rows.numbers.len());
                rows.numbers.rotate_left(by);
            }
            rows.node_tokens.reverse();
            rows.currencies.reverse();
            prop_assert_eq!(pack(&rows.into(), None).manifest, pack(&tables, None).manifest);
        }

        #[test]
        fn one_row_more_less_or_other_is_one_entry(tables in sample::tables(), id in 1i64..6000, enabled: bool) {
            let first = pack(&tables, None);
            let after = with_number(&tables, id, enabled);
            let second = pack(&after, Some((&tables, &first.manifest)));
            let place = ChunkPlace { table: TableName::Number, range: routing::range_of(id) };
            let expected = if after == tables { vec![] } else { vec![place] };
            prop_assert_eq!(first.manifest.changed(&second.manifest), expected.clone());
            prop_assert_eq!(second.chunks.len(), expected.len());
            prop_assert_eq!(missing(&second.manifest, Some(&first.manifest)).len(), expected.len());
        }
    }
}
