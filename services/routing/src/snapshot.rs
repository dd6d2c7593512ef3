//! A routing configuration compiled for answering: immutable, complete, and free of dangling references.

mod allowlist;
mod compile;
mod destinations;
mod fault;
mod inventory;
mod places;
mod provider;

use std::{fmt, net::IpAddr, sync::Arc};

use domain::{CountryCode, Digits, E164, NodeName, ProviderId, ServerId, StopRule};
use rustc_hash::{FxHashMap, FxHashSet};

use allowlist::Allowlist;
pub(crate) use destinations::{Destination, Destinations};
pub use fault::{TableFault, TableFaults};
pub(crate) use inventory::{Extension, Gate, LeasedNumber, Node, ServerPath, ServiceRoute};
pub(crate) use places::{AnswerPlace, RingGroup};
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

/// SHA-256 of a token.
pub type TokenHash = [u8; 32];

/// A routing configuration ready to answer from. Made by [`Snapshot::compile`], whole or not at all.
#[derive(Debug)]
pub struct Snapshot {
    generation: Generation,
    nodes: FxHashMap<NodeName, Node>,
    /// How each enabled server is reached from the others.
    servers: FxHashMap<ServerId, ServerPath>,
    /// The servers by the name of the section that stands for them on the others.
    server_by_peer: FxHashMap<Box<str>, ServerId>,
    node_by_token: FxHashMap<TokenHash, NodeName>,
    explainers: FxHashSet<TokenHash>,
    extensions: FxHashMap<Digits, Extension>,
    /// In the order of their ids; other structures point here by position.
    providers: Vec<Provider>,
    allowlist: Allowlist,
    numbers: FxHashMap<E164, LeasedNumber>,
    places: FxHashMap<E164, AnswerPlace>,
    gates: FxHashMap<E164, Vec<Gate>>,
    /// The numbers behind a gate, for trunks that call their login instead of a number.
    numbers_by_gate: FxHashMap<(ServerId, Box<str>), Vec<E164>>,
    destinations: [Destinations; domain::Class::ALL.len()],
    service_routes: FxHashMap<(CountryCode, Digits), Vec<ServiceRoute>>,
    /// The phone of a known caller's manager.
    managers: FxHashMap<E164, Digits>,
    calling_codes: FxHashSet<u64>,
    stop_rules: OwnStopRules,
}

/// The stop rules of everything that is no carrier.
#[derive(Debug)]
pub(crate) struct OwnStopRules {
    /// Whatever one phone says, the next attempt is for somebody else.
    pub(crate) phone: StopRule,
    pub(crate) hop: StopRule,
}

impl Snapshot {
    pub fn generation(&self) -> &Generation {
        &self.generation
    }

    /// The node that holds the token with this hash.
    pub fn node_of_token(&self, hash: &TokenHash) -> Option<&NodeName> {
        self.node_by_token.get(hash)
    }

    /// Whether the holder of this token may have decisions explained: operators and admins.
    pub fn may_explain(&self, hash: &TokenHash) -> bool {
        self.explainers.contains(hash)
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

    pub(crate) fn stop_rules(&self) -> &OwnStopRules {
        &self.stop_rules
    }

    pub(crate) fn node(&self, name: &NodeName) -> Option<&Node> {
        self.nodes.get(name)
    }

    /// How a server is reached, if it is enabled.
    pub(crate) fn server(&self, id: ServerId) -> Option<&ServerPath> {
        self.servers.get(&id)
    }

    /// Our server behind a peer, user or endpoint section, if it is one.
    pub(crate) fn server_of_peer(&self, peer: &str) -> Option<ServerId> {
        self.server_by_peer.get(peer).copied()
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

    /// The provider that calls from this address: the longest network that holds it.
    pub(crate) fn provider_of_source(&self, source: IpAddr) -> Option<&Provider> {
        self.allowlist.longest_match(source).map(|index| &self.providers[index as usize])
    }

    pub(crate) fn leased(&self, number: E164) -> Option<LeasedNumber> {
        self.numbers.get(&number).copied()
    }

    pub(crate) fn place(&self, number: E164) -> Option<&AnswerPlace> {
        self.places.get(&number)
    }

    /// The phone of the manager of a known caller.
    pub(crate) fn manager(&self, caller: E164) -> Option<&Extension> {
        self.extensions.get(self.managers.get(&caller)?)
    }

    /// The gates a provider's number must be dialled through.
    pub(crate) fn gates(&self, number: E164, provider: ProviderId) -> impl Iterator<Item = &Gate> {
        self.gates.get(&number).into_iter().flatten().filter(move |gate| gate.provider == provider)
    }

    /// The number behind a gate, if it is the only one.
    pub(crate) fn number_of_gate(&self, server: ServerId, gate: &str) -> Option<E164> {
        match self.numbers_by_gate.get(&(server, gate.into())).map(Vec::as_slice) {
            Some([number]) => Some(*number),
            _ => None,
        }
    }

    /// Who takes calls to this number in this class, in order of preference.
    pub(crate) fn destination(&self, number: E164, class: domain::Class) -> Option<&Destination> {
        self.destinations[class as usize].longest_match(number)
    }

    /// Who carries an emergency or service number of a country, in order of preference.
    pub(crate) fn service_routes(&self, country: CountryCode, number: Digits) -> Option<&[ServiceRoute]> {
        self.service_routes.get(&(country, number)).map(Vec::as_slice)
    }

    /// Whether two numbers are of one country, as far as calling codes tell; unknown countries are nobody's.
    pub(crate) fn same_country(&self, one: E164, other: E164) -> bool {
        self.calling_code(one).is_some_and(|code| self.calling_code(other) == Some(code))
    }

    /// No calling code is the start of another (ITU-T E.164 Annex D), so the first that fits is the one.
    fn calling_code(&self, number: E164) -> Option<u64> {
        (1..=3).map(|length| number.leading(length)).find(|code| self.calling_codes.contains(code))
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
