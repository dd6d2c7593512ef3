//! Answers the dialplans: HTTP or FastAGI in, decision, reply out.
//!
//! The path of a question touches memory only: no database, no DNS, no disk. Configurations arrive beside it, compiled
//! elsewhere and published whole.

mod agi;
mod dialplans;
mod fields;
mod hop;
mod http;
mod listener;
mod metrics;
mod reload;
mod reply;
mod service;
mod snapshots;
mod view;

use std::{net::SocketAddr, sync::Arc, time::Duration};

use anyhow::Context;
use prometheus::Registry;
use runtime::{Health, RouterConfig, Tasks};
use store::Store;
use tokio::{net::TcpListener, time::timeout};
use tracing::info;

pub use agi::serve as serve_agi;
pub use http::serve;
pub use metrics::Metrics;
pub use reload::{LoadError, load, load_with_tables};
pub use reply::{MAX_REPLY_BYTES, Reply};
pub use service::{Answer, Credentials, Service};
pub use snapshots::{Publisher, Snapshots, snapshots};
pub use view::{AttemptView, CandidateView, DecisionView, ExplanationView};

/// Everything the role needs from the process it lives in.
#[derive(Debug)]
pub struct RouterContext<'p> {
    pub config: RouterConfig,
    pub store: Store,
    pub registry: &'p Registry,
    pub health: Health,
}

/// How long the start waits for a first configuration.
const FIRST_LOOK: Duration = Duration::from_secs(3);

/// Starts the router: loads a first configuration, then listens. Without a first configuration it listens too and
/// answers `not_ready` until there is one.
pub async fn start(context: RouterContext<'_>, tasks: &mut Tasks) -> anyhow::Result<Started> {
    let RouterContext { config, store, registry, health } = context;
    let metrics = Arc::new(Metrics::new(registry).context("router metrics")?);
    let (mut publisher, snapshots) = snapshots(Arc::clone(&metrics), health);
    // A database that hangs must not keep the port closed: then the first configuration comes later.
    let _ = timeout(FIRST_LOOK, reload::reload(&store, &mut publisher)).await;
    let http = bind("router.http", config.http).await?;
    let agi = match config.agi {
        Some(address) => Some(bind("router.agi", address).await?),
        None => None,
    };
    let started = Started::at(&http, agi.as_ref()).context("addresses of the listeners")?;
    let service = Service::new(snapshots, metrics, Duration::from_millis(config.deadline_ms));
    info!(router.http = %started.address, router.agi = started.agi.map(tracing::field::display), "listening for questions");
    let every = Duration::from_secs(config.reload_s);
    tasks.spawn("router reload", reload::run(store, publisher, every, tasks.stop()));
    if let Some(agi) = agi {
        tasks.spawn("router agi", agi::serve(agi, service.clone(), config.clone(), tasks.stop()));
    }
    tasks.spawn("router http", http::serve(http, service, config, tasks.stop()));
    Ok(started)
}

async fn bind(key: &'static str, address: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).await.with_context(|| format!("{key} {address}"))
}

/// Where the router listens, once it does.
#[derive(Clone, Copy, Debug)]
pub struct Started {
    pub address: SocketAddr,
    pub agi: Option<SocketAddr>,
}

impl Started {
    fn at(http: &TcpListener, agi: Option<&TcpListener>) -> std::io::Result<Self> {
        Ok(Self { address: http.local_addr()?, agi: agi.map(TcpListener::local_addr).transpose()? })
    }
}
