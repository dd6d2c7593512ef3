//! The rows a routing configuration consists of, as the databases hold them.
//!
//! Columns keep the names of the article's schema where it has them. Every value is already of its domain type: a row
//! that exists is well formed; whether the rows fit together is for [`crate::Snapshot::compile`] to say.
//!
//! Rows are stored for years and read by older and newer releases than the one that wrote them. So a row takes no
//! offence at fields it does not know, and **every field added after the first release has a serde default**: an
//! `Option`, or a `#[serde(default = …)]` under which rows without it mean what they meant before. Files that people
//! write are another matter: whoever reads one refuses unknown keys and names them.

use std::hash::{Hash, Hasher};

use domain::{
    ApiRole, ApiTokenId, CarrierHost, Class, ContextName, CountryCode, CountryId, CurrencyCode, CurrencyId,
    CustomerId, DialRules, Digits, Direction, E164, ExtenName, ExtensionId, GateId, HopPath, HopProtocol,
    HostName, Lookup, Moment, Network, NodeName, NodeTokenId, NumberDestinationId, NumberId, PeerName,
    Prefix, Protocol, ProviderAddressId, ProviderId, Purpose, ResolvedAddressId, RingGroupId,
    RingGroupMemberId, RingStrategy, RouteId, ServerId, ServiceNumberId, SipDriver, StopRule, Transport,
};
use serde::{Deserialize, Serialize};
use siphasher::sip::SipHasher13;

use crate::{CarrierNumber, CarrierUser, Validity, tariff::Tariff};

/// Calls a macro with every table as `Row in table`, each after those its rows refer to: the one list of tables.
#[macro_export]
macro_rules! for_every_table {
    ($callback:ident) => {
        $callback! {
            Currency in currencies,
            Country in countries,
            Provider in providers,
            ProviderAddress in provider_addresses,
            Route in routes,
            Server in servers,
            Number in numbers,
            Gate in gates,
            Extension in extensions,
            RingGroup in ring_groups,
            RingGroupMember in ring_group_members,
            NumberDestination in number_destinations,
            Customer in customers,
            ServiceNumber in service_numbers,
            NodeToken in node_tokens,
            ApiToken in api_tokens,
            ResolvedAddress in resolved_addresses,
        }
    };
}

/// One whole routing configuration.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Tables {
    pub currencies: Vec<Currency>,
    pub countries: Vec<Country>,
    pub providers: Vec<Provider>,
    pub provider_addresses: Vec<ProviderAddress>,
    pub routes: Vec<Route>,
    pub servers: Vec<Server>,
    pub numbers: Vec<Number>,
    pub gates: Vec<Gate>,
    pub extensions: Vec<Extension>,
    pub ring_groups: Vec<RingGroup>,
    pub ring_group_members: Vec<RingGroupMember>,
    pub number_destinations: Vec<NumberDestination>,
    pub customers: Vec<Customer>,
    pub service_numbers: Vec<ServiceNumber>,
    pub node_tokens: Vec<NodeToken>,
    pub api_tokens: Vec<ApiToken>,
    pub resolved_addresses: Vec<ResolvedAddress>,
}

impl Tables {
    /// Tells one content from another; equal rows in equal order give equal fingerprints within one build.
    pub fn fingerprint(&self) -> u64 {
        let mut hasher = SipHasher13::new();
        self.hash(&mut hasher);
        hasher.finish()
    }
}

/// What a provider bills in.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Currency {
    pub id: CurrencyId,
    pub iso: CurrencyCode,
    /// ISO 4217 numeric code, 643 for RUB.
    pub numcode: u16,
    pub name: String,
}

/// A country and how its people dial.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Country {
    pub id: CountryId,
    pub iso: CountryCode,
    pub name: String,
    pub calling_code: Digits,
    pub trunk_prefix: Option<Digits>,
    pub international_prefix: Digits,
    pub national_digits_min: u8,
    pub national_digits_max: u8,
}

impl Country {
    pub fn dial_rules(&self) -> DialRules {
        DialRules {
            calling_code: self.calling_code,
            trunk_prefix: self.trunk_prefix,
            international_prefix: self.international_prefix,
            national_digits_min: self.national_digits_min,
            national_digits_max: self.national_digits_max,
        }
    }
}

/// A carrier we buy from or receive from.
#[expect(clippy::struct_excessive_bools, reason = "a row: each flag is a column of its own")]
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Provider {
    pub id: ProviderId,
    pub providername: String,
    pub currency_id: CurrencyId,
    /// Tariff prefix of the class without a guaranteed caller number. No prefix at all: every class goes plainly.
    pub noncli_prefix: Option<Digits>,
    /// Tariff prefix of the class with the caller's number.
    pub cli_prefix: Option<Digits>,
    /// Tariff prefix of the premium class with the caller's number.
    pub premcli_prefix: Option<Digits>,
    /// Whether the shown number may be chosen among the numbers leased from this provider.
    pub cli_allowed: bool,
    /// Whether any number at all may be shown.
    pub dynamic_calls: bool,
    /// The number shown where none may be chosen or the chosen one is not allowed.
    pub dynamic_calls_caller_id: Option<E164>,
    /// Whether the provider wants `+` before the number (never before a tariff prefix).
    pub append_plus: bool,
    /// Whether a number of the called country may be shown: many networks refuse or rewrite a domestic number that
    /// arrives over an international trunk.
    #[serde(default = "yes")]
    pub domestic_caller_id: bool,
    /// Whether calls are sent out through this provider; number providers only receive.
    #[serde(default = "yes")]
    pub sells_outgoing: bool,
    /// How long one attempt may take, seconds.
    #[serde(default = "default_dial_timeout_s")]
    pub dial_timeout_s: u16,
    /// The outcomes after which no other carrier is tried; absent: [`StopRule::CARRIER_DEFAULT`].
    pub stop_rule: Option<StopRule>,
    #[serde(default = "yes")]
    pub enabled: bool,
}

impl Provider {
    /// What this provider wants instead of the plain number; nothing if it does not sell the class. Without any
    /// prefix every class goes plainly; where one prefix exists, a class without one is not sold.
    pub fn carrier_user(&self, number: E164, class: Class) -> Option<CarrierUser> {
        let tariff = Tariff::new(self.noncli_prefix, self.cli_prefix, self.premcli_prefix);
        let user = CarrierUser {
            tariff_prefix: tariff.prefix(class),
            plus: self.append_plus,
            number: CarrierNumber::Number(number),
        };
        tariff.sells(class).then_some(user)
    }
}

/// Where a provider is reached or calls from.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ProviderAddress {
    pub id: ProviderAddressId,
    pub provider_id: ProviderId,
    /// The host name, address or network as the provider gave it.
    pub domainname: CarrierHost,
    /// The address or network it stands for; absent: not resolved.
    pub ipaddress: Option<Network>,
    /// The peer or PJSIP endpoint section on the nodes; absent: named like `domainname`.
    pub endpoint: Option<PeerName>,
    pub direction: Direction,
    pub proto: Protocol,
    /// Among the addresses of one provider: lower is tried first.
    #[serde(default = "default_rank")]
    pub priority: u16,
    /// Among addresses of equal priority: share of the calls that try this one first.
    #[serde(default = "default_rank")]
    pub weight: u16,
    #[serde(default = "yes")]
    pub enabled: bool,
    #[serde(default = "signalling")]
    pub purpose: Purpose,
    /// What carries the signalling; absent: whatever the protocol knows.
    pub transport: Option<Transport>,
    /// The port of the other side, 1 to 65535; absent: the protocol's own.
    pub port: Option<u16>,
    /// The last port of a range that begins with `port`.
    pub port_to: Option<u16>,
    /// How a host name without `ipaddress` is resolved.
    #[serde(default = "by_host")]
    pub lookup: Lookup,
    /// Whether the host name may stand for private addresses (RFC 1918, 6598, 4193, link-local).
    #[serde(default)]
    pub private_allowed: bool,
    /// The first moment at which the address is valid; absent: it was always.
    pub valid_from: Option<Moment>,
    /// The first moment at which it is not valid any more; absent: it will always be.
    pub valid_to: Option<Moment>,
    /// Where it came from: the carrier's mail of a date, a ticket.
    pub source: Option<String>,
    pub comment: Option<String>,
}

impl ProviderAddress {
    /// The section on the nodes that stands for this address. A network or an IPv6 address cannot name one, and media
    /// has none.
    pub fn peer(&self) -> Option<PeerName> {
        if !self.purpose.is_for_signalling() {
            return None;
        }
        self.endpoint.clone().or_else(|| self.domainname.to_string().parse().ok())
    }

    /// Whether calls go out to it.
    pub fn is_dialled(&self) -> bool {
        self.purpose.is_for_signalling() && self.direction.allows_out()
    }

    /// Whether calls that come from it are its provider's.
    pub fn is_recognised(&self) -> bool {
        self.purpose.is_for_signalling() && self.direction.allows_in()
    }

    pub fn validity(&self) -> Validity {
        Validity::new(self.valid_from, self.valid_to)
    }

    /// The host name whose addresses DNS has to say; none where the address stands in the row.
    pub fn unpinned_name(&self) -> Option<&HostName> {
        match &self.domainname {
            CarrierHost::Name(name) if self.ipaddress.is_none() => Some(name),
            _ => None,
        }
    }
}

/// Which destinations a provider takes, and in which place. A provider without any route takes every destination at
/// the default place; where one exists, only what the longest matching prefix of its class says.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Route {
    pub id: RouteId,
    pub provider_id: ProviderId,
    /// Leading digits of the called number; empty: every number.
    pub prefix: Prefix,
    /// The class the route is for; absent: every class.
    pub class: Option<Class>,
    /// Lower is tried first.
    #[serde(default = "default_rank")]
    pub priority: u16,
    /// Among providers of equal priority: share of the calls that try this one first.
    #[serde(default = "default_rank")]
    pub weight: u16,
    #[serde(default = "yes")]
    pub enabled: bool,
}

/// One Asterisk.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Server {
    pub id: ServerId,
    /// The node's `systemname`.
    pub servername: NodeName,
    /// The country whose dial rules hold on this node.
    pub location: CountryCode,
    pub ipaddress: Option<Network>,
    pub comment: Option<String>,
    /// How the other nodes dial this one over SIP.
    pub sip: Option<HopPath>,
    /// How the other nodes dial this one over IAX2.
    pub iax2: Option<HopPath>,
    /// The IAX2 path for control calls between nodes.
    pub iax2control: Option<HopPath>,
    /// The protocol of calls that come to this node from the other nodes.
    pub protocol: HopProtocol,
    /// The channel driver this node dials SIP carriers with.
    pub sip_driver: SipDriver,
    #[serde(default = "yes")]
    pub enabled: bool,
}

/// A number leased from a provider.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Number {
    pub id: NumberId,
    pub number: E164,
    pub provider_id: ProviderId,
    /// The node its calls are answered on; absent: not assigned yet.
    pub server_id: Option<ServerId>,
    #[serde(default = "yes")]
    pub enabled: bool,
    pub direction: Direction,
    #[serde(default)]
    pub virtualflag: bool,
    #[serde(default)]
    pub echotest: bool,
}

impl Number {
    pub(crate) fn may_be_shown(&self) -> bool {
        self.enabled && self.direction.allows_out()
    }
}

/// The dial peer through which calls that show one number must go, on one server.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Gate {
    pub id: GateId,
    pub number_id: NumberId,
    pub server_id: ServerId,
    /// The peer or PJSIP endpoint section on that server.
    pub gatename: PeerName,
    /// The number as this trunk knows it.
    pub gatenumber: E164,
    /// Whether the trunk passes a caller's number on.
    #[serde(default = "yes")]
    pub cid_support: bool,
    /// The context calls from this trunk arrive in.
    pub contextname: Option<ContextName>,
    pub comment: Option<String>,
}

/// A phone of ours.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Extension {
    pub id: ExtensionId,
    /// What colleagues dial.
    pub number: Digits,
    pub server_id: ServerId,
    /// The authenticated peer or PJSIP endpoint on that server.
    pub endpoint: PeerName,
    /// The leased number shown to the outside by default.
    pub number_id: Option<NumberId>,
    /// The class of its calls unless the dialplan asks for another.
    #[serde(default = "default_class")]
    pub class: Class,
    /// How long it rings, seconds.
    #[serde(default = "default_dial_timeout_s")]
    pub dial_timeout_s: u16,
    #[serde(default = "yes")]
    pub enabled: bool,
}

/// Phones that are called together or one after another.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct RingGroup {
    pub id: RingGroupId,
    pub name: String,
    pub strategy: RingStrategy,
    /// How long the group, or each phone of it in turn, rings, seconds.
    #[serde(default = "default_dial_timeout_s")]
    pub dial_timeout_s: u16,
}

/// A phone of a group.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct RingGroupMember {
    pub id: RingGroupMemberId,
    pub ring_group_id: RingGroupId,
    pub extension_id: ExtensionId,
    /// Lower rings first where the strategy is `order`.
    #[serde(default = "default_rank")]
    pub position: u16,
}

/// Where calls to a leased number are answered: exactly one of phone, group and dialplan place.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct NumberDestination {
    pub id: NumberDestinationId,
    pub number_id: NumberId,
    pub extension_id: Option<ExtensionId>,
    pub ring_group_id: Option<RingGroupId>,
    /// A context of the node's own dialplan, with `exten`.
    pub context: Option<ContextName>,
    pub exten: Option<ExtenName>,
}

/// A known caller, who reaches the own manager first.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Customer {
    pub id: CustomerId,
    pub number: E164,
    /// The manager's phone.
    pub extension_id: ExtensionId,
    pub comment: Option<String>,
}

/// An emergency or service number of a country, and one provider that carries it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ServiceNumber {
    pub id: ServiceNumberId,
    pub country: CountryCode,
    /// What people dial, 112.
    pub number: Digits,
    pub provider_id: ProviderId,
    /// What this provider wants dialled instead.
    pub dialled_as: Option<Digits>,
    /// Lower is tried first.
    #[serde(default = "default_rank")]
    pub priority: u16,
}

/// What people and programs prove themselves with.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ApiToken {
    pub id: ApiTokenId,
    pub role: ApiRole,
    /// SHA-256 of the token, 64 lower-case hexadecimal digits.
    pub token_sha256: String,
    pub comment: Option<String>,
}

/// What a node proves itself with.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct NodeToken {
    pub id: NodeTokenId,
    pub server_id: ServerId,
    /// SHA-256 of the token, 64 lower-case hexadecimal digits. Tokens are 256 random bits, so a plain hash suffices.
    pub token_sha256: String,
    pub comment: Option<String>,
}

/// An address that the host name of a provider address stands for, as DNS said. It means something only beside that row:
/// the row may be gone, or be pinned by now, and then this one says nothing.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ResolvedAddress {
    pub id: ResolvedAddressId,
    pub provider_address_id: ProviderAddressId,
    pub network: Network,
    /// The port an SRV record gave, 1 to 65535; absent: that of the provider address.
    pub port: Option<u16>,
}

/// Seconds one Dial may take where a row says nothing.
pub const DEFAULT_DIAL_TIMEOUT_S: u16 = 60;
/// Priority and weight where a row says nothing, and of a provider without routes.
pub const DEFAULT_RANK: u16 = 100;

fn yes() -> bool {
    true
}

fn default_dial_timeout_s() -> u16 {
    DEFAULT_DIAL_TIMEOUT_S
}

fn default_rank() -> u16 {
    DEFAULT_RANK
}

fn default_class() -> Class {
    Class::Cli
}

fn signalling() -> Purpose {
    Purpose::Signalling
}

fn by_host() -> Lookup {
    Lookup::Host
}
