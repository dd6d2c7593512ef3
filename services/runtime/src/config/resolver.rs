use std::net::SocketAddr;

use serde::{Deserialize, Serialize};

use super::{ConfigError, in_range};

/// How host names of carriers are resolved.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct ResolverConfig {
    /// Whether routers ask DNS at all. One of them does at a time.
    pub enabled: bool,
    /// The DNS servers, `192.0.2.53:53, [2001:db8::53]:53`; empty: those of the system.
    #[serde(with = "servers")]
    pub servers: Vec<SocketAddr>,
    /// No name is asked about more often than this, whatever its records say, in seconds, 1 to 3600.
    pub ttl_floor_s: u64,
    /// Nor less often than this, in seconds, 1 to 86400 and not below the floor.
    pub ttl_ceiling_s: u64,
    /// A name changes once in this time at most, and an address has to be missing for so long before it goes, in seconds,
    /// 1 to 86400.
    pub hold_down_s: u64,
    /// After how many days without a good answer a name is called stale, 1 to 365. It keeps its addresses all the same.
    pub kept_days: u64,
    /// Most addresses of one name that are used unasked, 1 to 256.
    pub addresses_max: u64,
}

impl Default for ResolverConfig {
    fn default() -> Self {
        Self {
            enabled: true,
            servers: Vec::new(),
            ttl_floor_s: 60,
            ttl_ceiling_s: 3_600,
            hold_down_s: 600,
            kept_days: 7,
            addresses_max: 16,
        }
    }
}

impl ResolverConfig {
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        in_range("resolver.ttl_floor_s", self.ttl_floor_s, 1..=3_600, "1 to 3600 seconds")?;
        let rule = "1 to 86400 seconds, and not below resolver.ttl_floor_s";
        in_range("resolver.ttl_ceiling_s", self.ttl_ceiling_s, self.ttl_floor_s..=86_400, rule)?;
        in_range("resolver.hold_down_s", self.hold_down_s, 1..=86_400, "1 to 86400 seconds")?;
        in_range("resolver.kept_days", self.kept_days, 1..=365, "1 to 365 days")?;
        in_range("resolver.addresses_max", self.addresses_max, 1..=256, "1 to 256")
    }
}

/// Addresses with commas between them: the environment has no lists.
mod servers {
    use std::net::SocketAddr;

    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Vec<SocketAddr>, D::Error> {
        let text = String::deserialize(deserializer)?;
        let servers = text.split(',').map(str::trim).filter(|server| !server.is_empty());
        servers.map(|server| server.parse().map_err(D::Error::custom)).collect()
    }

    pub(super) fn serialize<S: Serializer>(servers: &[SocketAddr], serializer: S) -> Result<S::Ok, S::Error> {
        let servers: Vec<_> = servers.iter().map(ToString::to_string).collect();
        serializer.serialize_str(&servers.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use crate::config::tests::parse;

    #[test]
    fn servers_are_a_list_in_a_text() {
        let servers = |text: &str| {
            parse(&format!("[resolver]\nservers = \"{text}\"")).map(|config| config.resolver.servers)
        };
        assert!(servers("").unwrap().is_empty());
        assert_eq!(servers("192.0.2.53:53, [2001:db8::53]:5353").unwrap().len(), 2);
        let error = servers("dns.example.net").unwrap_err();
        assert!(crate::chain(&error).to_string().contains("servers"), "{}", crate::chain(&error));
    }

    #[test]
    fn the_ceiling_is_not_below_the_floor() {
        let error = parse("[resolver]\nttl_floor_s = 600\nttl_ceiling_s = 60").unwrap_err().to_string();
        assert!(
            error.starts_with("configuration key resolver.ttl_ceiling_s must be 1 to 86400 seconds, and"),
            "{error}"
        );
    }
}
