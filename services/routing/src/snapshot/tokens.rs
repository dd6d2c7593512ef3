//! What nodes and operators prove themselves with.

use domain::{ApiRole, NodeName};
use rustc_hash::{FxHashMap, FxHashSet};

use super::{TableFaults, TokenHash, parts::Part};
use crate::{
    ChunkedTables, Row,
    tables::{ApiToken, NodeToken},
};

#[derive(Debug, Default)]
pub(crate) struct Tokens {
    nodes: FxHashMap<TokenHash, NodeName>,
    explainers: FxHashSet<TokenHash>,
}

impl Tokens {
    pub(crate) fn node(&self, hash: &TokenHash) -> Option<&NodeName> {
        self.nodes.get(hash)
    }

    pub(crate) fn may_explain(&self, hash: &TokenHash) -> bool {
        self.explainers.contains(hash)
    }
}

impl Part for Tokens {
    fn compile(tables: &ChunkedTables, faults: &mut TableFaults) -> Self {
        let mut tokens = Self::default();
        for row in tables.node_tokens.rows() {
            let hash = token_hash::<NodeToken>(row.key(), &row.token_sha256, faults);
            let server = tables.servers.get(row.server_id.0).filter(|server| server.enabled);
            if let (Some(hash), Some(server)) = (hash, server) {
                tokens.nodes.insert(hash, server.servername.clone());
            }
        }
        for row in tables.api_tokens.rows().filter(|row| row.role >= ApiRole::Operator) {
            tokens.explainers.extend(token_hash::<ApiToken>(row.key(), &row.token_sha256, faults));
        }
        tokens
    }
}

fn token_hash<R: Row>(key: i64, hex: &str, faults: &mut TableFaults) -> Option<TokenHash> {
    let hash = unhex(hex);
    if hash.is_none() {
        faults.add::<R>(key, "token_sha256", "must be 64 hexadecimal digits");
    }
    hash
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
