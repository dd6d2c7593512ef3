//! A routing configuration compiled for answering: immutable, complete, and free of dangling references.

mod compile;
mod destinations;
mod fault;
mod provider;

use std::{fmt, sync::Arc};

use domain::{
    Class, DialRules, Digits, E164, ExtensionId, GateId, NodeName, PeerName, ProviderId, ServerId, SipDriver,
    StopRule,
};
use rustc_hash::FxHashMap;

pub(crate) use destinations::{Destination, Destinations};
pub use fault::{TableFault, TableFaults};
pub(crate) use provider::{Address, Provider, ShowPolicy};

/// Names the configuration an answer came from. Until configurations are activated as numbered generations, this is
/// `w` (working copy) and a fingerprint of the tables, equal on every replica that read the same rows.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Generation(Arc<str>);

impl Generation {
    /// The generation of tables that were read straight from the working copy.
    pub fn of_working_copy(fingerprint: u64) -> Self {
        Self(format!("w{:08x}", fingerprint >> 32).into())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Generation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// SHA-256 of a node's token.
pub type TokenHash = [u8; 32];

/// A routing configuration ready to answer from. Made by [`Snapshot::compile`], whole or not at all.
#[derive(Debug)]
pub struct Snapshot {
    generation: Generation,
    nodes: FxHashMap<NodeName, Node>,
    node_by_token: FxHashMap<TokenHash, NodeName>,
    extensions: FxHashMap<Digits, Extension>,
    /// In the order of their ids; other structures point here by position.
    providers: Vec<Provider>,
    numbers: FxHashMap<E164, LeasedNumber>,
    gates: FxHashMap<E164, Vec<Gate>>,
    destinations: [Destinations; Class::ALL.len()],
}

/// One Asterisk and the phones on it.
#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) server: ServerId,
    pub(crate) rules: DialRules,
    pub(crate) driver: SipDriver,
    extension_by_endpoint: FxHashMap<PeerName, Digits>,
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
    /// Whoever the phone's owner is, there is no second carrier to try.
    pub(crate) stop_rule: StopRule,
    pub(crate) enabled: bool,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct LeasedNumber {
    pub(crate) provider: ProviderId,
    /// Enabled, and leased for outgoing calls too.
    pub(crate) may_be_shown: bool,
}

#[derive(Debug)]
pub(crate) struct Gate {
    pub(crate) id: GateId,
    pub(crate) provider: ProviderId,
    pub(crate) server: ServerId,
    pub(crate) peer: PeerName,
}

impl Snapshot {
    pub fn generation(&self) -> &Generation {
        &self.generation
    }

    /// The node that holds the token with this hash.
    pub fn node_of_token(&self, hash: &TokenHash) -> Option<&NodeName> {
        self.node_by_token.get(hash)
    }

    /// How many nodes, phones, providers and numbers the configuration has.
    pub fn size(&self) -> SnapshotSize {
        SnapshotSize {
            nodes: self.nodes.len(),
            extensions: self.extensions.len(),
            providers: self.providers.len(),
            numbers: self.numbers.len(),
        }
    }

    pub(crate) fn node(&self, name: &NodeName) -> Option<&Node> {
        self.nodes.get(name)
    }

    /// The phone with this authenticated endpoint on the node.
    pub(crate) fn extension_of_endpoint(&self, node: &Node, endpoint: &str) -> Option<&Extension> {
        self.extensions.get(node.extension_by_endpoint.get(endpoint)?)
    }

    pub(crate) fn extension(&self, number: &Digits) -> Option<&Extension> {
        self.extensions.get(number)
    }

    pub(crate) fn providers(&self) -> &[Provider] {
        &self.providers
    }

    pub(crate) fn leased(&self, number: E164) -> Option<LeasedNumber> {
        self.numbers.get(&number).copied()
    }

    /// The gates a provider's number must be dialled through.
    pub(crate) fn gates(&self, number: E164, provider: ProviderId) -> impl Iterator<Item = &Gate> {
        self.gates.get(&number).into_iter().flatten().filter(move |gate| gate.provider == provider)
    }

    /// Who takes calls to this number in this class, in order of preference.
    pub(crate) fn destination(&self, number: E164, class: Class) -> Option<&Destination> {
        self.destinations[class as usize].longest_match(number)
    }
}

/// Counts for logs and metrics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SnapshotSize {
    pub nodes: usize,
    pub extensions: usize,
    pub providers: usize,
    pub numbers: usize,
}
