use domain::{
    Class, Digits, E164, NumberId, PeerName, Protocol, ProviderAddressId, ProviderId, ServerId, StopRule,
};
use rustc_hash::FxHashMap;

use crate::{DropReason, draw::Group, tariff::Tariff};

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
    pub(crate) account: AccountNumbers,
    pub(crate) timeout_s: u16,
    pub(crate) stop_rule: StopRule,
    /// All of its addresses; the groups point here by position.
    pub(crate) addresses: Vec<Address>,
    /// The addresses that can be dialled: groups of equal priority, the best group first.
    pub(crate) groups: Vec<Group<u32>>,
}

#[derive(Debug)]
pub(crate) struct Address {
    pub(crate) id: ProviderAddressId,
    pub(crate) protocol: Protocol,
    /// The section on the nodes; addresses that are dialled always have one.
    pub(crate) peer: Option<PeerName>,
    /// Why it is never dialled.
    pub(crate) closed: Option<DropReason>,
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

/// The first number of an account, for accounts that show their own number without telling us which: on each server
/// the one that can be dialled from there.
#[derive(Debug, Default)]
pub(crate) struct AccountNumbers {
    /// Bound to no gate.
    anywhere: Option<(NumberId, E164)>,
    /// Bound to a gate on this server.
    at_gate: FxHashMap<ServerId, (NumberId, E164)>,
}

impl AccountNumbers {
    pub(crate) fn add(&mut self, id: NumberId, number: E164, gate_servers: &[ServerId]) {
        if gate_servers.is_empty() {
            self.anywhere = Some(self.anywhere.map_or((id, number), |first| first.min((id, number))));
        }
        for server in gate_servers {
            let first = self.at_gate.entry(*server).or_insert((id, number));
            *first = (*first).min((id, number));
        }
    }

    /// The first number at all, wherever its gate is.
    pub(crate) fn first(&self) -> Option<E164> {
        self.at_gate.values().copied().chain(self.anywhere).min().map(|(_, number)| number)
    }

    pub(crate) fn first_on(&self, server: ServerId) -> Option<E164> {
        let here = self.at_gate.get(&server).copied();
        here.into_iter().chain(self.anywhere).min().map(|(_, number)| number)
    }
}

/// What the compiler knows of a provider before its addresses are sorted in.
pub(crate) struct ProviderParts {
    pub(crate) id: ProviderId,
    pub(crate) name: String,
    pub(crate) closed: Option<DropReason>,
    pub(crate) tariff: Tariff,
    pub(crate) plus: bool,
    pub(crate) show: ShowPolicy,
    pub(crate) domestic: bool,
    pub(crate) timeout_s: u16,
    pub(crate) stop_rule: StopRule,
}

impl Provider {
    /// Puts the addresses, each with its priority and weight, into their groups.
    pub(crate) fn new(parts: ProviderParts, mut ranked: Vec<(u16, u16, Address)>) -> Self {
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
        let ProviderParts { id, name, closed, tariff, plus, show, domestic, timeout_s, stop_rule } = parts;
        let addresses = ranked.into_iter().map(|(_, _, address)| address).collect();
        let account = AccountNumbers::default();
        Self {
            id,
            name,
            closed,
            tariff,
            plus,
            show,
            domestic,
            account,
            timeout_s,
            stop_rule,
            addresses,
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
