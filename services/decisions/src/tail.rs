//! The journal read from its last checkpoint on.

use std::sync::Arc;

use journal::{Entry, Follower, Gap, Journal, JournalError, Position, Why};
use runtime::chain;
use store::LoggedDecision;
use tokio::task::spawn_blocking;
use tracing::warn;

use crate::{Metrics, intake::DECISION};

/// The consumer whose checkpoints these are.
pub(crate) const CONSUMER: &str = "decisions";

pub(crate) struct Tail {
    journal: Arc<Journal>,
    follower: Follower,
    position: Position,
    kept: Position,
}

impl Tail {
    /// From the newest checkpoint, or from the beginning of what is there.
    pub(crate) async fn open(journal: &Arc<Journal>) -> Result<Self, JournalError> {
        let journal = Arc::clone(journal);
        let opened = spawn_blocking(move || {
            let position = journal.last_checkpoint(CONSUMER)?.map_or(Position(0), |last| last.position);
            let follower = journal.follow(position.next());
            Ok(Self { journal, follower, position, kept: position })
        });
        opened.await.unwrap_or(Err(JournalError::Closed))
    }

    /// The next decisions; waits for something to come, which need not be one. May be cancelled while it waits.
    pub(crate) async fn next(&mut self, metrics: &Metrics) -> Result<Vec<LoggedDecision>, JournalError> {
        let entries = self.follower.batch().await?;
        let mut decisions = Vec::with_capacity(entries.len());
        for entry in entries {
            match entry {
                Entry::Record(record) => {
                    self.position = record.position;
                    match serde_json::from_slice(&record.payload) {
                        Ok(decision) if record.kind == DECISION => decisions.push(decision),
                        _ => metrics.lost("unreadable", 1),
                    }
                }
                Entry::Gap(gap) => {
                    self.position = gap.to;
                    count(&gap, metrics);
                }
            }
        }
        Ok(decisions)
    }

    /// The last position that was read.
    pub(crate) fn position(&self) -> Position {
        self.position
    }

    /// Whether more was read than the last checkpoint says.
    pub(crate) fn has_moved(&self) -> bool {
        self.position > self.kept
    }

    /// Says that everything that was read is in the tables.
    pub(crate) async fn checkpoint(&mut self) {
        let (journal, position) = (Arc::clone(&self.journal), self.position);
        let kept = spawn_blocking(move || journal.checkpoint(CONSUMER, position, &[])).await;
        match kept {
            Ok(Ok(())) => self.kept = position,
            Ok(Err(error)) => {
                warn!(error = %chain(&error), "no checkpoint: a restart will write more decisions again");
            }
            // A panic there was reported.
            Err(_) => {}
        }
    }
}

/// What the disk did not take was counted when it did not.
fn count(gap: &Gap, metrics: &Metrics) {
    let why = match gap.why {
        Why::QueueFull | Why::DiskFull | Why::WriteFailed | Why::TooLarge | Why::Closed => return,
        Why::Removed => "removed",
        Why::Damaged => "damaged",
        Why::TornTail => "torn",
    };
    metrics.lost(why, gap.to.0.saturating_sub(gap.from.0) + 1);
}
