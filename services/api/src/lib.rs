//! What people and programs ask over HTTP, with a bearer token: `/api/v1/` and a plural noun.
//!
//! A noun is a module with its routes, its part of the OpenAPI document and its views. What all of them need stands
//! around them once: who asks and what that role may ([`door`]), the caps on requests at once and on their time, problems
//! as RFC 9457 has them, metrics. The role has a thread and connections of its own, and few of them: whatever is asked
//! here, calls are routed and recorded beside it.

mod active;
mod calls;
mod door;
mod exports;
mod firewall;
mod metrics;
mod numbers;
mod openapi;
mod problem;
mod tokens;
mod words;

use std::{net::SocketAddr, sync::Arc, time::Duration};

use anyhow::Context;
use axum::{Router, middleware, routing::get};
use domain::Secret;
use runtime::{ApiConfig, CancellationToken, ConnectionLimits, FirewallConfig, Tasks, chain, serve_http};
use store::{Options, Store};
use tokio::{net::TcpListener, sync::Semaphore};
use tracing::{error, info};

use crate::{
    active::ActiveGeneration,
    exports::{Desk, Streams},
    problem::Problem,
    tokens::Tokens,
};
pub use metrics::Metrics;

/// Requests that are worked on at once, each with a connection to the database; others wait for their turn.
const REQUESTS_AT_ONCE: u32 = 4;
/// Explanations that are made at once: each may bring a generation into memory.
const EXPLANATIONS_AT_ONCE: usize = 1;
/// How long a connection lives at most, however busy it is: exports take their time.
const CONNECTION_AGE_MAX: Duration = Duration::from_hours(1);
/// Shortest time an idle connection is kept.
const KEEP_ALIVE_MIN_S: u64 = 15;
/// How long a request waits for a connection to the database.
const ACQUIRE_LIMIT: Duration = Duration::from_secs(5);

/// Everything the role needs from the process it lives in.
#[derive(Debug)]
pub struct ApiContext {
    pub config: ApiConfig,
    pub firewall: FirewallConfig,
    /// The URL of the database, to which the role makes connections of its own.
    pub store: Secret,
    pub metrics: Metrics,
}

/// Listens, and serves until the stop signal: on a thread that stands back for those that route and record.
pub fn start(context: ApiContext, tasks: &mut Tasks) -> anyhow::Result<SocketAddr> {
    let http = context.config.http;
    let socket = std::net::TcpListener::bind(http).with_context(|| format!("api.http {http}"))?;
    socket.set_nonblocking(true).context("the API's listener")?;
    let address = socket.local_addr().context("address of the API's listener")?;
    info!(api.http = %address, "listening for people and programs");
    let stop = tasks.stop();
    let served = move || async move {
        if let Err(error) = Box::pin(serve(context, socket, stop)).await {
            error!(error = %chain(error.as_ref()), "the API cannot serve");
        }
    };
    tasks.spawn_aside("api", served).context("a thread for the API")?;
    Ok(address)
}

async fn serve(
    context: ApiContext,
    socket: std::net::TcpListener,
    stop: CancellationToken,
) -> anyhow::Result<()> {
    let ApiContext { config, firewall, store, metrics } = context;
    let exporting = store.clone();
    let store = Store::connect(store.expose(), options(&config)).await?;
    let listener = metrics.listener(TcpListener::from_std(socket)?, config.connections_max);
    let keep_alive = Duration::from_secs(config.deadline_s.max(KEEP_ALIVE_MIN_S));
    // What exports read does not take a request its connection, and may take its time.
    let own = Options { connections_max: 2, statement_limit: None, ..options(&config) };
    let aside = Store::connect(exporting.expose(), own).await?;
    let app = App::new(store, metrics, firewall, &config);
    let desk = Arc::clone(&app.desk);
    let limits = ConnectionLimits { idle: keep_alive, age: CONNECTION_AGE_MAX };
    tokio::join!(
        serve_http(listener, router(app), limits, stop.clone()),
        desk.work(&aside, &stop),
        desk.sweep(&aside, &stop),
    );
    desk.close();
    Ok(())
}

/// How much of the database the role takes.
fn options(config: &ApiConfig) -> Options {
    Options {
        connections_max: REQUESTS_AT_ONCE,
        acquire_timeout: ACQUIRE_LIMIT,
        create: false,
        // The database gives up before the request is given up, or nobody would hear why.
        statement_limit: Some(Duration::from_secs(config.deadline_s).mul_f64(0.8)),
    }
}

/// What every request finds.
#[derive(Clone, Debug)]
struct App {
    store: Store,
    tokens: Arc<Tokens>,
    active: Arc<ActiveGeneration>,
    firewall: Arc<FirewallConfig>,
    metrics: Arc<Metrics>,
    turns: Arc<Semaphore>,
    explaining: Arc<Semaphore>,
    desk: Arc<Desk>,
    streams: Arc<Streams>,
    deadline: Duration,
}

impl App {
    fn new(store: Store, metrics: Metrics, firewall: FirewallConfig, config: &ApiConfig) -> Self {
        let metrics = Arc::new(metrics);
        Self {
            tokens: Arc::new(Tokens::new(store.clone())),
            active: Arc::new(ActiveGeneration::new(store.clone())),
            firewall: Arc::new(firewall),
            store,
            turns: Arc::new(Semaphore::new(REQUESTS_AT_ONCE as usize)),
            explaining: Arc::new(Semaphore::new(EXPLANATIONS_AT_ONCE)),
            desk: Arc::new(Desk::new(config.exports.clone(), Arc::clone(&metrics))),
            streams: Arc::new(Streams::new(Arc::clone(&metrics))),
            metrics,
            deadline: Duration::from_secs(config.deadline_s),
        }
    }
}

fn router(app: App) -> Router {
    let nouns = calls::routes().merge(exports::routes()).merge(firewall::routes());
    let nouns = nouns.route_layer(middleware::from_fn_with_state(app.clone(), door::pass));
    Router::new()
        .nest("/api/v1", nouns)
        .route("/api/v1/openapi.json", get(openapi::document))
        .route("/api/v1", get(openapi::page))
        .fallback(|| async { Problem::no_such_path() })
        .method_not_allowed_fallback(|| async { Problem::no_such_method() })
        .with_state(app)
}
