//! The words of the field as types: parsed once at the edge, trusted afterwards.
//!
//! [`FromStr`](std::str::FromStr) (or a range-checked `new`) is the only way in. Whoever holds an
//! [`E164`] or a [`PeerName`] need not look at it again: no value of these types can carry a
//! separator, a quote, a variable reference or a line break into a dial string, a query or a log.

mod call;
mod carrier;
mod country;
mod error;
mod host;
mod id;
mod mask;
mod moment;
mod name;
mod network;
mod number;
mod role;
mod secret;
mod text;

pub use call::{Cause, Class, DialStatus, Presentation, SipCode, StopRule, StopToken};
pub use carrier::{
    CurrencyCode, Direction, HopPath, HopProtocol, Lookup, Protocol, Purpose, SipDriver, Transport,
};
pub use country::{CountryCode, DialRules};
pub use error::{Invalid, shortened};
pub use host::{CarrierHost, HostName};
pub use id::{
    ApiTokenId, CountryId, CurrencyId, CustomerId, ExtensionId, GateId, NodeTokenId, NumberDestinationId,
    NumberId, ProviderAddressId, ProviderId, ResolvedAddressId, RingGroupId, RingGroupMemberId, RouteId,
    ServerId, ServiceNumberId,
};
pub use mask::{HIDDEN_DIGITS, NUMBER_DIGITS_MIN, SHOWN_DIGITS_MAX, masked};
pub use moment::Moment;
pub use name::{ContextName, ExtenName, NodeName, PeerName};
pub use network::Network;
pub use number::{Digits, E164, Prefix};
pub use role::{ApiRole, RingStrategy};
pub use secret::Secret;
