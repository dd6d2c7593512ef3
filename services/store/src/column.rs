//! How the domain's types stand in columns.

use std::borrow::Cow;

use domain::{
    ApiRole, ApiTokenId, CarrierHost, Class, ContextName, CountryCode, CountryId, CurrencyCode, CurrencyId,
    CustomerId, Digits, Direction, E164, ExtenName, ExtensionId, GateId, HopPath, HopProtocol, Invalid,
    Lookup, Moment, Network, NodeName, NodeTokenId, NumberDestinationId, NumberId, PeerName, Prefix,
    Protocol, ProviderAddressId, ProviderId, Purpose, ResolvedAddressId, RingGroupId, RingGroupMemberId,
    RingStrategy, RouteId, ServerId, ServiceNumberId, SipDriver, StopRule, Transport,
};

use crate::{
    driver::{Cells, Value},
    error::Impossible,
};

/// The type of a column: a scalar, or an `Option` of one where the column may be NULL.
pub(crate) trait Column: Sized {
    fn value(&self) -> Value<'_>;
    fn read(row: &impl Cells, at: usize) -> Result<Self, Impossible>;
}

/// A type that stands in one cell. `None` is NULL in both directions.
pub(crate) trait Scalar: Sized {
    fn value(scalar: Option<&Self>) -> Value<'_>;
    fn read(row: &impl Cells, at: usize) -> Result<Option<Self>, Impossible>;
}

impl<S: Scalar> Column for S {
    fn value(&self) -> Value<'_> {
        S::value(Some(self))
    }

    fn read(row: &impl Cells, at: usize) -> Result<Self, Impossible> {
        S::read(row, at)?.ok_or(Impossible::Null)
    }
}

impl<S: Scalar> Column for Option<S> {
    fn value(&self) -> Value<'_> {
        S::value(self.as_ref())
    }

    fn read(row: &impl Cells, at: usize) -> Result<Self, Impossible> {
        S::read(row, at)
    }
}

impl Scalar for bool {
    fn value(scalar: Option<&Self>) -> Value<'_> {
        Value::Flag(scalar.copied())
    }

    fn read(row: &impl Cells, at: usize) -> Result<Option<Self>, Impossible> {
        Ok(row.flag(at)?)
    }
}

impl Scalar for String {
    fn value(scalar: Option<&Self>) -> Value<'_> {
        Value::Text(scalar.map(|text| Cow::Borrowed(text.as_str())))
    }

    fn read(row: &impl Cells, at: usize) -> Result<Option<Self>, Impossible> {
        Ok(row.text(at)?.map(str::to_owned))
    }
}

impl Scalar for Box<str> {
    fn value(scalar: Option<&Self>) -> Value<'_> {
        Value::Text(scalar.map(|text| Cow::Borrowed(&**text)))
    }

    fn read(row: &impl Cells, at: usize) -> Result<Option<Self>, Impossible> {
        Ok(row.text(at)?.map(Self::from))
    }
}

/// Instants in microseconds of UTC, and keys that are nothing but keys.
impl Scalar for i64 {
    fn value(scalar: Option<&Self>) -> Value<'_> {
        Value::Key(scalar.copied())
    }

    fn read(row: &impl Cells, at: usize) -> Result<Option<Self>, Impossible> {
        Ok(row.key(at)?)
    }
}

impl Scalar for i32 {
    fn value(scalar: Option<&Self>) -> Value<'_> {
        Value::Small(scalar.copied())
    }

    fn read(row: &impl Cells, at: usize) -> Result<Option<Self>, Impossible> {
        Ok(row.small(at)?)
    }
}

/// Numbers of generations: a database counts to half of what fits, and so do we.
impl Scalar for u64 {
    fn value(scalar: Option<&Self>) -> Value<'_> {
        Value::Key(scalar.map(|&number| i64::try_from(number).unwrap_or(i64::MAX)))
    }

    fn read(row: &impl Cells, at: usize) -> Result<Option<Self>, Impossible> {
        let negative = |number: i64| Invalid::new("a number", "positive", &number.to_string());
        let number = row.key(at)?;
        Ok(number.map(|number| number.try_into().map_err(|_| negative(number))).transpose()?)
    }
}

/// Positions and revisions, which not every database can count in 32 bits.
impl Scalar for u32 {
    fn value(scalar: Option<&Self>) -> Value<'_> {
        Value::Key(scalar.map(|&number| number.into()))
    }

    fn read(row: &impl Cells, at: usize) -> Result<Option<Self>, Impossible> {
        let invalid = |number: i64| Invalid::new("a number", "0 to 4294967295", &number.to_string());
        let number = row.key(at)?;
        Ok(number.map(|number| number.try_into().map_err(|_| invalid(number))).transpose()?)
    }
}

impl Scalar for Vec<u8> {
    fn value(scalar: Option<&Self>) -> Value<'_> {
        Value::Bytes(scalar.map(Vec::as_slice))
    }

    fn read(row: &impl Cells, at: usize) -> Result<Option<Self>, Impossible> {
        Ok(row.bytes(at)?.map(<[u8]>::to_vec))
    }
}

/// A hash of 32 bytes, which stands as 64 lower-case hexadecimal digits.
impl Scalar for [u8; 32] {
    fn value(scalar: Option<&Self>) -> Value<'_> {
        Value::Text(scalar.map(|hash| Cow::Owned(hexadecimal(hash))))
    }

    fn read(row: &impl Cells, at: usize) -> Result<Option<Self>, Impossible> {
        let invalid = |text| Invalid::new("a hash", "64 lower-case hexadecimal digits", text);
        let text = row.text(at)?;
        Ok(text.map(|text| hash(text).ok_or_else(|| invalid(text))).transpose()?)
    }
}

fn hexadecimal(hash: &[u8; 32]) -> String {
    let digit = |nibble: u8| char::from_digit(nibble.into(), 16).expect("four bits are one digit");
    hash.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

fn hash(text: &str) -> Option<[u8; 32]> {
    let nibble = |digit: u8| match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    };
    let digits: &[u8; 64] = text.as_bytes().try_into().ok()?;
    let mut hash = [0; 32];
    for (byte, pair) in hash.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = nibble(pair[0])? << 4 | nibble(pair[1])?;
    }
    Some(hash)
}

macro_rules! small_numbers {
    ($($type:ty: $rule:literal),+ $(,)?) => {$(
        impl Scalar for $type {
            fn value(scalar: Option<&Self>) -> Value<'_> {
                Value::Small(scalar.map(|&number| number.into()))
            }

            fn read(row: &impl Cells, at: usize) -> Result<Option<Self>, Impossible> {
                let invalid = |number: i32| Invalid::new("a number", $rule, &number.to_string());
                let number = row.small(at)?;
                Ok(number.map(|number| number.try_into().map_err(|_| invalid(number))).transpose()?)
            }
        }
    )+};
}

macro_rules! keys {
    ($($type:ident),+ $(,)?) => {$(
        impl Scalar for $type {
            fn value(scalar: Option<&Self>) -> Value<'_> {
                Value::Key(scalar.map(|key| key.0))
            }

            fn read(row: &impl Cells, at: usize) -> Result<Option<Self>, Impossible> {
                Ok(row.key(at)?.map($type))
            }
        }
    )+};
}

/// Types that stand as the text they are written as.
macro_rules! texts {
    ($($type:ty),+ $(,)?) => {$(
        impl Scalar for $type {
            fn value(scalar: Option<&Self>) -> Value<'_> {
                Value::Text(scalar.map(|value| Cow::Owned(value.to_string())))
            }

            fn read(row: &impl Cells, at: usize) -> Result<Option<Self>, Impossible> {
                Ok(row.text(at)?.map(str::parse).transpose()?)
            }
        }
    )+};
}

small_numbers!(u8: "0 to 255", u16: "0 to 65535");

keys!(
    ApiTokenId,
    CountryId,
    CurrencyId,
    CustomerId,
    ExtensionId,
    GateId,
    NodeTokenId,
    NumberDestinationId,
    NumberId,
    ProviderAddressId,
    ProviderId,
    ResolvedAddressId,
    RingGroupId,
    RingGroupMemberId,
    RouteId,
    ServerId,
    ServiceNumberId,
);

texts!(
    ApiRole,
    CarrierHost,
    Class,
    ContextName,
    CountryCode,
    CurrencyCode,
    Digits,
    Direction,
    E164,
    ExtenName,
    HopPath,
    HopProtocol,
    Lookup,
    Moment,
    Network,
    NodeName,
    PeerName,
    Prefix,
    Protocol,
    Purpose,
    RingStrategy,
    SipDriver,
    StopRule,
    Transport,
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_64_lower_case_digits() {
        let bytes: [u8; 32] = std::array::from_fn(|at| u8::try_from(at * 8).unwrap());
        let text = hexadecimal(&bytes);
        assert!(text.starts_with("0008101820") && text.ends_with("f0f8"), "{text}");
        assert_eq!(hash(&text), Some(bytes));
        for wrong in ["", &text[1..], &format!("{text}0"), &text.to_uppercase(), &"é".repeat(32)] {
            assert_eq!(hash(wrong), None, "{wrong}");
        }
    }
}
