//! One export that was ordered: what it is to hold, how far it is, and what became of it.

use std::{
    collections::BTreeMap,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use domain::{ApiTokenId, NodeName};
use exports::{Format, What};
use records::{ExportAsk, Numbers, Watch, Zone};
use retention::Plan;
use runtime::CancellationToken;
use serde::Serialize;
use store::StoredCall;

/// Bytes of randomness in the id of a job: nobody guesses one.
const ID_BYTES: usize = 16;

/// What a job is asked for by, and what its file is called.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct JobId(Box<str>);

impl JobId {
    pub(crate) fn make() -> Result<Self, getrandom::Error> {
        let mut bytes = [0; ID_BYTES];
        getrandom::fill(&mut bytes)?;
        Ok(Self(bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat().into()))
    }

    /// An id somebody wrote; none that is none of ours in form.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        (text.len() == 2 * ID_BYTES && text.bytes().all(is_digit)).then(|| Self(text.into()))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// What became of a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum State {
    Waiting,
    Running,
    /// Its file is there, and this is its SHA-256.
    Done(Box<str>),
    Failed(Why),
    Cancelled,
}

/// Why there is no file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Why {
    /// The disk is full, or less is free than has to be.
    DiskFull,
    /// The exports that are kept take all they may.
    Quota,
    Database,
    Cancelled,
    /// The log tells what.
    Output,
}

impl Why {
    fn as_str(self) -> &'static str {
        match self {
            Self::DiskFull => "disk_full",
            Self::Quota => "quota",
            Self::Database => "database",
            Self::Cancelled => "cancelled",
            Self::Output => "output",
        }
    }
}

impl State {
    pub(super) fn word(&self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Running => "running",
            Self::Done(_) => "done",
            Self::Failed(_) => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    pub(super) fn is_over(&self) -> bool {
        !matches!(self, Self::Waiting | Self::Running)
    }
}

/// An export that was ordered.
#[derive(Debug)]
pub(crate) struct Job {
    pub(super) id: JobId,
    pub(super) owner: ApiTokenId,
    pub(super) ask: ExportAsk,
    pub(super) created_us: i64,
    /// From then on it is removed, whatever became of it.
    pub(super) expires_us: i64,
    pub(super) stop: CancellationToken,
    rows: AtomicU64,
    bytes: AtomicU64,
    state: Mutex<State>,
    /// When the first call of each node came to be of which a number may stand in the file whole.
    whole: Mutex<BTreeMap<NodeName, i64>>,
}

impl Job {
    pub(super) fn new(
        id: JobId,
        owner: ApiTokenId,
        ask: ExportAsk,
        created_us: i64,
        expires_us: i64,
    ) -> Self {
        Self {
            id,
            owner,
            ask,
            created_us,
            expires_us,
            stop: CancellationToken::new(),
            rows: AtomicU64::new(0),
            bytes: AtomicU64::new(0),
            state: Mutex::new(State::Waiting),
            whole: Mutex::default(),
        }
    }

    pub(super) fn state(&self) -> State {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Goes on to another state, unless it is over: what was cancelled is not done. Whether it did.
    pub(super) fn enter(&self, next: State) -> bool {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let goes_on = !state.is_over();
        if goes_on {
            *state = next;
        }
        goes_on
    }

    pub(super) fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    pub(super) fn add_bytes(&self, bytes: u64) {
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    /// What is called so by whoever downloads it.
    pub(super) fn file_name(&self) -> String {
        format!("{}.{}", self.ask.what.as_str(), self.ask.format.as_str())
    }

    pub(super) fn content_type(&self) -> &'static str {
        content_type(self.ask.format)
    }

    /// Whether a number stands in its file that is, or is about to be, masked or removed in the tables.
    pub(super) fn is_overdue(&self, plans: &[Plan]) -> bool {
        let whole = self.whole.lock().unwrap_or_else(PoisonError::into_inner);
        plans.iter().any(|plan| {
            let before_us = plan.mask_before_us.max(plan.remove_before_us);
            whole.get(&plan.node).zip(before_us).is_some_and(|(first_us, before_us)| *first_us < before_us)
        })
    }

    pub(super) fn view(&self) -> JobView {
        let state = self.state();
        let why = match &state {
            State::Failed(why) => Some(why.as_str()),
            _ => None,
        };
        let (is_done, word) = (matches!(state, State::Done(_)), state.word());
        let sha256 = match state {
            State::Done(sha256) => Some(sha256),
            _ => None,
        };
        JobView {
            id: self.id.0.clone(),
            state: word,
            why,
            what: self.ask.what.as_str(),
            format: self.ask.format.as_str(),
            numbers: self.ask.numbers.as_str(),
            from: self.ask.conditions.range.and_then(|range| Zone::UTC.show(range.from_us)),
            to: self.ask.conditions.range.and_then(|range| Zone::UTC.show(range.to_us)),
            capped: self.ask.conditions.capped(),
            created: Zone::UTC.show(self.created_us),
            expires: Zone::UTC.show(self.expires_us),
            rows: self.rows.load(Ordering::Relaxed),
            bytes: self.bytes(),
            sha256,
            content: is_done.then(|| format!("/api/v1/exports/{}/content", self.id.as_str())),
        }
    }
}

impl Watch for Job {
    fn call(&self, call: &StoredCall) {
        if self.ask.numbers == Numbers::Masked || call.is_masked {
            return;
        }
        let id = &call.record.id;
        let mut whole = self.whole.lock().unwrap_or_else(PoisonError::into_inner);
        match whole.get_mut(&id.node) {
            Some(first_us) => *first_us = id.created_us.min(*first_us),
            None => _ = whole.insert(id.node.clone(), id.created_us),
        }
    }

    fn rows(&self, rows: usize) {
        self.rows.fetch_add(rows as u64, Ordering::Relaxed);
    }
}

pub(super) fn content_type(format: Format) -> &'static str {
    match format {
        Format::Csv => "text/csv; charset=utf-8; header=present",
        Format::NdJson => "application/x-ndjson",
        Format::Parquet => "application/vnd.apache.parquet",
    }
}

/// A job as whoever ordered it sees it. Times are UTC.
#[derive(Debug, Serialize)]
pub(crate) struct JobView {
    id: Box<str>,
    state: &'static str,
    /// Of a job that failed.
    why: Option<&'static str>,
    what: &'static str,
    format: &'static str,
    numbers: &'static str,
    /// The time that is looked at.
    from: Option<String>,
    to: Option<String>,
    capped: Option<&'static str>,
    created: Option<String>,
    expires: Option<String>,
    /// So far.
    rows: u64,
    bytes: u64,
    sha256: Option<Box<str>>,
    /// Where its file is; null: there is none, or none yet.
    content: Option<String>,
}

/// How much of each call is read for these rows.
pub(super) fn parts(what: What) -> store::CallParts {
    match what {
        What::Calls => store::CallParts::Row,
        What::Legs | What::Attempts => store::CallParts::Whole,
    }
}
