//! Nodes, phones, numbers, gates and tokens.

use domain::{ApiRole, CountryCode, Digits, E164, HopProtocol, NodeName, ServerId};
use rustc_hash::{FxHashMap, FxHashSet};

use super::Compiler;
use crate::{
    snapshot::{Extension, Gate, LeasedNumber, Node, ServerPath, TokenHash},
    tables,
};

type Gates = FxHashMap<E164, Vec<Gate>>;
type NumbersByGate = FxHashMap<(ServerId, Box<str>), Vec<E164>>;

impl Compiler<'_> {
    pub(super) fn numbers(&mut self) -> FxHashMap<E164, LeasedNumber> {
        let mut numbers = FxHashMap::default();
        numbers.reserve(self.tables.numbers.len());
        for row in &self.tables.numbers {
            let provider = (row.provider_id, self.provider_index.get(&row.provider_id));
            self.faults.found("numbers", row.id, "provider_id", provider);
            if let Some(server) = row.server_id {
                self.faults.found("numbers", row.id, "server_id", (server, self.servers.get(&server)));
            }
            let leased = LeasedNumber {
                provider: row.provider_id,
                server: row.server_id,
                direction: row.direction,
                enabled: row.enabled,
                echo_test: row.echotest,
            };
            if numbers.insert(row.number, leased).is_some() {
                self.faults.add("numbers", row.id, "number", "stands in the table twice");
            }
        }
        numbers
    }

    pub(super) fn gates(&mut self) -> (Gates, NumbersByGate) {
        let (mut gates, mut by_gate) = (Gates::default(), NumbersByGate::default());
        for row in &self.tables.gates {
            self.faults.found(
                "gates",
                row.id,
                "server_id",
                (row.server_id, self.servers.get(&row.server_id)),
            );
            let number = (row.number_id, self.numbers.get(&row.number_id));
            let Some(number) = self.faults.found("gates", row.id, "number_id", number) else { continue };
            by_gate.entry((row.server_id, row.gatename.as_str().into())).or_default().push(number.number);
            gates.entry(number.number).or_default().push(Gate {
                id: row.id,
                provider: number.provider_id,
                server: row.server_id,
                peer: row.gatename.clone(),
                passes_caller_id: row.cid_support,
            });
        }
        for gates in gates.values_mut() {
            gates.sort_by_key(|gate| gate.id);
        }
        (gates, by_gate)
    }

    pub(super) fn extensions(&mut self) -> FxHashMap<Digits, Extension> {
        let rows = &self.tables.extensions;
        self.faults.unique("extensions", "number", rows.iter().map(|row| (row.id, row.number)));
        let endpoints = rows.iter().map(|row| (row.id, (row.server_id, &row.endpoint)));
        self.faults.unique("extensions", "server_id, endpoint", endpoints);
        rows.iter().map(|row| (row.number, self.extension(row))).collect()
    }

    fn extension(&mut self, row: &tables::Extension) -> Extension {
        self.faults.found(
            "extensions",
            row.id,
            "server_id",
            (row.server_id, self.servers.get(&row.server_id)),
        );
        let shown = row
            .number_id
            .and_then(|id| self.faults.found("extensions", row.id, "number_id", (id, self.numbers.get(&id))));
        Extension {
            id: row.id,
            number: row.number,
            server: row.server_id,
            endpoint: row.endpoint.clone(),
            shown: shown.map(|number| number.number),
            class: row.class,
            timeout_s: row.dial_timeout_s,
            enabled: row.enabled,
        }
    }

    pub(super) fn nodes(&mut self) -> FxHashMap<NodeName, Node> {
        let countries: FxHashMap<CountryCode, _> =
            self.tables.countries.iter().map(|row| (row.iso, row.dial_rules())).collect();
        let mut phones: FxHashMap<ServerId, FxHashMap<_, _>> = FxHashMap::default();
        for phone in &self.tables.extensions {
            phones.entry(phone.server_id).or_default().insert(phone.endpoint.clone(), phone.number);
        }
        let mut nodes = FxHashMap::default();
        for row in self.tables.servers.iter().filter(|row| row.enabled) {
            let rules = (row.location, countries.get(&row.location));
            let Some(rules) = self.faults.found("servers", row.id, "location", rules) else { continue };
            let extension_by_endpoint = phones.remove(&row.id).unwrap_or_default();
            let (driver, country) = (row.sip_driver, row.location);
            let node = Node { server: row.id, country, rules: *rules, driver, extension_by_endpoint };
            nodes.insert(row.servername.clone(), node);
        }
        nodes
    }

    /// The sections of phones, carriers and gates: none of them may pass for a server.
    fn other_sections(&self) -> FxHashSet<String> {
        let phones = self.tables.extensions.iter().map(|row| row.endpoint.to_string());
        let carriers = self.tables.provider_addresses.iter().filter_map(|row| Some(row.peer()?.to_string()));
        let gates = self.tables.gates.iter().map(|row| row.gatename.to_string());
        phones.chain(carriers).chain(gates).collect()
    }

    /// How servers reach each other. The name of a server's section on the others is also what proves its calls, so
    /// it cannot be anybody else's.
    pub(super) fn servers(&mut self) -> (FxHashMap<ServerId, ServerPath>, FxHashMap<Box<str>, ServerId>) {
        let (mut servers, mut by_peer) = (FxHashMap::default(), FxHashMap::default());
        let strangers = self.other_sections();
        for row in self.tables.servers.iter().filter(|row| row.enabled) {
            for (field, protocol, path) in
                [("sip", HopProtocol::Sip, &row.sip), ("iax2", HopProtocol::Iax2, &row.iax2)]
            {
                let Some(path) = path else { continue };
                if path.protocol != protocol {
                    self.faults.add("servers", row.id, field, format!("must be of the form {protocol}/peer"));
                }
                let peer = path.peer.as_str();
                let other = by_peer.insert(Box::from(peer), row.id).filter(|other| *other != row.id);
                if other.is_some() || strangers.contains(peer) {
                    self.faults.add(
                        "servers",
                        row.id,
                        field,
                        "names a peer that stands for somebody else too",
                    );
                }
            }
            let path = match row.protocol {
                HopProtocol::Sip => &row.sip,
                HopProtocol::Iax2 => &row.iax2,
            };
            servers.insert(row.id, ServerPath { path: path.clone() });
        }
        (servers, by_peer)
    }

    /// The nodes behind node tokens, and the API tokens that may have decisions explained.
    pub(super) fn tokens(&mut self) -> (FxHashMap<TokenHash, NodeName>, FxHashSet<TokenHash>) {
        let mut nodes = FxHashMap::default();
        for row in &self.tables.node_tokens {
            let hash = self.token_hash("node_tokens", row.id, &row.token_sha256);
            let server = (row.server_id, self.servers.get(&row.server_id).copied());
            let server = self.faults.found("node_tokens", row.id, "server_id", server);
            if let (Some(hash), Some(server)) = (hash, server.filter(|server| server.enabled)) {
                nodes.insert(hash, server.servername.clone());
            }
        }
        let explainers = self.tables.api_tokens.iter().filter(|row| row.role >= ApiRole::Operator);
        let hashes = explainers.map(|row| self.token_hash("api_tokens", row.id, &row.token_sha256));
        (nodes, hashes.collect::<Vec<_>>().into_iter().flatten().collect())
    }

    fn token_hash(
        &mut self,
        table: &'static str,
        key: impl std::fmt::Display,
        hex: &str,
    ) -> Option<TokenHash> {
        let hash = unhex(hex);
        if hash.is_none() {
            self.faults.add(table, key, "token_sha256", "must be 64 hexadecimal digits");
        }
        hash
    }

    pub(super) fn calling_codes(&self) -> FxHashSet<u64> {
        self.tables.countries.iter().filter_map(|row| row.calling_code.as_str().parse().ok()).collect()
    }
}

fn unhex(hex: &str) -> Option<TokenHash> {
    let mut hash = TokenHash::default();
    if hex.len() != 2 * hash.len() || !hex.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    for (byte, pair) in hash.iter_mut().zip(hex.as_bytes().chunks(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(hash)
}
