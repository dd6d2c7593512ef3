//! `dialplane.toml`, overridden key by key from the environment, with every unknown key refused.

mod collector;
mod firewall;
mod keys;
mod resolver;

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
};

use domain::Secret;
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use collector::{CollectorConfig, NodeConfig};
pub use firewall::FirewallConfig;
pub use resolver::ResolverConfig;

/// The whole configuration. Every key can be set as `DIALPLANE__SECTION__KEY` in the environment too.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    pub store: StoreConfig,
    pub generations: GenerationsConfig,
    pub resolver: ResolverConfig,
    pub bus: BusConfig,
    pub router: RouterConfig,
    pub decisions: DecisionsConfig,
    pub api: ApiConfig,
    pub collector: CollectorConfig,
    pub firewall: FirewallConfig,
    pub metrics: MetricsConfig,
    pub log: LogConfig,
}

/// Where the tables are.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct StoreConfig {
    /// `sqlite:PATH`, `postgres://…` or `mysql://…`. The embedded default needs no server.
    pub url: Secret,
    /// A file that holds the URL instead, so that a password stays out of the environment.
    pub url_file: Option<PathBuf>,
}

/// How edited tables become the configuration that calls are routed by.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct GenerationsConfig {
    /// `auto`: what is edited is verified and activated at once; `manual`: on `dialplane activate` only.
    pub activation: Activation,
    /// How often the database is asked for a newer generation and for edits, in milliseconds, 50 to 10000.
    pub poll_ms: u64,
    /// How often the tables are searched for edits by other hands than ours, in seconds, 1 to 86400; 0: never.
    pub scan_s: u64,
    /// Where the last good generations are kept on disk, for a start without a database.
    pub folder: PathBuf,
    /// How many generations the database keeps, 2 to 100000.
    pub kept: u64,
}

#[derive(Clone, Copy, Debug, Deserialize, Serialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Activation {
    Auto,
    Manual,
}

/// Where roles tell each other that something changed.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BusConfig {
    /// `redis://…`, `redis+sentinel://…` or `redis+cluster://…`, each with `rediss` for TLS. Empty: within the process.
    pub url: Secret,
    /// A file that holds the URL instead, so that a password stays out of the environment.
    pub url_file: Option<PathBuf>,
    /// What keeps installations on one Redis apart: 1 to 32 small letters, digits, `-` and `_`.
    pub prefix: String,
}

/// The router's listeners and their limits.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct RouterConfig {
    /// What `dialplane routers` calls this one; empty: host and port.
    pub name: String,
    /// Address and port of the HTTP listener the dialplans ask.
    pub http: SocketAddr,
    /// Address and port of the `FastAGI` listener; empty: there is none.
    #[serde(with = "address_or_none")]
    pub agi: Option<SocketAddr>,
    /// After how many milliseconds a question is answered with `not_ready`, 10 to 10000.
    pub deadline_ms: u64,
    /// Most connections at once on each listener, 1 to 100000; more are closed at once and counted.
    pub connections_max: usize,
    /// How long an idle connection is kept for the next question, in seconds, 1 to 300.
    pub keep_alive_s: u64,
}

/// Where a router's decisions wait until they are in the tables.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct DecisionsConfig {
    /// Where the journal is. Of this process alone.
    pub folder: PathBuf,
    /// Most the journal may take, in MiB, 64 to 1048576: above it the oldest goes, in the tables or not.
    pub journal_mib: u64,
    /// How long it keeps what is in the tables, in seconds, 1 to 2592000; all of that is gone after twice the time.
    pub journal_keep_s: u64,
}

/// The listener of people and programs that ask, and its limits.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct ApiConfig {
    /// Address and port.
    pub http: SocketAddr,
    /// Most connections at once, 1 to 10000; more are closed at once and counted.
    pub connections_max: usize,
    /// After how many seconds a request is given up, 1 to 300.
    pub deadline_s: u64,
    pub exports: ExportsConfig,
}

/// Exports that are ordered over HTTP: where their files are, how many, and how long.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct ExportsConfig {
    /// Where the files are. Of this process alone: what is in it is removed when it starts.
    pub folder: PathBuf,
    /// How long one is kept after it was ordered, in hours, 1 to 24.
    pub kept_h: u64,
    /// Most that one token may have, those that wait and those that are kept, 1 to 100.
    pub jobs_per_token: u64,
    /// Most that all files may take, in MiB, 1 to 1048576.
    pub total_mib: u64,
    /// So much of the disk stays free for others, in MiB, 0 to 1048576: below it no export goes on.
    pub free_mib: u64,
}

/// The listener for `/metrics`, `/livez` and `/readyz`.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct MetricsConfig {
    /// Address and port.
    pub http: SocketAddr,
}

/// What is logged, and how.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct LogConfig {
    /// `text` for people, `json` for collectors.
    pub format: LogFormat,
    /// Levels by module, `info` or `info,router=debug`.
    pub filter: String,
}

#[derive(Clone, Copy, Debug, Deserialize, Serialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    Text,
    Json,
}

impl Default for StoreConfig {
    fn default() -> Self {
        Self { url: Secret::new("sqlite:var/dialplane.sqlite"), url_file: None }
    }
}

impl Default for GenerationsConfig {
    fn default() -> Self {
        Self {
            activation: Activation::Auto,
            poll_ms: 250,
            scan_s: 30,
            folder: "var/generations".into(),
            kept: 100,
        }
    }
}

impl Default for BusConfig {
    fn default() -> Self {
        Self { url: Secret::new(""), url_file: None, prefix: "default".into() }
    }
}

impl Default for RouterConfig {
    fn default() -> Self {
        Self {
            name: String::new(),
            http: loopback(8060),
            agi: Some(loopback(4573)),
            deadline_ms: 100,
            connections_max: 4096,
            keep_alive_s: 15,
        }
    }
}

impl Default for DecisionsConfig {
    fn default() -> Self {
        Self { folder: "var/decisions".into(), journal_mib: 2_048, journal_keep_s: 3_600 }
    }
}

impl Default for ApiConfig {
    fn default() -> Self {
        let exports = ExportsConfig::default();
        Self { http: loopback(8080), connections_max: 256, deadline_s: 30, exports }
    }
}

impl Default for ExportsConfig {
    fn default() -> Self {
        let folder = "var/exports".into();
        Self { folder, kept_h: 24, jobs_per_token: 8, total_mib: 10_240, free_mib: 1_024 }
    }
}

impl Default for MetricsConfig {
    fn default() -> Self {
        Self { http: loopback(9464) }
    }
}

impl Default for LogConfig {
    fn default() -> Self {
        Self { format: LogFormat::Text, filter: "info".into() }
    }
}

fn loopback(port: u16) -> SocketAddr {
    (Ipv4Addr::LOCALHOST, port).into()
}

/// An address that may be absent: neither TOML nor the environment has a null, so an empty text stands for it.
mod address_or_none {
    use std::net::SocketAddr;

    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<SocketAddr>, D::Error> {
        let text = String::deserialize(deserializer)?;
        if text.is_empty() { Ok(None) } else { text.parse().map(Some).map_err(D::Error::custom) }
    }

    #[expect(clippy::ref_option, reason = "the signature serde calls")]
    pub(super) fn serialize<S: Serializer>(
        address: &Option<SocketAddr>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&address.map(|address| address.to_string()).unwrap_or_default())
    }
}

/// Why there is no configuration.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("configuration cannot be read")]
    Read(#[source] config::ConfigError),
    #[error("{path} cannot be read")]
    File { path: PathBuf, source: std::io::Error },
    #[error("{path} line {line}: {message}")]
    Syntax { path: PathBuf, line: usize, message: String },
    #[error("unknown configuration key `{key}`{}", hint(.nearest.as_deref()))]
    UnknownKey { key: String, nearest: Option<String> },
    #[error("configuration key {key} must be {rule}, not {value}")]
    OutOfRange { key: &'static str, rule: &'static str, value: u64 },
    #[error("configuration key {key} must be {rule}")]
    Malformed { key: Box<str>, rule: &'static str },
    #[error("{key} {path} cannot be read")]
    SecretFile { key: Box<str>, path: PathBuf, source: std::io::Error },
}

/// What the file says, if it is well-formed TOML. The parser's own error repeats the line, and with it a password.
fn text(file: Option<&Path>) -> Result<String, ConfigError> {
    let path = file.unwrap_or(Path::new(Config::DEFAULT_FILE));
    let text = match std::fs::read_to_string(path) {
        Err(error) if file.is_none() && error.kind() == std::io::ErrorKind::NotFound => {
            return Ok(String::new());
        }
        read => read.map_err(|source| ConfigError::File { path: path.to_owned(), source })?,
    };
    text.parse::<toml::Table>().map_err(|error| ConfigError::Syntax {
        path: path.to_owned(),
        line: error.span().map_or(0, |span| 1 + text[..span.start].matches('\n').count()),
        message: error.message().to_owned(),
    })?;
    Ok(text)
}

fn hint(nearest: Option<&str>) -> String {
    nearest.map(|key| format!("; did you mean `{key}`?")).unwrap_or_default()
}

impl Config {
    /// The file that is read when none is named, if it exists.
    pub const DEFAULT_FILE: &str = "dialplane.toml";

    /// Reads the named file (or [`Self::DEFAULT_FILE`], or nothing) and the environment over it.
    pub fn load(file: Option<&Path>) -> Result<Self, ConfigError> {
        let source = config::File::from_str(&text(file)?, config::FileFormat::Toml);
        let environment = config::Environment::with_prefix("DIALPLANE")
            .prefix_separator("__")
            .separator("__")
            .try_parsing(true);
        let read = config::Config::builder().add_source(source).add_source(environment);
        Self::from_raw(read.build().map_err(ConfigError::Read)?)
    }

    fn from_raw(raw: config::Config) -> Result<Self, ConfigError> {
        let tree: Value = raw.clone().try_deserialize().map_err(ConfigError::Read)?;
        keys::refuse_unknown(&tree)?;
        let mut config: Self = raw.try_deserialize().map_err(ConfigError::Read)?;
        config.generations.check()?;
        config.resolver.check()?;
        config.router.check()?;
        config.api.check()?;
        config.bus.check()?;
        config.decisions.check()?;
        config.collector.check()?;
        config.firewall.check()?;
        read_secret("store.url_file", config.store.url_file.as_deref(), &mut config.store.url)?;
        read_secret("bus.url_file", config.bus.url_file.as_deref(), &mut config.bus.url)?;
        config.collector.read_secrets()?;
        Ok(config)
    }
}

impl GenerationsConfig {
    fn check(&self) -> Result<(), ConfigError> {
        in_range("generations.poll_ms", self.poll_ms, 50..=10_000, "50 to 10000 milliseconds")?;
        in_range("generations.scan_s", self.scan_s, 0..=86_400, "0 to 86400 seconds")?;
        in_range("generations.kept", self.kept, 2..=100_000, "2 to 100000")
    }
}

impl RouterConfig {
    fn check(&self) -> Result<(), ConfigError> {
        let connections_max = u64::try_from(self.connections_max).unwrap_or(u64::MAX);
        in_range("router.deadline_ms", self.deadline_ms, 10..=10_000, "10 to 10000 milliseconds")?;
        in_range("router.connections_max", connections_max, 1..=100_000, "1 to 100000")?;
        in_range("router.keep_alive_s", self.keep_alive_s, 1..=300, "1 to 300 seconds")
    }
}

impl DecisionsConfig {
    fn check(&self) -> Result<(), ConfigError> {
        in_range("decisions.journal_mib", self.journal_mib, 64..=1_048_576, "64 to 1048576 MiB")?;
        kept_for("decisions.journal_keep_s", self.journal_keep_s)
    }
}

impl ApiConfig {
    fn check(&self) -> Result<(), ConfigError> {
        let connections_max = u64::try_from(self.connections_max).unwrap_or(u64::MAX);
        in_range("api.connections_max", connections_max, 1..=10_000, "1 to 10000")?;
        in_range("api.deadline_s", self.deadline_s, 1..=300, "1 to 300 seconds")?;
        self.exports.check()
    }
}

impl ExportsConfig {
    fn check(&self) -> Result<(), ConfigError> {
        in_range("api.exports.kept_h", self.kept_h, 1..=24, "1 to 24 hours")?;
        in_range("api.exports.jobs_per_token", self.jobs_per_token, 1..=100, "1 to 100")?;
        in_range("api.exports.total_mib", self.total_mib, 1..=1_048_576, "1 to 1048576 MiB")?;
        in_range("api.exports.free_mib", self.free_mib, 0..=1_048_576, "0 to 1048576 MiB")
    }
}

/// How long a journal keeps what is in the tables.
fn kept_for(key: &'static str, seconds: u64) -> Result<(), ConfigError> {
    in_range(key, seconds, 1..=2_592_000, "1 to 2592000 seconds")
}

fn in_range(
    key: &'static str,
    value: u64,
    range: std::ops::RangeInclusive<u64>,
    rule: &'static str,
) -> Result<(), ConfigError> {
    if range.contains(&value) { Ok(()) } else { Err(ConfigError::OutOfRange { key, rule, value }) }
}

impl BusConfig {
    fn check(&self) -> Result<(), ConfigError> {
        let allowed = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_');
        if (1..=32).contains(&self.prefix.len()) && self.prefix.bytes().all(allowed) {
            return Ok(());
        }
        let rule = "1 to 32 small letters, digits, - and _";
        Err(ConfigError::Malformed { key: "bus.prefix".into(), rule })
    }
}

/// Takes a secret from its file, if one is named.
fn read_secret(key: &str, file: Option<&Path>, secret: &mut Secret) -> Result<(), ConfigError> {
    if let Some(path) = file {
        let text = std::fs::read_to_string(path);
        let failed = |source| ConfigError::SecretFile { key: key.into(), path: path.to_owned(), source };
        let text = text.map_err(failed)?;
        *secret = Secret::new(text.trim());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{keys::KEYS, *};

    pub(super) fn parse(text: &str) -> Result<Config, ConfigError> {
        let source = config::File::from_str(text, config::FileFormat::Toml);
        Config::from_raw(config::Config::builder().add_source(source).build().unwrap())
    }

    #[test]
    fn nothing_said_is_the_embedded_default() {
        let config = parse("").unwrap();
        assert_eq!(config.store.url.expose(), "sqlite:var/dialplane.sqlite");
        assert_eq!(config.router.http.to_string(), "127.0.0.1:8060");
    }

    #[test]
    fn unknown_keys_are_refused_with_the_nearest_name() {
        let error = parse("[router]\nhtpp = \"127.0.0.1:1\"").unwrap_err().to_string();
        assert_eq!(error, "unknown configuration key `router.htpp`; did you mean `router.http`?");
        let error = parse("[roter]\nhttp = \"127.0.0.1:1\"").unwrap_err().to_string();
        assert_eq!(error, "unknown configuration key `roter.http`; did you mean `router.http`?");
        assert_eq!(parse("zzzzzz = 1").unwrap_err().to_string(), "unknown configuration key `zzzzzz`");
    }

    #[test]
    fn every_key_that_is_listed_is_read() {
        for key in KEYS.iter().filter(|key| !key.starts_with("store.")) {
            let (section, name) = key.split_once('.').unwrap();
            // A list fits no key: a key that is really read complains about it by its name.
            let error = parse(&format!("[{section}]\n{name} = [[1]]")).unwrap_err();
            assert!(crate::chain(&error).to_string().contains(name), "{key}: {}", crate::chain(&error));
        }
    }

    #[test]
    fn the_sample_file_is_the_default() {
        let sample = parse(include_str!("../../../deploy/dialplane.toml")).unwrap();
        assert_eq!(format!("{sample:?}"), format!("{:?}", Config::default()));
        let text = include_str!("../../../deploy/dialplane.toml");
        assert!(KEYS.iter().all(|key| text.contains(&format!("{} = ", key.split_once('.').unwrap().1))));
    }

    #[test]
    fn values_have_ranges() {
        let error = parse("[router]\ndeadline_ms = 5").unwrap_err().to_string();
        assert_eq!(error, "configuration key router.deadline_ms must be 10 to 10000 milliseconds, not 5");
    }

    #[test]
    fn an_empty_address_switches_fastagi_off() {
        assert_eq!(parse("").unwrap().router.agi, Some(loopback(4573)));
        assert_eq!(parse("[router]\nagi = \"\"").unwrap().router.agi, None);
        assert_eq!(
            parse("[router]\nagi = \"[::1]:1\"").unwrap().router.agi,
            Some("[::1]:1".parse().unwrap())
        );
        let error = parse("[router]\nagi = \"localhost\"").unwrap_err();
        assert!(crate::chain(&error).to_string().contains("agi"), "{}", crate::chain(&error));
    }

    #[test]
    fn a_broken_line_is_named_and_not_repeated() {
        let path = std::env::temp_dir().join(format!("dialplane-config-{}.toml", std::process::id()));
        std::fs::write(&path, "[store]\nurl = \"postgres://u:geheim@h/d\n").unwrap();
        let error = Config::load(Some(&path)).unwrap_err();
        std::fs::remove_file(&path).unwrap();
        let shown = format!("{} {error:?}", crate::chain(&error));
        assert!(shown.contains("line 2") && !shown.contains("geheim"), "{shown}");
    }

    #[test]
    fn the_urls_do_not_show() {
        for section in ["store", "bus"] {
            let config = parse(&format!("[{section}]\nurl = \"postgres://u:geheim@h/d\"")).unwrap();
            assert!(!format!("{config:?}").contains("geheim"));
        }
    }

    #[test]
    fn a_url_may_lie_in_a_file_of_its_own() {
        let path = std::env::temp_dir().join(format!("dialplane-bus-{}.url", std::process::id()));
        std::fs::write(&path, "redis://:geheim@192.0.2.1\n").unwrap();
        let text = format!("[bus]\nurl_file = \"{}\"", path.display());
        let config = parse(&text).unwrap();
        std::fs::remove_file(&path).unwrap();
        assert_eq!(config.bus.url.expose(), "redis://:geheim@192.0.2.1");
        let error = parse(&text).unwrap_err().to_string();
        assert!(error.starts_with("bus.url_file "), "{error}");
    }

    #[test]
    fn a_prefix_is_a_word() {
        assert_eq!(parse("[bus]\nprefix = \"site-2\"").unwrap().bus.prefix, "site-2");
        for wrong in ["", "a:b", "Ä", "*", "A", &"a".repeat(33)] {
            let error = parse(&format!("[bus]\nprefix = \"{wrong}\"")).unwrap_err().to_string();
            assert!(error.starts_with("configuration key bus.prefix must be"), "{error}");
        }
    }
}
