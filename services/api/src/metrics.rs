use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use axum::response::Response;
use prometheus::{
    HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge, Opts, Registry, core::Collector,
};
use runtime::Listener;
use tokio::{net::TcpListener, time::Instant};

use crate::problem::Reason;

/// What the API counts. Labels are paths of ours, codes and reasons, never anything that was asked.
#[derive(Debug)]
pub struct Metrics {
    requests: IntCounterVec,
    refusals: IntCounterVec,
    seconds: HistogramVec,
    connections: IntGauge,
    connections_refused: IntCounter,
    exports: IntCounterVec,
    export_bytes: IntGauge,
    /// When refused tokens were last logged, and how many there were since.
    warned: Mutex<(Option<Instant>, u64)>,
}

impl Metrics {
    /// Registers everything on the process's registry.
    pub fn new(registry: &Registry) -> prometheus::Result<Self> {
        let name = |name: &str| format!("dialplane_api_{name}");
        let counters = |at: &str, help: &str, labels: &[&str]| {
            register(registry, IntCounterVec::new(Opts::new(name(at), help), labels)?)
        };
        let buckets = vec![0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 30.0];
        let seconds =
            HistogramOpts::new(name("request_seconds"), "Time from request to answer.").buckets(buckets);
        let bytes = name("export_bytes");
        let (open, refused) = (name("connections"), name("connections_refused_total"));
        Ok(Self {
            requests: counters("requests_total", "Requests answered.", &["path", "status"])?,
            refusals: counters("refusals_total", "Requests that got a problem.", &["reason"])?,
            seconds: register(registry, HistogramVec::new(seconds, &["path"])?)?,
            connections: register(registry, IntGauge::new(open, "Connections open now.")?)?,
            connections_refused: register(
                registry,
                IntCounter::new(refused, "Connections closed because there were too many.")?,
            )?,
            exports: counters("exports_total", "Exports that ended.", &["way", "state"])?,
            export_bytes: register(registry, IntGauge::new(bytes, "Bytes of exports that are kept.")?)?,
            warned: Mutex::default(),
        })
    }

    pub(crate) fn listener(&self, socket: TcpListener, places: usize) -> Listener {
        Listener::new(socket, places, self.connections.clone(), self.connections_refused.clone())
    }

    /// An answer of one of our paths.
    pub(crate) fn answered(&self, path: &str, response: &Response, took: Duration) {
        self.requests.with_label_values(&[path, response.status().as_str()]).inc();
        self.seconds.with_label_values(&[path]).observe(took.as_secs_f64());
        if let Some(Reason(reason)) = response.extensions().get() {
            self.refusals.with_label_values(&[reason]).inc();
        }
    }

    /// An export that was ordered ended.
    pub(crate) fn export_ended(&self, state: &str) {
        self.exports.with_label_values(&["ordered", state]).inc();
    }

    /// An export that was read while it was made ended.
    pub(crate) fn stream_ended(&self, state: &str) {
        self.exports.with_label_values(&["streamed", state]).inc();
    }

    /// What files of exports take.
    pub(crate) fn export_bytes(&self, bytes: u64) {
        self.export_bytes.set(i64::try_from(bytes).unwrap_or(i64::MAX));
    }

    /// A token was refused: how many were since it was last told, if it is time to tell again.
    pub(crate) fn refused_token(&self, every: Duration) -> Option<u64> {
        let mut warned = self.warned.lock().unwrap_or_else(PoisonError::into_inner);
        let (last, count) = &mut *warned;
        *count += 1;
        if last.is_some_and(|last| last.elapsed() < every) {
            return None;
        }
        *last = Some(Instant::now());
        Some(std::mem::take(count))
    }
}

fn register<C: Collector + Clone + 'static>(registry: &Registry, metric: C) -> prometheus::Result<C> {
    registry.register(Box::new(metric.clone()))?;
    Ok(metric)
}
