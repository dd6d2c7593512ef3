use std::{pin::pin, sync::Arc, time::Duration};

use domain::NodeName;
use journal::Journal;
use runtime::{Backoff, Health, chain, now_us};
use store::{CallBatch, NodeLease, Store, WriteCallsError, Written};
use tokio::{
    sync::mpsc,
    time::{Instant, error::Elapsed, sleep, timeout},
};
use tracing::{info, warn};

use crate::{
    metrics::NodeMetrics,
    tail,
    work::{Mark, Rows, Work},
};

/// Updates that are written at once, about.
const BATCH: usize = 500;
/// How long one batch may take. What is written twice is there once.
const PATIENCE: Duration = Duration::from_secs(30);
/// Who looks hears of a batch that takes longer than this.
const NEWS: Duration = Duration::from_secs(3);
const PAUSES: [Duration; 2] = [Duration::from_millis(100), Duration::from_secs(5)];

/// How often the coming months are looked after.
const MONTHS_EVERY: Duration = Duration::from_hours(6);
const MONTHS_AGAIN: Duration = Duration::from_mins(5);

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
    pub(crate) async fn prepare_months(store: &Store, node: &NodeName) {
        loop {
            let Err(error) = store.prepare_call_partitions(now_us()).await else {
                sleep(MONTHS_EVERY).await;
                continue;
            };
            warn!(%node, error = %chain(&error), "no parts for the records of the coming months");
            sleep(MONTHS_AGAIN).await;
        }
    }

    /// Tries until it is done; false if it is not ours to do any more.
    async fn write(&self, rows: &Rows) -> bool {
        let batch = CallBatch { updates: &rows.updates, gaps: &rows.gaps, written_us: rows.until_us };
        let mut backoff = Backoff::new(PAUSES[0], PAUSES[1]);
        let mut told = false;
        loop {
            let begun = Instant::now();
            let error = match self.attempt(&batch, &mut told).await {
                Ok(Ok(written)) => {
                    self.wrote(&written, begun.elapsed());
                    if told {
                        info!(node = %self.node, "records are written again");
                        self.health.remark(part(&self.node), None);
                    }
                    return true;
                }
                Ok(Err(WriteCallsError::LeaseLost)) => return false,
                Ok(Err(WriteCallsError::Store(error))) => chain(&error).to_string(),
                Err(_) => no_answer(PATIENCE),
            };
            self.metrics.failures.inc();
            self.tell(&error, &mut told);
            backoff.pause().await;
        }
    }

    async fn attempt(
        &self,
        batch: &CallBatch<'_>,
        told: &mut bool,
    ) -> Result<Result<Written, WriteCallsError>, Elapsed> {
        let mut writing = pin!(timeout(PATIENCE, self.store.write_calls(&self.lease, batch)));
        if let Ok(done) = timeout(NEWS, &mut writing).await {
            return done;
        }
        self.tell(&no_answer(NEWS), told);
        writing.await
    }

    /// Once for all the times a batch is tried.
    fn tell(&self, error: &str, told: &mut bool) {
        if !std::mem::replace(told, true) {
            warn!(node = %self.node, error, "records cannot be written, they wait in the journal");
            self.health.remark(part(&self.node), Some(format!("records wait in the journal: {error}")));
        }
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

fn no_answer(within: Duration) -> String {
    format!("no answer within {} s", within.as_secs())
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
