//! What is legal and still surely or probably not meant. Only what is surely wrong is an error, because errors keep a
//! configuration from being activated; what cannot be compiled at all is told by compiling.

mod addresses;
mod countries;
mod finding;
mod gates;
mod numbers;
mod phones;
mod places;
mod providers;
mod routes;
mod servers;
mod services;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod truth;

use domain::{Class, CountryCode, E164, NumberId, ProviderId, ServerId};
use routing::{ChunkedTables, Locations, tables};
use rustc_hash::FxHashSet;

pub use finding::{Finding, LISTED_FINDINGS_MAX, Severity};
use finding::{Findings, Rule};

/// Everything that looks wrong: errors first, then by table, rule and key. Rows that point to nothing are passed over.
pub fn lint(tables: &ChunkedTables) -> Vec<Finding> {
    let known = Known::new(tables);
    let mut findings = Findings::default();
    let pools = numbers::check(&known, &mut findings);
    countries::check(&known, &mut findings);
    providers::check(&known, &pools, &mut findings);
    addresses::check(&known, &mut findings);
    routes::check(&known, &mut findings);
    servers::check(&known, &mut findings);
    gates::check(&known, &mut findings);
    phones::check(&known, &mut findings);
    places::check(&known, &mut findings);
    services::check(&known, &mut findings);
    findings.finish()
}

/// The tables, and what several families of rules ask about them.
struct Known<'t> {
    tables: &'t ChunkedTables,
    /// What addresses of providers stand for.
    networks: Locations<'t>,
    /// The providers with an address that is dialled.
    dialled: FxHashSet<ProviderId>,
    /// The providers with a number that is dialled through a gate of its own.
    gated: FxHashSet<ProviderId>,
    /// The providers whose calls can be told by where they come from.
    recognised: FxHashSet<ProviderId>,
    /// The numbers whose calls are answered somewhere.
    destined: FxHashSet<NumberId>,
    /// Where enabled servers stand.
    locations: FxHashSet<CountryCode>,
}

impl<'t> Known<'t> {
    fn new(tables: &'t ChunkedTables) -> Self {
        let addresses = || tables.provider_addresses.rows().filter(|row| row.enabled);
        let dialled = addresses().filter(|row| row.is_dialled());
        let networks = Locations::new(tables.resolved_addresses.rows());
        let recognised = addresses().filter(|row| row.is_recognised() && networks.of(row).next().is_some());
        let servers = tables.servers.rows().filter(|row| row.enabled);
        let behind_gates = tables.gates.rows().filter_map(|gate| tables.numbers.get(gate.number_id.0));
        let shown = behind_gates.filter(|number| number.enabled && number.direction.allows_out());
        Self {
            tables,
            gated: shown.map(|number| number.provider_id).collect(),
            dialled: dialled.map(|row| row.provider_id).collect(),
            recognised: recognised.map(|row| row.provider_id).collect(),
            networks,
            destined: tables.number_destinations.rows().map(|row| row.number_id).collect(),
            locations: servers.map(|row| row.location).collect(),
        }
    }

    fn provider(&self, id: ProviderId) -> Option<&'t tables::Provider> {
        self.tables.providers.get(id.0)
    }

    fn number(&self, id: NumberId) -> Option<&'t tables::Number> {
        self.tables.numbers.get(id.0)
    }

    fn extension(&self, id: domain::ExtensionId) -> Option<&'t tables::Extension> {
        self.tables.extensions.get(id.0)
    }

    fn is_server_disabled(&self, id: ServerId) -> bool {
        self.tables.servers.get(id.0).is_some_and(|row| !row.enabled)
    }

    /// The providers that take ordinary calls.
    fn open_providers(&self) -> impl Iterator<Item = &'t tables::Provider> {
        self.tables.providers.rows().filter(|row| is_open(row))
    }
}

fn is_open(provider: &tables::Provider) -> bool {
    provider.enabled && provider.sells_outgoing
}

/// Whether a provider takes calls of a class at all.
fn sells(provider: &tables::Provider, class: Class) -> bool {
    // What the carrier is asked for depends on the number, whether it is asked does not.
    let number: Option<E164> = "1".parse().ok();
    number.is_some_and(|number| provider.carrier_user(number, class).is_some())
}
