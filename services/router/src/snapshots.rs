//! One writer, many readers: the snapshot questions are answered from.

use std::sync::Arc;

use arc_swap::{ArcSwapOption, Guard};
use routing::{ChunkedTables, Snapshot};
use runtime::Health;

use crate::Metrics;

/// The only way to put a snapshot in place.
#[derive(Debug)]
pub struct Publisher {
    current: Arc<ArcSwapOption<Snapshot>>,
    metrics: Arc<Metrics>,
    health: Health,
}

/// The readers' side. A question holds one guard from start to end, so its answer never mixes two snapshots.
#[derive(Clone, Debug)]
pub struct Snapshots {
    current: Arc<ArcSwapOption<Snapshot>>,
}

/// Makes the two ends, empty.
pub fn snapshots(metrics: Arc<Metrics>, health: Health) -> (Publisher, Snapshots) {
    let current = Arc::new(ArcSwapOption::empty());
    (Publisher { current: Arc::clone(&current), metrics, health }, Snapshots { current })
}

impl Publisher {
    /// Replaces the snapshot. The old one is returned for the caller to drop off the answering threads; it lives on
    /// until the last question that holds it is answered.
    pub fn publish(&mut self, snapshot: impl Into<Arc<Snapshot>>) -> Option<Arc<Snapshot>> {
        let snapshot = snapshot.into();
        self.metrics.published(&snapshot);
        let old = self.current.swap(Some(snapshot));
        self.health.set_ready(true);
        old
    }
}

impl Snapshots {
    /// The tables of the configuration that questions are answered from; nothing before there is one.
    pub fn tables(&self) -> Option<ChunkedTables> {
        self.current().as_ref().map(|snapshot| snapshot.tables().clone())
    }

    pub(crate) fn current(&self) -> Guard<Option<Arc<Snapshot>>> {
        self.current.load()
    }
}
