//! Activated configurations: a number, a manifest, and the chunks it names. What stands in a manifest and in a chunk is
//! bytes to the store.

use std::collections::HashSet;

use futures_util::TryStreamExt;

use crate::{
    column::Column,
    driver::{Connection, Value},
    error::StoreError,
    lease::on_connection,
    store::Store,
    table::{CellReader, first_row},
};

/// The hash of a chunk's packed bytes, by which it is stored once.
pub type ChunkHash = [u8; 32];

/// What tells one generation from another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GenerationHead {
    pub number: u64,
    pub checksum: [u8; 32],
}

/// A generation without its manifest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GenerationSummary {
    pub number: u64,
    pub checksum: [u8; 32],
    /// The generation that was active before.
    pub parent: Option<u64>,
    /// When it was activated by the database's clock, microseconds of UTC.
    pub created_us: i64,
    pub actor: String,
    pub comment: Option<String>,
    /// Rolled back to: nothing is activated automatically until somebody does it by hand.
    pub held: bool,
    pub manifest_bytes: u64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredGeneration {
    pub summary: GenerationSummary,
    pub manifest: Vec<u8>,
}

pub(crate) const LATEST: &str = "SELECT number, checksum FROM generations ORDER BY number DESC LIMIT 1";
const BY_NUMBER: &str = "SELECT number, checksum, parent, created_us, actor, comment, held, \
     octet_length(manifest), manifest FROM generations WHERE number = $1";
const LIST: &str = "SELECT number, checksum, parent, created_us, actor, comment, held, octet_length(manifest) \
     FROM generations ORDER BY number DESC LIMIT $1";
const CHUNKS: &str = "SELECT hash, packed FROM generation_chunks WHERE hash IN ($1)";
const EXIST: &str = "SELECT hash FROM generation_chunks WHERE hash IN ($1)";

pub(crate) const STATEMENTS: [&str; 5] = [LATEST, BY_NUMBER, LIST, CHUNKS, EXIST];

const TABLE: &str = "generations";
const COLUMNS: &[&str] =
    &["number", "checksum", "parent", "created_us", "actor", "comment", "held", "manifest_bytes", "manifest"];
pub(crate) const CHUNKS_TABLE: &str = "generation_chunks";

/// Chunks one statement asks for, with their bytes and without.
const CHUNKS_PER_STATEMENT: usize = 64;
pub(crate) const HASHES_PER_STATEMENT: usize = 1_000;

impl Store {
    /// The active generation: cheap, to be asked often.
    pub async fn latest_generation(&self) -> Result<Option<GenerationHead>, StoreError> {
        on_connection!(self, connection => latest(connection).await)
    }

    /// One generation with its manifest; nothing if there never was one of this number, or if it was collected.
    pub async fn generation(&self, number: u64) -> Result<Option<StoredGeneration>, StoreError> {
        on_connection!(self, connection => by_number(connection, number).await)
    }

    /// Up to `limit` generations, newest first.
    pub async fn generations(&self, limit: u32) -> Result<Vec<GenerationSummary>, StoreError> {
        on_connection!(self, connection => list(connection, limit).await)
    }

    /// The packed bytes of chunks, in any order. One that does not exist, or was collected meanwhile, is left out.
    pub async fn chunks(&self, hashes: &[ChunkHash]) -> Result<Vec<(ChunkHash, Vec<u8>)>, StoreError> {
        on_connection!(self, connection => chunks(connection, hashes).await)
    }

    /// Which of these chunks are stored. Only under the lock of an activation does that say what will be.
    pub async fn which_chunks_exist(&self, hashes: &[ChunkHash]) -> Result<HashSet<ChunkHash>, StoreError> {
        on_connection!(self, connection => existing(connection, hashes).await)
    }
}

pub(crate) async fn latest(connection: &mut impl Connection) -> Result<Option<GenerationHead>, StoreError> {
    let Some(row) = first_row(connection, LATEST, &[]).await? else { return Ok(None) };
    let mut cells = CellReader::new(&row, TABLE, COLUMNS);
    Ok(Some(GenerationHead { number: cells.take()?, checksum: cells.take()? }))
}

pub(crate) async fn by_number(
    connection: &mut impl Connection,
    number: u64,
) -> Result<Option<StoredGeneration>, StoreError> {
    let Some(row) = first_row(connection, BY_NUMBER, &[number.value()]).await? else { return Ok(None) };
    let mut cells = CellReader::new(&row, TABLE, COLUMNS);
    let summary = summary(&mut cells)?;
    Ok(Some(StoredGeneration { summary, manifest: cells.take()? }))
}

async fn list(connection: &mut impl Connection, limit: u32) -> Result<Vec<GenerationSummary>, StoreError> {
    let mut found = Vec::new();
    let mut rows = connection.rows(LIST, &[Value::Key(Some(limit.into()))]);
    while let Some(row) = rows.try_next().await.map_err(StoreError::driver(LIST))? {
        found.push(summary(&mut CellReader::new(&row, TABLE, COLUMNS))?);
    }
    Ok(found)
}

fn summary(cells: &mut CellReader<'_, impl crate::driver::Cells>) -> Result<GenerationSummary, StoreError> {
    // Postgres counts bytes in 32 bits, and no value has more.
    let bytes = |bytes: i32| bytes.unsigned_abs().into();
    Ok(GenerationSummary {
        number: cells.take()?,
        checksum: cells.take()?,
        parent: cells.take()?,
        created_us: cells.take()?,
        actor: cells.take()?,
        comment: cells.take()?,
        held: cells.take()?,
        manifest_bytes: bytes(cells.take()?),
    })
}

async fn chunks<C: Connection>(
    connection: &mut C,
    hashes: &[ChunkHash],
) -> Result<Vec<(ChunkHash, Vec<u8>)>, StoreError> {
    let mut found = Vec::with_capacity(hashes.len());
    for hashes in hashes.chunks(CHUNKS_PER_STATEMENT) {
        let values: Vec<_> = hashes.iter().map(Column::value).collect();
        let mut rows = connection.rows_built(C::DIALECT.widened(CHUNKS, hashes.len()), &values);
        while let Some(row) = rows.try_next().await.map_err(StoreError::driver(CHUNKS))? {
            let mut cells = CellReader::new(&row, CHUNKS_TABLE, &["hash", "packed"]);
            found.push((cells.take()?, cells.take()?));
        }
    }
    Ok(found)
}

pub(crate) async fn existing<C: Connection>(
    connection: &mut C,
    hashes: &[ChunkHash],
) -> Result<HashSet<ChunkHash>, StoreError> {
    let mut found = HashSet::with_capacity(hashes.len());
    for hashes in hashes.chunks(HASHES_PER_STATEMENT) {
        let values: Vec<_> = hashes.iter().map(Column::value).collect();
        let mut rows = connection.rows_built(C::DIALECT.widened(EXIST, hashes.len()), &values);
        while let Some(row) = rows.try_next().await.map_err(StoreError::driver(EXIST))? {
            found.insert(CellReader::new(&row, CHUNKS_TABLE, &["hash"]).take()?);
        }
    }
    Ok(found)
}
