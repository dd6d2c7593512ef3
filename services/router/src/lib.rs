//! Answers the dialplans: HTTP or FastAGI in, decision, reply out.
//!
//! The path of a question touches memory only: no database, no DNS, no disk; this crate knows none of them.
//! Configurations arrive beside it, compiled elsewhere and published whole through the [`Publisher`].

mod agi;
mod dialplans;
mod fields;
mod hop;
mod http;
mod metrics;
mod reply;
mod service;
mod sink;
mod snapshots;

use std::{net::SocketAddr, sync::Arc, time::Duration};

use anyhow::Context;
use runtime::{RouterConfig, Tasks};
use tokio::net::TcpListener;
use tracing::info;

pub use agi::serve as serve_agi;
pub use http::serve;
pub use metrics::Metrics;
pub use reply::{MAX_REPLY_BYTES, Reply};
pub use service::{Answer, Credentials, Service};
pub use sink::{DecisionSink, Decisions, decisions};
pub use snapshots::{Publisher, Snapshots, snapshots};

/// Everything the role needs from the process it lives in.
#[derive(Debug)]
pub struct RouterContext {
    pub config: RouterConfig,
    pub metrics: Arc<Metrics>,
    /// Where the configuration appears, put there by whoever holds the [`Publisher`].
    pub snapshots: Snapshots,
    /// Where decisions go; none: nobody keeps them.
    pub decisions: Option<DecisionSink>,
}

/// Listens. Without a first configuration every question is answered with `not_ready` until there is one.
pub async fn start(context: RouterContext, tasks: &mut Tasks) -> anyhow::Result<Started> {
    let RouterContext { config, metrics, snapshots, decisions } = context;
    let http = bind("router.http", config.http).await?;
    let agi = match config.agi {
        Some(address) => Some(bind("router.agi", address).await?),
        None => None,
    };
    let started = Started::at(&http, agi.as_ref()).context("addresses of the listeners")?;
    let service = Service::new(snapshots, metrics, Duration::from_millis(config.deadline_ms), decisions);
    info!(router.http = %started.address, router.agi = started.agi.map(tracing::field::display), "listening for questions");
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
