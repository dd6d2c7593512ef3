use std::time::Duration;

use generations::GenerationRecord;
use prometheus::{HistogramOpts, HistogramVec, IntCounterVec, IntGauge, Opts, Registry, core::Collector};

/// What a keeper counts.
#[derive(Debug)]
pub struct Metrics {
    active: IntGauge,
    activated_seconds: IntGauge,
    database_up: IntGauge,
    load_seconds: HistogramVec,
    activations: IntCounterVec,
    failures: IntCounterVec,
}

impl Metrics {
    /// Registers everything on the process's registry.
    pub fn new(registry: &Registry) -> prometheus::Result<Self> {
        let gauge = |name: &str, help: &str| register(registry, IntGauge::new(name, help)?);
        let counters = |name: &str, help: &str, label: &str| {
            register(registry, IntCounterVec::new(Opts::new(name, help), &[label])?)
        };
        let load = HistogramOpts::new(
            "dialplane_generations_load_seconds",
            "Time from noticing a generation to having it ready.",
        );
        let load = load.buckets(vec![0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0]);
        Ok(Self {
            active: gauge("dialplane_generations_active", "Number of the generation in use, 0 without one.")?,
            activated_seconds: gauge(
                "dialplane_generations_activated_timestamp_seconds",
                "When the generation in use was activated.",
            )?,
            database_up: gauge("dialplane_generations_database_up", "Whether the database answers.")?,
            load_seconds: register(registry, HistogramVec::new(load, &["source"])?)?,
            activations: counters(
                "dialplane_generations_activations_total",
                "Automatic activations tried by this router.",
                "outcome",
            )?,
            failures: counters("dialplane_generations_failures_total", "What went wrong.", "step")?,
        })
    }

    pub(crate) fn publish(&self, record: &GenerationRecord) {
        self.active.set(i64::try_from(record.number).unwrap_or(i64::MAX));
        self.activated_seconds.set(record.created_us / 1_000_000);
    }

    pub(crate) fn loaded(&self, source: &str, took: Duration) {
        self.load_seconds.with_label_values(&[source]).observe(took.as_secs_f64());
    }

    pub(crate) fn activated(&self, outcome: &str) {
        self.activations.with_label_values(&[outcome]).inc();
    }

    pub(crate) fn failed(&self, step: &str) {
        self.failures.with_label_values(&[step]).inc();
    }

    pub(crate) fn database_up(&self, up: bool) {
        self.database_up.set(up.into());
    }
}

fn register<C: Collector + Clone + 'static>(registry: &Registry, metric: C) -> prometheus::Result<C> {
    registry.register(Box::new(metric.clone()))?;
    Ok(metric)
}
