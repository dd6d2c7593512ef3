//! The manager port that tells.

use std::{ops::Range, thread, time::Duration};

use laboratory::{feed::Feed, manager_node::ManagerNode, wait_until};
use runtime::now_us;

pub(crate) const NODE: &str = "ast22";
const LIMIT: Duration = Duration::from_mins(1);

pub(crate) struct Node(ManagerNode);

impl Node {
    pub(crate) fn start() -> Self {
        Self(ManagerNode::start())
    }

    pub(crate) fn address(&self) -> String {
        self.0.address.to_string()
    }

    pub(crate) fn wait_listened(&self) {
        wait_until("the collector listens", LIMIT, || (self.0.listeners() == 1).then_some(()));
    }

    /// Tells calls, each event when it happens.
    pub(crate) fn tell(&self, feed: &Feed, calls: Range<u64>, apart_us: i64, mut told: impl FnMut(&str)) {
        for (at_us, event) in feed.calls(calls, now_us(), apart_us) {
            thread::sleep(Duration::from_micros(u64::try_from(at_us - now_us()).unwrap_or_default()));
            self.0.say(&event);
            told(&event);
        }
        assert_eq!(self.0.too_slow(), 0, "the reader was late");
    }
}
