use std::{process::ExitCode, time::Duration};

use anyhow::Context;
use prometheus::Registry;
use router::RouterContext;
use runtime::{Config, Health, Lifecycle, Tasks};
use tokio::net::TcpListener;
use tracing::info;

use super::open;
use crate::{
    cli::Serve,
    failure::{DONE, Failure},
};

/// How long connections and tasks may take to end after the stop signal.
const GRACE: Duration = Duration::from_secs(4);

pub(crate) async fn run(config: Config, _: &Serve) -> Result<ExitCode, Failure> {
    let (tasks, _) = start(config).await?;
    until_stopped(tasks).await
}

/// Starts every role and the metrics listener.
pub(crate) async fn start(config: Config) -> Result<(Tasks, router::Started), Failure> {
    let mut tasks = Tasks::default();
    let registry = Registry::new();
    let health = Health::default();
    let store = open(&config).await?;
    let metrics = TcpListener::bind(config.metrics.http)
        .await
        .with_context(|| format!("metrics.http {}", config.metrics.http))
        .map_err(Failure::usage)?;
    let context = RouterContext { config: config.router, store, registry: &registry, health: health.clone() };
    let started = router::start(context, &mut tasks).await.map_err(Failure::usage)?;
    tasks.spawn("metrics", runtime::serve_metrics(metrics, registry, health, tasks.stop()));
    Ok((tasks, started))
}

pub(crate) async fn until_stopped(tasks: Tasks) -> Result<ExitCode, Failure> {
    let stopped = Lifecycle { grace: GRACE }.run(tasks).await.map_err(Failure::unavailable)?;
    info!("stopped");
    if stopped {
        Ok(DONE)
    } else {
        Err(Failure::unavailable(anyhow::anyhow!("a task failed or did not end in time")))
    }
}
