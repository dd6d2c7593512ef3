use asterisk::ami::{Fault, Frame};
use domain::NodeName;
use prometheus::{
    Counter, CounterVec, IntCounter, IntCounterVec, IntGauge, IntGaugeVec, Opts, Registry, core::Collector,
};

use crate::{Closed, open::OpenError};

/// What sessions count, by node; one for all nodes of a process, registered on its registry.
#[derive(Clone, Debug)]
pub struct Metrics {
    connects: IntCounterVec,
    failures: IntCounterVec,
    closed: IntCounterVec,
    frames: IntCounterVec,
    bytes: IntCounterVec,
    damaged: IntCounterVec,
    pings_lost: IntCounterVec,
    connected: IntGaugeVec,
    connected_seconds: CounterVec,
    findings: IntGaugeVec,
}

impl Metrics {
    pub fn new() -> prometheus::Result<Self> {
        let counters = |name: &str, help: &str, labels: &[&str]| {
            IntCounterVec::new(Opts::new(format!("dialplane_ami_{name}"), help), labels)
        };
        let gauges = |name: &str, help: &str| {
            IntGaugeVec::new(Opts::new(format!("dialplane_ami_{name}"), help), &["node"])
        };
        let seconds = Opts::new("dialplane_ami_connected_seconds_total", "Time a session stood.");
        Ok(Self {
            connects: counters("connects_total", "Sessions that were opened.", &["node"])?,
            failures: counters("failures_total", "Sessions that could not be opened.", &["node", "kind"])?,
            closed: counters("closed_total", "Sessions that ended.", &["node", "kind"])?,
            frames: counters("frames_total", "What a node said.", &["node", "kind"])?,
            bytes: counters("bytes_total", "The same in bytes.", &["node"])?,
            damaged: counters("damaged_total", "Blocks that could not be taken whole.", &["node", "fault"])?,
            pings_lost: counters("pings_lost_total", "Pings that nothing followed in time.", &["node"])?,
            connected: gauges("connected", "1 while a session stands.")?,
            connected_seconds: CounterVec::new(seconds, &["node"])?,
            findings: gauges("findings", "What the account of the session lacks.")?,
        })
    }

    /// Shows everything on the process's registry.
    pub fn register(&self, registry: &Registry) -> prometheus::Result<()> {
        let all: [Box<dyn Collector>; 10] = [
            Box::new(self.connects.clone()),
            Box::new(self.failures.clone()),
            Box::new(self.closed.clone()),
            Box::new(self.frames.clone()),
            Box::new(self.bytes.clone()),
            Box::new(self.damaged.clone()),
            Box::new(self.pings_lost.clone()),
            Box::new(self.connected.clone()),
            Box::new(self.connected_seconds.clone()),
            Box::new(self.findings.clone()),
        ];
        all.into_iter().try_for_each(|metric| registry.register(metric))
    }

    /// Counters that are there from the start can be watched for their first step.
    pub(crate) fn of(&self, node: &NodeName) -> NodeMetrics {
        let node = node.as_str();
        for kind in OpenError::KINDS {
            self.failures.with_label_values(&[node, kind]);
        }
        for kind in Closed::KINDS {
            self.closed.with_label_values(&[node, kind]);
        }
        for fault in FAULTS {
            self.damaged.with_label_values(&[node, name(fault)]);
        }
        let frames = |kind: &str| self.frames.with_label_values(&[node, kind]);
        NodeMetrics {
            connects: self.connects.with_label_values(&[node]),
            events: frames("event"),
            responses: frames("response"),
            bytes: self.bytes.with_label_values(&[node]),
            pings_lost: self.pings_lost.with_label_values(&[node]),
            connected: self.connected.with_label_values(&[node]),
            connected_seconds: self.connected_seconds.with_label_values(&[node]),
            findings: self.findings.with_label_values(&[node]),
            all: self.clone(),
            node: node.into(),
        }
    }
}

/// What the session with one node counts.
#[derive(Debug)]
pub(crate) struct NodeMetrics {
    pub(crate) connects: IntCounter,
    events: IntCounter,
    responses: IntCounter,
    pub(crate) bytes: IntCounter,
    pub(crate) pings_lost: IntCounter,
    pub(crate) connected: IntGauge,
    pub(crate) connected_seconds: Counter,
    pub(crate) findings: IntGauge,
    all: Metrics,
    node: Box<str>,
}

impl NodeMetrics {
    pub(crate) fn failed(&self, error: &OpenError) {
        self.all.failures.with_label_values(&[&*self.node, error.kind()]).inc();
    }

    pub(crate) fn closed(&self, why: &Closed) {
        self.all.closed.with_label_values(&[&*self.node, why.kind()]).inc();
    }

    pub(crate) fn heard(&self, frame: &Frame) {
        match frame {
            Frame::Event(_) => self.events.inc(),
            Frame::Response(_) | Frame::Banner(_) => self.responses.inc(),
            Frame::Damaged(damaged) => {
                self.all.damaged.with_label_values(&[&*self.node, name(damaged.fault)]).inc();
            }
        }
    }
}

const FAULTS: [Fault; 4] =
    [Fault::LineTooLong, Fault::TooManyHeaders, Fault::BlockTooLong, Fault::Unrecognised];

const fn name(fault: Fault) -> &'static str {
    match fault {
        Fault::LineTooLong => "line_too_long",
        Fault::TooManyHeaders => "too_many_headers",
        Fault::BlockTooLong => "block_too_long",
        Fault::Unrecognised => "unrecognised",
    }
}

#[cfg(test)]
mod tests {
    use prometheus::TextEncoder;

    use super::*;

    #[test]
    fn everything_shows_before_it_happens() {
        let registry = Registry::new();
        let metrics = Metrics::new().unwrap();
        metrics.register(&registry).unwrap();
        let _of_node = metrics.of(&"ast-a".parse().unwrap());
        let text = TextEncoder::new().encode_to_string(&registry.gather()).unwrap();
        for line in [
            "dialplane_ami_connects_total{node=\"ast-a\"} 0",
            "dialplane_ami_failures_total{kind=\"refused\",node=\"ast-a\"} 0",
            "dialplane_ami_closed_total{kind=\"silent\",node=\"ast-a\"} 0",
            "dialplane_ami_frames_total{kind=\"event\",node=\"ast-a\"} 0",
            "dialplane_ami_bytes_total{node=\"ast-a\"} 0",
            "dialplane_ami_damaged_total{fault=\"line_too_long\",node=\"ast-a\"} 0",
            "dialplane_ami_pings_lost_total{node=\"ast-a\"} 0",
            "dialplane_ami_connected{node=\"ast-a\"} 0",
            "dialplane_ami_connected_seconds_total{node=\"ast-a\"} 0",
            "dialplane_ami_findings{node=\"ast-a\"} 0",
        ] {
            assert!(text.contains(line), "{line} in {text}");
        }
    }
}
