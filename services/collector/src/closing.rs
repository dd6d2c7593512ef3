//! Sums up what was written: quarters of an hour with a mark, whichever collector, router or command marked them.

use std::{sync::Arc, time::Duration};

use runtime::{CancellationToken, Health, chain, now_us};
use store::{Closed, Store, StoreError};
use tokio::time::{Instant, sleep, timeout};
use tracing::{info, warn};

use crate::metrics::Metrics;

/// How often it is looked whether there is something to sum up.
const EVERY: Duration = Duration::from_secs(5);
/// Quarters in a round.
const ROUND: u32 = 50;
/// How long one of them may take.
const PATIENCE: Duration = Duration::from_mins(1);
/// Of its time it works a fifth at most, since the quarter we are in is summed up again and again; half of it where more
/// is left than a round takes.
const REST: u32 = 4;
const SHORT_REST: u32 = 1;
/// How long calls wait for a decision nobody has logged, microseconds.
const AWAITED_US: i64 = 2 * 24 * 3_600 * 1_000_000;
const FORGET_EVERY: Duration = Duration::from_hours(1);

const PART: &str = "roll-ups";

/// The one task of a process that sums up.
pub(crate) struct Closing {
    pub(crate) store: Store,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) health: Health,
}

impl Closing {
    pub(crate) async fn run(self, stop: CancellationToken) {
        stop.run_until_cancelled(self.rounds()).await;
    }

    async fn rounds(&self) {
        let mut forgotten: Option<Instant> = None;
        let mut told = None;
        loop {
            let begun = Instant::now();
            let round = self.round().await;
            let is_full = round == Ok(ROUND as usize);
            self.tell(round.err(), &mut told);
            if forgotten.is_none_or(|at| at.elapsed() >= FORGET_EVERY) {
                forgotten = Some(begun);
                // Whoever fails here fails above.
                let _ = self.store.forget_awaited_decisions(now_us() - AWAITED_US).await;
            }
            let worked = begun.elapsed();
            sleep(if is_full { worked * SHORT_REST } else { EVERY.max(worked * REST) }).await;
        }
    }

    /// Sums up what is marked, the latest first, and tells how many quarters that were. One quarter that cannot be summed up does not hold up the others.
    async fn round(&self) -> Result<usize, String> {
        if let Some(quarters) = self.store.follow_outcome_rules().await.map_err(text)? {
            info!(quarters, "the rules of outcomes are others, what they are about is summed up again");
        }
        let mut failed = None;
        let places = self.store.marked_quarters(ROUND).await.map_err(text)?;
        for place in &places {
            let closed = timeout(PATIENCE, self.store.close_quarter(place)).await;
            match closed {
                Ok(Ok(Closed::Summed { fresh, .. })) => {
                    self.metrics.summed_up();
                    self.metrics.carriers.count(&fresh);
                }
                Ok(Ok(Closed::Unmarked | Closed::Removed)) => {}
                // The next round begins with them.
                Ok(Ok(Closed::OtherRules)) => break,
                Ok(Err(error)) if error.is_unavailable() => return Err(text(error)),
                Ok(Err(error)) => failed = Some(text(error)),
                Err(_) => failed = Some("a quarter takes too long".to_owned()),
            }
        }
        let (marks, oldest) = self.store.marks_of_quarters().await.map_err(text)?;
        let age_us = oldest.map_or(0, |quarter| now_us().saturating_sub(quarter.from_us()));
        self.metrics.marked(marks, age_us);
        failed.map_or(Ok(places.len()), Err)
    }

    /// Each trouble once.
    fn tell(&self, trouble: Option<String>, told: &mut Option<String>) {
        if trouble == *told {
            return;
        }
        if let Some(error) = &trouble {
            warn!(error, "what was recorded cannot be summed up, its quarters stay marked");
        } else {
            info!("what was recorded is summed up again");
        }
        self.health.remark(PART, trouble.clone());
        *told = trouble;
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it maps errors")]
fn text(error: StoreError) -> String {
    chain(&error).to_string()
}
