//! What we have: nodes, phones, numbers, gates.

use domain::{
    Class, CountryCode, DialRules, Digits, Direction, E164, ExtensionId, GateId, HopPath, PeerName,
    ProviderId, ServerId, SipDriver,
};
use rustc_hash::FxHashMap;

use super::destinations::ProviderIndex;

/// One Asterisk and the phones on it.
#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) server: ServerId,
    pub(crate) country: CountryCode,
    pub(crate) rules: DialRules,
    pub(crate) driver: SipDriver,
    pub(crate) extension_by_endpoint: FxHashMap<PeerName, Digits>,
}

/// How the other servers reach one.
#[derive(Debug)]
pub(crate) struct ServerPath {
    /// By the protocol the server prefers; absent: it takes no calls from the others.
    pub(crate) path: Option<HopPath>,
}

#[derive(Debug)]
pub(crate) struct Extension {
    pub(crate) id: ExtensionId,
    pub(crate) number: Digits,
    pub(crate) server: ServerId,
    pub(crate) endpoint: PeerName,
    pub(crate) shown: Option<E164>,
    pub(crate) class: Class,
    pub(crate) timeout_s: u16,
    pub(crate) enabled: bool,
}

/// A number of the pool.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LeasedNumber {
    pub(crate) provider: ProviderId,
    /// Where its calls are answered.
    pub(crate) server: Option<ServerId>,
    pub(crate) direction: Direction,
    pub(crate) enabled: bool,
    pub(crate) echo_test: bool,
}

impl LeasedNumber {
    pub(crate) fn may_be_shown(self) -> bool {
        self.enabled && self.direction.allows_out()
    }
}

/// The dial peer a number is bound to.
#[derive(Debug)]
pub(crate) struct Gate {
    pub(crate) id: GateId,
    pub(crate) provider: ProviderId,
    pub(crate) server: ServerId,
    pub(crate) peer: PeerName,
    pub(crate) passes_caller_id: bool,
}

/// A provider that carries an emergency or service number.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ServiceRoute {
    pub(crate) priority: u16,
    pub(crate) provider: ProviderIndex,
    pub(crate) dialled: Digits,
}
