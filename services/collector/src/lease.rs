use std::time::Duration;

use domain::NodeName;
use runtime::chain;
use store::{LeaseOutcome, NodeLease, Store, StoreError};
use tokio::time::{interval, timeout};
use tracing::{info, warn};

/// Who does not renew a lease for so long has lost it.
pub const TTL: Duration = Duration::from_secs(6);
/// How often it is renewed, or asked for.
pub(crate) const EVERY: Duration = Duration::from_millis(1_500);
/// How long one question may take.
const PATIENCE: Duration = Duration::from_secs(5);

const SILENT: &str = "the database does not answer";

/// Asks for the right to write a node's records.
#[derive(Clone, Debug)]
pub(crate) struct Leases {
    pub(crate) node: NodeName,
    pub(crate) store: Store,
    /// No other process has this name, nor has this one after a restart.
    pub(crate) holder: Box<str>,
}

impl Leases {
    pub(crate) async fn ask(&self) -> Result<LeaseOutcome, String> {
        let asked: Result<Result<_, StoreError>, _> =
            timeout(PATIENCE, self.store.lease_node(&self.node, &self.holder, TTL)).await;
        match asked {
            Ok(Ok(outcome)) => Ok(outcome),
            Ok(Err(error)) => Err(chain(&error).to_string()),
            Err(_) => Err(SILENT.to_owned()),
        }
    }

    /// Renews a lease until somebody else has it.
    pub(crate) async fn hold(&self, lease: &NodeLease) {
        let mut tick = interval(EVERY);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tick.tick().await;
            match self.ask().await {
                // While the database is away nobody can take it; whoever is late loses it by the fence.
                Err(_) => {}
                Ok(LeaseOutcome::Ours { lease: ours, .. }) if ours.fence == lease.fence => {}
                Ok(LeaseOutcome::Ours { .. }) => return,
                Ok(LeaseOutcome::Theirs { holder, .. }) => {
                    info!(node = %self.node, %holder, "another collector writes the records now");
                    return;
                }
            }
        }
    }

    pub(crate) async fn release(&self, lease: &NodeLease) {
        let released = timeout(PATIENCE, self.store.release_node(lease)).await;
        let error = match released {
            Ok(Ok(())) => return,
            Ok(Err(error)) => chain(&error).to_string(),
            Err(_) => SILENT.to_owned(),
        };
        warn!(node = %self.node, %error, "lease not given back, it expires");
    }
}
