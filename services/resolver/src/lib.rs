//! Asks DNS what the host names of carriers stand for, beside the calls and never in their way.
//!
//! Any number of processes may run this; one at a time has its turn. What is asked follows from the active configuration,
//! what answers lead to from the crate `names`; what names stand for then is written into the tables, from where it goes
//! live like any other edit of a layer.

mod dns;
mod metrics;
mod round;

use std::{fmt, time::Duration};

use live::{Bus, Topic};
use names::{Condition, Rules};
use routing::ChunkedTables;
use runtime::{CancellationToken, Health, ResolverConfig, chain};
use store::Store;
use tokio::time::sleep;
use tracing::{info, warn};

pub use dns::{Dns, NoServers};
pub use metrics::Metrics;
pub use round::{Done, Round};

/// How often it is looked whether a name is due.
const EVERY: Duration = Duration::from_secs(1);
/// The part of the health this is about.
const PART: &str = "resolver";

/// The configuration that calls are routed by; nothing before there is one.
pub type ActiveTables = Box<dyn Fn() -> Option<ChunkedTables> + Send + Sync>;

/// What a resolver works with.
pub struct ResolverContext {
    pub config: ResolverConfig,
    pub store: Store,
    pub bus: Bus,
    /// Names this one process.
    pub holder: String,
    pub active: ActiveTables,
    pub health: Health,
    pub metrics: Metrics,
}

impl fmt::Debug for ResolverContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResolverContext").field("holder", &self.holder).finish_non_exhaustive()
    }
}

/// Resolves names as they are due, until the stop signal. Whatever goes wrong, names keep what they stand for.
pub async fn run(context: ResolverContext, stop: CancellationToken) {
    let dns = match Dns::new(&context.config) {
        Ok(dns) => dns,
        Err(error) => {
            warn!(error = %chain(&error), "host names are not resolved");
            return context
                .health
                .remark(PART, Some("host names are not resolved: no DNS servers".to_owned()));
        }
    };
    let round = Round::new(&context.store, &dns, &context.config, &context.holder);
    let mut failing = false;
    loop {
        match stop.run_until_cancelled(turn(&context, &round)).await {
            None => return,
            Some(Ok(())) => failing = false,
            // Said once: the database's own troubles are for others to tell.
            Some(Err(error)) if !std::mem::replace(&mut failing, true) => {
                warn!(error = %chain(&error), "host names stay what they are");
            }
            Some(Err(_)) => {}
        }
        if stop.run_until_cancelled(sleep(EVERY)).await.is_none() {
            return;
        }
    }
}

async fn turn(context: &ResolverContext, round: &Round<'_>) -> Result<(), store::StoreError> {
    let Some(tables) = (context.active)() else { return Ok(()) };
    let Some(done) = round.make(&tables).await? else { return Ok(()) };
    for failure in &done.heard {
        context.metrics.heard(*failure);
    }
    for suspicion in &done.suspicions {
        context.metrics.suspected(*suspicion);
    }
    for name in &done.changed {
        context.metrics.changed();
        info!(name, "stands for other addresses");
    }
    if !done.changed.is_empty() {
        context.bus.publish(Topic::Edits, "");
    }
    show(context, &done);
    Ok(())
}

fn show(context: &ResolverContext, done: &Done) {
    for condition in Condition::ALL {
        let count = done.conditions.iter().filter(|other| **other == condition).count();
        context.metrics.names(condition, count);
    }
    context.metrics.waiting(done.waiting);
    let stale = done.conditions.iter().filter(|condition| **condition == Condition::Stale).count();
    let stale = (stale > 0).then(|| format!("{stale} host names without a good answer for days"));
    let waiting = (done.waiting > 0).then(|| format!("{} addresses wait in quarantine", done.waiting));
    let remarks: Vec<_> = stale.into_iter().chain(waiting).collect();
    let remark = (!remarks.is_empty()).then(|| {
        format!("{}; `dialplane addresses list` and `addresses quarantine` name them", remarks.join(", "))
    });
    context.health.remark(PART, remark);
}

/// The rules of a configuration.
pub fn rules(config: &ResolverConfig) -> Rules {
    let us = |seconds: u64| i64::try_from(seconds).unwrap_or(i64::MAX).saturating_mul(1_000_000);
    Rules {
        ttl_floor_us: us(config.ttl_floor_s),
        ttl_ceiling_us: us(config.ttl_ceiling_s),
        hold_down_us: us(config.hold_down_s),
        kept_us: us(config.kept_days.saturating_mul(86_400)),
        addresses_max: usize::try_from(config.addresses_max).unwrap_or(usize::MAX),
    }
}
