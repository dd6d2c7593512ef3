//! How the domain's types stand in columns.

use std::borrow::Cow;

use domain::{
    ApiRole, ApiTokenId, CarrierHost, Class, ContextName, CountryCode, CountryId, CurrencyCode, CurrencyId,
    CustomerId, Digits, Direction, E164, ExtenName, ExtensionId, GateId, HopPath, HopProtocol, Invalid,
    Network, NodeName, NodeTokenId, NumberDestinationId, NumberId, PeerName, Prefix, Protocol,
    ProviderAddressId, ProviderId, RingGroupId, RingGroupMemberId, RingStrategy, RouteId, ServerId,
    ServiceNumberId, SipDriver, StopRule,
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
    Network,
    NodeName,
    PeerName,
    Prefix,
    Protocol,
    RingStrategy,
    SipDriver,
    StopRule,
);
