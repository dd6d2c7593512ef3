//! From the router's queue onto the disk.

use std::{pin::pin, sync::Arc, time::Duration};

use journal::{Class, Journal, Position};
use routing::DecisionRecord;
use runtime::{CancellationToken, chain};
use store::LoggedDecision;
use tokio::{
    sync::mpsc,
    task::yield_now,
    time::{sleep, timeout},
};
use tracing::warn;

use crate::{DecisionsContext, PART};

/// Records of this kind are a [`LoggedDecision`] as JSON.
pub(crate) const DECISION: u8 = 1;

/// How long the queue is left alone after a decision came: to be woken for each would cost more than the decision.
const GATHER: Duration = Duration::from_millis(20);
/// Decisions written down in one go; then the writer has its turn.
const TURN: usize = 64;
/// How long the router may take to answer its last questions.
const LAST_WORDS: Duration = Duration::from_millis(2_200);
/// How long the disk may take for the last decisions.
const LAST_SYNC: Duration = Duration::from_millis(300);

pub(crate) struct Intake<'c> {
    pub(crate) context: &'c DecisionsContext,
    pub(crate) journal: &'c Arc<Journal>,
    pub(crate) stop: &'c CancellationToken,
}

impl Intake<'_> {
    /// Until nobody decides any more; the last position that is on disk then.
    pub(crate) async fn run(&self, decisions: &mut mpsc::Receiver<DecisionRecord>) -> Position {
        let mut given_up = pin!(async {
            self.stop.cancelled().await;
            sleep(LAST_WORDS).await;
        });
        let mut turn = Vec::with_capacity(TURN);
        let mut troubles = 0;
        loop {
            tokio::select! {
                came = decisions.recv_many(&mut turn, TURN) => if came == 0 { break },
                () = &mut given_up => break,
            }
            self.keep(&mut turn);
            while let Ok(next) = decisions.try_recv() {
                turn.push(next);
                if turn.len() == TURN {
                    self.keep(&mut turn);
                    yield_now().await;
                }
            }
            self.keep(&mut turn);
            self.look_after_disk(&mut troubles);
            sleep(GATHER).await;
        }
        self.flush().await
    }

    fn keep(&self, turn: &mut Vec<DecisionRecord>) {
        for record in turn.drain(..) {
            let decided_us = record.decided_us;
            let logged = LoggedDecision { router: self.context.router.clone(), record };
            let kept = serde_json::to_vec(&logged)
                .map(|payload| self.journal.append(Class::Keep, DECISION, decided_us, &payload));
            if !matches!(kept, Ok(Ok(_))) {
                self.context.metrics.lost("disk", 1);
            }
        }
    }

    async fn flush(&self) -> Position {
        let flushed = timeout(LAST_SYNC, self.journal.flush()).await;
        if let Ok(Err(error)) = &flushed {
            warn!(error = %chain(error), "the last decisions may be lost");
        }
        let durable = *self.journal.watch().borrow();
        flushed.ok().and_then(Result::ok).unwrap_or(durable)
    }

    /// Says while the disk takes nothing; what is decided meanwhile waits in memory, and not for long.
    fn look_after_disk(&self, troubles: &mut u64) {
        let counts = self.journal.counts();
        let now = counts.write_errors + counts.dropped_keep;
        let remark = (now > *troubles).then(|| "the disk does not take decisions".to_owned());
        self.context.health.remark(PART, remark);
        self.context.metrics.journal(&counts);
        *troubles = now;
    }
}
