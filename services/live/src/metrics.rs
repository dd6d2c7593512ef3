use prometheus::{IntCounter, IntCounterVec, IntGauge, Opts, Registry};

/// What a bus counts, from its start on; a role registers them on the registry of its process.
#[derive(Clone, Debug)]
pub struct Metrics {
    pub(crate) published: IntCounter,
    pub(crate) received: IntCounter,
    pub(crate) reconnects: IntCounter,
    pub(crate) connected: IntGauge,
    dropped: IntCounterVec,
    pub(crate) boards_posted: IntCounter,
    boards_refused: IntCounterVec,
}

/// Why a hint went no further.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Dropped {
    /// The queue to Redis was full, and this the oldest in it.
    QueueFull,
    /// A subscriber read too slowly; it was told that it missed something.
    SlowSubscriber,
    /// Somebody published more than a hint may say.
    TooLong,
}

impl Dropped {
    const ALL: [Self; 3] = [Self::QueueFull, Self::SlowSubscriber, Self::TooLong];

    const fn reason(self) -> &'static str {
        match self {
            Self::QueueFull => "queue_full",
            Self::SlowSubscriber => "slow_subscriber",
            Self::TooLong => "too_long",
        }
    }
}

/// Why something that stood in a board's place was not taken for one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    TooLong,
    /// No board at all.
    Unreadable,
    /// Of a program that this one does not understand.
    Version,
    /// It says that it is another node's.
    WrongNode,
    /// It would not go away by itself, or not soon.
    Lasting,
    /// One node, call or channel more than there may be.
    TooMany,
}

impl Refused {
    const ALL: [Self; 6] =
        [Self::TooLong, Self::Unreadable, Self::Version, Self::WrongNode, Self::Lasting, Self::TooMany];

    const fn reason(self) -> &'static str {
        match self {
            Self::TooLong => "too_long",
            Self::Unreadable => "unreadable",
            Self::Version => "version",
            Self::WrongNode => "wrong_node",
            Self::Lasting => "lasting",
            Self::TooMany => "too_many",
        }
    }
}

impl Metrics {
    pub(crate) fn new() -> prometheus::Result<Self> {
        let dropped = Opts::new("dialplane_bus_dropped_total", "Hints that went no further.");
        let refused = Opts::new("dialplane_bus_boards_refused_total", "What was not taken for a board.");
        let metrics = Self {
            published: IntCounter::new("dialplane_bus_published_total", "Hints this process gave away.")?,
            received: IntCounter::new("dialplane_bus_received_total", "Hints this process was given.")?,
            reconnects: IntCounter::new("dialplane_bus_reconnects_total", "Connections after the first.")?,
            connected: IntGauge::new("dialplane_bus_connected", "1 while hints reach other processes.")?,
            dropped: IntCounterVec::new(dropped, &["reason"])?,
            boards_posted: IntCounter::new("dialplane_bus_boards_posted_total", "Boards put up.")?,
            boards_refused: IntCounterVec::new(refused, &["reason"])?,
        };
        // A counter that is there from the start can be watched for its first step.
        for reason in Dropped::ALL {
            metrics.dropped(reason, 0);
        }
        for reason in Refused::ALL {
            metrics.boards_refused.with_label_values(&[reason.reason()]).inc_by(0);
        }
        Ok(metrics)
    }

    /// Shows everything on the process's registry.
    pub fn register(&self, registry: &Registry) -> prometheus::Result<()> {
        registry.register(Box::new(self.published.clone()))?;
        registry.register(Box::new(self.received.clone()))?;
        registry.register(Box::new(self.reconnects.clone()))?;
        registry.register(Box::new(self.connected.clone()))?;
        registry.register(Box::new(self.dropped.clone()))?;
        registry.register(Box::new(self.boards_posted.clone()))?;
        registry.register(Box::new(self.boards_refused.clone()))
    }

    pub(crate) fn dropped(&self, why: Dropped, count: u64) {
        self.dropped.with_label_values(&[why.reason()]).inc_by(count);
    }

    pub(crate) fn refused(&self, why: Refused) {
        self.boards_refused.with_label_values(&[why.reason()]).inc();
    }
}

#[cfg(test)]
mod tests {
    use prometheus::TextEncoder;

    use super::*;

    #[test]
    fn everything_shows_before_it_happens() {
        let registry = Registry::new();
        Metrics::new().unwrap().register(&registry).unwrap();
        let text = TextEncoder::new().encode_to_string(&registry.gather()).unwrap();
        for line in [
            "dialplane_bus_published_total 0",
            "dialplane_bus_received_total 0",
            "dialplane_bus_reconnects_total 0",
            "dialplane_bus_connected 0",
            "dialplane_bus_dropped_total{reason=\"queue_full\"} 0",
            "dialplane_bus_dropped_total{reason=\"slow_subscriber\"} 0",
            "dialplane_bus_dropped_total{reason=\"too_long\"} 0",
            "dialplane_bus_boards_posted_total 0",
            "dialplane_bus_boards_refused_total{reason=\"unreadable\"} 0",
        ] {
            assert!(text.contains(line), "{line} in {text}");
        }
    }
}
