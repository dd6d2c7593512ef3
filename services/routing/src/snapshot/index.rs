//! Finding rows of large tables by something other than their key, without holding them twice.

use std::{
    hash::{BuildHasher, Hash},
    marker::PhantomData,
    sync::Arc,
};

use hashbrown::{HashTable, hash_table::Entry};
use rustc_hash::FxBuildHasher;

use super::{TableFaults, parts::Part, step::Step};
use crate::{Chunked, ChunkedTables, KEYS_PER_CHUNK, Row, range_of};

/// What rows are found by; no two rows of a configuration have the same.
pub(crate) trait IndexKey: 'static {
    type Row: Row + 'static;
    type Key<'k>: Hash;
    /// The field, or fields, as faults call them.
    const FIELD: &'static str;

    /// The row's value; absent: the row is not looked for.
    fn of(row: &Self::Row) -> Self::Key<'_>;
    fn is(row: &Self::Row, key: &Self::Key<'_>) -> bool;
}

/// Where a row stands: the place of its chunk among the chunks, and how far its key is into the chunk's range. It
/// stays while other rows of the chunk come and go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Position(u32);

impl Position {
    const OFFSET_BITS: u32 = KEYS_PER_CHUNK.ilog2();

    fn of<R: Row>(row: &R, table: &Chunked<R>) -> Option<Self> {
        let chunk = u32::try_from(table.chunk_position(range_of(row.key()))?).ok()?;
        let offset = u32::try_from(row.key().rem_euclid(KEYS_PER_CHUNK)).ok()?;
        Some(Self(chunk << Self::OFFSET_BITS | offset))
    }

    fn row<R: Row>(self, table: &Chunked<R>) -> Option<&R> {
        let chunk = table.chunks().get((self.0 >> Self::OFFSET_BITS) as usize)?;
        chunk.get(chunk.range() * KEYS_PER_CHUNK + i64::from(self.0) % KEYS_PER_CHUNK)
    }
}

/// Most chunks of one table: as many as a [`Position`] can tell apart.
pub(super) const MOST_CHUNKS: usize = 1 << (u32::BITS - Position::OFFSET_BITS);

/// Positions by hash, in shards: the next index shares every shard in which nothing has changed.
#[derive(Debug)]
pub(crate) struct Index<K> {
    shards: Vec<Arc<HashTable<Position>>>,
    by: PhantomData<fn() -> K>,
}

const SHARDS: usize = 256;

/// Bits of the hash that the tables within the shards make no use of.
fn shard_of(hash: u64) -> usize {
    (hash >> 16) as usize % SHARDS
}

fn hash_of(key: impl Hash) -> u64 {
    FxBuildHasher.hash_one(key)
}

impl<K: IndexKey> Index<K> {
    /// The row with this value in the table the index was made for.
    pub(crate) fn get<'t>(&self, table: &'t Chunked<K::Row>, key: &K::Key<'_>) -> Option<&'t K::Row> {
        let hash = hash_of(key);
        let is = |position: &Position| position.row(table).is_some_and(|row| K::is(row, key));
        self.shards[shard_of(hash)].find(hash, is)?.row(table)
    }

    #[cfg(test)]
    pub(super) fn shards_apart(&self, other: &Self) -> usize {
        let pairs = self.shards.iter().zip(&other.shards);
        pairs.filter(|(one, other)| !Arc::ptr_eq(one, other)).count()
    }

    fn empty() -> Self {
        Self { shards: vec![Arc::default(); SHARDS], by: PhantomData }
    }

    fn advanced(&self, before: &Chunked<K::Row>, after: &Chunked<K::Row>, faults: &mut TableFaults) -> Self {
        let mut next = Self { shards: self.shards.clone(), by: PhantomData };
        let moved = || after.changes(before).filter(|change| !same_value::<K>(change.before, change.after));
        for row in moved().filter_map(|change| change.before) {
            next.remove(row, before);
        }
        let expected = after.len() / SHARDS;
        for row in moved().filter_map(|change| change.after) {
            next.insert(row, after, expected, faults);
        }
        next
    }

    fn remove(&mut self, row: &K::Row, table: &Chunked<K::Row>) {
        let hash = hash_of(K::of(row));
        let position = Position::of(row, table);
        let shard = Arc::make_mut(&mut self.shards[shard_of(hash)]);
        if let Ok(entry) = shard.find_entry(hash, |other| Some(*other) == position) {
            entry.remove();
        }
    }

    /// Of rows with one value the one with the lowest key stays, whatever the order they come in.
    fn insert(&mut self, row: &K::Row, table: &Chunked<K::Row>, expected: usize, faults: &mut TableFaults) {
        let Some(position) = Position::of(row, table) else { return };
        let key = K::of(row);
        let hash = hash_of(&key);
        let shard = Arc::make_mut(&mut self.shards[shard_of(hash)]);
        let rehash = |position: &Position| position.row(table).map_or(0, |row| hash_of(K::of(row)));
        if shard.capacity() == 0 {
            // An eighth more, as hashes scatter: growing later would hash every row again.
            shard.reserve(expected + expected / 8, rehash);
        }
        let is = |other: &Position| other.row(table).is_some_and(|row| K::is(row, &key));
        match shard.entry(hash, is, rehash) {
            Entry::Vacant(place) => {
                place.insert(position);
            }
            Entry::Occupied(mut place) => {
                let other = place.get().row(table).map_or(row.key(), Row::key);
                if row.key() < other {
                    *place.get_mut() = position;
                }
                faults.twice::<K::Row>(row.key().max(other), K::FIELD);
            }
        }
    }
}

fn same_value<K: IndexKey>(before: Option<&K::Row>, after: Option<&K::Row>) -> bool {
    before.zip(after).is_some_and(|(before, after)| K::is(after, &K::of(before)))
}

/// Whether positions in one table are positions in the other: chunks came or went at the end only, as they do where
/// keys are given out in ascending order.
fn same_places<R: Row>(before: &Chunked<R>, after: &Chunked<R>) -> bool {
    let ranges = before.chunks().iter().zip(after.chunks());
    ranges.into_iter().all(|(before, after)| before.range() == after.range())
}

impl<K: IndexKey> Part for Index<K> {
    fn compile(tables: &ChunkedTables, faults: &mut TableFaults) -> Self {
        Self::empty().advanced(&Chunked::default(), K::Row::table(tables), faults)
    }

    fn advance(before: &Arc<Self>, step: &Step<'_>, faults: &mut TableFaults) -> Arc<Self> {
        let (old, new) = (K::Row::table(step.before), K::Row::table(step.after));
        Arc::new(if same_places(old, new) {
            before.advanced(old, new, faults)
        } else {
            Self::compile(step.after, faults)
        })
    }
}

#[cfg(test)]
mod tests {
    use domain::{CustomerId, ExtensionId};
    use proptest::{collection::btree_map, prelude::*};

    use super::*;
    use crate::{Generation, Snapshot, snapshot::keys::CallerOfCustomer, tables::Customer};

    fn table(rows: &std::collections::BTreeMap<i64, u32>) -> Chunked<Customer> {
        let row = |(key, caller): (&i64, &u32)| Customer {
            id: CustomerId(*key),
            number: (70_000 + caller).to_string().parse().unwrap(),
            extension_id: ExtensionId(1),
            comment: None,
        };
        rows.iter().map(row).collect()
    }

    /// Keys of a few ranges, now and then of any.
    fn rows() -> impl Strategy<Value = std::collections::BTreeMap<i64, u32>> {
        btree_map(prop_oneof![20 => -2_000i64..9_000, 1 => any::<i64>()], 0u32..400, 0..40)
    }

    /// The table with the rows as faults, in order; every row whose value one with a lower key has.
    fn naive_twice(table: &Chunked<Customer>) -> Vec<i64> {
        let earlier =
            |row: &&Customer| table.rows().any(|other| other.number == row.number && other.key() < row.key());
        table.rows().filter(earlier).map(Row::key).collect()
    }

    proptest! {
        #[test]
        fn finds_what_a_linear_scan_finds(steps in proptest::collection::vec(rows(), 1..6)) {
            let mut good = (Chunked::default(), Arc::new(Index::<CallerOfCustomer>::empty()));
            for step in &steps {
                let (before, after) = (
                    ChunkedTables { customers: good.0.clone(), ..ChunkedTables::default() },
                    ChunkedTables { customers: table(step), ..ChunkedTables::default() },
                );
                let mut faults = TableFaults::default();
                let next = Index::advance(&good.1, &Step::new(&before, &after), &mut faults);
                let mut twice: Vec<i64> = faults.0.iter().map(|fault| fault.key.parse().unwrap()).collect();
                twice.sort_unstable();
                prop_assert_eq!(&twice, &naive_twice(&after.customers));
                for caller in 0..400u32 {
                    let number = (70_000 + caller).to_string().parse().unwrap();
                    let first = after.customers.rows().find(|row| row.number == number);
                    prop_assert_eq!(next.get(&after.customers, &number).map(Row::key), first.map(Row::key));
                }
                if twice.is_empty() {
                    good = (after.customers, next);
                }
            }
        }
    }

    #[test]
    fn rows_of_every_chunk_are_found_in_a_whole_snapshot() {
        let mut tables: crate::tables::Tables =
            toml::from_str(include_str!("../../../store/example/article.toml")).unwrap();
        let row = tables.numbers[0].clone();
        tables.numbers.extend((2_000..6_000).map(|id| crate::tables::Number {
            id: domain::NumberId(id),
            number: (7_000_000_000 + id).to_string().parse().unwrap(),
            ..row.clone()
        }));
        let snapshot = Snapshot::compile(tables.clone().into(), Generation::number(1)).unwrap();
        for number in &tables.numbers {
            assert_eq!(snapshot.leased(number.number), Some(number));
        }
    }
}
