//! Providers and their addresses, with everything one attempt through them needs.

use domain::{Class, Digits, E164, PeerName, Protocol, ProviderAddressId, ProviderId, StopRule};
use rustc_hash::FxHashMap;

use super::{TableFaults, parts::Part};
use crate::{ChunkedTables, DropReason, Row, Validity, draw::Group, tables, tariff::Tariff};

/// Position of a provider in the snapshot: the other parts point to providers by it.
pub(crate) type ProviderIndex = u32;

/// The providers in the order of their keys.
#[derive(Debug)]
pub(crate) struct Providers(Vec<Provider>);

impl Providers {
    pub(crate) fn all(&self) -> &[Provider] {
        &self.0
    }
}

/// Where each provider stands among the [`Providers`].
pub(super) fn positions(tables: &ChunkedTables) -> FxHashMap<ProviderId, ProviderIndex> {
    tables.providers.rows().map(|row| row.id).zip(0..).collect()
}

/// An address with its priority and weight among those of its provider.
type Ranked = (u16, u16, Address);

impl Part for Providers {
    fn compile(tables: &ChunkedTables, faults: &mut TableFaults) -> Self {
        let mut addresses: FxHashMap<ProviderId, Vec<Ranked>> = FxHashMap::default();
        for row in tables.provider_addresses.rows() {
            let ranked = (row.priority, row.weight, address(row, faults));
            addresses.entry(row.provider_id).or_default().push(ranked);
        }
        let rows = tables.providers.rows();
        let provider = |row| Provider::new(row, addresses.remove(&row.id).unwrap_or_default());
        Self(rows.map(provider).collect())
    }
}

fn address(row: &tables::ProviderAddress, faults: &mut TableFaults) -> Address {
    let closed = if !row.purpose.is_for_signalling() {
        Some(DropReason::MediaOnly)
    } else if !row.direction.allows_out() {
        Some(DropReason::IncomingOnly)
    } else if !row.enabled {
        Some(DropReason::AddressDisabled)
    } else {
        None
    };
    let peer = row.peer();
    // An address that only receives is never dialled and needs no name.
    if peer.is_none() && row.is_dialled() {
        let rule = format!("must be given: `{}` cannot name a peer", row.domainname);
        faults.add::<tables::ProviderAddress>(row.key(), "endpoint", rule);
    }
    Address { id: row.id, protocol: row.proto, peer, closed, validity: row.validity() }
}

/// Why nothing at all goes out through a provider.
pub(super) fn closed(row: &tables::Provider) -> Option<DropReason> {
    if !row.enabled {
        Some(DropReason::ProviderDisabled)
    } else if !row.sells_outgoing {
        Some(DropReason::NumberProviderOnly)
    } else {
        None
    }
}

pub(super) fn tariff(row: &tables::Provider) -> Tariff {
    Tariff::new(row.noncli_prefix, row.cli_prefix, row.premcli_prefix)
}

pub(super) fn show_policy(row: &tables::Provider) -> ShowPolicy {
    let fallback = row.dynamic_calls_caller_id;
    match (row.dynamic_calls, row.cli_allowed) {
        (true, _) => ShowPolicy::Any { fallback },
        (false, true) => ShowPolicy::OwnPool { fallback },
        (false, false) => ShowPolicy::Fixed(fallback),
    }
}

/// A carrier, with everything one attempt through it needs.
#[derive(Debug)]
pub(crate) struct Provider {
    pub(crate) id: ProviderId,
    pub(crate) name: String,
    /// Why nothing at all goes out through it.
    pub(crate) closed: Option<DropReason>,
    tariff: Tariff,
    pub(crate) plus: bool,
    pub(crate) show: ShowPolicy,
    /// Whether a number of the called country may be shown.
    pub(crate) domestic: bool,
    pub(crate) timeout_s: u16,
    pub(crate) stop_rule: StopRule,
    /// All of its addresses; the groups point here by position.
    pub(crate) addresses: Vec<Address>,
    /// The addresses that can be dialled while they are valid: groups of equal priority, the best group first.
    pub(crate) groups: Vec<Group<u32>>,
}

#[derive(Debug)]
pub(crate) struct Address {
    pub(crate) id: ProviderAddressId,
    pub(crate) protocol: Protocol,
    /// The section on the nodes; addresses that are dialled always have one.
    pub(crate) peer: Option<PeerName>,
    /// Why it is never dialled.
    closed: Option<DropReason>,
    validity: Validity,
}

impl Address {
    /// Why it is not dialled now.
    pub(crate) fn closed(&self, asked_us: Option<i64>) -> Option<DropReason> {
        let not_valid = !self.validity.holds(asked_us);
        self.closed.or(not_valid.then_some(DropReason::AddressNotValid))
    }
}

/// Which numbers a provider lets us show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ShowPolicy {
    /// Any number; without one, the fallback.
    Any { fallback: Option<E164> },
    /// A number leased from this provider; for any other, the fallback.
    OwnPool { fallback: Option<E164> },
    /// The account's own number, whatever we ask for.
    Fixed(Option<E164>),
}

impl Provider {
    /// Puts the addresses into their groups.
    fn new(row: &tables::Provider, mut ranked: Vec<Ranked>) -> Self {
        ranked.sort_by_key(|(priority, _, address)| (*priority, address.id));
        let open: Vec<(u16, u16, u32)> = ranked
            .iter()
            .zip(0u32..)
            .filter(|((_, _, address), _)| address.closed.is_none())
            .map(|((priority, weight, _), position)| (*priority, *weight, position))
            .collect();
        let groups = open
            .chunk_by(|a, b| a.0 == b.0)
            .map(|group| Group::new(group.iter().map(|(_, weight, position)| (*position, *weight))))
            .collect();
        Self {
            id: row.id,
            name: row.providername.clone(),
            closed: closed(row),
            tariff: tariff(row),
            plus: row.append_plus,
            show: show_policy(row),
            domestic: row.domestic_caller_id,
            timeout_s: row.dial_timeout_s,
            stop_rule: row.stop_rule.clone().unwrap_or_default(),
            addresses: ranked.into_iter().map(|(_, _, address)| address).collect(),
            groups,
        }
    }

    pub(crate) fn sells(&self, class: Class) -> bool {
        self.tariff.sells(class)
    }

    pub(crate) fn tariff_prefix(&self, class: Class) -> Option<Digits> {
        self.tariff.prefix(class)
    }
}
