use std::ops::RangeInclusive;

/// Microseconds of a quarter of an hour: the finest time that is summed up. Every zone in use today is a whole number of
/// them away from UTC, so the hours and days of each are sums of quarters.
pub const QUARTER_US: i64 = 15 * 60 * 1_000_000;

/// A quarter of an hour of UTC, by its first microsecond since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Quarter(i64);

impl Quarter {
    /// The quarter that holds a moment. What no calendar reaches is held by the first and the last quarter there is.
    pub fn of(us: i64) -> Self {
        Self(us.saturating_sub(us.rem_euclid(QUARTER_US)))
    }

    pub fn from_us(self) -> i64 {
        self.0
    }

    /// Its microseconds, both ends included.
    pub fn range_us(self) -> RangeInclusive<i64> {
        // The first quarter of all is cut short.
        let left_us = QUARTER_US - 1 - self.0.rem_euclid(QUARTER_US);
        self.0..=self.0.saturating_add(left_us)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quarters_follow_each_other_without_a_hole() {
        for us in [-QUARTER_US - 1, -1, 0, 1, QUARTER_US - 1, QUARTER_US, 1_795_269_600_000_000] {
            let range = Quarter::of(us).range_us();
            assert!(range.contains(&us), "{us}");
            assert_eq!(range.end() - range.start(), QUARTER_US - 1);
            assert_eq!(Quarter::of(*range.start()), Quarter::of(*range.end()));
            assert_eq!(Quarter::of(range.end() + 1).from_us(), range.end() + 1);
        }
    }

    #[test]
    fn the_ends_of_time_are_in_a_quarter() {
        for us in [i64::MIN, i64::MIN + 1, i64::MAX - 1, i64::MAX] {
            let quarter = Quarter::of(us);
            assert!(quarter.range_us().contains(&us), "{us}");
            assert_eq!(Quarter::of(quarter.from_us()), quarter);
        }
    }
}
