use std::{collections::BTreeMap, path::PathBuf};

use domain::Secret;
use serde::Deserialize;

use super::{ConfigError, in_range, kept_for, read_secret};

/// Whose calls are recorded, and where what was heard is kept.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CollectorConfig {
    /// What `dialplane collectors` calls this one; empty: the host's name.
    pub name: String,
    /// Where the journals are, one folder for each node. Of this process alone.
    pub folder: PathBuf,
    /// Most a node's journal may take, in MiB, 64 to 1048576: above it the oldest goes, in the tables or not.
    pub journal_mib: u64,
    /// How long it keeps what is in the tables, in seconds, 1 to 2592000; all of that is gone after twice the time.
    pub journal_keep_s: u64,
    /// The nodes, by their names in `servers`. None: nothing is recorded.
    pub nodes: BTreeMap<String, NodeConfig>,
}

/// One Asterisk's manager port.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NodeConfig {
    /// `host`, `host:port` or `[address]:port`.
    pub address: String,
    /// The section of the node's manager.conf.
    #[serde(default = "username")]
    pub username: String,
    #[serde(default = "no_secret")]
    pub secret: Secret,
    /// A file that holds the secret instead.
    #[serde(default)]
    pub secret_file: Option<PathBuf>,
    /// Whether the port speaks TLS.
    #[serde(default)]
    pub tls: bool,
    /// Whose certificates to trust, PEM; none: those this machine trusts.
    #[serde(default)]
    pub ca_file: Option<PathBuf>,
    /// The name in the node's certificate, if it is not the one in `address`.
    #[serde(default)]
    pub server_name: Option<String>,
}

fn username() -> String {
    "dialplane".to_owned()
}

fn no_secret() -> Secret {
    Secret::new("")
}

impl Default for CollectorConfig {
    fn default() -> Self {
        Self {
            name: String::new(),
            folder: "var/journal".into(),
            journal_mib: 8_192,
            journal_keep_s: 24 * 3_600,
            nodes: BTreeMap::new(),
        }
    }
}

impl CollectorConfig {
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        in_range("collector.journal_mib", self.journal_mib, 64..=1_048_576, "64 to 1048576 MiB")?;
        kept_for("collector.journal_keep_s", self.journal_keep_s)?;
        for (node, config) in &self.nodes {
            let key = |name: &str| format!("collector.nodes.{node}.{name}").into();
            if config.address.is_empty() {
                return Err(ConfigError::Malformed { key: key("address"), rule: "a host and a port" });
            }
            if config.username.is_empty() {
                return Err(ConfigError::Malformed {
                    key: key("username"),
                    rule: "a section of manager.conf",
                });
            }
        }
        Ok(())
    }

    pub(super) fn read_secrets(&mut self) -> Result<(), ConfigError> {
        for (node, config) in &mut self.nodes {
            let key = format!("collector.nodes.{node}.secret_file");
            read_secret(&key, config.secret_file.as_deref(), &mut config.secret)?;
            if config.secret.expose().is_empty() {
                let key = format!("collector.nodes.{node}.secret").into();
                return Err(ConfigError::Malformed {
                    key,
                    rule: "the secret of manager.conf, or secret_file the file that holds it",
                });
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use crate::config::{Config, tests::parse};

    fn refused(text: &str) -> String {
        parse(text).unwrap_err().to_string()
    }

    fn with_node(lines: &str) -> String {
        format!("[collector.nodes.asterisk-msm]\n{lines}")
    }

    #[test]
    fn a_node_needs_an_address_and_a_secret() {
        let text = with_node("address = \"192.0.2.10:5038\"\nsecret = \"geheim\"");
        let config = parse(&text).unwrap();
        let node = &config.collector.nodes["asterisk-msm"];
        assert_eq!(
            (&*node.address, &*node.username, node.secret.expose()),
            ("192.0.2.10:5038", "dialplane", "geheim")
        );
        assert!(!node.tls && !format!("{config:?}").contains("geheim"));
        let error = refused(&with_node("address = \"192.0.2.10\""));
        assert!(
            error.starts_with("configuration key collector.nodes.asterisk-msm.secret must be"),
            "{error}"
        );
        let error = refused(&with_node("address = \"\"\nsecret = \"s\""));
        assert!(
            error.starts_with("configuration key collector.nodes.asterisk-msm.address must be"),
            "{error}"
        );
        assert!(parse(&with_node("secret = \"s\"")).is_err(), "no address");
        assert!(Config::default().collector.nodes.is_empty());
    }

    #[test]
    fn a_secret_may_lie_in_a_file_of_its_own() {
        let path = std::env::temp_dir().join(format!("dialplane-ami-{}.secret", std::process::id()));
        std::fs::write(&path, "geheim\n").unwrap();
        let text = with_node(&format!("address = \"a\"\nsecret_file = \"{}\"", path.display()));
        let config = parse(&text).unwrap();
        std::fs::remove_file(&path).unwrap();
        assert_eq!(config.collector.nodes["asterisk-msm"].secret.expose(), "geheim");
        assert!(refused(&text).starts_with("collector.nodes.asterisk-msm.secret_file "));
    }

    #[test]
    fn unknown_keys_of_a_node_are_refused_with_the_nearest_name() {
        let error = refused(&with_node("adress = \"a\"\nsecret = \"s\""));
        assert_eq!(
            error,
            "unknown configuration key `collector.nodes.asterisk-msm.adress`; \
             did you mean `collector.nodes.asterisk-msm.address`?"
        );
    }
}
