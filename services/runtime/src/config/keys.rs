//! Which keys there are: what is written and not read would be believed in vain.

use serde_json::Value;

use super::ConfigError;

/// The table of tables with one entry for each node.
const NODES: &str = "collector.nodes";

/// A section within a section.
const EXPORTS: &str = "api.exports";

/// What can be said of a node.
const NODE_KEYS: &[&str] = &["address", "username", "secret", "secret_file", "tls", "ca_file", "server_name"];

/// Sections and keys that exist.
pub(super) const KEYS: &[&str] = &[
    "store.url",
    "store.url_file",
    "generations.activation",
    "generations.poll_ms",
    "generations.scan_s",
    "generations.folder",
    "generations.kept",
    "resolver.enabled",
    "resolver.servers",
    "resolver.ttl_floor_s",
    "resolver.ttl_ceiling_s",
    "resolver.hold_down_s",
    "resolver.kept_days",
    "resolver.addresses_max",
    "router.name",
    "bus.url",
    "bus.url_file",
    "bus.prefix",
    "router.http",
    "router.agi",
    "router.deadline_ms",
    "router.connections_max",
    "router.keep_alive_s",
    "decisions.folder",
    "decisions.journal_mib",
    "decisions.journal_keep_s",
    "api.http",
    "api.connections_max",
    "api.deadline_s",
    "api.exports.folder",
    "api.exports.kept_h",
    "api.exports.jobs_per_token",
    "api.exports.total_mib",
    "api.exports.free_mib",
    "collector.name",
    "collector.folder",
    "collector.journal_mib",
    "collector.journal_keep_s",
    "firewall.also_allow",
    "firewall.floor_v4",
    "firewall.floor_v6",
    "firewall.sip",
    "firewall.iax2",
    "firewall.h323",
    "firewall.media",
    "metrics.http",
    "log.format",
    "log.filter",
];

pub(super) fn refuse_unknown(tree: &Value) -> Result<(), ConfigError> {
    for (section, keys) in tree.as_object().into_iter().flatten() {
        let Some(keys) = keys.as_object() else { return Err(unknown(section)) };
        for (key, value) in keys {
            let key = format!("{section}.{key}");
            if key == NODES {
                refuse_unknown_of_nodes(value)?;
            } else if key == EXPORTS {
                refuse_unknown_of_exports(value)?;
            } else if !KEYS.contains(&key.as_str()) {
                return Err(unknown(&key));
            }
        }
    }
    Ok(())
}

/// Nodes have names of their own; what is said of each of them has not.
fn refuse_unknown_of_nodes(nodes: &Value) -> Result<(), ConfigError> {
    for (node, keys) in nodes.as_object().into_iter().flatten() {
        for key in keys.as_object().into_iter().flat_map(serde_json::Map::keys) {
            if !NODE_KEYS.contains(&key.as_str()) {
                return Err(unknown_among(NODE_KEYS, key, &format!("{NODES}.{node}.")));
            }
        }
    }
    Ok(())
}

fn refuse_unknown_of_exports(exports: &Value) -> Result<(), ConfigError> {
    for key in exports.as_object().into_iter().flat_map(serde_json::Map::keys) {
        let key = format!("{EXPORTS}.{key}");
        if !KEYS.contains(&key.as_str()) {
            return Err(unknown(&key));
        }
    }
    Ok(())
}

fn unknown(key: &str) -> ConfigError {
    unknown_among(KEYS, key, "")
}

fn unknown_among(known: &[&str], key: &str, before: &str) -> ConfigError {
    let distance = |known: &&&str| strsim::damerau_levenshtein(known, key);
    let nearest = known.iter().min_by_key(distance).filter(|known| distance(known) <= 1 + key.len() / 3);
    ConfigError::UnknownKey {
        nearest: nearest.map(|nearest| format!("{before}{nearest}")),
        key: format!("{before}{key}"),
    }
}
