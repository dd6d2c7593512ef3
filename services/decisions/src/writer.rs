//! From the disk into the tables.

use std::{sync::Arc, time::Duration};

use journal::{Journal, JournalError, Position};
use runtime::{Insistence, now_us, tend};
use store::LoggedDecision;
use tokio::{
    sync::watch,
    time::{Instant, sleep},
};
use tracing::warn;

use crate::{DecisionsContext, tail::Tail};

/// How long more is waited for after few decisions were written: a transaction for each call is one too many.
const GATHER: Duration = Duration::from_millis(200);
/// So many are not few.
const MANY: usize = 200;
/// How often a checkpoint is made: as much is written again after a restart.
const CHECKPOINT_EVERY: Duration = Duration::from_secs(2);

pub(crate) struct Writer<'c> {
    pub(crate) context: &'c DecisionsContext,
    pub(crate) journal: &'c Arc<Journal>,
}

impl Writer<'_> {
    /// Writes what comes, in its order, until it is told where it ends and has come there.
    pub(crate) async fn run(&self, mut ends: watch::Receiver<Option<Position>>) -> Result<(), JournalError> {
        let mut tail = Tail::open(self.journal).await?;
        let mut marked = Instant::now();
        loop {
            let position = tail.position();
            let decisions = tokio::select! {
                decisions = tail.next(&self.context.metrics) => decisions?,
                // Whoever tells outlives this.
                _ = ends.wait_for(|end| end.is_some_and(|end| end <= position)) => break,
            };
            self.write(&decisions).await;
            if marked.elapsed() >= CHECKPOINT_EVERY {
                tail.checkpoint().await;
                marked = Instant::now();
            }
            if decisions.len() < MANY {
                sleep(GATHER).await;
            }
        }
        if tail.has_moved() {
            tail.checkpoint().await;
        }
        Ok(())
    }

    /// Tries until it is done.
    async fn write(&self, decisions: &[LoggedDecision]) {
        let Some(first) = decisions.first() else { return };
        let DecisionsContext { store, health, metrics, .. } = self.context;
        let since_us = first.record.decided_us;
        let insistence =
            Insistence { health, part: "decisions".into(), waiting: "decisions wait in the journal" };
        let attempt = || {
            metrics.behind(now_us().saturating_sub(since_us));
            store.write_decisions(decisions)
        };
        let (written, took) = insistence.until_done(attempt, || metrics.failed()).await;
        if written.set_aside > 0 {
            warn!(decisions = written.set_aside, "the database refused decisions, they were set aside");
        }
        metrics.wrote(&written, took);
        metrics.journal(&self.journal.counts());
    }

    /// Makes the tables' parts for the coming months, again and again. Without them rows go into the part for everything
    /// else.
    pub(crate) async fn prepare_months(&self) {
        let store = &self.context.store;
        tend("parts for the decisions of the coming months", || store.prepare_decision_partitions(now_us()))
            .await;
    }
}
