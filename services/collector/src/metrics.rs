use std::{sync::Arc, time::Duration};

use calls::Losses;
use journal::Counts;
use prometheus::{
    Histogram, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge, IntGaugeVec, Opts, Registry,
    core::Collector,
};
use store::Written;

use crate::carriers::Carriers;

/// What collectors count, by node.
#[derive(Debug)]
pub struct Metrics {
    events: IntCounterVec,
    damaged: IntCounterVec,
    gaps: IntCounterVec,
    written: IntCounterVec,
    failures: IntCounterVec,
    write_seconds: HistogramVec,
    leading: IntGaugeVec,
    behind: IntGaugeVec,
    calls: IntGaugeVec,
    journal: IntGaugeVec,
    losses: IntGaugeVec,
    pub(crate) carriers: Carriers,
    quarters: IntCounter,
    marks: IntGauge,
    oldest: IntGauge,
}

/// The same for one node.
#[derive(Debug)]
pub(crate) struct NodeMetrics {
    known: IntCounter,
    unknown: IntCounter,
    pub(crate) damaged: IntCounter,
    pub(crate) gaps: IntCounter,
    calls_written: IntCounter,
    outdated: IntCounter,
    superseded: IntCounter,
    altered: IntCounter,
    set_aside: IntCounter,
    pub(crate) failures: IntCounter,
    write_seconds: Histogram,
    pub(crate) leading: IntGauge,
    behind: IntGauge,
    pub(crate) calls: IntGauge,
    journal: [IntGauge; 4],
    losses: [IntGauge; 3],
}

impl Metrics {
    /// Registers everything on the process's registry.
    pub fn new(registry: &Registry) -> prometheus::Result<Arc<Self>> {
        let counters = |name: &str, help: &str, labels: &[&str]| {
            register(registry, IntCounterVec::new(Opts::new(name, help), labels)?)
        };
        let gauges = |name: &str, help: &str, labels: &[&str]| {
            register(registry, IntGaugeVec::new(Opts::new(name, help), labels)?)
        };
        let seconds = HistogramOpts::new("dialplane_collector_write_seconds", "Time of a batch of rows.")
            .buckets(vec![0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0]);
        Ok(Arc::new(Self {
            events: counters(
                "dialplane_collector_events_total",
                "Events that were heard.",
                &["node", "known"],
            )?,
            damaged: counters("dialplane_collector_damaged_total", "Blocks that broke a limit.", &["node"])?,
            gaps: counters("dialplane_collector_gaps_total", "Times in which nothing was heard.", &["node"])?,
            written: counters(
                "dialplane_collector_calls_total",
                "What became of records.",
                &["node", "outcome"],
            )?,
            failures: counters(
                "dialplane_collector_write_failures_total",
                "Batches tried again.",
                &["node"],
            )?,
            write_seconds: register(registry, HistogramVec::new(seconds, &["node"])?)?,
            leading: gauges("dialplane_collector_leading", "Whether this one writes the rows.", &["node"])?,
            behind: gauges(
                "dialplane_collector_behind_seconds",
                "Age of the last event taken in.",
                &["node"],
            )?,
            calls: gauges("dialplane_collector_calls_up", "Calls that are up.", &["node"])?,
            journal: gauges("dialplane_collector_journal", "The journal's own counts.", &["node", "what"])?,
            losses: gauges("dialplane_collector_losses", "What limits cost.", &["node", "what"])?,
            carriers: Carriers::new(registry)?,
            quarters: register(
                registry,
                IntCounter::new("dialplane_traffic_quarters_total", "Quarters of an hour summed up.")?,
            )?,
            marks: register(
                registry,
                IntGauge::new("dialplane_traffic_marks", "Marks of quarters to be summed up.")?,
            )?,
            oldest: register(
                registry,
                IntGauge::new("dialplane_traffic_oldest_mark_seconds", "Age of the oldest marked quarter.")?,
            )?,
        }))
    }

    pub(crate) fn summed_up(&self) {
        self.quarters.inc();
    }

    pub(crate) fn marked(&self, marks: u64, age_us: i64) {
        self.marks.set(i64::try_from(marks).unwrap_or(i64::MAX));
        self.oldest.set(age_us / 1_000_000);
    }

    pub(crate) fn node(&self, node: &str) -> Arc<NodeMetrics> {
        let journal = |what| self.journal.with_label_values(&[node, what]);
        let written = |outcome| self.written.with_label_values(&[node, outcome]);
        let losses = |what| self.losses.with_label_values(&[node, what]);
        Arc::new(NodeMetrics {
            known: self.events.with_label_values(&[node, "yes"]),
            unknown: self.events.with_label_values(&[node, "no"]),
            damaged: self.damaged.with_label_values(&[node]),
            gaps: self.gaps.with_label_values(&[node]),
            calls_written: written("written"),
            outdated: written("outdated"),
            superseded: written("superseded"),
            altered: written("altered"),
            set_aside: written("set_aside"),
            failures: self.failures.with_label_values(&[node]),
            write_seconds: self.write_seconds.with_label_values(&[node]),
            leading: self.leading.with_label_values(&[node]),
            behind: self.behind.with_label_values(&[node]),
            calls: self.calls.with_label_values(&[node]),
            journal: ["records", "dropped_noise", "dropped_keep", "removed_unread"].map(journal),
            losses: ["calls_evicted", "legs_refused", "calls_expired"].map(losses),
        })
    }
}

impl NodeMetrics {
    pub(crate) fn heard(&self, unknown: bool) {
        if unknown { &self.unknown } else { &self.known }.inc();
    }

    pub(crate) fn wrote(&self, written: &Written, took: Duration) {
        self.calls_written.inc_by(written.calls);
        self.outdated.inc_by(written.outdated);
        self.superseded.inc_by(written.superseded);
        self.altered.inc_by(written.altered);
        self.set_aside.inc_by(written.set_aside);
        self.write_seconds.observe(took.as_secs_f64());
    }

    pub(crate) fn behind(&self, behind_us: i64) {
        self.behind.set(behind_us / 1_000_000);
    }

    pub(crate) fn journal(&self, counts: &Counts) {
        let counts = [counts.records, counts.dropped_noise, counts.dropped_keep, counts.removed_unread];
        set(&self.journal, counts);
    }

    pub(crate) fn losses(&self, losses: Losses) {
        set(&self.losses, [losses.calls_evicted, losses.legs_refused, losses.calls_expired]);
    }
}

fn set<const N: usize>(gauges: &[IntGauge; N], counts: [u64; N]) {
    for (gauge, count) in gauges.iter().zip(counts) {
        gauge.set(i64::try_from(count).unwrap_or(i64::MAX));
    }
}

pub(crate) fn register<C: Collector + Clone + 'static>(
    registry: &Registry,
    metric: C,
) -> prometheus::Result<C> {
    registry.register(Box::new(metric.clone()))?;
    Ok(metric)
}
