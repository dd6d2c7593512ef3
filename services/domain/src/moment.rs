use std::{fmt, str::FromStr};

use time::{
    OffsetDateTime, PrimitiveDateTime, format_description::BorrowedFormatItem, macros::format_description,
};

use crate::{Invalid, text::text_form};

const FORM: &[BorrowedFormatItem<'_>] = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]Z");
/// Microseconds of a second.
const SECOND_US: i64 = 1_000_000;

/// A whole second of UTC, as people and tables write it down: `2026-11-21T20:00:00Z` (RFC 3339), from 1970 to 9999.
///
/// There is one spelling, so the order of the texts is that of the moments.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment {
    /// Seconds since 1970.
    seconds: i64,
}

impl Moment {
    const RULE: &'static str = "a second of UTC like 2026-11-21T20:00:00Z, from 1970 on";

    /// The second in which this microsecond of UTC lies; nothing before 1970 and after 9999.
    pub fn at_us(us: i64) -> Option<Self> {
        let seconds = us.div_euclid(SECOND_US);
        let known = seconds >= 0 && OffsetDateTime::from_unix_timestamp(seconds).is_ok();
        known.then_some(Self { seconds })
    }

    /// Its first microsecond, of UTC.
    pub fn us(self) -> i64 {
        self.seconds * SECOND_US
    }
}

impl FromStr for Moment {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let parsed = PrimitiveDateTime::parse(text, FORM).ok();
        let moment = parsed.map(|time| Self { seconds: time.assume_utc().unix_timestamp() });
        moment
            .filter(|moment| moment.seconds >= 0 && moment.to_string() == text)
            .ok_or_else(|| Invalid::new("a moment", Self::RULE, text))
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let time = OffsetDateTime::from_unix_timestamp(self.seconds).map_err(|_| fmt::Error)?;
        f.pad(&time.format(FORM).map_err(|_| fmt::Error)?)
    }
}

text_form!(Moment);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn moments_have_one_spelling() {
        for good in
            ["1970-01-01T00:00:00Z", "2026-11-21T20:00:00Z", "2028-02-29T23:59:59Z", "9999-12-31T23:59:59Z"]
        {
            assert_eq!(good.parse::<Moment>().unwrap().to_string(), good);
        }
        assert_eq!("2026-11-21T20:00:00Z".parse::<Moment>().unwrap().us(), 1_795_291_200_000_000);
    }

    #[test]
    fn other_spellings_are_refused() {
        let bad = [
            "",
            "2026-11-21",
            "2026-11-21 20:00:00Z",
            "2026-11-21T20:00:00",
            "2026-11-21t20:00:00z",
            "2026-11-21T20:00:00.5Z",
            "2026-11-21T20:00:00+00:00",
            "2026-11-21T24:00:00Z",
            "2026-11-21T23:59:60Z",
            "2026-02-29T00:00:00Z",
            "1969-12-31T23:59:59Z",
            "+2026-11-21T20:00:00Z",
            "02026-11-21T20:00:00Z",
            " 2026-11-21T20:00:00Z",
            "2026-11-21T20:00:00Z ",
            "٢٠٢٦-11-21T20:00:00Z",
        ];
        for bad in bad {
            assert!(bad.parse::<Moment>().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn moments_hold_their_microseconds() {
        let second: Moment = "2026-11-21T20:00:00Z".parse().unwrap();
        assert_eq!(Moment::at_us(second.us()), Some(second));
        assert_eq!(Moment::at_us(second.us() + 999_999), Some(second));
        assert_eq!([-1, i64::MIN, i64::MAX].map(Moment::at_us), [None; 3]);
    }

    proptest! {
        #[test]
        fn texts_are_ordered_like_moments(one in 0i64..253_402_300_800, other in 0i64..253_402_300_800) {
            let [one, other] = [one, other].map(|seconds| Moment { seconds });
            prop_assert_eq!(one.cmp(&other), one.to_string().cmp(&other.to_string()));
            prop_assert_eq!(one.to_string().parse(), Ok(one));
        }

        #[test]
        fn any_text_is_refused_or_reads_back_equal(text in "\\PC{0,24}") {
            if let Ok(moment) = text.parse::<Moment>() {
                prop_assert_eq!(moment.to_string(), text);
            }
        }
    }
}
