/// How DNS is listened to. Times in microseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// A name is not asked about more often than this, whatever its records say.
    pub ttl_floor_us: i64,
    /// Nor less often than this.
    pub ttl_ceiling_us: i64,
    /// A name changes once in this time at most, and an address has to be missing for so long before it goes.
    pub hold_down_us: i64,
    /// Without a good answer for longer than this a name is stale; it keeps its addresses all the same.
    pub kept_us: i64,
    /// Most addresses of one name.
    pub addresses_max: usize,
}

impl Rules {
    /// When a name is asked about again whose records hold for so long.
    pub(crate) fn pause_us(&self, ttl_s: u32) -> i64 {
        (i64::from(ttl_s) * 1_000_000).clamp(self.ttl_floor_us, self.ttl_ceiling_us)
    }

    /// When a name is asked about again after so many failures, one after another.
    pub(crate) fn retry_us(&self, failures: u32) -> i64 {
        let doubled = 1_i64.checked_shl(failures.saturating_sub(1).min(32)).unwrap_or(i64::MAX);
        self.ttl_floor_us.saturating_mul(doubled).min(self.ttl_ceiling_us)
    }
}
