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
//!
//! Beside that, each process sums up what all of them have written: roll-ups, which ratios are read from.

mod assembly;
mod carriers;
mod clock;
mod closing;
mod kept;
mod lease;
mod metrics;
mod pipeline;
mod recorder;
mod recording;
mod resync;
mod session;
mod tail;
mod work;
mod writer;

use std::sync::Arc;

use anyhow::Context;
use boards::Boards;
use domain::NodeName;
use runtime::{CollectorConfig, Health, NodeConfig, Tasks};
use store::Store;
use tracing::info;

use crate::closing::Closing;

pub use lease::TTL as LEASE_LIFE;
pub use metrics::Metrics;
pub use recorder::Recorder;
pub use recording::Recording;

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
pub fn start(context: CollectorContext, tasks: &mut Tasks) -> anyhow::Result<()> {
    let name = name(&context.config)?;
    tasks.spawn("boards", context.boards.clone().run(tasks.stop()));
    tasks.spawn("roll-ups", closing(&context).run(tasks.stop()));
    let context = Arc::new(context);
    for (node, config) in &context.config.nodes {
        let within = || format!("collector.nodes.{node}");
        let node: NodeName = node.parse().with_context(within)?;
        watch_over(&context, node, config, &name, tasks).with_context(within)?;
    }
    Ok(())
}

/// Its store is the writers': what is summed up is not urgent, and takes one connection.
fn closing(context: &CollectorContext) -> Closing {
    Closing {
        store: context.store.clone(),
        metrics: Arc::clone(&context.metrics),
        health: context.health.clone(),
    }
}

/// A name that no other process has, and this one not again after a restart.
fn name(config: &CollectorConfig) -> anyhow::Result<Arc<str>> {
    let host = || gethostname::gethostname().to_string_lossy().into_owned();
    let name = if config.name.is_empty() { host() } else { config.name.clone() };
    let mark = getrandom::u32().context("no randomness")?;
    Ok(format!("{name} {mark:08x}").into())
}

fn watch_over(
    context: &Arc<CollectorContext>,
    node: NodeName,
    config: &NodeConfig,
    name: &Arc<str>,
    tasks: &mut Tasks,
) -> anyhow::Result<()> {
    let target = session::target(&node, config, context.sessions.clone())?;
    let recording = Recording::open(context, node.clone())?;
    let (manager, requests) = ami::manager();
    info!(%node, address = %target.address, journal = %context.config.folder.display(), "recording");
    tasks.spawn("session", ami::run(target, recording.recorder(), requests, tasks.stop()));
    tasks.spawn("resync", recording.resync(manager.clone()).run(tasks.stop()));
    tasks.spawn("state", session::show(node, manager, context.health.clone(), tasks.stop()));
    let (context, name, stop) = (Arc::clone(context), Arc::clone(name), tasks.stop());
    tasks.spawn("records", async move { recording.write(&context, &name, stop).await });
    Ok(())
}
