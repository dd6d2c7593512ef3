use times::{Cap, Range};

use crate::quarter::{QUARTER_US, Quarter};

const DAY_US: i64 = 24 * 3_600 * 1_000_000;
/// How long a period is that was given no beginning, days.
const UNBEGUN_DAYS: i64 = 1;
/// How long any is at most, days.
const DAYS_MAX: i64 = 400;

/// Whole quarters of an hour from one moment to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    pub from_us: i64,
    /// The first microsecond after it.
    pub to_us: i64,
    /// Whether it would have gone on but for [`times::RANGE_MAX_DAYS`].
    pub capped: bool,
}

/// Why there is no such period.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PeriodError {
    #[error("the period ends before it begins")]
    Backwards,
    #[error("the period is longer than {DAYS_MAX} days")]
    TooLong,
    #[error("the period lies before 1970")]
    TooOld,
}

impl Period {
    /// What somebody asks for at `now_us`, widened to whole quarters. Without an end it ends now, and lasts
    /// [`times::RANGE_MAX_DAYS`] at most; without a beginning it is the day before its end.
    pub fn asked(from_us: Option<i64>, to_us: Option<i64>, now_us: i64) -> Result<Self, PeriodError> {
        let Range { from_us, to_us, cap } = Range::asked(from_us, to_us, now_us.max(0), UNBEGUN_DAYS);
        if from_us < 0 {
            return Err(PeriodError::TooOld);
        }
        match to_us.checked_sub(from_us) {
            Some(..0) => Err(PeriodError::Backwards),
            Some(us) if us <= DAYS_MAX * DAY_US => Ok(Self {
                from_us: Quarter::of(from_us).from_us(),
                to_us: Quarter::of(to_us.saturating_sub(1)).from_us().saturating_add(QUARTER_US),
                capped: cap == Some(Cap::NoEnd),
            }),
            _ => Err(PeriodError::TooLong),
        }
    }
}

#[cfg(test)]
mod tests {
    use times::RANGE_MAX_DAYS;

    use super::*;

    const NOW_US: i64 = 1_795_269_600_000_000;

    #[test]
    fn a_period_is_made_of_whole_quarters() {
        let period = Period::asked(Some(NOW_US + 1), Some(NOW_US + QUARTER_US + 1), 0).unwrap();
        let whole = Period { from_us: NOW_US, to_us: NOW_US + 2 * QUARTER_US, capped: false };
        assert_eq!(period, whole);
        assert_eq!(Period::asked(Some(NOW_US), Some(NOW_US + 2 * QUARTER_US), 0), Ok(whole));
    }

    #[test]
    fn what_is_left_out_is_filled_in() {
        let of_us = |from, to| Period::asked(from, to, NOW_US).map(|it| (it.from_us, it.to_us, it.capped));
        assert_eq!(of_us(None, None), Ok((NOW_US - DAY_US, NOW_US, false)));
        assert_eq!(of_us(None, Some(2 * DAY_US)), Ok((DAY_US, 2 * DAY_US, false)));
        assert_eq!(of_us(Some(NOW_US - DAY_US), None), Ok((NOW_US - DAY_US, NOW_US, false)));
        assert_eq!(of_us(Some(DAY_US), None), Ok((DAY_US, (1 + RANGE_MAX_DAYS) * DAY_US, true)));
        // Somebody asks for what is to come.
        let tomorrow = NOW_US + DAY_US;
        assert_eq!(of_us(Some(tomorrow), None).map(|it| it.0), Ok(tomorrow));
    }

    #[test]
    fn what_is_no_period_is_refused() {
        let error = |from, to| Period::asked(Some(from), Some(to), NOW_US).unwrap_err();
        assert_eq!(error(DAY_US, DAY_US - 1), PeriodError::Backwards);
        assert_eq!(error(0, DAYS_MAX * DAY_US + 1), PeriodError::TooLong);
        assert_eq!(error(-1, DAY_US), PeriodError::TooOld);
        assert_eq!(error(i64::MAX, 0), PeriodError::Backwards);
        assert_eq!(error(i64::MIN, i64::MAX), PeriodError::TooOld);
    }
}
