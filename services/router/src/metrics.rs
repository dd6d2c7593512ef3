use prometheus::{
    Histogram, HistogramOpts, IntCounter, IntCounterVec, IntGaugeVec, Opts, Registry, core::Collector,
};
use routing::Snapshot;
use runtime::Listener;
use tokio::net::TcpListener;

use crate::dialplans::Dialplans;

/// What the router counts. Labels come from small closed sets, never from a question.
#[derive(Debug)]
pub struct Metrics {
    pub(crate) answers: IntCounterVec,
    pub(crate) refusals: IntCounterVec,
    pub(crate) answer_seconds: Histogram,
    pub(crate) attempts_cut: IntCounter,
    pub(crate) hangups: IntCounterVec,
    pub(crate) hops_ignored: IntCounter,
    pub(crate) dialplans: Dialplans,
    connections: IntGaugeVec,
    connections_refused: IntCounterVec,
    pub(crate) agi_sessions: IntCounterVec,
    publications: IntCounter,
    rows: IntGaugeVec,
}

impl Metrics {
    /// Registers everything on the process's registry.
    pub fn new(registry: &Registry) -> prometheus::Result<Self> {
        let buckets = vec![0.000_01, 0.000_025, 0.000_05, 0.000_1, 0.000_25, 0.001, 0.005, 0.025, 0.1, 1.0];
        let seconds =
            HistogramOpts::new("dialplane_router_answer_seconds", "Time from question read to answer made.");
        Ok(Self {
            answers: counters(registry, "answers_total", "Questions answered.", &["verb", "status"])?,
            refusals: counters(
                registry,
                "refusals_total",
                "Questions not answered with a route.",
                &["reason"],
            )?,
            answer_seconds: register(registry, Histogram::with_opts(seconds.buckets(buckets))?)?,
            attempts_cut: counter(registry, "replies_cut_total", "Replies too long for every attempt.")?,
            hangups: counters(
                registry,
                "hangups_total",
                "Ends of attempts as dialplans reported them.",
                &["dialstatus"],
            )?,
            hops_ignored: counter(
                registry,
                "hops_ignored_total",
                "Claims that a call was handed over by a server of ours, from somebody who is none.",
            )?,
            dialplans: Dialplans::new(counters(
                registry,
                "dialplans_total",
                "Questions by the version of the dialplan that asked: current, older, newer, unknown.",
                &["node", "version"],
            )?),
            connections: gauges(registry, "connections", "Connections open now.", &["listener"])?,
            connections_refused: counters(
                registry,
                "connections_refused_total",
                "Connections closed because there were too many.",
                &["listener"],
            )?,
            agi_sessions: counters(registry, "agi_sessions_total", "FastAGI sessions ended.", &["outcome"])?,
            publications: counter(registry, "publications_total", "Configurations put in place.")?,
            rows: gauges(registry, "snapshot_rows", "Rows of the configuration in use.", &["table"])?,
        })
    }

    /// A listener with places of its own, counted under `name`.
    pub(crate) fn listener(&self, socket: TcpListener, places: usize, name: &str) -> Listener {
        let open_now = self.connections.with_label_values(&[name]);
        Listener::new(socket, places, open_now, self.connections_refused.with_label_values(&[name]))
    }

    pub(crate) fn published(&self, snapshot: &Snapshot) {
        self.publications.inc();
        let size = snapshot.size();
        let rows = [
            ("servers", size.nodes),
            ("extensions", size.extensions),
            ("providers", size.providers),
            ("numbers", size.numbers),
        ];
        for (table, count) in rows {
            self.rows.with_label_values(&[table]).set(i64::try_from(count).unwrap_or(i64::MAX));
        }
    }
}

fn register<C: Collector + Clone + 'static>(registry: &Registry, metric: C) -> prometheus::Result<C> {
    registry.register(Box::new(metric.clone()))?;
    Ok(metric)
}

fn counters(
    registry: &Registry,
    name: &str,
    help: &str,
    labels: &[&str],
) -> prometheus::Result<IntCounterVec> {
    register(registry, IntCounterVec::new(Opts::new(format!("dialplane_router_{name}"), help), labels)?)
}

fn counter(registry: &Registry, name: &str, help: &str) -> prometheus::Result<IntCounter> {
    register(registry, IntCounter::new(format!("dialplane_router_{name}"), help)?)
}

fn gauges(registry: &Registry, name: &str, help: &str, labels: &[&str]) -> prometheus::Result<IntGaugeVec> {
    register(registry, IntGaugeVec::new(Opts::new(format!("dialplane_router_{name}"), help), labels)?)
}
