//! A generation in memory.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use generations::{
    Checksum, ChunkHash, Damage, GenerationFile, GenerationRecord, Manifest, ManifestError, Packed, missing,
    unpack,
};
use routing::{ChunkedTables, Generation, Snapshot, TableFaults};
use store::{GenerationHead, GenerationSummary, Store, StoreError};
use tokio::time::timeout;

use crate::aside::aside;

/// How long a generation may take to arrive: a database that hangs must not be waited for for ever.
const LIMIT: Duration = Duration::from_mins(1);

/// A generation with everything it consists of: what answers come from, and what the next one is made from.
#[derive(Clone, Debug)]
pub struct Active {
    record: GenerationRecord,
    manifest: Manifest,
    /// As they are stored and kept on disk. They share their bytes with the generation before.
    chunks: BTreeMap<ChunkHash, Packed>,
    snapshot: Arc<Snapshot>,
}

/// Why a generation cannot be brought into memory.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    #[error("the database cannot be read")]
    Store(#[from] StoreError),
    #[error("the database did not finish within {} s", LIMIT.as_secs())]
    TooSlow,
    #[error("there is no generation {0}")]
    NoSuch(u64),
    #[error("the manifest of generation {number} cannot be read")]
    Manifest { number: u64, source: ManifestError },
    #[error("generation {number} does not match its checksum")]
    Checksum { number: u64 },
    #[error(transparent)]
    Damage(#[from] Damage),
    #[error("this release cannot answer from generation {number}")]
    Faults { number: u64, source: TableFaults },
}

impl Active {
    pub fn record(&self) -> &GenerationRecord {
        &self.record
    }

    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    pub fn snapshot(&self) -> &Arc<Snapshot> {
        &self.snapshot
    }

    pub fn tables(&self) -> &ChunkedTables {
        self.snapshot.tables()
    }

    /// Fetches a generation: only the chunks the previous one lacks, compiling only what those touch.
    pub async fn load(store: &Store, number: u64, previous: Option<Arc<Self>>) -> Result<Self, LoadError> {
        timeout(LIMIT, fetch(store, number, previous)).await.map_err(|_| LoadError::TooSlow)?
    }

    /// The newest generation of the database; nothing before the first activation.
    pub async fn newest(store: &Store) -> Result<Option<Arc<Self>>, LoadError> {
        match store.latest_generation().await? {
            Some(head) => Ok(Some(Arc::new(Self::load(store, head.number, None).await?))),
            None => Ok(None),
        }
    }

    pub(crate) fn head(&self) -> GenerationHead {
        GenerationHead { number: self.record.number, checksum: self.record.checksum.0 }
    }

    /// What the folder keeps of it.
    pub(crate) fn to_file(&self) -> GenerationFile {
        let Self { record, manifest, chunks, .. } = self;
        GenerationFile { record: record.clone(), manifest: manifest.clone(), chunks: chunks.clone() }
    }

    /// Answers from what the folder kept. Takes a while and all cores: not for a thread that answers questions.
    pub fn from_file(file: GenerationFile) -> Result<Self, LoadError> {
        Self::assemble(file.record, file.manifest, file.chunks, None)
    }

    /// Puts the chunks together that are all there.
    fn assemble(
        record: GenerationRecord,
        manifest: Manifest,
        chunks: BTreeMap<ChunkHash, Packed>,
        previous: Option<&Self>,
    ) -> Result<Self, LoadError> {
        let shared = previous.map(|previous| (previous.tables(), &previous.manifest));
        let tables = unpack(&manifest, shared, |hash| chunks.get(hash).cloned())?;
        let number = record.number;
        let generation = Generation::number(number);
        let snapshot =
            compile(tables, generation, previous).map_err(|source| LoadError::Faults { number, source })?;
        Ok(Self { record, manifest, chunks, snapshot: Arc::new(snapshot) })
    }

    /// The generation that was just stored, whose snapshot was compiled before.
    pub(crate) fn activated(
        record: GenerationRecord,
        manifest: Manifest,
        fresh: Vec<(ChunkHash, Packed)>,
        snapshot: Arc<Snapshot>,
        previous: Option<&Self>,
    ) -> Self {
        let chunks = chunks_of(&manifest, fresh, previous);
        Self { record, manifest, chunks, snapshot }
    }
}

/// From scratch, or from the previous snapshot by what differs.
pub(crate) fn compile(
    tables: ChunkedTables,
    generation: Generation,
    previous: Option<&Active>,
) -> Result<Snapshot, TableFaults> {
    match previous {
        Some(previous) => previous.snapshot.advance(tables, generation),
        None => Snapshot::compile(tables, generation),
    }
}

/// The chunks a manifest names, out of fresh ones and those the previous generation had. What it no longer names is
/// let go.
fn chunks_of(
    manifest: &Manifest,
    fresh: Vec<(ChunkHash, Packed)>,
    previous: Option<&Active>,
) -> BTreeMap<ChunkHash, Packed> {
    let fresh: BTreeMap<_, _> = fresh.into_iter().collect();
    let known = |hash: &ChunkHash| {
        fresh.get(hash).or_else(|| previous.and_then(|previous| previous.chunks.get(hash))).cloned()
    };
    manifest.hashes().filter_map(|hash| Some((hash, known(&hash)?))).collect()
}

async fn fetch(store: &Store, number: u64, previous: Option<Arc<Active>>) -> Result<Active, LoadError> {
    let stored = store.generation(number).await?.ok_or(LoadError::NoSuch(number))?;
    let record = record(stored.summary);
    if Checksum::of(&stored.manifest) != record.checksum {
        return Err(LoadError::Checksum { number });
    }
    let manifest = Manifest::decode(&String::from_utf8_lossy(&stored.manifest))
        .map_err(|source| LoadError::Manifest { number, source })?;
    let wanted = missing(&manifest, previous.as_deref().map(Active::manifest));
    let wanted: Vec<_> = wanted.into_iter().map(|hash| hash.0).collect();
    let fresh = store.chunks(&wanted).await?;
    let fresh = fresh.into_iter().map(|(hash, packed)| (ChunkHash(hash), Packed::from(packed))).collect();
    // Unpacking a million numbers takes a while.
    aside(move || {
        let chunks = chunks_of(&manifest, fresh, previous.as_deref());
        Active::assemble(record, manifest, chunks, previous.as_deref())
    })
    .await
}

/// What the database says of a generation.
pub fn record(summary: GenerationSummary) -> GenerationRecord {
    GenerationRecord {
        number: summary.number,
        parent: summary.parent,
        created_us: summary.created_us,
        actor: summary.actor,
        comment: summary.comment.unwrap_or_default(),
        held: summary.held,
        checksum: Checksum(summary.checksum),
    }
}
