//! Activation and rollback: the moments at which the configuration of all routers changes.

use std::sync::Arc;

use generations::{Checksum, ChunkHash, Finding, GenerationRecord, Manifest, Packed, Shrunk};
use store::{ActivationError, Marks, NewGeneration, Store, StoreError};

use crate::{
    Active, Draft, DraftError, LoadError,
    draft::{drop_tokens_of_strangers, findings_of},
};

/// Who wants it, and why.
#[derive(Clone, Copy, Debug)]
pub struct Order<'o> {
    /// Up to 100 characters.
    pub actor: &'o str,
    /// Up to 1,000 characters; may be empty.
    pub comment: &'o str,
    /// Activate although tables lost many rows.
    pub force: bool,
}

/// Why nothing was activated. Whatever it is, the active generation is what it was.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    #[error("what is wrong must be mended first: {}", listed(.0))]
    Errors(Vec<Finding>),
    #[error("too many rows would be gone: {}", listed(.0))]
    Shrunk(Vec<Shrunk>),
    #[error("somebody else activated a generation meanwhile; look again")]
    Overtaken,
    #[error("the active generation is the same already")]
    Unchanged,
    #[error(
        "the database's tables are of release {database}, newer than {ours}; activate with the newer program"
    )]
    OlderThanTables { database: i64, ours: i64 },
    #[error("no generation is active that could be rolled back")]
    NothingActive,
    #[error(transparent)]
    Load(#[from] LoadError),
    #[error(transparent)]
    Draft(#[from] DraftError),
    #[error("the generation cannot be stored")]
    Store(#[from] StoreError),
    #[error("chunk {0} is missing in the database")]
    MissingChunk(ChunkHash),
}

/// Most findings an error text repeats.
const LISTED: usize = 20;

fn listed<T: std::fmt::Display>(items: &[T]) -> String {
    let more = items.len().saturating_sub(LISTED);
    let more = (more > 0).then(|| format!("and {more} more"));
    let texts: Vec<_> = items.iter().take(LISTED).map(ToString::to_string).chain(more).collect();
    texts.join("; ")
}

impl Refusal {
    /// What there is to mend, as JSON of at most so many bytes: where there is more, the rest is left out.
    pub fn to_json(&self, bytes_max: usize) -> String {
        let mut count = usize::MAX;
        loop {
            let json = self.json(count);
            if json.len() <= bytes_max || count == 0 {
                return json;
            }
            count = count.min(json.len()) / 2;
        }
    }

    fn json(&self, count: usize) -> String {
        let json = match self {
            Self::Errors(findings) => serde_json::to_string(&findings[..count.min(findings.len())]),
            Self::Shrunk(tables) => serde_json::to_string(&tables[..count.min(tables.len())]),
            other => serde_json::to_string(&[runtime::chain(other).to_string()]),
        };
        json.expect("findings are structs of texts and numbers")
    }
}

/// Makes a draft the active generation of all routers.
pub async fn activate(store: &Store, draft: Draft, order: Order<'_>) -> Result<Active, Refusal> {
    if draft.is_unchanged() && !draft.ends_a_hold() {
        return Err(Refusal::Unchanged);
    }
    let errors: Vec<_> = draft.errors().cloned().collect();
    let Ok(snapshot) = draft.compiled().cloned() else { return Err(Refusal::Errors(errors)) };
    if !errors.is_empty() {
        return Err(Refusal::Errors(errors));
    }
    if !draft.shrunk().is_empty() && !order.force {
        return Err(Refusal::Shrunk(draft.shrunk().to_vec()));
    }
    let base = draft.base().map(|base| base.record().number);
    let content = Content {
        manifest: draft.manifest(),
        fresh: draft.fresh(),
        consumed: draft.marks(),
        held: draft.holds(),
    };
    let record = put(store, base, content, order).await?;
    Ok(draft.into_active(record, snapshot))
}

/// Activates an older generation again, with the layers of today: what was revoked stays revoked, and names stand for
/// what they stand for now.
///
/// The tables keep what was rolled back. With `held`, nothing of it is activated automatically.
pub async fn rollback(store: &Store, number: u64, held: bool, order: Order<'_>) -> Result<Active, Refusal> {
    let head = store.latest_generation().await?.ok_or(Refusal::NothingActive)?;
    let now = Arc::new(Active::load(store, head.number, None).await?);
    let then = Arc::new(Active::load(store, number, Some(Arc::clone(&now))).await?);
    let mut tables = then.tables().clone().with_layers_of(now.tables());
    drop_tokens_of_strangers(&mut tables);
    let draft = Draft::verify(tables, Marks::default(), Some(now));
    // Lint may have learnt since: what was active once may be active again as long as it compiles.
    let snapshot = match draft.compiled() {
        Ok(snapshot) => Arc::clone(snapshot),
        Err(faults) => return Err(Refusal::Errors(findings_of(faults))),
    };
    if draft.is_unchanged() {
        return Err(Refusal::Unchanged);
    }
    let content = Content { manifest: draft.manifest(), fresh: draft.fresh(), consumed: draft.marks(), held };
    let record = put(store, Some(head.number), content, order).await?;
    Ok(draft.into_active(record, snapshot))
}

/// Who activated, where nobody said.
const NOBODY: &str = "unknown";

struct Content<'c> {
    manifest: &'c Manifest,
    fresh: &'c [(ChunkHash, Packed)],
    consumed: &'c Marks,
    held: bool,
}

async fn put(
    store: &Store,
    parent: Option<u64>,
    content: Content<'_>,
    order: Order<'_>,
) -> Result<GenerationRecord, Refusal> {
    refuse_newer_tables(store).await?;
    let text = content.manifest.encode();
    let hashes: Vec<_> = content.manifest.hashes().map(|hash| hash.0).collect();
    let chunks: Vec<_> = content.fresh.iter().map(|(hash, packed)| (hash.0, packed.as_bytes())).collect();
    let new = NewGeneration {
        parent,
        actor: if order.actor.is_empty() { NOBODY } else { order.actor },
        comment: Some(order.comment).filter(|comment| !comment.is_empty()),
        held: content.held,
        checksum: Checksum::of(text.as_bytes()).0,
        manifest: text.as_bytes(),
        hashes: &hashes,
        chunks: &chunks,
        consumed: content.consumed,
    };
    Ok(crate::active::record(store.activate(new).await?))
}

/// A program that does not know a column would activate a configuration without it.
async fn refuse_newer_tables(store: &Store) -> Result<(), Refusal> {
    let (database, ours) = (store.schema_version().await?, store::schema_version());
    if database > ours { Err(Refusal::OlderThanTables { database, ours }) } else { Ok(()) }
}

impl From<ActivationError> for Refusal {
    fn from(error: ActivationError) -> Self {
        match error {
            ActivationError::Overtaken { .. } => Self::Overtaken,
            ActivationError::MissingChunk { hash } => Self::MissingChunk(ChunkHash(hash)),
            ActivationError::Store(error) => Self::Store(error),
        }
    }
}
