//! The tables as they would be activated, and what speaks for and against it.

use std::{sync::Arc, time::Duration};

use generations::{ChunkHash, Diff, Finding, Manifest, Packed, Severity, Shrunk, diff, guard, lint, pack};
use routing::{ChunkedTables, Generation, Layer, Snapshot, TableFaults, TableName, tables::NodeToken};
use store::{Marks, Store, StoreError, WorkingCopy};
use tokio::time::timeout;

use crate::{Active, active::compile, aside::aside};

/// How long the tables may take to be read.
const LIMIT: Duration = Duration::from_mins(2);

/// Why there is no draft.
#[derive(Debug, thiserror::Error)]
pub enum DraftError {
    #[error("the tables cannot be read")]
    Store(#[from] StoreError),
    #[error("the database did not finish within {} s", LIMIT.as_secs())]
    TooSlow,
}

/// How the tables are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// Every row.
    Whole,
    /// Where our own programs said that they edited.
    Marked,
}

/// What of the tables is looked at; the rest is taken from the active generation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    All,
    /// What is no part of a draft that waits for somebody to activate it.
    Layer(Layer),
}

impl Part {
    pub fn tables(self) -> &'static [TableName] {
        match self {
            Self::All => &TableName::ALL,
            Self::Layer(layer) => layer.tables(),
        }
    }
}

/// The tables as they were at one moment, verified.
#[derive(Debug)]
pub struct Draft {
    part: Part,
    tables: ChunkedTables,
    manifest: Manifest,
    fresh: Vec<(ChunkHash, Packed)>,
    marks: Marks,
    compiled: Result<Arc<Snapshot>, TableFaults>,
    findings: Vec<Finding>,
    shrunk: Vec<Shrunk>,
    base: Option<Arc<Active>>,
}

impl Draft {
    /// Reads the tables in one transaction, compiles and lints them and compares them with the active generation.
    pub async fn read(
        store: &Store,
        look: Look,
        part: Part,
        base: Option<Arc<Active>>,
    ) -> Result<Self, DraftError> {
        let copy = timeout(LIMIT, working_copy(store, look, part, base.as_deref()));
        let WorkingCopy { mut tables, marks } = copy.await.map_err(|_| DraftError::TooSlow)??;
        if part == Part::Layer(Layer::Tokens) {
            drop_tokens_of_strangers(&mut tables);
        }
        Ok(aside(move || Self { part, ..Self::verify(tables, marks, base) }).await)
    }

    /// Takes a while with a million numbers: not for a thread that answers questions.
    pub fn verify(tables: ChunkedTables, marks: Marks, base: Option<Arc<Active>>) -> Self {
        let packing = pack(&tables, base.as_deref().map(|base| (base.tables(), base.manifest())));
        let number = base.as_deref().map_or(1, |base| base.record().number + 1);
        let compiled = compile(tables.clone(), Generation::number(number), base.as_deref()).map(Arc::new);
        let mut findings = compiled.as_ref().map_or_else(findings_of, |_| Vec::new());
        findings.extend(lint(&tables));
        let shrunk =
            base.as_deref().map(|base| guard(base.manifest(), &packing.manifest)).unwrap_or_default();
        Self {
            part: Part::All,
            tables,
            manifest: packing.manifest,
            fresh: packing.chunks,
            marks,
            compiled,
            findings,
            shrunk,
            base,
        }
    }

    /// Whether no table holds anything.
    pub fn is_empty(&self) -> bool {
        self.manifest.entries().next().is_none()
    }

    /// What stands in the tables.
    pub fn tables(&self) -> &ChunkedTables {
        &self.tables
    }

    /// What answers would come from, or why there would be none.
    pub fn compiled(&self) -> Result<&Arc<Snapshot>, &TableFaults> {
        self.compiled.as_ref()
    }

    /// Everything that is wrong or looks wrong, errors first.
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// What makes an activation impossible.
    pub fn errors(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| finding.severity == Severity::Error)
    }

    /// The tables that lost so many rows that somebody has to say it is meant.
    pub fn shrunk(&self) -> &[Shrunk] {
        &self.shrunk
    }

    /// Whether it says what the active generation says.
    pub fn is_unchanged(&self) -> bool {
        self.base.as_deref().is_some_and(|base| *base.manifest() == self.manifest)
    }

    /// What activating it would change, row by row.
    pub fn diff(&self) -> Diff {
        match &self.base {
            Some(base) => diff(base.tables(), &self.tables),
            None => diff(&ChunkedTables::default(), &self.tables),
        }
    }

    /// Whether nothing is to be activated automatically after it. A layer that goes live on top of a generation that is
    /// held leaves it held; only whoever activates everything says that it is over.
    pub(crate) fn holds(&self) -> bool {
        self.part != Part::All && self.follows_a_hold()
    }

    /// Whether activating it ends a hold, be there anything else to it or not.
    pub(crate) fn ends_a_hold(&self) -> bool {
        self.part == Part::All && self.follows_a_hold()
    }

    fn follows_a_hold(&self) -> bool {
        self.base.as_deref().is_some_and(|base| base.record().held)
    }

    pub(crate) fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    pub(crate) fn fresh(&self) -> &[(ChunkHash, Packed)] {
        &self.fresh
    }

    pub(crate) fn marks(&self) -> &Marks {
        &self.marks
    }

    pub(crate) fn base(&self) -> Option<&Arc<Active>> {
        self.base.as_ref()
    }

    /// The generation it became.
    pub(crate) fn into_active(
        self,
        record: generations::GenerationRecord,
        snapshot: Arc<Snapshot>,
    ) -> Active {
        Active::activated(record, self.manifest, self.fresh, snapshot, self.base.as_deref())
    }
}

/// What keeps tables from being compiled, as findings.
pub(crate) fn findings_of(faults: &TableFaults) -> Vec<Finding> {
    faults.0.iter().cloned().map(Finding::from).collect()
}

async fn working_copy(
    store: &Store,
    look: Look,
    part: Part,
    base: Option<&Active>,
) -> Result<WorkingCopy, StoreError> {
    match (look, base) {
        (Look::Marked, Some(base)) => store.reread(base.tables(), part.tables()).await,
        (Look::Whole, Some(base)) => store.scan(base.tables(), part.tables()).await,
        (_, None) => store.tables_chunked().await,
    }
}

/// Tokens of servers that the configuration does not have. Next to tables of another day they prove nothing, and must
/// not keep other tokens from being revoked.
pub(crate) fn drop_tokens_of_strangers(tables: &mut ChunkedTables) {
    let known = |token: &NodeToken| tables.servers.get(token.server_id.0).is_some();
    if !tables.node_tokens.rows().all(known) {
        tables.node_tokens = tables.node_tokens.rows().filter(|token| known(token)).cloned().collect();
    }
}
