//! `/metrics`, `/livez` and `/readyz` on a listener of their own.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use axum::{Router, extract::State, http::StatusCode, routing::get};
use prometheus::{Registry, TextEncoder};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tracing::error;

/// Whether the process can do its work. Alive it is as long as it answers at all.
#[derive(Clone, Debug, Default)]
pub struct Health {
    ready: Arc<AtomicBool>,
}

impl Health {
    pub fn set_ready(&self, ready: bool) {
        self.ready.store(ready, Ordering::Relaxed);
    }

    pub fn is_ready(&self) -> bool {
        self.ready.load(Ordering::Relaxed)
    }
}

#[derive(Clone)]
struct App {
    registry: Registry,
    health: Health,
}

/// Serves until the stop signal.
pub async fn serve(listener: TcpListener, registry: Registry, health: Health, stop: CancellationToken) {
    let app = Router::new()
        .route("/metrics", get(metrics))
        .route("/livez", get(|| async { "ok\n" }))
        .route("/readyz", get(ready))
        .with_state(App { registry, health });
    let served = axum::serve(listener, app).with_graceful_shutdown(stop.cancelled_owned());
    if let Err(error) = served.await {
        error!(error = %crate::chain(&error), "metrics listener failed");
    }
}

async fn metrics(State(app): State<App>) -> Result<String, StatusCode> {
    let encoded = TextEncoder::new().encode_to_string(&app.registry.gather());
    encoded.map_err(|error| {
        error!(error = %crate::chain(&error), "metrics could not be written");
        StatusCode::INTERNAL_SERVER_ERROR
    })
}

async fn ready(State(app): State<App>) -> (StatusCode, &'static str) {
    if app.health.is_ready() {
        (StatusCode::OK, "ready\n")
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "not ready\n")
    }
}
