use serde::{Deserialize, Serialize};

/// The node's clock, as far as its events tell it. Where they bear a time, everything of this node is told in that
/// time: list items and notes bear none, and two clocks in one record would make durations of their difference.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Clock {
    /// What to add to our time to have the node's, by the last event that had both.
    ahead_us: i64,
    /// No time of the node's lies before this one.
    last_us: Option<i64>,
}

impl Clock {
    /// The node's time of something received at `received_us`.
    pub(crate) fn at(&mut self, stamp_us: Option<i64>, received_us: i64) -> i64 {
        let Some(stamp_us) = stamp_us else { return self.now(received_us) };
        self.ahead_us = stamp_us.saturating_sub(received_us);
        self.last_us = Some(stamp_us);
        stamp_us
    }

    /// The node's time at a time of ours.
    pub(crate) fn now(&self, received_us: i64) -> i64 {
        let now_us = received_us.saturating_add(self.ahead_us);
        self.last_us.map_or(now_us, |last_us| now_us.max(last_us))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_stamps_it_is_ours() {
        let mut clock = Clock::default();
        assert_eq!([clock.at(None, 5), clock.now(7)], [5, 7]);
    }

    #[test]
    fn with_stamps_it_is_the_nodes() {
        let mut clock = Clock::default();
        assert_eq!(clock.at(Some(1_000), 100), 1_000);
        assert_eq!([clock.at(None, 150), clock.now(200)], [1_050, 1_100]);
        // Events that were under way for longer do not let time go back.
        assert_eq!(clock.at(Some(1_060), 400), 1_060);
        assert_eq!(clock.now(390), 1_060);
    }
}
