//! Activating a generation, and collecting those nobody needs any more. Both hold one lock to the end of their
//! transaction, so what one has seen is what the other has left.

use std::collections::HashSet;

use futures_util::TryStreamExt;

use crate::{
    column::Column,
    driver::{Connection, Value},
    error::StoreError,
    generations::{
        CHUNKS_TABLE, ChunkHash, GenerationSummary, HASHES_PER_STATEMENT, by_number, existing, latest,
    },
    lease::in_transaction,
    marks::{self, Marks, clock},
    store::Store,
    table::CellReader,
};

/// What is to be activated.
#[derive(Clone, Copy, Debug)]
pub struct NewGeneration<'a> {
    /// The generation this one was made from: if it is not the active one any more, somebody else was faster.
    pub parent: Option<u64>,
    /// Who activates, up to 100 characters.
    pub actor: &'a str,
    /// Up to 1,000 characters.
    pub comment: Option<&'a str>,
    /// Whether nothing is activated automatically after this one until somebody activates by hand.
    pub held: bool,
    pub checksum: [u8; 32],
    pub manifest: &'a [u8],
    /// Every chunk the manifest names.
    pub hashes: &'a [ChunkHash],
    /// The packed bytes of those that may not be stored yet.
    pub chunks: &'a [(ChunkHash, &'a [u8])],
    /// The marks whose edits are in.
    pub consumed: &'a Marks,
}

/// Why nothing was activated; nothing was changed either.
#[derive(Debug, thiserror::Error)]
pub enum ActivationError {
    #[error("another generation was activated meanwhile")]
    Overtaken { active: Option<u64> },
    #[error("the manifest names a chunk that is neither stored nor brought along")]
    MissingChunk { hash: ChunkHash },
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What [`Store::collect`] removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Collected {
    pub generations: u64,
    pub chunks: u64,
}

const LOCK: &str = "UPDATE locks SET name = name WHERE name = 'activation'";
const ADD_CHUNKS: &str = "INSERT INTO generation_chunks (hash, packed)";
const ADD: &str = "INSERT INTO generations (number, parent, created_us, actor, comment, held, checksum, manifest) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
const NEWEST: &str = "SELECT number FROM generations ORDER BY number DESC LIMIT $1";
const REMOVE: &str = "DELETE FROM generations WHERE number < $1";
const CHUNKS_AFTER: &str = "SELECT hash FROM generation_chunks WHERE hash > $1 ORDER BY hash LIMIT $2";
const REMOVE_CHUNKS: &str = "DELETE FROM generation_chunks WHERE hash IN ($1)";

pub(crate) const STATEMENTS: [&str; 6] = [LOCK, ADD, NEWEST, REMOVE, CHUNKS_AFTER, REMOVE_CHUNKS];
pub(crate) const INSERTS: [(&str, usize); 1] = [(ADD_CHUNKS, 2)];

/// Chunks one statement brings, and about how many bytes of them: servers limit the length of a statement.
const CHUNKS_PER_STATEMENT: usize = 64;
const BYTES_PER_STATEMENT: usize = 1 << 20;

impl Store {
    /// Makes a configuration the active one, in one transaction: adds the chunks that are missing, adds the generation
    /// under the next number, and removes the consumed marks. It is all there or nothing is.
    pub async fn activate(&self, new: NewGeneration<'_>) -> Result<GenerationSummary, ActivationError> {
        in_transaction!(self, begin_write, connection => activate(connection, new).await)
    }

    /// Removes all but the newest `keep` generations (never the active one), and the chunks that none of those names.
    /// `named` gives the hashes a manifest names; where it fails for one, nothing is removed. In memory there are one
    /// manifest at a time and the hashes to keep.
    pub async fn collect<F>(&self, keep: u32, named: F) -> Result<Collected, StoreError>
    where
        F: Fn(&[u8]) -> Result<Vec<ChunkHash>, Box<dyn std::error::Error + Send + Sync>> + Send + Sync,
    {
        in_transaction!(self, begin_write, connection => collect(connection, keep, &named).await)
    }
}

async fn activate<C: Connection>(
    connection: &mut C,
    new: NewGeneration<'_>,
) -> Result<GenerationSummary, ActivationError> {
    lock(connection).await?;
    let active = latest(connection).await?.map(|head| head.number);
    if active != new.parent {
        return Err(ActivationError::Overtaken { active });
    }
    add_missing_chunks(connection, new).await?;
    let summary = GenerationSummary {
        number: active.unwrap_or(0) + 1,
        checksum: new.checksum,
        parent: active,
        created_us: clock(connection).await?,
        actor: new.actor.to_owned(),
        comment: new.comment.map(str::to_owned),
        held: new.held,
        manifest_bytes: new.manifest.len() as u64,
    };
    add(connection, &summary, new.manifest).await?;
    marks::consume(connection, new.consumed).await?;
    Ok(summary)
}

/// Whoever holds the lock reads what those before have committed: it is taken before anything is read.
async fn lock<C: Connection>(connection: &mut C) -> Result<(), StoreError> {
    if let Some(briefly) = C::DIALECT.hold_briefly() {
        connection.command(briefly).await.map_err(StoreError::driver(briefly))?;
    }
    let taken = connection.run(LOCK, &[]).await.map_err(StoreError::driver(LOCK))?;
    if taken == 0 {
        return Err(StoreError::NoSuch { table: "locks", row: "activation".to_owned() });
    }
    Ok(())
}

async fn add<C: Connection>(
    connection: &mut C,
    summary: &GenerationSummary,
    manifest: &[u8],
) -> Result<(), StoreError> {
    let values = [
        summary.number.value(),
        summary.parent.value(),
        summary.created_us.value(),
        summary.actor.value(),
        summary.comment.value(),
        summary.held.value(),
        summary.checksum.value(),
        Value::Bytes(Some(manifest)),
    ];
    let refused = |error| C::DIALECT.refusal(error, ADD, "generations", format!("number {}", summary.number));
    connection.run(ADD, &values).await.map(|_| ()).map_err(refused)
}

/// A manifest never names a chunk that is not stored.
async fn add_missing_chunks<C: Connection>(
    connection: &mut C,
    new: NewGeneration<'_>,
) -> Result<(), ActivationError> {
    let mut stored = existing(connection, new.hashes).await?;
    let named: HashSet<_> = new.hashes.iter().copied().collect();
    // Of a chunk that was brought twice, the first.
    let missing: Vec<_> =
        new.chunks.iter().copied().filter(|(hash, _)| named.contains(hash) && stored.insert(*hash)).collect();
    if let Some(&hash) = new.hashes.iter().find(|hash| !stored.contains(*hash)) {
        return Err(ActivationError::MissingChunk { hash });
    }
    for batch in batches(&missing) {
        let values: Vec<_> =
            batch.iter().flat_map(|(hash, packed)| [hash.value(), Value::Bytes(Some(packed))]).collect();
        let sql = C::DIALECT.bulk(ADD_CHUNKS, 2, batch.len());
        connection.run_built(sql, &values).await.map_err(StoreError::driver(ADD_CHUNKS))?;
    }
    Ok(())
}

/// Parts of a list of chunks that fit a statement each; a chunk that is too large goes alone.
fn batches<'a, 'b>(
    mut chunks: &'b [(ChunkHash, &'a [u8])],
) -> impl Iterator<Item = &'b [(ChunkHash, &'a [u8])]> {
    std::iter::from_fn(move || {
        let mut bytes = 0;
        let fitting = chunks.iter().take(CHUNKS_PER_STATEMENT).take_while(|(_, packed)| {
            bytes += packed.len();
            bytes <= BYTES_PER_STATEMENT
        });
        let (batch, rest) = chunks.split_at(fitting.count().max(1).min(chunks.len()));
        chunks = rest;
        (!batch.is_empty()).then_some(batch)
    })
}

async fn collect<C, F>(connection: &mut C, keep: u32, named: &F) -> Result<Collected, StoreError>
where
    C: Connection,
    F: Fn(&[u8]) -> Result<Vec<ChunkHash>, Box<dyn std::error::Error + Send + Sync>>,
{
    lock(connection).await?;
    let kept = newest(connection, keep.max(1)).await?;
    let Some(oldest) = kept.last() else { return Ok(Collected::default()) };
    let mut wanted = HashSet::new();
    for &number in &kept {
        let Some(generation) = by_number(connection, number).await? else { continue };
        let hashes = named(&generation.manifest);
        wanted.extend(hashes.map_err(|source| StoreError::Manifest { number, source })?);
    }
    let generations = connection.run(REMOVE, &[oldest.value()]).await.map_err(StoreError::driver(REMOVE))?;
    Ok(Collected { generations, chunks: remove_chunks(connection, &wanted).await? })
}

async fn newest(connection: &mut impl Connection, limit: u32) -> Result<Vec<u64>, StoreError> {
    let mut numbers = Vec::new();
    let mut rows = connection.rows(NEWEST, &[Value::Key(Some(limit.into()))]);
    while let Some(row) = rows.try_next().await.map_err(StoreError::driver(NEWEST))? {
        numbers.push(CellReader::new(&row, "generations", &["number"]).take()?);
    }
    Ok(numbers)
}

/// Removes every chunk that is not wanted, page by page in the order of the hashes.
async fn remove_chunks<C: Connection>(
    connection: &mut C,
    wanted: &HashSet<ChunkHash>,
) -> Result<u64, StoreError> {
    let mut removed = 0;
    let mut after = String::new();
    loop {
        let page = hashes_after(connection, &after).await?;
        let Some(last) = page.last() else { return Ok(removed) };
        if let Value::Text(Some(last)) = last.value() {
            after = last.into_owned();
        }
        let unwanted: Vec<_> =
            page.iter().filter(|hash| !wanted.contains(*hash)).map(Column::value).collect();
        if !unwanted.is_empty() {
            let sql = C::DIALECT.widened(REMOVE_CHUNKS, unwanted.len());
            removed +=
                connection.run_built(sql, &unwanted).await.map_err(StoreError::driver(REMOVE_CHUNKS))?;
        }
    }
}

async fn hashes_after(connection: &mut impl Connection, after: &str) -> Result<Vec<ChunkHash>, StoreError> {
    let limit = i64::try_from(HASHES_PER_STATEMENT).unwrap_or(i64::MAX);
    let values = [Value::Text(Some(after.into())), limit.value()];
    let mut page = Vec::new();
    let mut rows = connection.rows(CHUNKS_AFTER, &values);
    while let Some(row) = rows.try_next().await.map_err(StoreError::driver(CHUNKS_AFTER))? {
        page.push(CellReader::new(&row, CHUNKS_TABLE, &["hash"]).take()?);
    }
    Ok(page)
}
