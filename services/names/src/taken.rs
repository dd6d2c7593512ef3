//! Whose networks are whose, before DNS has a say.

use std::net::IpAddr;

use domain::{Network, ProviderId};
use routing::{ChunkedTables, Locations, Validity, tables::ProviderAddress};

/// The networks that calls of providers are told by.
#[derive(Debug, Default)]
pub struct Taken {
    networks: Vec<(Network, ProviderId, Validity)>,
}

impl Taken {
    pub fn new(tables: &ChunkedTables) -> Self {
        let locations = Locations::new(tables.resolved_addresses.rows());
        let rows = tables.provider_addresses.rows().filter(|row| row.enabled && row.is_recognised());
        let networks =
            rows.flat_map(|row| locations.of(row).map(|at| (at.network, row.provider_id, row.validity())));
        Self { networks: networks.collect() }
    }

    /// Whether an address lies in a network that is another provider's at a time at which this row is valid.
    pub fn from(&self, row: &ProviderAddress, address: IpAddr) -> bool {
        let validity = row.validity();
        self.networks.iter().any(|(network, provider, other)| {
            *provider != row.provider_id && other.overlaps(validity) && network.contains(address)
        })
    }
}
