//! Records what happens on the nodes: one AMI session each, a journal on disk, and out of it rows that can be trusted.
//!
//! ```text
//! session ──► journal ──► assembly ──► writer ──► tables     of one collector per node, which has the lease
//!   ▲            │            ├──────► board                 what is up, on the bus
//!   └── lists ◄──┴────────────┘ (something is missing)
//! ```
//!
//! The task that reads the socket puts bytes into the journal's queue and does nothing else. All that follows reads the
//! journal, as slowly as its database, disk or bus makes it: what waits, waits there. A restart goes on at the last
//! checkpoint and tells the same again, which the tables take once.

mod assembly;
mod clock;
mod kept;
mod lease;
mod metrics;
mod pipeline;
mod recorder;
mod resync;
mod session;
mod tail;
mod work;
mod writer;

use std::{path::Path, sync::Arc};

use anyhow::Context;
use boards::Boards;
use domain::NodeName;
use journal::{Journal, Options};
use runtime::{CollectorConfig, Health, NodeConfig, Tasks};
use store::Store;
use tokio::sync::Notify;
use tracing::info;

pub use assembly::{Assembly, Told};
pub use metrics::Metrics;

use crate::{lease::Leases, pipeline::Pipeline, recorder::Recorder, resync::Resync};

/// Everything the role needs from the process it lives in.
#[derive(Debug)]
pub struct CollectorContext {
    pub config: CollectorConfig,
    pub store: Store,
    /// Where to show what is up.
    pub boards: Boards,
    pub health: Health,
    pub metrics: Arc<Metrics>,
    /// What the sessions count into.
    pub sessions: ami::Metrics,
}

/// Starts a session, a journal and a pipeline for each node of the configuration. Disk work: it opens the journals.
pub fn start(context: &CollectorContext, tasks: &mut Tasks) -> anyhow::Result<()> {
    let name = name(&context.config)?;
    tasks.spawn("boards", context.boards.clone().run(tasks.stop()));
    for (node, config) in &context.config.nodes {
        let within = || format!("collector.nodes.{node}");
        let node: NodeName = node.parse().with_context(within)?;
        watch_over(context, node, config, &name, tasks).with_context(within)?;
    }
    Ok(())
}

/// A name that no other process has, and this one not again after a restart.
fn name(config: &CollectorConfig) -> anyhow::Result<Box<str>> {
    let host = || gethostname::gethostname().to_string_lossy().into_owned();
    let name = if config.name.is_empty() { host() } else { config.name.clone() };
    let mark = getrandom::u32().context("no randomness")?;
    Ok(format!("{name} {mark:08x}").into())
}

fn watch_over(
    context: &CollectorContext,
    node: NodeName,
    config: &NodeConfig,
    name: &str,
    tasks: &mut Tasks,
) -> anyhow::Result<()> {
    let target = session::target(&node, config, context.sessions.clone())?;
    let metrics = context.metrics.node(node.as_str());
    let journal = Arc::new(open(&context.config.folder.join(node.as_str()), context.config.journal_mib)?);
    let (opened, must_list) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (manager, requests) = ami::manager();
    info!(%node, address = %target.address, journal = %context.config.folder.display(), "recording");

    let recorder = Recorder::new(Arc::clone(&journal), Arc::clone(&metrics), Arc::clone(&opened));
    tasks.spawn("session", ami::run(target, recorder, requests, tasks.stop()));
    tasks.spawn("states", session::show(node.clone(), manager.clone(), context.health.clone(), tasks.stop()));
    let resync = Resync {
        node: node.clone(),
        manager,
        journal: Arc::clone(&journal),
        opened,
        must_list: Arc::clone(&must_list),
    };
    tasks.spawn("resync", resync.run(tasks.stop()));
    let pipeline = Pipeline {
        leases: Leases { node: node.clone(), store: context.store.clone(), holder: name.into() },
        node,
        journal,
        store: context.store.clone(),
        metrics,
        health: context.health.clone(),
        must_list,
        boards: context.boards.clone(),
        stop: tasks.stop(),
    };
    tasks.spawn("records", pipeline.run());
    Ok(())
}

fn open(folder: &Path, journal_mib: u64) -> anyhow::Result<Journal> {
    let mut options = Options::new(folder);
    options.total_bytes = journal_mib << 20;
    options.consumers = vec![tail::CONSUMER.into()];
    Ok(Journal::open(options)?)
}
