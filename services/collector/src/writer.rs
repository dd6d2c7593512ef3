use std::{sync::Arc, time::Duration};

use domain::NodeName;
use journal::Journal;
use runtime::{Health, Insistence, chain, now_us, tend};
use store::{CallBatch, NodeLease, Store, WriteCallsError, Written};
use tokio::sync::mpsc;
use tracing::warn;

use crate::{
    metrics::NodeMetrics,
    tail,
    work::{Mark, Rows, Work},
};

/// Updates that are written at once, about.
const BATCH: usize = 500;

/// Brings updates into the tables, in their order, for as long as the lease is held.
pub(crate) struct Writer {
    pub(crate) node: NodeName,
    pub(crate) store: Store,
    pub(crate) journal: Arc<Journal>,
    pub(crate) lease: NodeLease,
    pub(crate) metrics: Arc<NodeMetrics>,
    pub(crate) health: Health,
}

impl Writer {
    /// Ends when somebody else has the lease, or when there is no more work to come.
    pub(crate) async fn run(self, mut works: mpsc::Receiver<Work>) {
        while let Some((rows, mark)) = batch(&mut works).await {
            if !self.write(&rows).await {
                return;
            }
            if let Some(mark) = mark {
                self.keep(mark).await;
            }
        }
    }

    /// Has the tables' parts for the coming months made, again and again. Without them rows go into the part for
    /// everything else.
    pub(crate) async fn prepare_months(store: &Store) {
        tend("parts for the records of the coming months", || store.prepare_call_partitions(now_us())).await;
    }

    /// Tries until it is done; false if it is not ours to do any more.
    async fn write(&self, rows: &Rows) -> bool {
        let batch = CallBatch { updates: &rows.updates, gaps: &rows.gaps, written_us: rows.until_us };
        let attempt = || async {
            match self.store.write_calls(&self.lease, &batch).await {
                Ok(written) => Ok(Some(written)),
                Err(WriteCallsError::LeaseLost) => Ok(None),
                Err(WriteCallsError::Store(error)) => Err(error),
            }
        };
        let insistence = Insistence {
            health: &self.health,
            part: part(&self.node).into(),
            waiting: "records wait in the journal",
        };
        let (written, took) = insistence.until_done(attempt, || self.metrics.failures.inc()).await;
        if let Some(written) = &written {
            self.wrote(written, took);
        }
        written.is_some()
    }

    fn wrote(&self, written: &Written, took: Duration) {
        if written.set_aside > 0 {
            warn!(node = %self.node, records = written.set_aside, "the database refused records, they were set aside");
        }
        self.metrics.wrote(written, took);
    }

    async fn keep(&self, mark: Mark) {
        if let Err(error) = tail::keep(&self.journal, mark).await {
            warn!(node = %self.node, error = %chain(&error), "no checkpoint: a restart will read more of the journal");
        }
    }
}

/// What the readiness calls it.
pub(crate) fn part(node: &NodeName) -> String {
    format!("records of {node}")
}

/// What waits, up to a batch or a mark; nothing when there is no more to come.
async fn batch(works: &mut mpsc::Receiver<Work>) -> Option<(Rows, Option<Mark>)> {
    let mut rows = Rows::default();
    let mut next = works.recv().await?;
    loop {
        match next {
            Work::Mark(mark) => {
                rows.until_us = rows.until_us.max(mark.until_us);
                return Some((rows, Some(mark)));
            }
            Work::Rows(more) => rows.add(more),
        }
        if rows.updates.len() >= BATCH {
            return Some((rows, None));
        }
        match works.try_recv() {
            Ok(more) => next = more,
            Err(_) => return Some((rows, None)),
        }
    }
}
