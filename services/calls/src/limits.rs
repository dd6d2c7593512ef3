use serde::{Deserialize, Serialize};

/// What is kept at most. Memory is about 600 bytes per leg, ended ones of calls in memory included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Calls in memory. Above it the oldest is told as it is, with [`crate::Flaw::Overflow`], and forgotten.
    pub calls: usize,
    /// Legs of all calls together.
    pub legs: usize,
    /// Legs of one call; further channels are not recorded.
    pub legs_per_call: usize,
    /// A call of which nothing was heard for this long is told as it is, with [`crate::Flaw::Expired`].
    pub silence_us: i64,
    /// An ended call is kept for this long: a channel that joins it then makes a new revision.
    pub linger_us: i64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            calls: 100_000,
            legs: 400_000,
            legs_per_call: 1_024,
            silence_us: 12 * 3_600 * 1_000_000,
            linger_us: 5_000_000,
        }
    }
}

/// What limits cost so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Losses {
    /// Calls told early because there were too many calls or legs.
    pub calls_evicted: u64,
    /// Channels not recorded because their call had too many.
    pub legs_refused: u64,
    /// Calls told because nothing was heard of them.
    pub calls_expired: u64,
}
