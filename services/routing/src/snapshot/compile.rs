//! Tables in, snapshot out, or everything that keeps them from being one.

use std::{collections::hash_map::Entry, hash::Hash};

use domain::{
    Class, CountryCode, DialRules, Digits, E164, NodeName, NumberId, Prefix, ProviderId, ServerId, StopRule,
};
use rustc_hash::{FxHashMap, FxHashSet};

use super::{
    Address, Destinations, Extension, Gate, Generation, LeasedNumber, Node, Provider, ShowPolicy, Snapshot,
    TableFaults, TokenHash,
    destinations::{Offer, ProviderIndex},
    provider::ProviderParts,
};
use crate::{
    DropReason,
    tables::{self, DEFAULT_RANK, Tables},
    tariff::Tariff,
};

impl Snapshot {
    /// Compiles the tables, or names every row that does not fit.
    pub fn compile(tables: &Tables, generation: Generation) -> Result<Self, TableFaults> {
        let mut compiler = Compiler::new(tables);
        let gates = compiler.gates();
        let snapshot = Self {
            generation,
            providers: compiler.providers(&gates),
            numbers: compiler.numbers(),
            gates,
            destinations: compiler.destinations(),
            extensions: compiler.extensions(),
            nodes: compiler.nodes(),
            node_by_token: compiler.tokens(),
        };
        if compiler.faults.0.is_empty() { Ok(snapshot) } else { Err(compiler.faults) }
    }
}

struct Compiler<'t> {
    tables: &'t Tables,
    faults: TableFaults,
    /// By id: positions must not depend on the order in which a database gave the rows.
    providers: Vec<&'t tables::Provider>,
    provider_index: FxHashMap<ProviderId, ProviderIndex>,
    servers: FxHashMap<ServerId, &'t tables::Server>,
    numbers: FxHashMap<NumberId, &'t tables::Number>,
}

impl<'t> Compiler<'t> {
    fn new(tables: &'t Tables) -> Self {
        let mut faults = TableFaults::default();
        let mut providers: Vec<_> = tables.providers.iter().collect();
        providers.sort_by_key(|provider| provider.id);
        let provider_index = providers.iter().map(|provider| provider.id).zip(0..).collect();
        faults.unique("providers", "id", tables.providers.iter().map(|row| (row.id, row.id)));
        faults.unique("servers", "id", tables.servers.iter().map(|row| (row.id, row.id)));
        faults.unique("servers", "servername", tables.servers.iter().map(|row| (row.id, &row.servername)));
        faults.unique("numbers", "id", tables.numbers.iter().map(|row| (row.id, row.id)));
        Self {
            tables,
            faults,
            providers,
            provider_index,
            servers: tables.servers.iter().map(|server| (server.id, server)).collect(),
            numbers: tables.numbers.iter().map(|number| (number.id, number)).collect(),
        }
    }

    fn providers(&mut self, gates: &FxHashMap<E164, Vec<Gate>>) -> Vec<Provider> {
        let mut addresses: FxHashMap<ProviderId, Vec<_>> = FxHashMap::default();
        for row in &self.tables.provider_addresses {
            if !self.provider_index.contains_key(&row.provider_id) {
                self.faults.add("provider_addresses", row.id, "provider_id", unknown(row.provider_id));
            } else if let Some(address) = self.address(row) {
                addresses.entry(row.provider_id).or_default().push((row.priority, row.weight, address));
            }
        }
        let rows = self.tables.providers.iter();
        let mut providers: Vec<_> = rows
            .map(|row| Provider::new(parts(row), addresses.remove(&row.id).unwrap_or_default()))
            .collect();
        self.add_account_numbers(&mut providers, gates);
        providers
    }

    fn add_account_numbers(&self, providers: &mut [Provider], gates: &FxHashMap<E164, Vec<Gate>>) {
        for row in self.tables.numbers.iter().filter(|row| may_be_shown(row)) {
            let Some(&index) = self.provider_index.get(&row.provider_id) else { continue };
            let provider = &mut providers[index as usize];
            if provider.show == ShowPolicy::Fixed(None) {
                let gates = gates.get(&row.number).map(Vec::as_slice).unwrap_or_default();
                let servers: Vec<_> = gates.iter().map(|gate| gate.server).collect();
                provider.account.add(row.id, row.number, &servers);
            }
        }
    }

    fn address(&mut self, row: &tables::ProviderAddress) -> Option<Address> {
        let closed = if !row.direction.allows_out() {
            Some(DropReason::IncomingOnly)
        } else if !row.enabled {
            Some(DropReason::AddressDisabled)
        } else {
            None
        };
        let Some(peer) = row.peer() else {
            let rule = format!("must be given: `{}` cannot name a peer", row.domainname);
            self.faults.add("provider_addresses", row.id, "endpoint", rule);
            return None;
        };
        Some(Address { id: row.id, protocol: row.proto, peer, closed })
    }

    fn numbers(&mut self) -> FxHashMap<E164, LeasedNumber> {
        let mut numbers = FxHashMap::default();
        numbers.reserve(self.tables.numbers.len());
        for row in &self.tables.numbers {
            if !self.provider_index.contains_key(&row.provider_id) {
                self.faults.add("numbers", row.id, "provider_id", unknown(row.provider_id));
            }
            if let Some(server) = row.server_id.filter(|server| !self.servers.contains_key(server)) {
                self.faults.add("numbers", row.id, "server_id", unknown(server));
            }
            let leased = LeasedNumber { provider: row.provider_id, may_be_shown: may_be_shown(row) };
            if numbers.insert(row.number, leased).is_some() {
                self.faults.add("numbers", row.id, "number", "stands in the table twice");
            }
        }
        numbers
    }

    fn gates(&mut self) -> FxHashMap<E164, Vec<Gate>> {
        let mut gates: FxHashMap<_, Vec<_>> = FxHashMap::default();
        for row in &self.tables.gates {
            if !self.servers.contains_key(&row.server_id) {
                self.faults.add("gates", row.id, "server_id", unknown(row.server_id));
            }
            let Some(number) = self.numbers.get(&row.number_id) else {
                self.faults.add("gates", row.id, "number_id", unknown(row.number_id));
                continue;
            };
            gates.entry(number.number).or_default().push(Gate {
                id: row.id,
                provider: number.provider_id,
                server: row.server_id,
                peer: row.gatename.clone(),
            });
        }
        for gates in gates.values_mut() {
            gates.sort_by_key(|gate| gate.id);
        }
        gates
    }

    fn destinations(&mut self) -> [Destinations; Class::ALL.len()] {
        let keys = self.tables.routes.iter().map(|row| (row.id, (row.provider_id, row.prefix, row.class)));
        self.faults.unique("routes", "provider_id, prefix, class", keys);
        for row in &self.tables.routes {
            if !self.provider_index.contains_key(&row.provider_id) {
                self.faults.add("routes", row.id, "provider_id", unknown(row.provider_id));
            }
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
    fn class_routes(&self, class: Class) -> impl Iterator<Item = &'t tables::Route> {
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

    fn extensions(&mut self) -> FxHashMap<Digits, Extension> {
        let rows = &self.tables.extensions;
        self.faults.unique("extensions", "number", rows.iter().map(|row| (row.id, row.number)));
        let endpoints = rows.iter().map(|row| (row.id, (row.server_id, &row.endpoint)));
        self.faults.unique("extensions", "server_id, endpoint", endpoints);
        rows.iter().map(|row| (row.number, self.extension(row))).collect()
    }

    fn extension(&mut self, row: &tables::Extension) -> Extension {
        if !self.servers.contains_key(&row.server_id) {
            self.faults.add("extensions", row.id, "server_id", unknown(row.server_id));
        }
        let shown = row.number_id.and_then(|id| self.numbers.get(&id));
        if let (Some(id), None) = (row.number_id, shown) {
            self.faults.add("extensions", row.id, "number_id", unknown(id));
        }
        Extension {
            id: row.id,
            number: row.number,
            server: row.server_id,
            endpoint: row.endpoint.clone(),
            shown: shown.map(|number| number.number),
            class: row.class,
            timeout_s: row.dial_timeout_s,
            stop_rule: StopRule::default(),
            enabled: row.enabled,
        }
    }

    fn nodes(&mut self) -> FxHashMap<NodeName, Node> {
        let rules: FxHashMap<CountryCode, DialRules> =
            self.tables.countries.iter().map(|row| (row.iso, row.dial_rules())).collect();
        let mut nodes = FxHashMap::default();
        for row in self.tables.servers.iter().filter(|row| row.enabled) {
            let Some(rules) = rules.get(&row.location) else {
                self.faults.add("servers", row.id, "location", unknown(row.location));
                continue;
            };
            let phones = self.tables.extensions.iter().filter(|extension| extension.server_id == row.id);
            let extension_by_endpoint = phones.map(|phone| (phone.endpoint.clone(), phone.number)).collect();
            let node = Node { server: row.id, rules: *rules, driver: row.sip_driver, extension_by_endpoint };
            nodes.insert(row.servername.clone(), node);
        }
        nodes
    }

    fn tokens(&mut self) -> FxHashMap<TokenHash, NodeName> {
        let mut tokens = FxHashMap::default();
        for row in &self.tables.node_tokens {
            let Some(hash) = token_hash(&row.token_sha256) else {
                self.faults.add("node_tokens", row.id, "token_sha256", "must be 64 hexadecimal digits");
                continue;
            };
            match self.servers.get(&row.server_id) {
                None => self.faults.add("node_tokens", row.id, "server_id", unknown(row.server_id)),
                Some(server) if server.enabled => {
                    tokens.insert(hash, server.servername.clone());
                }
                Some(_) => {}
            }
        }
        tokens
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
}

fn unknown(key: impl std::fmt::Display) -> String {
    format!("points to {key}, which does not exist")
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

fn may_be_shown(row: &tables::Number) -> bool {
    row.enabled && row.direction.allows_out()
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
        timeout_s: row.dial_timeout_s,
        stop_rule: row.stop_rule.clone().unwrap_or_default(),
    }
}

fn token_hash(hex: &str) -> Option<TokenHash> {
    let mut hash = TokenHash::default();
    if hex.len() != 2 * hash.len() || !hex.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    for (byte, pair) in hash.iter_mut().zip(hex.as_bytes().chunks(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(hash)
}
