//! Masks and removes records when their time has come.
//!
//! Rules say after how many days, country by country. A [`round`] goes through the nodes, each from where the last round
//! stopped up to what is old enough by now, a quarter of an hour of its time after the other; each slice is a transaction
//! of its own, so a round may be cut off anywhere and nobody waits for it for long. A month that is too old on every node
//! goes at once, where the database has parts for months. Any number of processes may make rounds: what one has done the
//! other finds done.

mod plan;

use std::time::Duration;

use domain::NodeName;
use runtime::{CancellationToken, chain, now_us};
use store::{RecordedNode, Slice, Store, StoreError, Touched};
use tokio::time::sleep;
use tracing::{info, warn};

use plan::whole_before_us;
pub use plan::{Plan, plans};

/// How much of a node's time is looked at in one transaction.
const SLICE_US: i64 = 15 * 60 * 1_000_000;
const EVERY: Duration = Duration::from_hours(1);

/// What is done with records that are old enough.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Deed {
    Mask,
    Remove,
}

/// What a round did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Done {
    pub masked: Touched,
    pub removed: Touched,
    /// Months that went as a whole; their records are among those that were removed.
    pub months: u32,
}

/// Makes a round every hour until the stop signal.
pub async fn run(store: Store, stop: CancellationToken) {
    loop {
        match stop.run_until_cancelled(round(&store, now_us())).await {
            None => return,
            Some(Ok(done)) if done == Done::default() => {}
            Some(Ok(Done { masked, removed, months })) => {
                info!(masked = masked.calls, removed = removed.calls, months, "records whose time had come");
            }
            Some(Err(error)) => warn!(error = %chain(&error), "records whose time has come stay for now"),
        }
        if stop.run_until_cancelled(sleep(EVERY)).await.is_none() {
            return;
        }
    }
}

/// Masks and removes all whose time has come by `now_us`, microseconds of UTC.
pub async fn round(store: &Store, now_us: i64) -> Result<Done, StoreError> {
    let nodes = store.recorded_nodes().await?;
    let plans = plans(&nodes, &store.retention_rules().await?, now_us);
    let mut done = Done::default();
    if let Some(before_us) = whole_before_us(&nodes, &plans) {
        months(store, &nodes, before_us, now_us, &mut done).await?;
    }
    for Plan { node, mask_before_us, remove_before_us } in plans {
        let come = store.retention_progress(&node).await?;
        // What goes need not be masked first.
        if let Some(before_us) = remove_before_us {
            let removed = all(store, Deed::Remove, &node, come.removed_us, before_us, now_us).await?;
            done.removed = sum(done.removed, removed);
        }
        if let Some(before_us) = mask_before_us {
            let masked = all(store, Deed::Mask, &node, come.masked_us, before_us, now_us).await?;
            done.masked = sum(done.masked, masked);
        }
    }
    Ok(done)
}

/// The months that are too old on every node. One that cannot go as a whole goes slice by slice.
async fn months(
    store: &Store,
    nodes: &[RecordedNode],
    before_us: i64,
    now_us: i64,
    done: &mut Done,
) -> Result<(), StoreError> {
    let nodes: Vec<_> = nodes.iter().map(|recorded| recorded.node.clone()).collect();
    for month in store.months_before(before_us).await? {
        // What is from before and in no month.
        for node in &nodes {
            let come_us = store.retention_progress(node).await?.removed_us;
            let removed = all(store, Deed::Remove, node, come_us, month.from_us, now_us).await?;
            done.removed = sum(done.removed, removed);
        }
        match store.remove_month(month, &nodes).await {
            Ok(None) => {}
            Ok(Some(removed)) => {
                done.removed = sum(done.removed, removed);
                done.months += 1;
                info!(%month, calls = removed.calls, decisions = removed.decisions, "a month of records was removed");
            }
            Err(error) if error.is_unavailable() => return Err(error),
            Err(error) => {
                warn!(error = %chain(&error), %month, "a month of records cannot go as a whole now");
            }
        }
    }
    Ok(())
}

/// Everything of a node between two times, slice by slice.
async fn all(
    store: &Store,
    deed: Deed,
    node: &NodeName,
    mut from_us: i64,
    before_us: i64,
    now_us: i64,
) -> Result<Touched, StoreError> {
    let mut touched = Touched::default();
    while from_us < before_us {
        let next_us = store.next_record_us(node, from_us).await?.unwrap_or(before_us);
        // The last slice is empty where nothing is left: it only notes how far this has come.
        let begin_us = next_us.min(before_us);
        let end_us = begin_us.saturating_add(SLICE_US).min(before_us);
        let slice = Slice { node: node.clone(), from_us: begin_us, to_us: end_us };
        touched = sum(
            touched,
            match deed {
                Deed::Mask => store.mask_slice(&slice, now_us).await?,
                Deed::Remove => store.remove_slice(&slice).await?,
            },
        );
        from_us = end_us.max(begin_us);
    }
    Ok(touched)
}

fn sum(one: Touched, other: Touched) -> Touched {
    Touched { calls: one.calls + other.calls, decisions: one.decisions + other.decisions }
}
