use jiff::{
    Timestamp,
    civil::{Date, DateTime},
    tz::{self, TimeZone},
};

/// Most names that are proposed for one that is unknown.
const PROPOSED_MAX: usize = 5;

/// A time zone by its name in the IANA database: `UTC`, `Europe/Moscow`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Zone {
    name: Box<str>,
    zone: TimeZone,
}

/// Why a text is no zone, or no moment.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ZoneError {
    #[error(
        "there is no time zone `{name}`; similar ones are {similar}, and all are names of the IANA database"
    )]
    Unknown { name: String, similar: String },
    #[error(
        "`{0}` is no moment: 2026-11-21, 2026-11-21T14:00 in the zone asked for, or 2026-11-21T14:00+03:00"
    )]
    Moment(String),
}

impl Zone {
    pub fn utc() -> Self {
        Self { name: "UTC".into(), zone: TimeZone::UTC }
    }

    pub fn named(name: &str) -> Result<Self, ZoneError> {
        match TimeZone::get(name) {
            Ok(zone) => Ok(Self { name: name.into(), zone }),
            Err(_) => Err(ZoneError::Unknown { name: domain::shortened(name), similar: similar(name) }),
        }
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    /// How far the zone is ahead of UTC, microseconds, from each of these moments on; the first is `from_us`, and the last
    /// lies before `to_us`.
    pub fn offsets(&self, from_us: i64, to_us: i64) -> Vec<(i64, i64)> {
        let Ok(from) = Timestamp::from_microsecond(from_us) else { return vec![(from_us, 0)] };
        let mut offsets = vec![(from_us, us(self.zone.to_offset(from)))];
        let changes = self.zone.following(from).map(|at| (at.timestamp().as_microsecond(), us(at.offset())));
        offsets.extend(changes.take_while(|(at_us, _)| *at_us < to_us));
        offsets.dedup_by_key(|(_, offset_us)| *offset_us);
        offsets
    }

    /// A moment as people write it: a date or a time of this zone, or a time that brings its own.
    pub fn moment(&self, text: &str) -> Result<i64, ZoneError> {
        if let Ok(moment) = text.parse::<Timestamp>() {
            return Ok(moment.as_microsecond());
        }
        let midnight = |text: &str| text.parse::<Date>().map(|date| date.at(0, 0, 0, 0));
        let civil = text.parse::<DateTime>().or_else(|_| midnight(text));
        let moment = civil.ok().and_then(|civil| self.zone.to_timestamp(civil).ok());
        moment.map(Timestamp::as_microsecond).ok_or_else(|| ZoneError::Moment(domain::shortened(text)))
    }

    /// `2026-11-21 14:00+03:00`
    pub fn minute(&self, at_us: i64) -> String {
        let at = Timestamp::from_microsecond(at_us).map(|at| at.to_zoned(self.zone.clone()));
        at.map(|at| at.strftime("%Y-%m-%d %H:%M%:z").to_string()).unwrap_or_default()
    }
}

/// The date of a day that begins so many microseconds of its own zone after 1970 did.
pub(crate) fn date(local_us: i64) -> String {
    let at = Timestamp::from_microsecond(local_us);
    at.map(|at| at.strftime("%Y-%m-%d").to_string()).unwrap_or_default()
}

fn us(offset: tz::Offset) -> i64 {
    i64::from(offset.seconds()) * 1_000_000
}

fn similar(name: &str) -> String {
    let wanted = name.to_ascii_lowercase();
    let likeness = |known: &str| strsim::jaro_winkler(&wanted, &known.to_ascii_lowercase());
    let mut known: Vec<_> = tz::db().available().map(|known| known.to_string()).collect();
    known.sort_by(|one, other| likeness(other).total_cmp(&likeness(one)).then_with(|| one.cmp(other)));
    known.truncate(PROPOSED_MAX);
    known.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR_US: i64 = 3_600_000_000;

    #[test]
    fn zones_change_when_their_clocks_do() {
        let moscow = Zone::named("Europe/Moscow").unwrap();
        let from_us = moscow.moment("2026-01-01").unwrap();
        assert_eq!(moscow.offsets(from_us, from_us + 8_000 * HOUR_US), [(from_us, 3 * HOUR_US)]);
        let berlin = Zone::named("Europe/Berlin").unwrap();
        let spring_us = berlin.moment("2026-03-29T01:00Z").unwrap();
        let autumn_us = berlin.moment("2026-10-25T01:00Z").unwrap();
        let offsets = [(from_us, HOUR_US), (spring_us, 2 * HOUR_US), (autumn_us, HOUR_US)];
        assert_eq!(berlin.offsets(from_us, from_us + 8_000 * HOUR_US), offsets);
        assert_eq!(berlin.offsets(from_us, spring_us), offsets[..1]);
        assert_eq!(Zone::utc().offsets(0, HOUR_US), [(0, 0)]);
    }

    #[test]
    fn moments_are_of_the_zone_unless_they_say_otherwise() {
        let kolkata = Zone::named("Asia/Kolkata").unwrap();
        let at_us = Zone::utc().moment("2026-11-21T08:30:00Z").unwrap();
        for same in ["2026-11-21T14:00", "2026-11-21 14:00:00", "2026-11-21T11:30+03:00"] {
            assert_eq!(kolkata.moment(same), Ok(at_us), "{same}");
        }
        assert_eq!(kolkata.minute(at_us), "2026-11-21 14:00+05:30");
        assert_eq!(kolkata.moment("2026-11-21"), Ok(at_us - 14 * HOUR_US));
        assert_eq!(date(at_us), "2026-11-21");
        for wrong in ["", "yesterday", "2026-13-01", "14:00", "2026-11-21T25:00", "\0"] {
            assert!(kolkata.moment(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn an_unknown_zone_is_answered_with_similar_ones() {
        let error = Zone::named("Europe/Moskow").unwrap_err().to_string();
        assert!(error.contains("Europe/Moscow"), "{error}");
        assert!(Zone::named("").is_err() && Zone::named("../etc/passwd").is_err());
    }

    #[test]
    fn times_no_calendar_reaches_are_no_trouble() {
        for us in [i64::MIN, i64::MAX] {
            assert_eq!(Zone::utc().offsets(us, i64::MAX), [(us, 0)]);
            assert_eq!((Zone::utc().minute(us), date(us)), (String::new(), String::new()));
        }
    }
}
