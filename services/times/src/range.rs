//! From when to when: a question that leaves an end open is given one.

/// How long a time is at most of which nobody named the end, days.
pub const RANGE_MAX_DAYS: i64 = 31;
const DAY_US: i64 = 24 * 3_600 * 1_000_000;
/// What is asked for when no time is named.
const RECENT_US: i64 = DAY_US;

/// A time, microseconds of UTC: its first moment, and the first one after it, which may lie before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    pub from_us: i64,
    pub to_us: i64,
    /// What was done to ends that were left open, where that is less than somebody may have meant.
    pub cap: Option<Cap>,
}

/// How a time came to an end nobody named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cap {
    /// No time was named: it is the last 24 hours.
    Recent,
    /// It would have gone on to now but for [`RANGE_MAX_DAYS`].
    NoEnd,
    /// It begins some time before its end.
    NoBeginning,
}

impl Range {
    /// The time that was asked for. One without an end goes on to now, if that is not too long; one without a beginning
    /// is as many days long as whoever answers says.
    pub fn asked(from_us: Option<i64>, to_us: Option<i64>, now_us: i64, days_before_end: i64) -> Self {
        let range = |from_us, to_us, cap| Self { from_us, to_us, cap };
        match (from_us, to_us) {
            (None, None) => range(now_us.saturating_sub(RECENT_US), now_us, Some(Cap::Recent)),
            (Some(from_us), None) => {
                let end_us = from_us.saturating_add(RANGE_MAX_DAYS * DAY_US);
                range(from_us, end_us.min(now_us.max(from_us)), (end_us < now_us).then_some(Cap::NoEnd))
            }
            (None, Some(to_us)) => {
                range(to_us.saturating_sub(days_before_end * DAY_US), to_us, Some(Cap::NoBeginning))
            }
            (Some(from_us), Some(to_us)) => range(from_us, to_us, None),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW_US: i64 = 1_795_269_600_000_000;

    fn of(from_us: Option<i64>, to_us: Option<i64>) -> (i64, i64, Option<Cap>) {
        let Range { from_us, to_us, cap } = Range::asked(from_us, to_us, NOW_US, 31);
        (from_us, to_us, cap)
    }

    #[test]
    fn an_open_end_is_closed_and_said_so() {
        let month = NOW_US - 31 * DAY_US;
        assert_eq!(of(None, None), (NOW_US - DAY_US, NOW_US, Some(Cap::Recent)));
        assert_eq!(of(Some(month), None), (month, NOW_US, None));
        assert_eq!(of(Some(month - 1), None), (month - 1, NOW_US - 1, Some(Cap::NoEnd)));
        assert_eq!(of(None, Some(NOW_US)), (month, NOW_US, Some(Cap::NoBeginning)));
        assert_eq!(of(Some(0), Some(NOW_US)), (0, NOW_US, None));
        assert_eq!(of(Some(i64::MAX), None), (i64::MAX, i64::MAX, None));
        assert_eq!(of(None, Some(i64::MIN)).0, i64::MIN);
        assert_eq!(Range::asked(None, Some(NOW_US), 0, 1).from_us, NOW_US - DAY_US);
    }
}
