//! `/metrics`, `/livez` and `/readyz` on a listener of their own.

use std::{
    borrow::Cow,
    collections::BTreeMap,
    fmt::Write,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use axum::{Router, extract::State, http::StatusCode, routing::get};
use prometheus::{Registry, TextEncoder};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tracing::error;

/// Whether the process can do its work, and what it does without. Alive it is as long as it answers at all.
#[derive(Clone, Debug, Default)]
pub struct Health {
    ready: Arc<AtomicBool>,
    /// What people should know although work goes on, by the part it is about.
    remarks: Arc<Mutex<BTreeMap<Cow<'static, str>, String>>>,
}

impl Health {
    pub fn set_ready(&self, ready: bool) {
        self.ready.store(ready, Ordering::Relaxed);
    }

    pub fn is_ready(&self) -> bool {
        self.ready.load(Ordering::Relaxed)
    }

    /// Replaces what is said about one part, such as `database`; nothing: the part is as it should be.
    pub fn remark(&self, part: impl Into<Cow<'static, str>>, remark: Option<String>) {
        let part = part.into();
        let mut remarks = self.remarks.lock().unwrap_or_else(PoisonError::into_inner);
        match remark {
            Some(remark) => remarks.insert(part, remark),
            None => remarks.remove(&part),
        };
    }

    /// What there is to say, one `part: remark` per line.
    pub fn remarks(&self) -> String {
        let remarks = self.remarks.lock().unwrap_or_else(PoisonError::into_inner);
        remarks.iter().fold(String::new(), |mut text, (part, remark)| {
            // Writing to a String does not fail.
            let _ = writeln!(text, "{part}: {remark}");
            text
        })
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

/// Ready means: answers questions. What is missing meanwhile stands below; it takes no router out of service.
async fn ready(State(app): State<App>) -> (StatusCode, String) {
    let remarks = app.health.remarks();
    if app.health.is_ready() {
        (StatusCode::OK, format!("ready\n{remarks}"))
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, format!("not ready\n{remarks}"))
    }
}
