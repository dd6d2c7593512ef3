use std::{sync::Arc, time::Duration};

use journal::Counts;
use prometheus::{
    Histogram, HistogramOpts, IntCounter, IntCounterVec, IntGauge, IntGaugeVec, Opts, Registry,
    core::Collector,
};
use store::DecisionsWritten;

/// What is counted on the way from the router into the tables.
#[derive(Debug)]
pub struct Metrics {
    lost: IntCounterVec,
    written: IntCounterVec,
    failures: IntCounter,
    write_seconds: Histogram,
    behind: IntGauge,
    journal: IntGaugeVec,
}

impl Metrics {
    /// Registers everything on the process's registry.
    pub fn new(registry: &Registry) -> prometheus::Result<Arc<Self>> {
        let counters = |name: &str, help: &str, label: &str| {
            register(registry, IntCounterVec::new(Opts::new(name, help), &[label])?)
        };
        let seconds =
            HistogramOpts::new("dialplane_decisions_write_seconds", "Time of a batch of decisions.")
                .buckets(vec![0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0]);
        let journal = Opts::new("dialplane_decisions_journal", "The journal's own counts.");
        let metrics = Self {
            lost: counters(
                "dialplane_decisions_lost_total",
                "Decisions that are in no table and will be in none: no room in memory (queue) or on disk (disk), \
                 removed to make room (removed), or damaged there (damaged, unreadable, torn: at most so many).",
                "why",
            )?,
            written: counters("dialplane_decisions_total", "What became of decisions.", "outcome")?,
            failures: register(
                registry,
                IntCounter::new("dialplane_decisions_write_failures_total", "Batches tried again.")?,
            )?,
            write_seconds: register(registry, Histogram::with_opts(seconds)?)?,
            behind: register(
                registry,
                IntGauge::new(
                    "dialplane_decisions_behind_seconds",
                    "Age of the oldest decision being written.",
                )?,
            )?,
            journal: register(registry, IntGaugeVec::new(journal, &["what"])?)?,
        };
        Ok(Arc::new(metrics))
    }

    /// Counts decisions that found no room in the router's queue.
    pub fn lost_in_queue(&self) -> IntCounter {
        self.lost.with_label_values(&["queue"])
    }

    pub(crate) fn lost(&self, why: &str, decisions: u64) {
        self.lost.with_label_values(&[why]).inc_by(decisions);
    }

    pub(crate) fn wrote(&self, written: &DecisionsWritten, took: Duration) {
        let outcomes =
            [("written", written.decisions), ("altered", written.altered), ("set_aside", written.set_aside)];
        for (outcome, decisions) in outcomes {
            self.written.with_label_values(&[outcome]).inc_by(decisions);
        }
        self.write_seconds.observe(took.as_secs_f64());
    }

    pub(crate) fn failed(&self) {
        self.failures.inc();
    }

    pub(crate) fn behind(&self, behind_us: i64) {
        self.behind.set(behind_us.max(0) / 1_000_000);
    }

    pub(crate) fn journal(&self, counts: &Counts) {
        let counts = [
            ("records", counts.records),
            ("dropped", counts.dropped_keep),
            ("removed_unread", counts.removed_unread),
            ("write_errors", counts.write_errors),
        ];
        for (what, count) in counts {
            self.journal.with_label_values(&[what]).set(i64::try_from(count).unwrap_or(i64::MAX));
        }
    }
}

fn register<C: Collector + Clone + 'static>(registry: &Registry, metric: C) -> prometheus::Result<C> {
    registry.register(Box::new(metric.clone()))?;
    Ok(metric)
}
