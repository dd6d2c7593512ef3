//! Where carriers are on the network: the one place that says which networks an address of a provider stands for.
//! Recognition, firewalls, lint and listings all ask here.

use domain::{CarrierHost, Network, ProviderAddressId};
use rustc_hash::FxHashMap;

use crate::tables::{ProviderAddress, ResolvedAddress};

/// What DNS said, by the addresses it was asked for.
#[derive(Debug, Default)]
pub struct Locations<'t> {
    resolved: FxHashMap<ProviderAddressId, Vec<&'t ResolvedAddress>>,
}

/// One network that an address of a provider stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Location {
    pub network: Network,
    /// The ports of the other side; absent: the protocol's own.
    pub ports: Option<Ports>,
}

/// Ports from one to another, both included, 1 to 65535.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ports {
    pub from: u16,
    pub to: u16,
}

impl<'t> Locations<'t> {
    pub fn new(resolved: impl IntoIterator<Item = &'t ResolvedAddress>) -> Self {
        let mut locations = Self::default();
        for row in resolved {
            locations.resolved.entry(row.provider_address_id).or_default().push(row);
        }
        locations
    }

    /// The networks an address stands for, whether it is enabled and valid or not: the one it is pinned to
    /// (`ipaddress`), the one it is itself, or those its host name was resolved to. Nothing: not resolved.
    pub fn of(&self, address: &ProviderAddress) -> impl Iterator<Item = Location> + use<'_, 't> {
        let own = own_network(address);
        let ports = own_ports(address);
        let named: &[&ResolvedAddress] = match own {
            Some(_) => &[],
            None => self.resolved.get(&address.id).map_or(&[], Vec::as_slice),
        };
        let own = own.map(|network| Location { network, ports });
        own.into_iter().chain(named.iter().map(move |row| Location {
            network: row.network,
            ports: row.port.map(|port| Ports { from: port, to: port }).or(ports),
        }))
    }
}

fn own_network(address: &ProviderAddress) -> Option<Network> {
    address.ipaddress.or(match address.domainname {
        CarrierHost::Network(network) => Some(network),
        CarrierHost::Name(_) => None,
    })
}

fn own_ports(address: &ProviderAddress) -> Option<Ports> {
    address.port.map(|from| Ports { from, to: address.port_to.unwrap_or(from) })
}
