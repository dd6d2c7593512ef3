//! Which provider calls from an address.

use std::net::IpAddr;

use domain::{CarrierHost, Network};
use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use prefix_trie::PrefixMap;

use super::{
    TableFaults,
    parts::Part,
    provider::{ProviderIndex, positions},
};
use crate::{ChunkedTables, Row, tables::ProviderAddress};

/// Networks with the provider behind each; the longest one that holds an address counts.
#[derive(Debug, Default)]
pub(crate) struct Allowlist {
    v4: PrefixMap<Ipv4Net, ProviderIndex>,
    v6: PrefixMap<Ipv6Net, ProviderIndex>,
}

impl Allowlist {
    /// Adds a network; the provider it belonged to before, if any.
    pub(crate) fn insert(&mut self, network: Network, provider: ProviderIndex) -> Option<ProviderIndex> {
        match network.net() {
            IpNet::V4(net) => self.v4.insert(net, provider),
            IpNet::V6(net) => self.v6.insert(net, provider),
        }
    }

    /// IPv4-mapped IPv6 addresses, as dual-stack sockets report them, are IPv4.
    pub(crate) fn longest_match(&self, source: IpAddr) -> Option<ProviderIndex> {
        match source.to_canonical() {
            IpAddr::V4(address) => self.v4.get_lpm(&address.into()).map(|(_, provider)| *provider),
            IpAddr::V6(address) => self.v6.get_lpm(&address.into()).map(|(_, provider)| *provider),
        }
    }
}

impl Part for Allowlist {
    /// Two providers cannot share a network: nobody could tell whose a call is.
    fn compile(tables: &ChunkedTables, faults: &mut TableFaults) -> Self {
        let positions = positions(tables);
        let mut allowlist = Self::default();
        for row in tables.provider_addresses.rows().filter(|row| row.enabled && row.direction.allows_in()) {
            let enabled = tables.providers.get(row.provider_id.0).is_some_and(|provider| provider.enabled);
            let (Some(&index), Some(network), true) =
                (positions.get(&row.provider_id), network(row), enabled)
            else {
                continue;
            };
            if allowlist.insert(network, index).is_some_and(|other| other != index) {
                let rule = format!("{network} is another provider's too");
                faults.add::<ProviderAddress>(row.key(), "ipaddress", rule);
            }
        }
        allowlist
    }
}

/// The network behind an address: what it was resolved to, or what it says itself. Unresolved is absent.
fn network(row: &ProviderAddress) -> Option<Network> {
    row.ipaddress.or(match row.domainname {
        CarrierHost::Network(network) => Some(network),
        CarrierHost::Name(_) => None,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Networks of a small corner of the address space, so that they nest and meet.
    fn network() -> impl Strategy<Value = Network> {
        (0u8..4, 0u8..4, 8u8..=32, any::<bool>()).prop_map(|(c, d, length, v4)| {
            let text = if v4 {
                format!("198.51.{c}.{d}/{length}")
            } else {
                format!("2001:db8:{c}::{d}/{}", length * 4)
            };
            text.parse().unwrap()
        })
    }

    fn naive(networks: &[(Network, u32)], source: IpAddr) -> Option<u32> {
        let holding = networks.iter().filter(|(network, _)| network.contains(source));
        holding.max_by_key(|(network, _)| network.net().prefix_len()).map(|(_, provider)| *provider)
    }

    proptest! {
        #[test]
        fn the_longest_network_agrees_with_a_linear_scan(
            networks in proptest::collection::btree_map(network(), 0u32..9, 0..30),
            (c, d) in (0u8..5, 0u8..5),
        ) {
            let networks: Vec<_> = networks.into_iter().collect();
            let mut allowlist = Allowlist::default();
            for (network, provider) in &networks {
                allowlist.insert(*network, *provider);
            }
            for source in [format!("198.51.{c}.{d}"), format!("2001:db8:{c}::{d}"), format!("::ffff:198.51.{c}.{d}")] {
                let source: IpAddr = source.parse().unwrap();
                prop_assert_eq!(allowlist.longest_match(source), naive(&networks, source));
            }
        }
    }
}
