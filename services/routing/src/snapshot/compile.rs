//! Tables in, snapshot out, or everything that keeps them from being one.

mod carriers;
mod inventory;
mod places;

use std::hash::Hash;

use domain::{ExtensionId, NumberId, ProviderId, RingGroupId, ServerId, StopRule};
use rustc_hash::{FxHashMap, FxHashSet};

use super::{Generation, OwnStopRules, Snapshot, TableFaults, destinations::ProviderIndex};
use crate::tables::{self, Tables};

impl Snapshot {
    /// Compiles the tables, or names every row that does not fit.
    pub fn compile(tables: &Tables, generation: Generation) -> Result<Self, TableFaults> {
        let mut compiler = Compiler::new(tables);
        let (gates, numbers_by_gate) = compiler.gates();
        let (servers, server_by_peer) = compiler.servers();
        let (node_by_token, explainers) = compiler.tokens();
        let snapshot = Self {
            generation,
            providers: compiler.providers(&gates),
            allowlist: compiler.allowlist(),
            numbers: compiler.numbers(),
            places: compiler.places(),
            gates,
            numbers_by_gate,
            destinations: compiler.destinations(),
            service_routes: compiler.service_routes(),
            managers: compiler.managers(),
            extensions: compiler.extensions(),
            nodes: compiler.nodes(),
            servers,
            server_by_peer,
            node_by_token,
            explainers,
            calling_codes: compiler.calling_codes(),
            stop_rules: OwnStopRules { phone: StopRule::never(), hop: StopRule::for_hops() },
        };
        if compiler.faults.0.is_empty() { Ok(snapshot) } else { Err(compiler.faults) }
    }
}

/// The tables with their keys looked up, and what was found to be wrong with them so far.
struct Compiler<'t> {
    tables: &'t Tables,
    faults: TableFaults,
    /// By id: positions must not depend on the order in which a database gave the rows.
    providers: Vec<&'t tables::Provider>,
    provider_index: FxHashMap<ProviderId, ProviderIndex>,
    servers: FxHashMap<ServerId, &'t tables::Server>,
    numbers: FxHashMap<NumberId, &'t tables::Number>,
    extensions: FxHashMap<ExtensionId, &'t tables::Extension>,
    groups: FxHashMap<RingGroupId, &'t tables::RingGroup>,
}

impl<'t> Compiler<'t> {
    fn new(tables: &'t Tables) -> Self {
        let mut faults = TableFaults::default();
        let mut providers: Vec<_> = tables.providers.iter().collect();
        providers.sort_by_key(|provider| provider.id);
        faults.unique("providers", "id", tables.providers.iter().map(|row| (row.id, row.id)));
        faults.unique("servers", "id", tables.servers.iter().map(|row| (row.id, row.id)));
        faults.unique("servers", "servername", tables.servers.iter().map(|row| (row.id, &row.servername)));
        faults.unique("numbers", "id", tables.numbers.iter().map(|row| (row.id, row.id)));
        Self {
            tables,
            faults,
            provider_index: providers.iter().map(|provider| provider.id).zip(0..).collect(),
            providers,
            servers: tables.servers.iter().map(|row| (row.id, row)).collect(),
            numbers: tables.numbers.iter().map(|row| (row.id, row)).collect(),
            extensions: tables.extensions.iter().map(|row| (row.id, row)).collect(),
            groups: tables.ring_groups.iter().map(|row| (row.id, row)).collect(),
        }
    }
}

impl TableFaults {
    fn unique<K: std::fmt::Display, V: Eq + Hash>(
        &mut self,
        table: &'static str,
        field: &'static str,
        rows: impl Iterator<Item = (K, V)>,
    ) {
        let mut seen = FxHashSet::default();
        for (key, value) in rows {
            if !seen.insert(value) {
                self.add(table, key, field, "stands in the table twice");
            }
        }
    }

    /// Notes a key that leads nowhere; the row it leads to otherwise.
    fn found<T>(
        &mut self,
        table: &'static str,
        key: impl std::fmt::Display,
        field: &'static str,
        (target, row): (impl std::fmt::Display, Option<T>),
    ) -> Option<T> {
        if row.is_none() {
            self.add(table, key, field, format!("points to {target}, which does not exist"));
        }
        row
    }
}
