//! Rows in chunks of fixed key ranges, shared between one configuration and the next.
//!
//! A changed or inserted row changes one chunk and leaves every other where it is, in memory and in storage. Two
//! tables tell what differs between them by comparing pointers first and rows only where those differ.

mod changes;
mod search;

use std::{
    fmt,
    hash::{Hash, Hasher},
    str::FromStr,
    sync::Arc,
};

use siphasher::sip::SipHasher13;

pub use changes::RowChange;

use crate::{
    TableFaults,
    tables::{self, Tables},
};

/// How many keys one chunk spans. Part of the stored format: another span would rename every chunk.
pub const KEYS_PER_CHUNK: i64 = 1024;

/// The place of a chunk in its table: keys from `range × KEYS_PER_CHUNK` up to the next one's.
pub type KeyRange = i64;

/// The range a key falls into.
pub fn range_of(key: i64) -> KeyRange {
    key.div_euclid(KEYS_PER_CHUNK)
}

/// A chunk's address: its table and the range of keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChunkPlace {
    pub table: TableName,
    pub range: KeyRange,
}

/// A row with its key and the table it stands in.
pub trait Row: Sized + PartialEq {
    const TABLE: TableName;
    fn key(&self) -> i64;
    /// The table such rows stand in.
    fn table(tables: &ChunkedTables) -> &Chunked<Self>;
}

/// No table has this name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no such table; the tables are {}", TableName::ALL.map(TableName::as_str).join(", "))]
pub struct NoSuchTable;

/// The rows of one table whose keys fall into one range, ordered by key. Never empty.
#[derive(Debug, PartialEq, Eq)]
pub struct Chunk<R> {
    range: KeyRange,
    rows: Box<[R]>,
}

impl<R: Row> Chunk<R> {
    /// A chunk of rows in any order; nothing if there are none, if one falls into another range, or if two have one
    /// key.
    pub fn new(range: KeyRange, mut rows: Vec<R>) -> Option<Self> {
        rows.sort_by_key(Row::key);
        let ordered = rows.windows(2).all(|pair| pair[0].key() < pair[1].key());
        let fits = rows.iter().all(|row| range_of(row.key()) == range);
        (!rows.is_empty() && ordered && fits).then(|| Self { range, rows: rows.into() })
    }

    pub fn range(&self) -> KeyRange {
        self.range
    }

    pub fn rows(&self) -> &[R] {
        &self.rows
    }

    /// The row with this key, which has to be one of the chunk's range. A row without holes before it is found at
    /// the first look, as it stands as far into the chunk as its key is into the range.
    pub(crate) fn get(&self, key: i64) -> Option<&R> {
        let holes = usize::try_from(KEYS_PER_CHUNK).ok()?.checked_sub(self.rows.len())?;
        let offset = usize::try_from(key.rem_euclid(KEYS_PER_CHUNK)).ok()?;
        let places = (offset.saturating_sub(holes), offset.min(self.rows.len() - 1));
        self.rows.get(search::position_of(key, places, |at| self.rows[at].key())?)
    }
}

/// One table in chunks, ordered by key.
#[derive(Debug, PartialEq, Eq)]
pub struct Chunked<R> {
    chunks: Vec<Arc<Chunk<R>>>,
}

impl<R> Default for Chunked<R> {
    fn default() -> Self {
        Self { chunks: Vec::new() }
    }
}

impl<R> Clone for Chunked<R> {
    fn clone(&self) -> Self {
        Self { chunks: self.chunks.clone() }
    }
}

impl<R: Row> Chunked<R> {
    pub fn chunks(&self) -> &[Arc<Chunk<R>>] {
        &self.chunks
    }

    pub fn rows(&self) -> impl Iterator<Item = &R> {
        self.chunks.iter().flat_map(|chunk| chunk.rows.iter())
    }

    pub fn len(&self) -> usize {
        self.chunks.iter().map(|chunk| chunk.rows.len()).sum()
    }

    pub fn is_empty(&self) -> bool {
        self.chunks.is_empty()
    }

    pub fn chunk(&self, range: KeyRange) -> Option<&Arc<Chunk<R>>> {
        self.chunks.get(self.chunk_position(range)?)
    }

    /// The place of a range's chunk among all chunks.
    pub(crate) fn chunk_position(&self, range: KeyRange) -> Option<usize> {
        let ends = (self.chunks.first()?.range, self.chunks.last()?.range);
        let places = search::window(range, self.chunks.len(), ends)?;
        search::position_of(range, places, |at| self.chunks[at].range)
    }

    pub fn get(&self, key: i64) -> Option<&R> {
        self.chunk(range_of(key))?.get(key)
    }

    /// Puts a chunk in the place of the one with its range.
    pub fn put(&mut self, chunk: Arc<Chunk<R>>) {
        match self.chunks.binary_search_by_key(&chunk.range, |chunk| chunk.range) {
            Ok(at) => self.chunks[at] = chunk,
            Err(at) => self.chunks.insert(at, chunk),
        }
    }

    /// Takes the chunk of a range out, when its last row is gone.
    pub fn remove(&mut self, range: KeyRange) {
        self.chunks.retain(|chunk| chunk.range != range);
    }

    /// Whether both are the same chunks, by identity: `false` says nothing yet about their rows.
    pub fn same_chunks(&self, other: &Self) -> bool {
        let pairs = self.chunks.iter().zip(&other.chunks);
        self.chunks.len() == other.chunks.len() && pairs.into_iter().all(|(one, two)| Arc::ptr_eq(one, two))
    }
}

/// As a `Vec` of the rows.
impl<R: Row + Hash> Hash for Chunked<R> {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        hasher.write_usize(self.len());
        self.rows().for_each(|row| row.hash(hasher));
    }
}

/// Rows in any order; of two with one key the later one stays.
impl<R: Row> FromIterator<R> for Chunked<R> {
    fn from_iter<I: IntoIterator<Item = R>>(rows: I) -> Self {
        let mut rows: Vec<R> = rows.into_iter().collect();
        rows.sort_by_key(Row::key);
        let mut chunks: Vec<Arc<Chunk<R>>> = Vec::new();
        let mut rows = rows.into_iter().peekable();
        while let Some(range) = rows.peek().map(|row| range_of(row.key())) {
            let mut chunk: Vec<R> = Vec::new();
            while let Some(row) = rows.next_if(|row| range_of(row.key()) == range) {
                if chunk.last().is_some_and(|last| last.key() == row.key()) {
                    chunk.pop();
                }
                chunk.push(row);
            }
            chunks.push(Arc::new(Chunk { range, rows: chunk.into() }));
        }
        Self { chunks }
    }
}

macro_rules! chunked_tables {
    ($($row:ident in $table:ident),+ $(,)?) => {
        /// The tables of a configuration, each after those its rows refer to; named like their rows.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum TableName {
            $($row,)+
        }

        impl TableName {
            pub const ALL: [Self; [$(Self::$row),+].len()] = [$(Self::$row),+];

            /// As the databases call it.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$row => stringify!($table),)+
                }
            }
        }

        impl FromStr for TableName {
            type Err = NoSuchTable;

            fn from_str(text: &str) -> Result<Self, NoSuchTable> {
                Self::ALL.into_iter().find(|table| table.as_str() == text).ok_or(NoSuchTable)
            }
        }

        /// One whole routing configuration, in chunks.
        #[derive(Clone, Debug, Default, PartialEq, Eq)]
        pub struct ChunkedTables {
            $(pub $table: Chunked<tables::$row>,)+
        }

        $(
            impl Row for tables::$row {
                const TABLE: TableName = TableName::$row;

                fn key(&self) -> i64 {
                    self.id.0
                }

                fn table(tables: &ChunkedTables) -> &Chunked<Self> {
                    &tables.$table
                }
            }
        )+

        impl ChunkedTables {
            /// Tells one content from another, as [`Tables::fingerprint`] does for rows in the order of their keys.
            pub fn fingerprint(&self) -> u64 {
                let mut hasher = SipHasher13::new();
                $(self.$table.hash(&mut hasher);)+
                hasher.finish()
            }

            /// The same rows, in chunks of `before` wherever those hold the same.
            #[must_use]
            pub fn sharing(self, before: &Self) -> Self {
                Self { $($table: self.$table.sharing(&before.$table),)+ }
            }

            pub(crate) fn chunk_counts(&self) -> impl Iterator<Item = (TableName, usize)> {
                [$((TableName::$row, self.$table.chunks.len()),)+].into_iter()
            }

            /// The tables that are not the same chunks, by identity.
            pub(crate) fn tables_apart(&self, before: &Self) -> Vec<TableName> {
                let apart = [$((TableName::$row, !self.$table.same_chunks(&before.$table)),)+];
                apart.into_iter().filter(|(_, apart)| *apart).map(|(table, _)| table).collect()
            }
        }

        impl Tables {
            /// Names every row whose key an earlier one has. Chunks hold each key once, so tables that do not come
            /// from a database must be asked before they become [`ChunkedTables`].
            pub fn check_keys(&self) -> Result<(), TableFaults> {
                let mut faults = TableFaults::default();
                $(faults.unique::<tables::$row, _>("id", self.$table.iter(), |row| row.id);)+
                faults.into_result()
            }
        }

        impl From<Tables> for ChunkedTables {
            fn from(tables: Tables) -> Self {
                Self { $($table: tables.$table.into_iter().collect(),)+ }
            }
        }

        impl From<&ChunkedTables> for Tables {
            fn from(chunked: &ChunkedTables) -> Self {
                Self { $($table: chunked.$table.rows().cloned().collect(),)+ }
            }
        }
    };
}

crate::for_every_table!(chunked_tables);

impl fmt::Display for TableName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tables::Currency;

    fn currency(id: i64) -> Currency {
        let iso = "RUB".parse().unwrap();
        Currency { id: domain::CurrencyId(id), iso, numcode: 643, name: String::new() }
    }

    #[test]
    fn keys_fall_into_fixed_ranges() {
        assert_eq!([1, 1023, 1024, 2047, 2048].map(range_of), [0, 0, 1, 1, 2]);
        let table: Chunked<_> = [2048, 1, 1023, 1024].map(currency).into_iter().collect();
        assert_eq!(table.chunks().iter().map(|chunk| chunk.range()).collect::<Vec<_>>(), [0, 1, 2]);
        assert_eq!(table.rows().map(Row::key).collect::<Vec<_>>(), [1, 1023, 1024, 2048]);
        assert_eq!((table.len(), table.get(1023).map(Row::key), table.get(2)), (4, Some(1023), None));
    }

    #[test]
    fn a_changed_row_leaves_the_other_chunks_where_they_are() {
        let before: Chunked<_> = [1, 1024].map(currency).into_iter().collect();
        let mut after = before.clone();
        assert!(after.same_chunks(&before));
        after.put(Arc::new(Chunk::new(1, vec![currency(1025), currency(1024)]).unwrap()));
        assert!(!after.same_chunks(&before));
        assert!(Arc::ptr_eq(&after.chunks()[0], &before.chunks()[0]));
        after.remove(1);
        assert_eq!(after.len(), 1);
    }

    #[test]
    fn a_chunk_holds_each_key_of_its_range_once() {
        assert!(Chunk::new(0, vec![currency(1), currency(1)]).is_none());
        assert!(Chunk::new(0, vec![currency(1024)]).is_none());
        assert!(Chunk::<Currency>::new(0, Vec::new()).is_none());
    }

    #[test]
    fn tables_go_by_the_names_the_databases_use() {
        assert_eq!("ring_group_members".parse(), Ok(TableName::RingGroupMember));
        assert!("Numbers".parse::<TableName>().unwrap_err().to_string().contains("ring_groups, "));
    }

    #[test]
    fn tables_survive_the_way_into_chunks_and_back() {
        let tables = Tables { currencies: [1, 1023, 5000].map(currency).into(), ..Tables::default() };
        let chunked = ChunkedTables::from(tables.clone());
        assert_eq!((Tables::from(&chunked), chunked.fingerprint()), (tables.clone(), tables.fingerprint()));
        assert!(tables.check_keys().is_ok());
    }

    #[test]
    fn keys_that_stand_twice_are_named() {
        let tables = Tables { currencies: [1, 7, 7].map(currency).into(), ..Tables::default() };
        let faults = tables.check_keys().unwrap_err().to_string();
        assert!(faults.ends_with("; currencies 7: id stands in the table twice"), "{faults}");
    }

    #[test]
    fn only_rows_that_differ_are_changes() {
        let before: Chunked<_> = [1, 2, 1024, 5000].map(currency).into_iter().collect();
        let renamed = Currency { name: "rouble".into(), ..currency(2) };
        let after: Chunked<_> = [currency(1), renamed, currency(3), currency(1024)].into_iter().collect();
        let changes: Vec<_> = after
            .changes(&before)
            .map(|change| (change.before.map(Row::key), change.after.map(Row::key)))
            .collect();
        assert_eq!(changes, [(Some(2), Some(2)), (None, Some(3)), (Some(5000), None)]);
        let shared = after.clone().sharing(&before);
        assert!(Arc::ptr_eq(&shared.chunks()[1], &before.chunks()[1]));
        assert_eq!((shared.changes(&after).count(), shared.changes(&before).count()), (0, 3));
    }
}
