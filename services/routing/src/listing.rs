//! What carriers there are and how a number would be dialled through each, for people who set carriers up. What is
//! really dialled is for [`decide`](crate::decide()) to say.

use domain::{Class, E164, Network, SipDriver};

use crate::{
    Dial, Locations,
    tables::{Provider, ProviderAddress, Tables},
};

/// One address of one provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedAddress<'t> {
    pub provider: &'t Provider,
    pub address: &'t ProviderAddress,
    /// What it stands for; nothing: its name is not resolved.
    pub networks: Vec<Network>,
}

/// Every address with its provider, by provider name.
pub fn listing(tables: &Tables) -> Vec<ListedAddress<'_>> {
    let provider_of =
        |address: &ProviderAddress| tables.providers.iter().find(|row| row.id == address.provider_id);
    let locations = Locations::new(&tables.resolved_addresses);
    let networks = |address| locations.of(address).map(|location| location.network).collect();
    let addresses = tables.provider_addresses.iter();
    let mut listed: Vec<_> = addresses
        .filter_map(|address| {
            Some(ListedAddress { provider: provider_of(address)?, address, networks: networks(address) })
        })
        .collect();
    listed.sort_by_key(|row| (&row.provider.providername, row.address.id));
    listed
}

impl ListedAddress<'_> {
    /// The Dial string for a number, on a node with this driver; nothing where the address only receives or the
    /// provider does not sell the class.
    pub fn dial_string(&self, number: E164, class: Class, driver: SipDriver) -> Option<String> {
        if !self.address.is_dialled() {
            return None;
        }
        let user = self.provider.carrier_user(number, class)?;
        let peer = self.address.peer()?;
        Some(Dial::Carrier { protocol: self.address.proto, driver, peer: &peer, user }.to_string())
    }
}
