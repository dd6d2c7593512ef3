//! The rules of places: how far their clocks are from UTC, and when that changes.

use jiff::{
    Timestamp,
    civil::{Date, DateTime},
    fmt::temporal::DateTimeParser,
    tz::{self, TimeZone},
};

/// Most names that are proposed for one that is unknown.
const PROPOSED_MAX: usize = 5;

/// A time zone of the IANA database, by which times are read and written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Zone {
    rules: TimeZone,
}

/// A text that is the name of no zone.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no time zone `{name}`; similar ones are {}, and all are names of the IANA database", similar.join(" "))]
pub struct NoSuchZone {
    /// Shortened.
    pub name: String,
    /// The names most like it, the most like first.
    pub similar: Vec<String>,
}

impl Zone {
    pub const UTC: Self = Self { rules: TimeZone::UTC };

    /// The zone of a name such as `Europe/Moscow`; upper and lower case are the same.
    pub fn named(name: &str) -> Result<Self, NoSuchZone> {
        let no_such = || NoSuchZone { name: domain::shortened(name), similar: similar(name) };
        // What would make a path of a name is none.
        let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"/_+-".contains(&byte);
        if name.is_empty() || name.starts_with('/') || !name.bytes().all(is_name) {
            return Err(no_such());
        }
        TimeZone::get(name).map(|rules| Self { rules }).map_err(|_| no_such())
    }

    /// The names there are, sorted.
    pub fn names() -> Vec<String> {
        let mut names: Vec<_> = tz::db().available().map(|name| name.as_str().to_owned()).collect();
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

    /// The same to the minute, with the offset: `2026-11-21 14:00+03:00`.
    pub fn minute(&self, us: i64) -> String {
        let at = Timestamp::from_microsecond(us).map(|at| at.to_zoned(self.rules.clone()));
        at.map(|at| at.strftime("%Y-%m-%d %H:%M%:z").to_string()).unwrap_or_default()
    }

    /// How far the zone is ahead of UTC, microseconds, from each of these moments on; the first is `from_us`, and the last
    /// lies before `to_us`.
    pub fn offsets(&self, from_us: i64, to_us: i64) -> Vec<(i64, i64)> {
        let Ok(from) = Timestamp::from_microsecond(from_us) else { return vec![(from_us, 0)] };
        let mut offsets = vec![(from_us, us(self.rules.to_offset(from)))];
        let changes = self.rules.following(from).map(|at| (at.timestamp().as_microsecond(), us(at.offset())));
        offsets.extend(changes.take_while(|(at_us, _)| *at_us < to_us));
        offsets.dedup_by_key(|(_, offset_us)| *offset_us);
        offsets
    }

    /// The instant a date or a date and time means here, or one that brings its own offset. A date is its first moment. Of
    /// an hour that comes twice the first is meant, and in an hour that is left out the time as far behind its beginning.
    pub(crate) fn instant(&self, text: &str) -> Option<i64> {
        const PARSER: DateTimeParser = DateTimeParser::new();
        if let Ok(instant) = text.parse::<Timestamp>() {
            return Some(instant.as_microsecond());
        }
        // A zone written behind a time would be another than the one that was named.
        let is_plain = |byte: u8| byte.is_ascii_digit() || b"-:.T ".contains(&byte);
        let text = Some(text).filter(|text| text.bytes().all(is_plain))?;
        let local = PARSER.parse_datetime(text).ok().or_else(|| midnight(text))?;
        let instant = self.rules.to_ambiguous_timestamp(local).compatible().ok()?;
        Some(instant.as_microsecond())
    }
}

fn midnight(text: &str) -> Option<DateTime> {
    text.parse::<Date>().ok().map(|date| date.at(0, 0, 0, 0))
}

/// The date of a day that begins so many microseconds of its own zone after 1970 did.
pub fn date(local_us: i64) -> String {
    let at = Timestamp::from_microsecond(local_us);
    at.map(|at| at.strftime("%Y-%m-%d").to_string()).unwrap_or_default()
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

fn us(offset: tz::Offset) -> i64 {
    i64::from(offset.seconds()) * 1_000_000
}

fn similar(name: &str) -> Vec<String> {
    let wanted = domain::shortened(name).to_ascii_lowercase();
    let likeness = |known: &str| strsim::jaro_winkler(&wanted, &known.to_ascii_lowercase());
    let mut known: Vec<_> = Zone::names().into_iter().map(|known| (likeness(&known), known)).collect();
    known.sort_by(|(one, _), (other, _)| other.total_cmp(one));
    known.into_iter().take(PROPOSED_MAX).map(|(_, known)| known).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::instant_or_ago;

    /// 2026-11-21 14:00:00 UTC.
    const NOW_US: i64 = 1_795_269_600_000_000;
    const HOUR_US: i64 = 3_600_000_000;

    fn zone(name: &str) -> Zone {
        Zone::named(name).unwrap()
    }

    fn moment(text: &str, name: &str) -> i64 {
        instant_or_ago(text, &zone(name), NOW_US).unwrap()
    }

    #[test]
    fn instants_are_shown_with_the_offset_of_their_time() {
        let show = |name: &str, us| zone(name).show(us).unwrap();
        assert_eq!(show("Europe/Moscow", NOW_US + 1), "2026-11-21T17:00:00.000001+03:00");
        assert_eq!(show("America/New_York", NOW_US), "2026-11-21T09:00:00.000000-05:00");
        assert_eq!(show("America/New_York", NOW_US - 90 * 24 * HOUR_US), "2026-08-23T10:00:00.000000-04:00");
        assert_eq!(show("UTC", 0), "1970-01-01T00:00:00.000000Z");
        assert_eq!(zone("Asia/Kolkata").minute(NOW_US), "2026-11-21 19:30+05:30");
        assert_eq!(date(NOW_US), "2026-11-21");
    }

    #[test]
    fn times_no_calendar_reaches_are_no_trouble() {
        for us in [i64::MIN, i64::MAX] {
            assert_eq!(Zone::UTC.offsets(us, i64::MAX), [(us, 0)]);
            assert_eq!((Zone::UTC.minute(us), date(us)), (String::new(), String::new()));
            assert_eq!((Zone::UTC.show(us), Zone::UTC.local(us)), (None, None));
        }
    }

    #[test]
    fn zones_change_when_their_clocks_do() {
        let moscow = zone("Europe/Moscow");
        let from_us = moment("2026-01-01", "Europe/Moscow");
        assert_eq!(moscow.offsets(from_us, from_us + 8_000 * HOUR_US), [(from_us, 3 * HOUR_US)]);
        let berlin = zone("Europe/Berlin");
        let spring_us = moment("2026-03-29T01:00Z", "Europe/Berlin");
        let autumn_us = moment("2026-10-25T01:00Z", "Europe/Berlin");
        let offsets = [(from_us, HOUR_US), (spring_us, 2 * HOUR_US), (autumn_us, HOUR_US)];
        assert_eq!(berlin.offsets(from_us, from_us + 8_000 * HOUR_US), offsets);
        assert_eq!(berlin.offsets(from_us, spring_us), offsets[..1]);
        assert_eq!(Zone::UTC.offsets(0, HOUR_US), [(0, 0)]);
    }

    #[test]
    fn zones_have_names() {
        assert_eq!(zone("europe/moscow").name(), "Europe/Moscow");
        assert!(Zone::names().iter().any(|name| name == "Asia/Yekaterinburg"));
        for text in ["", "Moscow", "../etc/passwd", "/etc/localtime", "Europe/Moscow\0", "MSK-3x", "é"] {
            assert!(Zone::named(text).is_err(), "{text}");
        }
    }

    #[test]
    fn an_unknown_zone_is_answered_with_similar_ones() {
        let error = Zone::named("Europe/Moskow").unwrap_err();
        assert!(error.to_string().contains("Europe/Moscow"), "{error}");
        assert_eq!(error.similar.len(), PROPOSED_MAX);
    }
}
