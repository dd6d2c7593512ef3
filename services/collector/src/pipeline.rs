//! One node's records: assembled by everybody who listens, written by the one who holds the lease.
//!
//! A standby assembles too, forgets what it is told, and puts its checkpoint only where the writer's rows are known to
//! reach. To take over is then the same as to start after a crash: read the journal from the checkpoint on, and write
//! what comes of it; what is there already stays as it is.

use std::{sync::Arc, time::Duration};

use boards::Boards;
use domain::NodeName;
use journal::{Journal, JournalError};
use live::LiveCalls;
use runtime::{CancellationToken, Health, now_us};
use store::{LeaseOutcome, NodeLease, Store};
use tokio::{
    sync::{Notify, mpsc},
    time::{Instant, MissedTickBehavior, interval},
};
use tracing::{error, info, warn};

use crate::{
    assembly::Assembly,
    lease::{self, Leases},
    metrics::NodeMetrics,
    tail::{self, Step, Tail},
    work::{Mark, Rows, Work},
    writer::{self, Writer},
};

/// Steps that wait to be written. Each is at most what a thousand events told, so this is some hundred megabytes at the
/// very worst; whatever is more waits in the journal.
const WORK_MAX: usize = 1_024;
/// How often a checkpoint is made: as much is read again after a restart.
const CHECKPOINT_EVERY: Duration = Duration::from_secs(5);
/// How often what is up is shown.
const SHOW_EVERY: Duration = Duration::from_millis(500);
/// How often that is said although nothing moved: what is not said for some seconds counts as old.
const SHOW_AGAIN: Duration = Duration::from_secs(1);
/// The writer's rows reach a place of ours when they reach this much further: events of one moment may stand on both
/// sides of it, and without `timestampevents` each collector has a clock of its own.
const REACHED_BY_US: i64 = 5_000_000;
/// How long a journal that cannot be read is left alone.
const TROUBLE: Duration = Duration::from_secs(5);

pub(crate) struct Pipeline {
    pub(crate) node: NodeName,
    pub(crate) journal: Arc<Journal>,
    pub(crate) store: Store,
    pub(crate) leases: Leases,
    pub(crate) metrics: Arc<NodeMetrics>,
    pub(crate) health: Health,
    /// Told when the channels have to be listed.
    pub(crate) must_list: Arc<Notify>,
    pub(crate) boards: Boards,
    pub(crate) stop: CancellationToken,
}

impl Pipeline {
    pub(crate) async fn run(self) {
        while !self.stop.is_cancelled() {
            if let Err(error) = Box::pin(self.turn()).await {
                error!(node = %self.node, error = %runtime::chain(&error), "the journal cannot be read");
                self.health.remark(self.journal_part(), Some(error.to_string()));
                self.unless_stopped(tokio::time::sleep(TROUBLE)).await;
            }
        }
    }

    /// Stands by until the lease is ours, and writes until it is not.
    async fn turn(&self) -> Result<(), JournalError> {
        let Some(lease) = self.unless_stopped(self.stand_by()).await.transpose()? else { return Ok(()) };
        info!(node = %self.node, fence = lease.fence, "writing the records");
        self.metrics.leading.set(1);
        let led = self.unless_stopped(Box::pin(self.lead(&lease))).await;
        self.metrics.leading.set(0);
        self.boards.withdraw(&self.node);
        // Of a batch that is somebody else's now, perhaps.
        self.health.remark(writer::part(&self.node), None);
        if let Some(led) = led {
            return led;
        }
        // What is not written yet stands in the journal; whoever stands by need not wait for the lease to expire.
        self.leases.release(&lease).await;
        Ok(())
    }

    /// None if the process ends first.
    async fn unless_stopped<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        tokio::select! {
            done = work => Some(done),
            () = self.stop.cancelled() => None,
        }
    }

    async fn stand_by(&self) -> Result<NodeLease, JournalError> {
        // The first question comes before the journal is read: most collectors have nobody beside them.
        let mut tick = interval(lease::EVERY);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut standby: Option<Standby> = None;
        loop {
            tokio::select! {
                biased;
                _ = tick.tick() => {
                    if let Some(lease) = self.asked(&mut standby).await? {
                        return Ok(lease);
                    }
                }
                step = next(&mut standby) => drop(step?),
            }
        }
    }

    /// One question for the lease; the first time that somebody else has it, the standby begins.
    async fn asked(&self, standby: &mut Option<Standby>) -> Result<Option<NodeLease>, JournalError> {
        let asked = self.leases.ask().await;
        self.health.remark(self.part(), asked.as_ref().err().cloned());
        match asked {
            Err(_) => {}
            Ok(LeaseOutcome::Ours { lease, .. }) => return Ok(Some(lease)),
            Ok(LeaseOutcome::Theirs { written_us, .. }) => match standby {
                None => *standby = Some(Standby::open(self).await?),
                Some(standby) => standby.written(self, written_us).await,
            },
        }
        Ok(None)
    }

    fn part(&self) -> String {
        format!("lease of {}", self.node)
    }

    async fn open(&self) -> Result<Tail, JournalError> {
        let (journal, node) = (Arc::clone(&self.journal), self.node.clone());
        let opened = tokio::task::spawn_blocking(move || Tail::open(&journal, &node)).await;
        opened.unwrap_or(Err(JournalError::Closed))
    }

    /// Until the lease is lost. Assembling goes on while writing waits, as far as there is room for its work.
    async fn lead(&self, lease: &NodeLease) -> Result<(), JournalError> {
        let (work, works) = mpsc::channel(WORK_MAX);
        let writer = Writer {
            node: self.node.clone(),
            store: self.store.clone(),
            journal: Arc::clone(&self.journal),
            lease: lease.clone(),
            metrics: Arc::clone(&self.metrics),
            health: self.health.clone(),
        };
        let tail = self.open().await?;
        tokio::select! {
            ended = self.assemble(tail, work) => ended,
            () = writer.run(works) => Ok(()),
            () = self.leases.hold(lease) => Ok(()),
            () = Writer::prepare_months(&self.store) => Ok(()),
        }
    }

    async fn assemble(&self, mut tail: Tail, work: mpsc::Sender<Work>) -> Result<(), JournalError> {
        let mut shown = Instant::now();
        let mut marked = Instant::now();
        let mut tick = interval(SHOW_EVERY);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut moved = true;
        let mut troubles = 0;
        loop {
            tokio::select! {
                step = tail.next() => {
                    moved = true;
                    if !self.hand_on(step?, tail.assembly(), &work).await {
                        return Ok(());
                    }
                }
                _ = tick.tick() => {}
            }
            let due = if moved { SHOW_EVERY } else { SHOW_AGAIN };
            if shown.elapsed() >= due {
                self.show(tail.assembly());
                self.look_after_disk(&mut troubles);
                (shown, moved) = (Instant::now(), false);
            }
            if marked.elapsed() >= CHECKPOINT_EVERY && tail.has_moved() {
                marked = Instant::now();
                if !self.mark(&mut tail, &work).await {
                    return Ok(());
                }
            }
        }
    }

    /// False if nobody writes any more.
    async fn hand_on(&self, step: Step, assembly: &Assembly, work: &mpsc::Sender<Work>) -> bool {
        let Step { told, received_us, .. } = step;
        self.metrics.gaps.inc_by(told.gaps.len() as u64);
        if let Some(received_us) = received_us {
            self.metrics.behind(now_us().saturating_sub(received_us));
        }
        if told.must_list {
            self.must_list.notify_one();
        }
        let rows = Rows { updates: told.updates, gaps: told.gaps, until_us: assembly.heard_us() };
        rows.is_empty() || work.send(Work::Rows(rows)).await.is_ok()
    }

    fn show(&self, assembly: &Assembly) {
        let (calls, left_out) = assembly.live(LiveCalls::CALLS_MAX);
        self.metrics.calls.set(i64::try_from(calls.len() + left_out).unwrap_or(i64::MAX));
        self.metrics.losses(assembly.losses());
        if !assembly.is_listening() {
            self.boards.withdraw(&self.node);
            return;
        }
        self.boards.post(LiveCalls {
            node: self.node.clone(),
            collector: self.leases.holder.clone(),
            at_us: now_us(),
            calls,
            left_out: left_out as u64,
        });
    }

    /// Says while the disk takes nothing; what is heard meanwhile waits in memory, and not for long.
    fn look_after_disk(&self, troubles: &mut u64) {
        let counts = self.journal.counts();
        let now = counts.write_errors + counts.dropped_keep;
        let remark = (now > *troubles).then(|| "the disk does not take what is heard".to_owned());
        self.health.remark(self.journal_part(), remark);
        self.metrics.journal(&counts);
        *troubles = now;
    }

    fn journal_part(&self) -> String {
        format!("journal of {}", self.node)
    }

    /// False if nobody writes any more.
    async fn mark(&self, tail: &mut Tail, work: &mpsc::Sender<Work>) -> bool {
        match tail.mark() {
            Ok(mark) => work.send(Work::Mark(mark)).await.is_ok(),
            Err(error) => {
                warn!(node = %self.node, %error, "no checkpoint");
                true
            }
        }
    }
}

/// Who listens and does not write.
struct Standby {
    tail: Tail,
    /// A place that the writer's rows have not reached yet, as far as is known.
    candidate: Option<Mark>,
    since: Instant,
}

async fn next(standby: &mut Option<Standby>) -> Result<Step, JournalError> {
    match standby {
        Some(standby) => standby.next().await,
        None => std::future::pending().await,
    }
}

impl Standby {
    async fn open(pipeline: &Pipeline) -> Result<Self, JournalError> {
        info!(node = %pipeline.node, "standing by");
        Ok(Self { tail: pipeline.open().await?, candidate: None, since: Instant::now() })
    }

    async fn next(&mut self) -> Result<Step, JournalError> {
        let step = self.tail.next().await?;
        if self.candidate.is_none() && self.since.elapsed() >= CHECKPOINT_EVERY {
            self.candidate = self.tail.mark().ok();
            self.since = Instant::now();
        }
        Ok(step)
    }

    /// What the writer has written up to there need not be read again.
    async fn written(&mut self, pipeline: &Pipeline, written_us: Option<i64>) {
        let Some(mark) = self.candidate.take_if(|mark| is_reached(mark.until_us, written_us)) else { return };
        if let Err(error) = tail::keep(&pipeline.journal, mark).await {
            warn!(node = %pipeline.node, error = %runtime::chain(&error), "no checkpoint");
        }
    }
}

/// Whether rows up to one time leave nothing to write before another.
fn is_reached(until_us: Option<i64>, written_us: Option<i64>) -> bool {
    until_us.is_none_or(|us| written_us.is_some_and(|to| us.saturating_add(REACHED_BY_US) <= to))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_reached_when_the_rows_are_well_beyond_it() {
        assert!(is_reached(None, None), "nothing was heard yet");
        assert!(!is_reached(Some(7), None) && !is_reached(Some(7), Some(7)));
        assert!(!is_reached(Some(7), Some(7 + REACHED_BY_US - 1)));
        assert!(is_reached(Some(7), Some(7 + REACHED_BY_US)));
    }
}
