use std::{process::ExitCode, sync::Arc, time::Duration};

use activation::{Keeper, KeeperContext};
use anyhow::Context;
use live::Bus;
use prometheus::Registry;
use router::{Publisher, RouterContext};
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
/// How long the start waits for the database where it has nothing else to answer from.
const FIRST_LOOK: Duration = Duration::from_secs(3);

pub(crate) async fn run(config: Config, _: &Serve) -> Result<ExitCode, Failure> {
    let (tasks, _) = start(config).await?;
    until_stopped(tasks).await
}

/// Starts every role and the metrics listener.
pub(crate) async fn start(config: Config) -> Result<(Tasks, router::Started), Failure> {
    let mut tasks = Tasks::default();
    let registry = Registry::new();
    let health = Health::default();
    let metrics = TcpListener::bind(config.metrics.http)
        .await
        .with_context(|| format!("metrics.http {}", config.metrics.http))
        .map_err(Failure::usage)?;
    let router_metrics = Arc::new(router::Metrics::new(&registry).map_err(Failure::usage)?);
    let (publisher, snapshots) = router::snapshots(Arc::clone(&router_metrics), health.clone());
    let keeper = keeper(&config, publisher, &registry, health.clone(), &mut tasks).await?;
    let context = RouterContext { config: config.router, metrics: router_metrics, snapshots };
    let started = router::start(context, &mut tasks).await.map_err(Failure::usage)?;
    tasks.spawn("generations", keeper.run(tasks.stop()));
    tasks.spawn("metrics", runtime::serve_metrics(metrics, registry, health, tasks.stop()));
    Ok((tasks, started))
}

/// What brings the router its configuration: from disk at once, from the database as soon as that answers.
async fn keeper(
    config: &Config,
    mut publisher: Publisher,
    registry: &Registry,
    health: Health,
    tasks: &mut Tasks,
) -> Result<Keeper, Failure> {
    let bus = Bus::connect(&config.bus, tasks).map_err(Failure::usage)?;
    bus.metrics().register(registry).map_err(Failure::usage)?;
    let context = KeeperContext {
        store: open(config).await?,
        bus,
        config: config.generations.clone(),
        router: name(config),
        publish: Box::new(move |snapshot| publisher.publish(snapshot)),
        health,
        metrics: activation::Metrics::new(registry).map_err(Failure::usage)?,
    };
    let mut keeper = Box::pin(Keeper::start(context)).await;
    // A database that hangs must not keep the port closed: then its configuration comes later.
    Box::pin(keeper.first_look(FIRST_LOOK)).await;
    Ok(keeper)
}

/// What the other routers call this one.
fn name(config: &Config) -> String {
    if !config.router.name.is_empty() {
        return config.router.name.clone();
    }
    let host = gethostname::gethostname();
    format!("{}:{}", host.to_string_lossy(), config.router.http.port())
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
