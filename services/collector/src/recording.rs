use std::{path::Path, sync::Arc, time::Duration};

use ami::Manager;
use domain::NodeName;
use journal::{Journal, JournalError, Options};
use runtime::{CancellationToken, CollectorConfig};
use tokio::sync::Notify;

use crate::{
    CollectorContext, Recorder, lease::Leases, metrics::NodeMetrics, pipeline::Pipeline, resync::Resync, tail,
};

/// One node's way from bytes to rows, whoever brings the bytes.
#[derive(Debug)]
pub struct Recording {
    node: NodeName,
    journal: Arc<Journal>,
    metrics: Arc<NodeMetrics>,
    opened: Arc<Notify>,
    must_list: Arc<Notify>,
}

impl Recording {
    /// The consumer a journal of records has to know.
    pub const CONSUMER: &str = tail::CONSUMER;

    /// Opens the node's journal. Disk work.
    pub fn open(context: &CollectorContext, node: NodeName) -> Result<Self, JournalError> {
        let folder = context.config.folder.join(node.as_str());
        let journal = open(&folder, &context.config)?;
        Ok(Self::on(context, node, Arc::new(journal)))
    }

    /// With a journal that is open.
    pub fn on(context: &CollectorContext, node: NodeName, journal: Arc<Journal>) -> Self {
        Self {
            metrics: context.metrics.node(node.as_str()),
            opened: Arc::default(),
            must_list: Arc::default(),
            journal,
            node,
        }
    }

    /// What takes the bytes.
    pub fn recorder(&self) -> Recorder {
        Recorder::new(Arc::clone(&self.journal), Arc::clone(&self.metrics), Arc::clone(&self.opened))
    }

    /// Waits until everything that was taken survives a power loss. Who brings more than a disk takes loses what does
    /// not fit into the queue.
    pub async fn flush(&self) -> Result<(), JournalError> {
        self.journal.flush().await.map(drop)
    }

    /// Makes rows of it until the stop signal, as `holder`, a name that no other process has or had.
    pub async fn write(&self, context: &CollectorContext, holder: &str, stop: CancellationToken) {
        let (node, store) = (self.node.clone(), context.store.clone());
        let pipeline = Pipeline {
            leases: Leases { node: node.clone(), store: store.clone(), holder: holder.into() },
            node,
            journal: Arc::clone(&self.journal),
            store,
            metrics: Arc::clone(&self.metrics),
            health: context.health.clone(),
            must_list: Arc::clone(&self.must_list),
            boards: context.boards.clone(),
            stop,
        };
        pipeline.run().await;
    }

    /// What asks the node who is up.
    pub(crate) fn resync(&self, manager: Manager) -> Resync {
        Resync {
            node: self.node.clone(),
            manager,
            journal: Arc::clone(&self.journal),
            opened: Arc::clone(&self.opened),
            must_list: Arc::clone(&self.must_list),
        }
    }
}

fn open(folder: &Path, config: &CollectorConfig) -> Result<Journal, JournalError> {
    let mut options = Options::new(folder);
    options.total_bytes = config.journal_mib << 20;
    options.keep_for = Duration::from_secs(config.journal_keep_s);
    options.consumers = vec![Recording::CONSUMER.into()];
    Journal::open(options)
}
