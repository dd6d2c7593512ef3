use names::{Condition, Failure, Suspicion};
use prometheus::{IntCounter, IntCounterVec, IntGauge, IntGaugeVec, Opts, Registry, core::Collector};

/// What a resolver counts.
#[derive(Clone, Debug)]
pub struct Metrics {
    names: IntGaugeVec,
    quarantined: IntGauge,
    lookups: IntCounterVec,
    suspects: IntCounterVec,
    changes: IntCounter,
}

impl Metrics {
    /// Registers everything on the process's registry.
    pub fn new(registry: &Registry) -> prometheus::Result<Self> {
        let counters = |name: &str, help: &str, label: &str| {
            register(registry, IntCounterVec::new(Opts::new(name, help), &[label])?)
        };
        let names = Opts::new("dialplane_resolver_names", "Host names by how they do.");
        let quarantined =
            IntGauge::new("dialplane_resolver_quarantined", "Addresses that wait for a person.")?;
        let changes = IntCounter::new(
            "dialplane_resolver_changes_total",
            "Names that came to stand for other addresses.",
        )?;
        Ok(Self {
            names: register(registry, IntGaugeVec::new(names, &["condition"])?)?,
            quarantined: register(registry, quarantined)?,
            lookups: counters("dialplane_resolver_lookups_total", "Answers of DNS.", "outcome")?,
            suspects: counters(
                "dialplane_resolver_suspects_total",
                "Addresses that answers held and that were not used.",
                "suspicion",
            )?,
            changes: register(registry, changes)?,
        })
    }

    pub(crate) fn names(&self, condition: Condition, count: usize) {
        self.names.with_label_values(&[condition.as_str()]).set(as_gauge(count));
    }

    pub(crate) fn waiting(&self, count: usize) {
        self.quarantined.set(as_gauge(count));
    }

    pub(crate) fn heard(&self, failure: Option<Failure>) {
        self.lookups.with_label_values(&[failure.map_or("done", Failure::as_str)]).inc();
    }

    pub(crate) fn suspected(&self, suspicion: Suspicion) {
        self.suspects.with_label_values(&[suspicion.as_str()]).inc();
    }

    pub(crate) fn changed(&self) {
        self.changes.inc();
    }
}

fn as_gauge(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn register<C: Collector + Clone + 'static>(registry: &Registry, metric: C) -> prometheus::Result<C> {
    registry.register(Box::new(metric.clone()))?;
    Ok(metric)
}
