//! The journal of a node read from its last checkpoint on, assembled as it comes.

use std::sync::Arc;

use domain::NodeName;
use journal::{Follower, Journal, JournalError, Position};
use tracing::{info, warn};

use crate::{
    assembly::{Assembly, Told, position},
    work::Mark,
};

/// The consumer whose checkpoints these are.
pub(crate) const CONSUMER: &str = "calls";

/// An assembly and where in the journal it stands.
pub(crate) struct Tail {
    follower: Follower,
    position: Position,
    marked: Position,
    assembly: Assembly,
}

/// What a step came to.
#[derive(Debug, Default)]
pub(crate) struct Step {
    pub(crate) told: Told,
    /// When the last of them was received.
    pub(crate) received_us: Option<i64>,
}

impl Tail {
    /// From the newest checkpoint, or from the beginning of what is kept. Disk work.
    pub(crate) fn open(journal: &Arc<Journal>, node: &NodeName) -> Result<Self, JournalError> {
        let checkpoint = journal.last_checkpoint(CONSUMER)?;
        for damaged in checkpoint.iter().flat_map(|checkpoint| &checkpoint.damaged) {
            warn!(%node, file = %damaged.display(), "checkpoint is damaged, using an older one");
        }
        let (position, assembly) = match checkpoint {
            None => (Position(0), Assembly::new(node.clone())),
            Some(checkpoint) => match Assembly::restore(node.clone(), &checkpoint.content) {
                Ok(assembly) => (checkpoint.position, assembly),
                Err(error) => {
                    info!(%node, %error, "checkpoint is of another version, reading the journal from its beginning");
                    (Position(0), Assembly::new(node.clone()))
                }
            },
        };
        let follower = journal.follow(position.next());
        Ok(Self { follower, position, marked: position, assembly })
    }

    /// The next entries, taken in; waits for them. May be cancelled while it waits.
    pub(crate) async fn next(&mut self) -> Result<Step, JournalError> {
        let entries = self.follower.batch().await?;
        let mut step = Step::default();
        for entry in &entries {
            self.assembly.take(entry, &mut step.told);
            if let journal::Entry::Record(record) = entry {
                step.received_us = Some(record.time_us);
            }
        }
        self.position = entries.last().map_or(self.position, position);
        Ok(step)
    }

    pub(crate) fn assembly(&self) -> &Assembly {
        &self.assembly
    }

    /// Whether there is more than at the last mark.
    pub(crate) fn has_moved(&self) -> bool {
        self.position > self.marked
    }

    /// Where to go on from here.
    pub(crate) fn mark(&mut self) -> serde_json::Result<Mark> {
        self.marked = self.position;
        let content = self.assembly.save()?;
        Ok(Mark { position: self.position, content, until_us: self.assembly.heard_us() })
    }
}

/// Writes a mark down, off the threads that must not wait for a disk.
pub(crate) async fn keep(journal: &Arc<Journal>, mark: Mark) -> Result<(), JournalError> {
    let journal = Arc::clone(journal);
    let kept = move || journal.checkpoint(CONSUMER, mark.position, &mark.content);
    // A panic there was reported; the checkpoint before stays in force.
    tokio::task::spawn_blocking(kept).await.unwrap_or(Ok(()))
}
