//! Providers, their addresses both ways, and which destinations they take.

use std::collections::hash_map::Entry;

use domain::{CarrierHost, Class, CountryCode, Digits, E164, Network, Prefix, ProviderId};
use rustc_hash::{FxHashMap, FxHashSet};

use super::Compiler;
use crate::{
    DropReason,
    snapshot::{
        Address, Destinations, Gate, Provider, ServiceRoute, ShowPolicy,
        allowlist::Allowlist,
        destinations::{Offer, ProviderIndex},
        provider::ProviderParts,
    },
    tables::{self, DEFAULT_RANK},
    tariff::Tariff,
};

impl<'t> Compiler<'t> {
    pub(super) fn providers(&mut self, gates: &FxHashMap<E164, Vec<Gate>>) -> Vec<Provider> {
        let mut addresses: FxHashMap<ProviderId, Vec<_>> = FxHashMap::default();
        for row in &self.tables.provider_addresses {
            let provider = (row.provider_id, self.provider_index.get(&row.provider_id));
            if self.faults.found("provider_addresses", row.id, "provider_id", provider).is_some() {
                let address = self.address(row);
                addresses.entry(row.provider_id).or_default().push((row.priority, row.weight, address));
            }
        }
        let rows = self.providers.iter();
        let mut providers: Vec<_> = rows
            .map(|row| Provider::new(parts(row), addresses.remove(&row.id).unwrap_or_default()))
            .collect();
        self.add_account_numbers(&mut providers, gates);
        providers
    }

    fn address(&mut self, row: &tables::ProviderAddress) -> Address {
        let closed = if !row.direction.allows_out() {
            Some(DropReason::IncomingOnly)
        } else if !row.enabled {
            Some(DropReason::AddressDisabled)
        } else {
            None
        };
        let peer = row.peer();
        // An address that only receives is never dialled and needs no name.
        if peer.is_none() && row.direction.allows_out() {
            let rule = format!("must be given: `{}` cannot name a peer", row.domainname);
            self.faults.add("provider_addresses", row.id, "endpoint", rule);
        }
        Address { id: row.id, protocol: row.proto, peer, closed }
    }

    fn add_account_numbers(&self, providers: &mut [Provider], gates: &FxHashMap<E164, Vec<Gate>>) {
        for row in self.tables.numbers.iter().filter(|row| row.enabled && row.direction.allows_out()) {
            let Some(&index) = self.provider_index.get(&row.provider_id) else { continue };
            let provider = &mut providers[index as usize];
            if provider.show == ShowPolicy::Fixed(None) {
                let gates = gates.get(&row.number).map(Vec::as_slice).unwrap_or_default();
                let servers: Vec<_> = gates.iter().map(|gate| gate.server).collect();
                provider.account.add(row.id, row.number, &servers);
            }
        }
    }

    /// Where calls of each provider come from. Two providers cannot share a network: nobody could tell whose a call is.
    pub(super) fn allowlist(&mut self) -> Allowlist {
        let mut allowlist = Allowlist::default();
        for row in
            self.tables.provider_addresses.iter().filter(|row| row.enabled && row.direction.allows_in())
        {
            let (Some(&index), Some(network)) = (self.provider_index.get(&row.provider_id), network(row))
            else {
                continue;
            };
            if !self.providers[index as usize].enabled {
                continue;
            }
            if allowlist.insert(network, index).is_some_and(|other| other != index) {
                let rule = format!("{network} is another provider's too");
                self.faults.add("provider_addresses", row.id, "ipaddress", rule);
            }
        }
        allowlist
    }

    pub(super) fn service_routes(&mut self) -> FxHashMap<(CountryCode, Digits), Vec<ServiceRoute>> {
        let mut routes: FxHashMap<_, Vec<_>> = FxHashMap::default();
        for row in &self.tables.service_numbers {
            let provider = (row.provider_id, self.provider_index.get(&row.provider_id).copied());
            let Some(provider) = self.faults.found("service_numbers", row.id, "provider_id", provider) else {
                continue;
            };
            let dialled = row.dialled_as.unwrap_or(row.number);
            let route = ServiceRoute { priority: row.priority, provider, dialled };
            routes.entry((row.country, row.number)).or_default().push(route);
        }
        for routes in routes.values_mut() {
            routes.sort_by_key(|route| (route.priority, route.provider));
        }
        routes
    }

    pub(super) fn destinations(&mut self) -> [Destinations; Class::ALL.len()] {
        let keys = self.tables.routes.iter().map(|row| (row.id, (row.provider_id, row.prefix, row.class)));
        self.faults.unique("routes", "provider_id, prefix, class", keys);
        for row in &self.tables.routes {
            let provider = (row.provider_id, self.provider_index.get(&row.provider_id));
            self.faults.found("routes", row.id, "provider_id", provider);
        }
        [Class::NonCli, Class::Cli, Class::Premium].map(|class| Destinations::new(self.offers(class)))
    }

    /// Who takes what in one class, by prefix.
    fn offers(&self, class: Class) -> FxHashMap<Prefix, Vec<Offer>> {
        let mut offers: FxHashMap<Prefix, Vec<Offer>> = FxHashMap::default();
        let routed: FxHashSet<ProviderId> = self.tables.routes.iter().map(|row| row.provider_id).collect();
        let open: FxHashMap<ProviderId, ProviderIndex> = self
            .providers
            .iter()
            .filter(|row| closed(row).is_none() && tariff(row).sells(class))
            .map(|row| (row.id, self.provider_index[&row.id]))
            .collect();
        for (row, provider) in
            self.class_routes(class).filter_map(|row| Some((row, *open.get(&row.provider_id)?)))
        {
            let offer = Offer { priority: row.priority, provider, weight: row.weight };
            offers.entry(row.prefix).or_default().push(offer);
        }
        for (_, provider) in open.iter().filter(|(id, _)| !routed.contains(*id)) {
            let offer = Offer { priority: DEFAULT_RANK, provider: *provider, weight: DEFAULT_RANK };
            offers.entry(Prefix::ANY).or_default().push(offer);
        }
        offers
    }

    /// The enabled routes of one class; for the same prefix one that names the class stands in for one that does not.
    fn class_routes(&self, class: Class) -> impl Iterator<Item = &'t tables::Route> + use<'t> {
        let mut best: FxHashMap<(ProviderId, Prefix), &'t tables::Route> = FxHashMap::default();
        for row in &self.tables.routes {
            if !row.enabled || row.class.is_some_and(|of| of != class) {
                continue;
            }
            match best.entry((row.provider_id, row.prefix)) {
                Entry::Vacant(place) => {
                    place.insert(row);
                }
                Entry::Occupied(mut place) if row.class.is_some() => {
                    place.insert(row);
                }
                Entry::Occupied(_) => {}
            }
        }
        best.into_values()
    }
}

/// The network behind an address: what it was resolved to, or what it says itself. Unresolved is absent.
fn network(row: &tables::ProviderAddress) -> Option<Network> {
    row.ipaddress.or(match row.domainname {
        CarrierHost::Network(network) => Some(network),
        CarrierHost::Name(_) => None,
    })
}

fn closed(row: &tables::Provider) -> Option<DropReason> {
    if !row.enabled {
        Some(DropReason::ProviderDisabled)
    } else if !row.sells_outgoing {
        Some(DropReason::NumberProviderOnly)
    } else {
        None
    }
}

fn tariff(row: &tables::Provider) -> Tariff {
    Tariff::new(row.noncli_prefix, row.cli_prefix, row.premcli_prefix)
}

fn parts(row: &tables::Provider) -> ProviderParts {
    let fallback = row.dynamic_calls_caller_id;
    let show = match (row.dynamic_calls, row.cli_allowed) {
        (true, _) => ShowPolicy::Any { fallback },
        (false, true) => ShowPolicy::OwnPool { fallback },
        (false, false) => ShowPolicy::Fixed(fallback),
    };
    ProviderParts {
        id: row.id,
        name: row.providername.clone(),
        closed: closed(row),
        tariff: tariff(row),
        plus: row.append_plus,
        show,
        domestic: row.domestic_caller_id,
        timeout_s: row.dial_timeout_s,
        stop_rule: row.stop_rule.clone().unwrap_or_default(),
    }
}
