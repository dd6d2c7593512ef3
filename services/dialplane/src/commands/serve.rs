use std::{process::ExitCode, sync::Arc, time::Duration};

use activation::{Keeper, KeeperContext};
use anyhow::Context;
use api::ApiContext;
use boards::Boards;
use collector::CollectorContext;
use decisions::DecisionsContext;
use live::Bus;
use prometheus::Registry;
use resolver::ResolverContext;
use router::{DecisionSink, Publisher, RouterContext, Snapshots};
use runtime::{Config, Health, Lifecycle, Tasks};
use tokio::{net::TcpListener, sync::oneshot};
use tracing::{error, info};

use super::open;
use crate::{
    cli::{Role, Serve},
    failure::{DONE, Failure},
};

/// How long connections and tasks may take to end after the stop signal.
const GRACE: Duration = Duration::from_secs(4);
/// How long the start waits for the database where it has nothing else to answer from.
const FIRST_LOOK: Duration = Duration::from_secs(3);

pub(crate) async fn run(config: Config, arguments: &Serve) -> Result<ExitCode, Failure> {
    let (tasks, _) = start(config, &arguments.roles).await?;
    until_stopped(tasks).await
}

/// Starts these roles and the metrics listener.
pub(crate) async fn start(
    config: Config,
    roles: &[Role],
) -> Result<(Tasks, Option<router::Started>), Failure> {
    let mut tasks = Tasks::default();
    let registry = Registry::new();
    let health = Health::default();
    let metrics = TcpListener::bind(config.metrics.http)
        .await
        .with_context(|| format!("metrics.http {}", config.metrics.http))
        .map_err(Failure::usage)?;
    let bus = Bus::connect(&config.bus, &mut tasks).map_err(Failure::usage)?;
    bus.metrics().register(&registry).map_err(Failure::usage)?;
    let process = Process { config: &config, bus, registry: &registry, health: health.clone() };
    let mut started = None;
    if roles.contains(&Role::Router) {
        started = Some(process.router(&mut tasks).await?);
    }
    if roles.contains(&Role::Collector) {
        process.collector(&mut tasks).await?;
    }
    if roles.contains(&Role::Api) {
        process.api(&mut tasks)?;
    }
    if started.is_none() {
        health.set_ready(true);
    }
    tasks.spawn("metrics", runtime::serve_metrics(metrics, registry, health, tasks.stop()));
    Ok((tasks, started))
}

/// What the roles of a process share.
struct Process<'p> {
    config: &'p Config,
    bus: Bus,
    registry: &'p Registry,
    health: Health,
}

impl Process<'_> {
    async fn router(&self, tasks: &mut Tasks) -> Result<router::Started, Failure> {
        let metrics = Arc::new(router::Metrics::new(self.registry).map_err(Failure::usage)?);
        let (publisher, snapshots) = router::snapshots(Arc::clone(&metrics), self.health.clone());
        self.keeper(publisher, tasks).await?;
        if self.config.resolver.enabled {
            self.resolver(snapshots.clone(), tasks)?;
        }
        let decisions = Some(self.decisions(tasks)?);
        let context = RouterContext { config: self.config.router.clone(), metrics, snapshots, decisions };
        router::start(context, tasks).await.map_err(Failure::usage)
    }

    /// Keeps what the router decides: aside too, with connections of its own.
    fn decisions(&self, tasks: &mut Tasks) -> Result<DecisionSink, Failure> {
        let metrics = decisions::Metrics::new(self.registry).map_err(Failure::usage)?;
        let (sink, decided) = router::decisions(metrics.lost_in_queue());
        let (config, health, stop) = (self.config.clone(), self.health.clone(), tasks.stop());
        let keep = move || async move {
            let store = match open(&config).await {
                Ok(store) => store,
                Err(failure) => return error!(%failure, "decisions cannot be kept"),
            };
            let router = name(&config).into();
            let context = DecisionsContext { config: config.decisions, router, store, health, metrics };
            decisions::run(context, decided, stop).await;
        };
        tasks
            .spawn_aside("decisions", keep)
            .context("a thread for decisions")
            .map_err(Failure::unavailable)?;
        Ok(sink)
    }

    /// Asks DNS what carriers' names stand for: aside too, and one router of all at a time.
    fn resolver(&self, snapshots: Snapshots, tasks: &mut Tasks) -> Result<(), Failure> {
        let metrics = resolver::Metrics::new(self.registry).map_err(Failure::usage)?;
        let (config, bus, health, stop) =
            (self.config.clone(), self.bus.clone(), self.health.clone(), tasks.stop());
        let resolve = move || async move {
            let store = match open(&config).await {
                Ok(store) => store,
                Err(failure) => return error!(%failure, "host names cannot be resolved"),
            };
            let context = ResolverContext {
                holder: format!("{} {}", name(&config), std::process::id()),
                config: config.resolver,
                store,
                bus,
                active: Box::new(move || snapshots.tables()),
                health,
                metrics,
            };
            resolver::run(context, stop).await;
        };
        tasks
            .spawn_aside("resolver", resolve)
            .context("a thread for the resolver")
            .map_err(Failure::unavailable)
    }

    /// Brings the router its configuration, from disk at once, from the database as soon as that answers: aside, since
    /// questions are answered meanwhile.
    async fn keeper(&self, mut publisher: Publisher, tasks: &mut Tasks) -> Result<(), Failure> {
        let config = self.config.clone();
        let (bus, health) = (self.bus.clone(), self.health.clone());
        let metrics = activation::Metrics::new(self.registry).map_err(Failure::usage)?;
        let (looked, first_look) = oneshot::channel();
        let stop = tasks.stop();
        let keep = move || async move {
            let store = match open(&config).await {
                Ok(store) => store,
                Err(failure) => return drop(looked.send(Err(failure))),
            };
            let context = KeeperContext {
                store,
                bus,
                router: name(&config),
                config: config.generations,
                publish: Box::new(move |snapshot| publisher.publish(snapshot)),
                health,
                metrics,
            };
            let mut keeper = Box::pin(Keeper::start(context)).await;
            // A database that hangs must not keep the port closed: then its configuration comes later.
            Box::pin(keeper.first_look(FIRST_LOOK)).await;
            let _ = looked.send(Ok(()));
            keeper.run(stop).await;
        };
        tasks
            .spawn_aside("generations", keep)
            .context("a thread for generations")
            .map_err(Failure::unavailable)?;
        first_look.await.context("generations").map_err(Failure::unavailable)?
    }

    /// Its store has connections of its own: rows that wait must not keep a configuration waiting.
    async fn collector(&self, tasks: &mut Tasks) -> Result<(), Failure> {
        let sessions = ami::Metrics::new().map_err(Failure::usage)?;
        sessions.register(self.registry).map_err(Failure::usage)?;
        let store = open(self.config).await?;
        tasks.spawn("retention", retention::run(store.clone(), tasks.stop()));
        let context = CollectorContext {
            config: self.config.collector.clone(),
            boards: Boards::new(self.bus.clone(), store.clone()),
            store,
            health: self.health.clone(),
            metrics: collector::Metrics::new(self.registry).map_err(Failure::usage)?,
            sessions,
        };
        collector::start(context, tasks).map_err(Failure::usage)
    }

    fn api(&self, tasks: &mut Tasks) -> Result<(), Failure> {
        let context = ApiContext {
            config: self.config.api.clone(),
            firewall: self.config.firewall.clone(),
            store: self.config.store.url.clone(),
            metrics: api::Metrics::new(self.registry).map_err(Failure::usage)?,
        };
        api::start(context, tasks).map(|_| ()).map_err(Failure::usage)
    }
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
