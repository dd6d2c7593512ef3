//! Moments and lengths of time.

use domain::Invalid;

use crate::Zone;

const SECOND_US: i64 = 1_000_000;

/// An instant as somebody writes it: `now`, a date, a date and time, with an offset or in the zone, or how long ago it was,
/// such as `90s`, `30m`, `24h`, `7d` or `2w`.
pub fn instant_or_ago(text: &str, zone: &Zone, now_us: i64) -> Result<i64, Invalid> {
    let rule = "now, a date, a date and time (2026-11-21T14:00, with Z or +03:00 if not in the zone), or how long ago (24h)";
    let ago = || duration_us(text).and_then(|us| now_us.checked_sub(us));
    let instant = if text == "now" { Some(now_us) } else { ago().or_else(|| zone.instant(text)) };
    instant.ok_or_else(|| Invalid::new("a time", rule, text))
}

/// A length of time such as `90s`, `30m` or `24h`, microseconds.
pub fn duration_us(text: &str) -> Option<i64> {
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
