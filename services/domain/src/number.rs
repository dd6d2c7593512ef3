use std::{fmt, num::NonZeroU64, str::FromStr};

use crate::{Invalid, text::text_form};

/// A subscriber number in international form: 1 to 15 digits, no leading zero (ITU-T E.164 §6.2).
/// Fits a `u64`, so it is `Copy` and compares fast. `Debug` hides the middle digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct E164(NonZeroU64);

impl E164 {
    /// Most digits a number can have.
    pub const MAX_DIGITS: usize = 15;

    pub fn get(self) -> u64 {
        self.0.get()
    }

    /// How many digits the number has.
    pub fn digit_count(self) -> usize {
        decimal_digits(self.get())
    }

    /// The leading `length` digits, as a prefix table keys them.
    pub fn leading(self, length: usize) -> u64 {
        self.get() / 10u64.pow(u32::try_from(self.digit_count().saturating_sub(length)).unwrap_or(0))
    }

    /// The prefix of its leading `length` digits, or of all where there are fewer.
    pub fn prefix(self, length: usize) -> Prefix {
        let all = self.digit_count();
        let whole = Prefix { digits: self.get(), length: u8::try_from(all).unwrap_or(0) };
        whole.shortened(length.min(all))
    }
}

fn decimal_digits(value: u64) -> usize {
    value.checked_ilog10().map_or(1, |log| log as usize + 1)
}

fn digits_to_u64(text: &str) -> Option<u64> {
    let all_digits =
        !text.is_empty() && text.len() <= E164::MAX_DIGITS && text.bytes().all(|b| b.is_ascii_digit());
    if all_digits { text.parse().ok() } else { None }
}

impl FromStr for E164 {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let invalid =
            || Invalid::new("a number", "1 to 15 digits in international form without a leading 0", text);
        let no_leading_zero = Some(text).filter(|text| !text.starts_with('0'));
        no_leading_zero.and_then(digits_to_u64).and_then(NonZeroU64::new).map(Self).ok_or_else(invalid)
    }
}

impl fmt::Display for E164 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for E164 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "E164({})", crate::shortened(&self.to_string()))
    }
}

/// Leading digits of international numbers, `""` meaning every number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Prefix {
    digits: u64,
    length: u8,
}

impl Prefix {
    /// The prefix of every number.
    pub const ANY: Self = Self { digits: 0, length: 0 };

    /// How many digits must agree.
    pub fn len(self) -> usize {
        usize::from(self.length)
    }

    pub fn is_empty(self) -> bool {
        self.length == 0
    }

    /// The digits as a number; leading zeros do not occur.
    pub fn digits(self) -> u64 {
        self.digits
    }

    /// The first `length` digits, or all where there are fewer.
    #[must_use]
    pub fn shortened(self, length: usize) -> Self {
        let dropped = self.len().saturating_sub(length);
        Self {
            digits: self.digits / 10u64.pow(u32::try_from(dropped).unwrap_or(0)),
            length: u8::try_from(self.len() - dropped).unwrap_or(0),
        }
    }

    pub fn matches(self, number: E164) -> bool {
        self.is_empty() || (number.digit_count() >= self.len() && number.leading(self.len()) == self.digits)
    }
}

impl FromStr for Prefix {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        if text.is_empty() {
            return Ok(Self::ANY);
        }
        let digits = Some(text).filter(|text| !text.starts_with('0')).and_then(digits_to_u64);
        let length = u8::try_from(text.len()).ok();
        match (digits, length) {
            (Some(digits), Some(length)) => Ok(Self { digits, length }),
            _ => Err(Invalid::new("a prefix", "at most 15 leading digits of an international number", text)),
        }
    }
}

impl fmt::Display for Prefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_empty() { Ok(()) } else { self.digits.fmt(f) }
    }
}

/// A short run of digits whose leading zeros count: a tariff prefix, a trunk prefix, an extension.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digits {
    bytes: [u8; Self::MAX],
    length: u8,
}

impl Digits {
    /// Most digits that fit.
    pub const MAX: usize = 16;

    pub fn as_str(&self) -> &str {
        // Only ASCII digits get in, so this never takes the fallback.
        std::str::from_utf8(&self.bytes[..usize::from(self.length)]).unwrap_or_default()
    }
}

impl FromStr for Digits {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let legal = (1..=Self::MAX).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
        if !legal {
            return Err(Invalid::new("a digit string", "1 to 16 digits", text));
        }
        let mut bytes = [0; Self::MAX];
        bytes[..text.len()].copy_from_slice(text.as_bytes());
        Ok(Self { bytes, length: u8::try_from(text.len()).unwrap_or(0) })
    }
}

impl From<E164> for Digits {
    fn from(number: E164) -> Self {
        let mut digits =
            Self { bytes: [0; Self::MAX], length: u8::try_from(number.digit_count()).unwrap_or(0) };
        let mut rest = number.get();
        for byte in digits.bytes[..number.digit_count()].iter_mut().rev() {
            *byte = b'0' + u8::try_from(rest % 10).unwrap_or(0);
            rest /= 10;
        }
        digits
    }
}

impl fmt::Display for Digits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for Digits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digits({})", crate::shortened(self.as_str()))
    }
}

text_form!(E164, Prefix, Digits);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn numbers_are_one_to_fifteen_ascii_digits() {
        assert_eq!("74957777777".parse::<E164>().unwrap().to_string(), "74957777777");
        for bad in ["", "0", "012", "+7495", "1234567890123456", "1 2", "١٢٣", "7495\n", "1&2", "-1"] {
            assert!(bad.parse::<E164>().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn debug_hides_the_middle_of_a_number() {
        assert_eq!(format!("{:?}", "74957777777".parse::<E164>().unwrap()), "E164(7495*****77)");
    }

    #[test]
    fn leading_zeros_of_digit_strings_count() {
        assert_eq!("0011101".parse::<Digits>().unwrap().as_str(), "0011101");
        assert_ne!("0011101".parse::<Digits>().unwrap(), "11101".parse::<Digits>().unwrap());
    }

    proptest! {
        #[test]
        fn prefix_match_is_starts_with(number in "[1-9][0-9]{0,14}", prefix in "([1-9][0-9]{0,14})?") {
            let matched = prefix.parse::<Prefix>().unwrap().matches(number.parse().unwrap());
            prop_assert_eq!(matched, number.starts_with(&prefix));
        }

        #[test]
        fn a_number_is_its_digits_and_begins_with_its_prefixes(number in "[1-9][0-9]{0,14}", length in 0usize..20) {
            let parsed: E164 = number.parse().unwrap();
            prop_assert_eq!(Digits::from(parsed), number.parse().unwrap());
            prop_assert_eq!(parsed.prefix(length), number[..length.min(number.len())].parse().unwrap());
        }

        #[test]
        fn only_what_reads_back_equal_gets_in(text in "\\PC{0,20}") {
            if let Ok(number) = text.parse::<E164>() { prop_assert_eq!(number.to_string(), text.clone()); }
            if let Ok(digits) = text.parse::<Digits>() { prop_assert_eq!(digits.as_str(), text); }
        }
    }
}
