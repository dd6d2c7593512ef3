use std::{fmt, fs::File, time::Duration};

use runtime::chain;
use tokio::time::{Instant, sleep};
use tracing::warn;

use crate::{Deviation, Kept, KeptError, Ruleset, Tool, ToolError, deviations, ipset, nftables};

/// How long the filter's own tool may take. A hundred thousand networks take it some seconds.
const TOOL_LIMIT: Duration = Duration::from_mins(1);
/// How long somebody else's change is waited for, and how often that is looked at.
const TURN_LIMIT: Duration = Duration::from_secs(15);
const TURN_PAUSE: Duration = Duration::from_millis(20);
/// Most deviations that are told one by one where one sentence must do.
const TOLD: usize = 5;

/// The packet filter, by the tool it is changed with.
#[derive(Clone, Debug)]
pub enum Backend {
    Nftables(Tool),
    Ipset(Tool),
}

impl Backend {
    pub fn nftables() -> Result<Self, ToolError> {
        Tool::find("nft", TOOL_LIMIT).map(Self::Nftables)
    }

    pub fn ipset() -> Result<Self, ToolError> {
        Tool::find("ipset", TOOL_LIMIT).map(Self::Ipset)
    }

    /// Reads a file of this filter's.
    pub fn parse(&self, text: &str) -> Ruleset {
        match self {
            Self::Nftables(_) => nftables::parse(text),
            Self::Ipset(_) => ipset::parse(text),
        }
    }

    /// What is loaded of ours, as the tool prints it; empty when nothing is.
    async fn read(&self) -> Result<String, ToolError> {
        let read = match self {
            Self::Nftables(nft) => nftables::read(nft).await?,
            Self::Ipset(ipset) => ipset::read(ipset).await?,
        };
        Ok(read.unwrap_or_default())
    }

    /// What makes a file of ours of what is loaded.
    fn over(&self, text: &str, loaded: &str) -> String {
        match self {
            Self::Nftables(_) => nftables::over(text, loaded),
            Self::Ipset(_) => text.to_owned(),
        }
    }

    /// Whether it would be taken. ipset cannot tell before it does it.
    async fn check(&self, text: &str) -> Result<(), ToolError> {
        match self {
            Self::Nftables(nft) => nftables::check(nft, text).await,
            Self::Ipset(_) => Ok(()),
        }
    }

    async fn load(&self, text: &str) -> Result<(), ToolError> {
        match self {
            Self::Nftables(nft) => nftables::load(nft, text).await,
            Self::Ipset(ipset) => ipset::load(ipset, text).await,
        }
    }

    async fn restore(&self, before: &str) -> Result<(), ToolError> {
        match self {
            Self::Nftables(nft) => nftables::restore(nft, before).await,
            Self::Ipset(ipset) => ipset::restore(ipset, before).await,
        }
    }
}

/// Brings the packet filter from what it has loaded to what it shall have, or leaves it as it was.
#[derive(Clone, Debug)]
pub struct Applier {
    pub backend: Backend,
    pub kept: Kept,
    /// A program that is run after a change and says by its exit code whether the node still works.
    pub check: Option<Tool>,
}

/// Why a change was not kept.
#[derive(Debug, thiserror::Error)]
pub enum ApplyError {
    #[error("nothing was changed: the packet filter cannot be read")]
    Unreadable(#[source] ToolError),
    #[error("nothing was changed: the packet filter would not take it")]
    Rejected(#[source] ToolError),
    #[error("nothing was changed")]
    Busy(#[source] KeptError),
    #[error("what was loaded before is loaded again: {0}")]
    RolledBack(Reason),
    #[error("what was loaded before could not be loaded again, after {reason}")]
    Stuck {
        reason: Reason,
        #[source]
        source: ToolError,
    },
    #[error("what was loaded before was loaded again, and reads otherwise, after {0}")]
    Altered(Reason),
}

/// What spoke against a change.
#[derive(Debug)]
pub enum Reason {
    /// The tool gave up at it.
    Tool(ToolError),
    /// What is loaded is not what was meant.
    Deviates(Vec<Deviation>),
    /// The node does not work with it.
    Check(ToolError),
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tool(error) => write!(f, "the packet filter did not take it: {}", chain(error)),
            Self::Check(error) => write!(f, "the check failed: {}", chain(error)),
            Self::Deviates(deviations) => {
                write!(f, "{} things were loaded otherwise than meant", deviations.len())?;
                deviations.iter().take(TOLD).try_for_each(|deviation| write!(f, "; {deviation}"))
            }
        }
    }
}

impl Applier {
    /// What is loaded of ours. Where the filter has no place for what it says of itself, that is what was kept on disk.
    pub async fn loaded(&self) -> Result<Ruleset, ToolError> {
        let mut loaded = self.backend.parse(&self.backend.read().await?);
        if loaded.label.is_none() && !loaded.sets.is_empty() {
            let last = self.kept.last().ok().flatten();
            loaded.label = last.and_then(|last| self.backend.parse(&last).label);
        }
        Ok(loaded)
    }

    /// Whether a process was killed between loading and checking: what is loaded was not found good yet.
    pub fn was_interrupted(&self) -> bool {
        !matches!(self.kept.before(), Ok(None))
    }

    /// Loads a file in one step and looks whether it is as it was meant, and the node as it should be. What it gives is what
    /// to compare with from then on.
    pub async fn apply(&self, text: &str) -> Result<Ruleset, ApplyError> {
        let _alone = self.alone().await.map_err(ApplyError::Busy)?;
        let now = self.backend.read().await.map_err(ApplyError::Unreadable)?;
        let file = self.backend.over(text, &now);
        self.backend.check(&file).await.map_err(ApplyError::Rejected)?;
        let before = self.before(now);
        told(self.kept.keep_before(&before));
        let changed = match self.change(text, &file).await {
            Ok(loaded) => {
                told(self.kept.keep(&self.backend.over(text, "")));
                Ok(loaded)
            }
            Err(reason) => self.go_back(&before, reason).await,
        };
        // What could not be brought back is still to go back to.
        if !matches!(changed, Err(ApplyError::Stuck { .. })) {
            told(self.kept.forget_before());
        }
        changed
    }

    /// Waits for its turn: one change after the other, whoever makes them.
    async fn alone(&self) -> Result<File, KeptError> {
        let limit = Instant::now() + TURN_LIMIT;
        loop {
            match self.kept.lock() {
                Err(KeptError::Busy { .. }) if Instant::now() < limit => sleep(TURN_PAUSE).await,
                turn => return turn,
            }
        }
    }

    /// What to go back to: after a change that was cut off, what that one began with.
    fn before(&self, now: String) -> String {
        match self.kept.before() {
            Ok(before) => before.unwrap_or(now),
            Err(error) => {
                warn!(error = %chain(&error), "what was loaded before the last change is not known");
                now
            }
        }
    }

    async fn change(&self, text: &str, file: &str) -> Result<Ruleset, Reason> {
        self.backend.load(file).await.map_err(Reason::Tool)?;
        let loaded = self.loaded().await.map_err(Reason::Tool)?;
        let meant = self.backend.parse(text).worded_as(&loaded);
        let deviations = deviations(&meant, &loaded);
        if !deviations.is_empty() {
            return Err(Reason::Deviates(deviations));
        }
        match &self.check {
            Some(check) => check.run(&[], "").await.map(|_| meant).map_err(Reason::Check),
            None => Ok(meant),
        }
    }

    async fn go_back(&self, before: &str, reason: Reason) -> Result<Ruleset, ApplyError> {
        if let Err(source) = self.backend.restore(before).await {
            return Err(ApplyError::Stuck { reason, source });
        }
        match self.loaded().await {
            Ok(loaded) if deviations(&self.backend.parse(before), &loaded).is_empty() => {
                Err(ApplyError::RolledBack(reason))
            }
            Ok(_) => Err(ApplyError::Altered(reason)),
            Err(source) => Err(ApplyError::Stuck { reason, source }),
        }
    }
}

/// A disk that is full shall not keep carriers out: what cannot be kept is said.
fn told(kept: Result<(), KeptError>) {
    if let Err(error) = kept {
        warn!(error = %chain(&error), "what is loaded is not kept on disk");
    }
}
