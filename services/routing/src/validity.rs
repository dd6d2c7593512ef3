use domain::Moment;

/// From when until when something is valid: the first microsecond included, the last one not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Validity {
    from_us: i64,
    to_us: i64,
}

impl Validity {
    pub const ALWAYS: Self = Self { from_us: i64::MIN, to_us: i64::MAX };

    /// From a moment on and up to another; absent: without beginning, without end.
    pub fn new(from: Option<Moment>, to: Option<Moment>) -> Self {
        Self { from_us: from.map_or(i64::MIN, Moment::us), to_us: to.map_or(i64::MAX, Moment::us) }
    }

    /// Whether it is valid at a microsecond of UTC. Of a question that nobody timed, it is.
    pub fn holds(self, at_us: Option<i64>) -> bool {
        at_us.is_none_or(|at_us| (self.from_us..self.to_us).contains(&at_us))
    }

    /// Whether there is a microsecond at which both are valid.
    pub fn overlaps(self, other: Self) -> bool {
        self.from_us.max(other.from_us) < self.to_us.min(other.to_us)
    }

    /// Whether there is no microsecond at all at which it is valid.
    pub fn is_empty(self) -> bool {
        self.from_us >= self.to_us
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn validity(from: &str, to: &str) -> Validity {
        Validity::new(from.parse().ok(), to.parse().ok())
    }

    #[test]
    fn the_beginning_is_in_and_the_end_is_out() {
        let night = validity("2026-11-21T20:00:00Z", "2026-11-21T22:00:00Z");
        let [from, to] = [night.from_us, night.to_us];
        let held = [from - 1, from, to - 1, to].map(|at_us| night.holds(Some(at_us)));
        assert_eq!(held, [false, true, true, false]);
        assert!(night.holds(None) && Validity::ALWAYS.holds(Some(i64::MIN)) && !night.is_empty());
    }

    #[test]
    fn neighbours_do_not_overlap() {
        let night = validity("2026-11-21T20:00:00Z", "2026-11-21T22:00:00Z");
        for (from, to, overlaps) in [
            ("", "2026-11-21T20:00:00Z", false),
            ("", "2026-11-21T20:00:01Z", true),
            ("2026-11-21T22:00:00Z", "", false),
            ("2026-11-21T21:59:59Z", "", true),
            ("2026-11-21T20:30:00Z", "2026-11-21T20:30:01Z", true),
            ("", "", true),
        ] {
            let other = validity(from, to);
            assert_eq!((night.overlaps(other), other.overlaps(night)), (overlaps, overlaps), "{from} {to}");
        }
    }
}
