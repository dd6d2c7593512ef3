use time::OffsetDateTime;

const SECOND_US: i64 = 1_000_000;

/// Writes an instant in RFC 3339 with microseconds between `quotes`, `2026-11-21T14:00:00.000001Z`. Outside of its years 0
/// to 9999 the bare number of microseconds stands: a node whose clock is wrong must neither stop an export nor lose what
/// it told.
pub(crate) fn push(us: i64, quotes: &str, out: &mut Vec<u8>) {
    match within_rfc3339(us) {
        Some(at) => {
            out.extend_from_slice(quotes.as_bytes());
            push_rfc3339(at, out);
            out.extend_from_slice(quotes.as_bytes());
        }
        None => out.extend_from_slice(us.to_string().as_bytes()),
    }
}

fn within_rfc3339(us: i64) -> Option<OffsetDateTime> {
    let at = OffsetDateTime::from_unix_timestamp(us.div_euclid(SECOND_US)).ok()?;
    let at = at.replace_microsecond(u32::try_from(us.rem_euclid(SECOND_US)).ok()?).ok()?;
    (0..=9_999).contains(&at.year()).then_some(at)
}

/// By hand: the library's formatter takes as long as everything else about a row.
fn push_rfc3339(at: OffsetDateTime, out: &mut Vec<u8>) {
    let (hour, minute, second, microsecond) = at.to_hms_micro();
    let parts = [
        (at.year().unsigned_abs(), 4, b'-'),
        (u8::from(at.month()).into(), 2, b'-'),
        (at.day().into(), 2, b'T'),
        (hour.into(), 2, b':'),
        (minute.into(), 2, b':'),
        (second.into(), 2, b'.'),
        (microsecond, 6, b'Z'),
    ];
    for (number, width, then) in parts {
        push_digits(number, width, out);
        out.push(then);
    }
}

fn push_digits(mut number: u32, width: usize, out: &mut Vec<u8>) {
    let from = out.len();
    out.resize(from + width, b'0');
    for digit in out[from..].iter_mut().rev() {
        *digit += u8::try_from(number % 10).unwrap_or_default();
        number /= 10;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use time::format_description::well_known::Rfc3339;

    use super::*;

    fn written(us: i64) -> String {
        let mut out = Vec::new();
        push(us, "", &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn instants_have_six_places_and_are_utc() {
        assert_eq!(written(0), "1970-01-01T00:00:00.000000Z");
        assert_eq!(written(-1), "1969-12-31T23:59:59.999999Z");
        assert_eq!(written(1_795_269_600_000_001), "2026-11-21T14:00:00.000001Z");
    }

    #[test]
    fn what_has_no_date_is_a_number() {
        assert_eq!(written(253_402_300_799_999_999), "9999-12-31T23:59:59.999999Z");
        assert_eq!(written(253_402_300_800_000_000), "253402300800000000");
        assert_eq!(written(-62_167_219_200_000_000), "0000-01-01T00:00:00.000000Z");
        assert_eq!(written(-62_167_219_200_000_001), "-62167219200000001");
        assert_eq!(written(i64::MIN), i64::MIN.to_string());
    }

    proptest! {
        #[test]
        fn any_reader_of_rfc_3339_reads_it_back(us in -62_167_219_200_000_000_i64..253_402_300_800_000_000) {
            let read = OffsetDateTime::parse(&written(us), &Rfc3339).unwrap();
            prop_assert_eq!(read.unix_timestamp_nanos(), i128::from(us) * 1_000);
        }
    }
}
