use prometheus::{IntCounter, IntCounterVec, IntGauge, Opts, Registry};

/// What the watch over a packet filter counts.
#[derive(Clone, Debug)]
pub struct Metrics {
    pub(crate) loaded: IntGauge,
    pub(crate) meant: IntGauge,
    pub(crate) networks: IntGauge,
    pub(crate) source_up: IntGauge,
    pub(crate) drifts: IntCounter,
    pub(crate) applied: IntCounterVec,
}

/// What becomes of a set that is to be loaded.
pub(crate) const OUTCOMES: [&str; 4] = ["loaded", "refused", "rolled_back", "failed"];

impl Metrics {
    pub fn new(registry: &Registry) -> prometheus::Result<Self> {
        let gauge = |name: &str, help: &str| -> prometheus::Result<IntGauge> {
            let gauge = IntGauge::new(format!("dialplane_firewall_{name}"), help)?;
            registry.register(Box::new(gauge.clone()))?;
            Ok(gauge)
        };
        let counter = |name: &str, help: &str| Opts::new(format!("dialplane_firewall_{name}_total"), help);
        let applied =
            IntCounterVec::new(counter("applies", "What became of sets to be loaded."), &["outcome"])?;
        let drifts = counter("drifts", "How often what was loaded had been changed by other hands.");
        let metrics = Self {
            loaded: gauge("loaded_generation", "The generation the packet filter was loaded from.")?,
            meant: gauge("meant_generation", "The newest generation that is known.")?,
            networks: gauge("networks", "How many networks are let through.")?,
            source_up: gauge("source_up", "Whether the database or the API answers.")?,
            drifts: IntCounter::with_opts(drifts)?,
            applied,
        };
        registry.register(Box::new(metrics.drifts.clone()))?;
        registry.register(Box::new(metrics.applied.clone()))?;
        for outcome in OUTCOMES {
            metrics.applied.with_label_values(&[outcome]);
        }
        Ok(metrics)
    }
}
