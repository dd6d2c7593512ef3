//! Times as they are written in a time zone.

use domain::Invalid;
use jiff::{
    Timestamp,
    civil::{Date, DateTime},
    fmt::temporal::DateTimeParser,
    tz::TimeZone,
};

const SECOND_US: i64 = 1_000_000;

/// A time zone of the IANA database, by which times are read and written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Zone {
    rules: TimeZone,
}

impl Zone {
    pub const UTC: Self = Self { rules: TimeZone::UTC };

    /// The zone of a name such as `Europe/Moscow`; upper and lower case are the same.
    pub fn named(name: &str) -> Result<Self, Invalid> {
        let no_such =
            || Invalid::new("a time zone", "a name of the IANA database, such as UTC or Europe/Moscow", name);
        // What would make a path of a name is none.
        let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"/_+-".contains(&byte);
        if name.is_empty() || name.starts_with('/') || !name.bytes().all(is_name) {
            return Err(no_such());
        }
        TimeZone::get(name).map(|rules| Self { rules }).map_err(|_| no_such())
    }

    /// The names there are, sorted.
    pub fn names() -> Vec<String> {
        let mut names: Vec<_> = jiff::tz::db().available().map(|name| name.as_str().to_owned()).collect();
        names.sort_unstable();
        names
    }

    /// The zone's own name.
    pub fn name(&self) -> &str {
        self.rules.iana_name().unwrap_or("UTC")
    }

    /// An instant, UTC microseconds, as RFC 3339 with the zone's offset at that time; none for what no calendar has.
    pub fn show(&self, us: i64) -> Option<String> {
        let instant = Timestamp::from_microsecond(us).ok()?;
        let local = self.rules.to_datetime(instant);
        let offset = self.rules.to_offset(instant).seconds();
        let offset = if offset == 0 { "Z".to_owned() } else { offset_text(offset) };
        Some(format!("{local:.6}{offset}"))
    }

    /// An instant as clocks in the zone show it, to the second; for people.
    pub fn local(&self, us: i64) -> Option<String> {
        let local = self.rules.to_datetime(Timestamp::from_microsecond(us).ok()?);
        Some(local.strftime("%Y-%m-%d %H:%M:%S").to_string())
    }

    /// The instant a date or a date and time means here, or one that brings its own offset. A date is its first moment. Of
    /// an hour that comes twice the first is meant, and in an hour that is left out the time as far behind its beginning.
    fn instant(&self, text: &str) -> Option<i64> {
        const PARSER: DateTimeParser = DateTimeParser::new();
        if let Ok(instant) = text.parse::<Timestamp>() {
            return Some(instant.as_microsecond());
        }
        // A zone written behind a time would be another than the one that was named.
        let is_plain = |byte: u8| byte.is_ascii_digit() || b"-:.T ".contains(&byte);
        let text = Some(text).filter(|text| text.bytes().all(is_plain))?;
        let local = PARSER.parse_datetime(text).ok().or_else(|| date(text))?;
        let instant = self.rules.to_ambiguous_timestamp(local).compatible().ok()?;
        Some(instant.as_microsecond())
    }
}

fn date(text: &str) -> Option<DateTime> {
    text.parse::<Date>().ok().map(|date| date.at(0, 0, 0, 0))
}

/// `+03:00`, and with seconds where history had such.
fn offset_text(seconds: i32) -> String {
    let sign = if seconds < 0 { '-' } else { '+' };
    let seconds = seconds.unsigned_abs();
    let (hours, minutes, rest) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    if rest == 0 {
        format!("{sign}{hours:02}:{minutes:02}")
    } else {
        format!("{sign}{hours:02}:{minutes:02}:{rest:02}")
    }
}

/// An instant as somebody writes it: `now`, a date, a date and time, with an offset or in the zone, or how long ago it was,
/// such as `90s`, `30m`, `24h`, `7d` or `2w`.
pub fn instant_or_ago(text: &str, zone: &Zone, now_us: i64) -> Result<i64, Invalid> {
    let rule = "now, a date, a date and time (2026-11-21T14:00, with Z or +03:00 if not in the zone), or how long ago (24h)";
    let ago = || duration_us(text).and_then(|us| now_us.checked_sub(us));
    let instant = if text == "now" { Some(now_us) } else { ago().or_else(|| zone.instant(text)) };
    instant.ok_or_else(|| Invalid::new("a time", rule, text))
}

/// A length of time such as `90s`, `30m` or `24h`, microseconds.
pub(crate) fn duration_us(text: &str) -> Option<i64> {
    let digits = text.trim_end_matches(|char: char| char.is_ascii_alphabetic());
    let unit_us = match &text[digits.len()..] {
        "us" => 1,
        "ms" => 1_000,
        "s" => SECOND_US,
        "m" => 60 * SECOND_US,
        "h" => 3_600 * SECOND_US,
        "d" => 24 * 3_600 * SECOND_US,
        "w" => 7 * 24 * 3_600 * SECOND_US,
        _ => return None,
    };
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    digits.parse::<i64>().ok().filter(|_| is_number)?.checked_mul(unit_us)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// 2026-11-21 14:00:00 UTC.
    const NOW_US: i64 = 1_795_269_600_000_000;

    fn zone(name: &str) -> Zone {
        Zone::named(name).unwrap()
    }

    fn read(text: &str, name: &str) -> Option<String> {
        let us = instant_or_ago(text, &zone(name), NOW_US).ok()?;
        Zone::UTC.show(us)
    }

    #[test]
    fn times_are_read_in_the_zone() {
        for (text, instant) in [
            ("2026-11-21T17:00", "2026-11-21T14:00:00.000000Z"),
            ("2026-11-21 17:00:00.5", "2026-11-21T14:00:00.500000Z"),
            ("2026-11-21", "2026-11-20T21:00:00.000000Z"),
            ("2026-11-21T14:00:00Z", "2026-11-21T14:00:00.000000Z"),
            ("2026-11-21T14:00:00-05:00", "2026-11-21T19:00:00.000000Z"),
            ("now", "2026-11-21T14:00:00.000000Z"),
            ("24h", "2026-11-20T14:00:00.000000Z"),
            ("2w", "2026-11-07T14:00:00.000000Z"),
        ] {
            assert_eq!(read(text, "Europe/Moscow").as_deref(), Some(instant), "{text}");
        }
    }

    #[test]
    fn hours_that_come_twice_or_never_have_one_meaning() {
        assert_eq!(read("2026-11-01T01:30", "America/New_York").unwrap(), "2026-11-01T05:30:00.000000Z");
        assert_eq!(read("2026-03-08T02:30", "America/New_York").unwrap(), "2026-03-08T07:30:00.000000Z");
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in [
            "",
            "yesterday",
            "2026-13-01",
            "2026-11-21T25:00",
            "-1h",
            "1.5h",
            "h",
            "9999999999999w",
            "24 h",
            "²h",
            "2026-11-21T14:00[Europe/Paris]",
        ] {
            let error = instant_or_ago(text, &Zone::UTC, NOW_US).unwrap_err();
            assert_eq!(error.what, "a time", "{text}");
        }
    }

    #[test]
    fn instants_are_shown_with_the_offset_of_their_time() {
        let show = |name: &str, us| zone(name).show(us).unwrap();
        assert_eq!(show("Europe/Moscow", NOW_US + 1), "2026-11-21T17:00:00.000001+03:00");
        assert_eq!(show("America/New_York", NOW_US), "2026-11-21T09:00:00.000000-05:00");
        assert_eq!(
            show("America/New_York", NOW_US - 90 * 24 * 3_600 * SECOND_US),
            "2026-08-23T10:00:00.000000-04:00"
        );
        assert_eq!(show("UTC", 0), "1970-01-01T00:00:00.000000Z");
        assert_eq!((Zone::UTC.show(i64::MIN), Zone::UTC.show(i64::MAX)), (None, None));
    }

    #[test]
    fn zones_have_names() {
        assert_eq!(zone("europe/moscow").name(), "Europe/Moscow");
        assert!(Zone::names().iter().any(|name| name == "Asia/Yekaterinburg"));
        for text in ["", "Moscow", "../etc/passwd", "/etc/localtime", "Europe/Moscow\0", "MSK-3x", "é"] {
            assert!(Zone::named(text).is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_shown_is_read_back(us in -62_000_000_000_000_000_i64..250_000_000_000_000_000) {
            for name in ["UTC", "Europe/Moscow", "America/New_York", "Asia/Kolkata"] {
                let zone = zone(name);
                let shown = zone.show(us).unwrap();
                // Until 1916 or so offsets had seconds, which RFC 3339 has not.
                if us > 0 {
                    prop_assert_eq!(instant_or_ago(&shown, &zone, NOW_US), Ok(us), "{}", shown);
                }
            }
        }

        #[test]
        fn no_text_is_too_much(text in "\\PC{0,40}") {
            let _ = (instant_or_ago(&text, &Zone::UTC, NOW_US), Zone::named(&text), duration_us(&text));
        }
    }
}
