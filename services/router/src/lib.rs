//! Answers the dialplans: HTTP in, decision, reply out.
//!
//! The path of a question touches memory only: no database, no DNS, no disk. Configurations arrive beside it, compiled
//! elsewhere and published whole.

mod fields;
mod hop;
mod http;
mod listener;
mod metrics;
mod reload;
mod reply;
mod service;
mod snapshots;

use std::{sync::Arc, time::Duration};

use anyhow::Context;
use prometheus::Registry;
use runtime::{Health, RouterConfig, Tasks};
use store::Store;
use tokio::net::TcpListener;
use tracing::info;

pub use http::serve;
pub use metrics::Metrics;
pub use reload::{LoadError, load};
pub use reply::{MAX_REPLY_BYTES, Reply};
pub use service::{Answer, Credentials, Service};
pub use snapshots::{Publisher, Snapshots, snapshots};

/// Everything the role needs from the process it lives in.
#[derive(Debug)]
pub struct RouterContext<'p> {
    pub config: RouterConfig,
    pub store: Store,
    pub registry: &'p Registry,
    pub health: Health,
}

/// Starts the router: loads a first configuration, then listens. Without a first configuration it listens too and
/// answers `not_ready` until there is one.
pub async fn start(context: RouterContext<'_>, tasks: &mut Tasks) -> anyhow::Result<Started> {
    let RouterContext { config, store, registry, health } = context;
    let metrics = Arc::new(Metrics::new(registry).context("router metrics")?);
    let (mut publisher, snapshots) = snapshots(Arc::clone(&metrics), health);
    reload::reload(&store, &mut publisher).await;
    let listener =
        TcpListener::bind(config.http).await.with_context(|| format!("router.http {}", config.http))?;
    let address = listener.local_addr().context("router.http")?;
    let service = Service::new(snapshots, metrics, Duration::from_millis(config.deadline_ms));
    info!(router.http = %address, "listening for questions");
    let every = Duration::from_secs(config.reload_s);
    tasks.spawn("router reload", reload::run(store, publisher, every, tasks.stop()));
    tasks.spawn("router http", http::serve(listener, service, config, tasks.stop()));
    Ok(Started { address })
}

/// Where the router listens, once it does.
#[derive(Clone, Copy, Debug)]
pub struct Started {
    pub address: std::net::SocketAddr,
}
