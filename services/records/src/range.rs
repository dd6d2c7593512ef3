//! From when to when: a question that leaves an end open is given one.

/// How long a time is at most to which nobody gave both ends, days.
pub const RANGE_MAX_DAYS: i64 = 31;
const HOUR_US: i64 = 3_600 * 1_000_000;
const RANGE_MAX_US: i64 = RANGE_MAX_DAYS * 24 * HOUR_US;
/// What is shown when no time is named.
const RECENT_US: i64 = 24 * HOUR_US;

/// A time, UTC microseconds: its first moment, and the first one after it. Open where a question names one call anyway.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    pub from_us: Option<i64>,
    pub to_us: Option<i64>,
    /// What was done to ends that were left open, to be told.
    pub capped: Option<&'static str>,
}

impl Range {
    /// The time that was asked for. One without an end goes on to now, if that is not too long.
    pub(crate) fn of(from_us: Option<i64>, to_us: Option<i64>, now_us: i64, is_one_call: bool) -> Self {
        let range = |from_us, to_us, capped| Self { from_us: Some(from_us), to_us: Some(to_us), capped };
        match (from_us, to_us) {
            (None, None) if is_one_call => Self { from_us, to_us, capped: None },
            (None, None) => range(now_us.saturating_sub(RECENT_US), now_us, Some(RECENT)),
            (Some(from_us), None) => {
                let end_us = from_us.saturating_add(RANGE_MAX_US);
                range(from_us, end_us.min(now_us.max(from_us)), (end_us < now_us).then_some(NO_END))
            }
            (None, Some(to_us)) => range(to_us.saturating_sub(RANGE_MAX_US), to_us, Some(NO_BEGINNING)),
            (Some(from_us), Some(to_us)) => range(from_us, to_us, None),
        }
    }
}

const RECENT: &str = "no time was named: these are the last 24 hours";
const NO_END: &str = "no end was named: these are the first 31 days";
const NO_BEGINNING: &str = "no beginning was named: these are the last 31 days before the end";

#[cfg(test)]
mod tests {
    use super::*;

    const DAY_US: i64 = 24 * HOUR_US;
    const NOW_US: i64 = 1_795_269_600_000_000;

    fn of(from_us: Option<i64>, to_us: Option<i64>) -> (Option<i64>, Option<i64>, Option<&'static str>) {
        let Range { from_us, to_us, capped } = Range::of(from_us, to_us, NOW_US, false);
        (from_us, to_us, capped)
    }

    #[test]
    fn an_open_end_is_closed_and_said_so() {
        let month = NOW_US - 31 * DAY_US;
        assert_eq!(of(None, None), (Some(NOW_US - DAY_US), Some(NOW_US), Some(RECENT)));
        assert_eq!(of(Some(month), None), (Some(month), Some(NOW_US), None));
        assert_eq!(of(Some(month - 1), None), (Some(month - 1), Some(NOW_US - 1), Some(NO_END)));
        assert_eq!(of(None, Some(NOW_US)), (Some(month), Some(NOW_US), Some(NO_BEGINNING)));
        assert_eq!(of(Some(0), Some(NOW_US)), (Some(0), Some(NOW_US), None));
        assert_eq!(of(Some(i64::MAX), None), (Some(i64::MAX), Some(i64::MAX), None));
        assert_eq!(of(None, Some(i64::MIN)).0, Some(i64::MIN));
        let one_call = Range::of(None, None, NOW_US, true);
        assert_eq!(one_call, Range { from_us: None, to_us: None, capped: None });
    }
}
