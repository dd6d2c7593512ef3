use std::{fmt, str::FromStr};

use crate::{Digits, E164, Invalid, text::text_form};

/// An ISO 3166-1 alpha-2 country code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CountryCode([u8; 2]);

impl FromStr for CountryCode {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        match <[u8; 2]>::try_from(text.as_bytes()) {
            Ok(code) if code.iter().all(u8::is_ascii_uppercase) => Ok(Self(code)),
            _ => Err(Invalid::new("a country code", "two capital letters (ISO 3166-1)", text)),
        }
    }
}

impl fmt::Display for CountryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(std::str::from_utf8(&self.0).unwrap_or_default())
    }
}

text_form!(CountryCode);

/// How people of one country write the numbers they call (ITU-T E.123, the national numbering plan).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DialRules {
    /// The country calling code, `7` or `44`.
    pub calling_code: Digits,
    /// What stands before a national number, `8` in Russia, `0` in the United Kingdom; some countries have none.
    pub trunk_prefix: Option<Digits>,
    /// What stands before a number abroad, `810` in Russia, `00` in Europe, `011` in North America.
    pub international_prefix: Digits,
    /// Digits of a national number without the trunk prefix, at least.
    pub national_digits_min: u8,
    /// Digits of a national number without the trunk prefix, at most.
    pub national_digits_max: u8,
}

impl DialRules {
    /// Fewest digits a number abroad can have, country code included: shorter ones are mistyped, and no
    /// numbering plan assigns them.
    const ABROAD_DIGITS_MIN: usize = 7;

    /// Turns what a person of this country dialled into an international number, or refuses it.
    ///
    /// Blanks, hyphens, dots and parentheses are how people group digits and are passed over; everything else that is
    /// not a digit (after one leading `+`) is refused, never dropped: `500&PJSIP/x` is no number.
    /// In order: `+` or the international prefix, then the trunk prefix, then a number that already starts
    /// with the own calling code and has a national length after it, then a bare national number, then any
    /// international number without prefix, as phones and contact lists deliver it.
    pub fn normalise(&self, dialled: &str) -> Result<E164, Invalid> {
        let invalid = || Invalid::new("the called number", "a number that can be dialled from here", dialled);
        let (plus, digits) = bare_digits(dialled).ok_or_else(invalid)?;
        let number = if plus { self.full(&digits) } else { self.unmarked(&digits) };
        number.ok_or_else(invalid)
    }

    fn unmarked(&self, digits: &str) -> Option<E164> {
        let abroad = digits.strip_prefix(self.international_prefix.as_str()).and_then(|rest| self.full(rest));
        abroad
            .or_else(|| {
                let national = digits.strip_prefix(self.trunk_prefix.as_ref()?.as_str())?;
                self.national(national)
            })
            .or_else(|| self.national_with_code(digits))
            .or_else(|| if self.trunk_prefix.is_none() { self.national(digits) } else { None })
            .or_else(|| self.bare_national(digits))
            .or_else(|| self.unmarked_abroad(digits))
    }

    /// A complete international number: of the own country it must have a national length.
    fn full(&self, digits: &str) -> Option<E164> {
        // `1` and `7` are shared by several countries, all with ten national digits, so the rule of lengths holds for
        // the neighbours too.
        if digits.starts_with(self.calling_code.as_str()) {
            self.national_with_code(digits)
        } else {
            Self::abroad(digits)
        }
    }

    fn national_with_code(&self, digits: &str) -> Option<E164> {
        self.national(digits.strip_prefix(self.calling_code.as_str())?)
    }

    fn national(&self, national: &str) -> Option<E164> {
        let lengths = usize::from(self.national_digits_min)..=usize::from(self.national_digits_max);
        if !lengths.contains(&national.len()) {
            return None;
        }
        format!("{}{national}", self.calling_code).parse().ok()
    }

    /// A national number dialled without its trunk prefix, as most mobiles allow.
    fn bare_national(&self, digits: &str) -> Option<E164> {
        let starts_like_trunk = self.trunk_prefix.is_some_and(|trunk| digits.starts_with(trunk.as_str()));
        if starts_like_trunk { None } else { self.national(digits) }
    }

    /// An international number without its prefix. What starts like a number from here is a mistyped one: dialled as it
    /// stands it would reach, and cost, a call to another country.
    fn unmarked_abroad(&self, digits: &str) -> Option<E164> {
        let trunk = self.trunk_prefix.is_some_and(|trunk| digits.starts_with(trunk.as_str()));
        let marked = trunk || digits.starts_with(self.international_prefix.as_str());
        if marked { None } else { self.full(digits) }
    }

    fn abroad(digits: &str) -> Option<E164> {
        if digits.len() < Self::ABROAD_DIGITS_MIN { None } else { digits.parse().ok() }
    }
}

/// Digits without grouping, and whether a `+` stood before them; `None` when anything else is in the text.
fn bare_digits(text: &str) -> Option<(bool, String)> {
    const LONGEST: usize = 40;
    let (plus, rest) = text.strip_prefix('+').map_or((false, text), |rest| (true, rest));
    if rest.len() > LONGEST {
        return None;
    }
    let mut digits = String::with_capacity(rest.len());
    for byte in rest.bytes() {
        match byte {
            b'0'..=b'9' => digits.push(char::from(byte)),
            b' ' | b'-' | b'.' | b'(' | b')' => {}
            _ => return None,
        }
    }
    if digits.is_empty() { None } else { Some((plus, digits)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(code: &str, trunk: Option<&str>, international: &str, min: u8, max: u8) -> DialRules {
        DialRules {
            calling_code: code.parse().unwrap(),
            trunk_prefix: trunk.map(|digits| digits.parse().unwrap()),
            international_prefix: international.parse().unwrap(),
            national_digits_min: min,
            national_digits_max: max,
        }
    }

    fn russia() -> DialRules {
        rules("7", Some("8"), "810", 10, 10)
    }

    #[test]
    fn the_ways_to_write_a_moscow_number() {
        let ways = [
            "74957777777",
            "+74957777777",
            "84957777777",
            "4957777777",
            "8 (495) 777-77-77",
            "+7 495 777.77.77",
            "81074957777777",
        ];
        for way in ways {
            assert_eq!(russia().normalise(way).unwrap().to_string(), "74957777777", "{way:?}");
        }
    }

    #[test]
    fn numbers_abroad() {
        assert_eq!(russia().normalise("810442038070121").unwrap().to_string(), "442038070121");
        assert_eq!(russia().normalise("+442038070121").unwrap().to_string(), "442038070121");
        assert_eq!(russia().normalise("442038070121").unwrap().to_string(), "442038070121");
        let kingdom = rules("44", Some("0"), "00", 9, 10);
        assert_eq!(kingdom.normalise("02038070121").unwrap().to_string(), "442038070121");
        assert_eq!(kingdom.normalise("0074957777777").unwrap().to_string(), "74957777777");
        let america = rules("1", Some("1"), "011", 10, 10);
        assert_eq!(america.normalise("12025550143").unwrap().to_string(), "12025550143");
        assert_eq!(america.normalise("2025550143").unwrap().to_string(), "12025550143");
        let spain = rules("34", None, "00", 9, 9);
        assert_eq!(spain.normalise("912345678").unwrap().to_string(), "34912345678");
    }

    #[test]
    fn what_is_not_a_number_is_refused_and_never_trimmed() {
        let hostile = [
            "",
            "+",
            "500&PJSIP/x",
            "${SHELL(id)}",
            "1,60,g",
            "\"7495\"",
            "7495\r\n777",
            "٧٤٩٥٧٧٧٧٧٧٧",
            "++7495",
            "abc",
            "74957777777@evil",
            "7495777777",
            "+7495777777",
            "123",
            "0",
        ];
        for mistyped in ["8495777777", "849577777777", "810749577777", "749577777777", "8613812345678"] {
            assert!(russia().normalise(mistyped).is_err(), "{mistyped} must not reach another country");
        }
        let america = rules("1", Some("1"), "011", 10, 10);
        for mistyped in ["1202555014", "120255501433"] {
            assert!(america.normalise(mistyped).is_err(), "{mistyped}");
        }
        // "7495777777" is ten digits and so a bare national number of area 749; all others are nothing.
        for bad in hostile.into_iter().filter(|&text| text != "7495777777") {
            assert!(russia().normalise(bad).is_err(), "{bad:?}");
        }
        assert!(russia().normalise(&"9".repeat(300)).is_err());
    }
}
