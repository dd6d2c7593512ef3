//! `bus.url`, read once.

use std::str::FromStr;

use redis::{ConnectionAddr, ConnectionInfo, ProtocolVersion, RedisConnectionInfo, io::tcp::TcpSettings};

/// Why `bus.url` names no bus. It never repeats the URL: there may be a password in it.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum BusUrlError {
    #[error("bus.url must begin with redis://, redis+sentinel:// or redis+cluster:// (rediss for TLS)")]
    Scheme,
    #[error("bus.url must look like {0}")]
    Form(&'static str),
    #[error("bus.url names more than {} servers", Servers::MAX)]
    TooMany,
}

/// The servers of a URL, and how to come from them to one that carries the hints.
#[derive(Clone, Debug)]
pub(crate) struct Servers {
    /// At least one, as they were written.
    pub(crate) listed: Vec<ConnectionInfo>,
    /// Set if those listed are Sentinels: what they call the master, and who we are to it.
    pub(crate) master: Option<Master>,
}

#[derive(Clone, Debug)]
pub(crate) struct Master {
    pub(crate) name: Box<str>,
    pub(crate) settings: RedisConnectionInfo,
}

#[derive(Clone, Copy)]
enum Kind {
    Single,
    Sentinel,
    Cluster,
}

impl Servers {
    const MAX: usize = 32;
}

impl Kind {
    fn parse(name: &str) -> Option<Self> {
        match name {
            "" => Some(Self::Single),
            "sentinel" => Some(Self::Sentinel),
            "cluster" => Some(Self::Cluster),
            _ => None,
        }
    }

    const fn form(self) -> BusUrlError {
        BusUrlError::Form(match self {
            Self::Single => "redis://user:password@host:port",
            Self::Sentinel => "redis+sentinel://user:password@host1:26379,host2:26379/master-name",
            Self::Cluster => "redis+cluster://user:password@host1:6379,host2:6379",
        })
    }

    const fn default_port(self) -> u16 {
        if matches!(self, Self::Sentinel) { 26379 } else { 6379 }
    }
}

impl FromStr for Servers {
    type Err = BusUrlError;

    fn from_str(url: &str) -> Result<Self, BusUrlError> {
        let (scheme, rest) = url.split_once("://").ok_or(BusUrlError::Scheme)?;
        let (wire, kind) = scheme.split_once('+').unwrap_or((scheme, ""));
        let kind =
            Kind::parse(kind).filter(|_| matches!(wire, "redis" | "rediss")).ok_or(BusUrlError::Scheme)?;
        let (user, rest) = rest.rsplit_once('@').unwrap_or(("", rest));
        let (hosts, path) = rest.split_once('/').unwrap_or((rest, ""));
        // Only what is known: `#insecure` would switch the check of certificates off.
        if rest.contains(['?', '#']) || user.contains(['/', '?', '#']) || !path_fits(kind, path) {
            return Err(kind.form());
        }
        if hosts.split(',').count() > Self::MAX {
            return Err(BusUrlError::TooMany);
        }
        let listed: Option<Vec<_>> = hosts.split(',').map(|host| server(wire, user, host, kind)).collect();
        let listed = listed.filter(|listed| listed.len() == 1 || !matches!(kind, Kind::Single));
        Ok(Self::of(kind, path, listed.ok_or(kind.form())?))
    }
}

impl Servers {
    fn of(kind: Kind, path: &str, listed: Vec<ConnectionInfo>) -> Self {
        if !matches!(kind, Kind::Sentinel) {
            return Self { listed, master: None };
        }
        // Who we are is said to the master; Sentinels are asked without a name.
        let settings = listed[0].redis_settings().clone();
        let nobody = || settings_of(RedisConnectionInfo::default());
        let listed = listed.into_iter().map(|server| server.set_redis_settings(nobody())).collect();
        Self { listed, master: Some(Master { name: path.into(), settings }) }
    }

    /// How to reach the master at the address a Sentinel gave, over TLS if the Sentinel was.
    pub(crate) fn master_at(&self, master: &Master, host: String, port: u16) -> ConnectionInfo {
        beside(&self.listed[0], host, port).set_redis_settings(master.settings.clone())
    }
}

/// The same way to another server.
pub(crate) fn beside(like: &ConnectionInfo, host: String, port: u16) -> ConnectionInfo {
    let address = match like.addr() {
        ConnectionAddr::TcpTls { .. } => {
            ConnectionAddr::TcpTls { host, port, insecure: false, tls_params: None }
        }
        _ => ConnectionAddr::Tcp(host, port),
    };
    like.clone().set_addr(address)
}

/// Where a server of a cluster points: `host:port`, without a host for its own.
pub(crate) fn pointed(from: &ConnectionInfo, address: &str) -> Option<ConnectionInfo> {
    let (host, port) = address.rsplit_once(':')?;
    let (ConnectionAddr::Tcp(own, _) | ConnectionAddr::TcpTls { host: own, .. }) = from.addr() else {
        return None;
    };
    let host = if host.is_empty() { own } else { host };
    Some(beside(from, host.to_owned(), port.parse().ok()?))
}

/// The number of a database means nothing to hints; it is taken because people write it.
fn path_fits(kind: Kind, path: &str) -> bool {
    match kind {
        Kind::Single => path.len() <= 4 && path.bytes().all(|byte| byte.is_ascii_digit()),
        Kind::Cluster => path.is_empty(),
        Kind::Sentinel => {
            let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
            (1..=64).contains(&path.len()) && path.bytes().all(allowed)
        }
    }
}

/// One server, read by the driver's own rules for percent-encoding and addresses.
fn server(wire: &str, user: &str, host: &str, kind: Kind) -> Option<ConnectionInfo> {
    let at = if user.is_empty() { "" } else { "@" };
    let port = if has_port(host) { String::new() } else { format!(":{}", kind.default_port()) };
    let info: ConnectionInfo = format!("{wire}://{user}{at}{host}{port}").parse().ok()?;
    let settings = settings_of(info.redis_settings().clone());
    let tcp = TcpSettings::default().set_nodelay(true);
    Some(info.set_redis_settings(settings).set_tcp_settings(tcp))
}

fn has_port(host: &str) -> bool {
    host.rsplit_once(':').is_some_and(|(name, _)| !name.contains(':') || name.ends_with(']'))
}

/// RESP3: only there a connection with subscriptions still takes every command, and hands messages on without a queue
/// of its own. Telling the name of the library would need rights that are good for nothing else. A cluster has the one
/// database 0, so boards stand there everywhere.
fn settings_of(settings: RedisConnectionInfo) -> RedisConnectionInfo {
    settings.set_protocol(ProtocolVersion::RESP3).set_skip_set_lib_name().set_db(0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn addresses(url: &str) -> Vec<String> {
        let servers: Servers = url.parse().unwrap();
        servers.listed.iter().map(|server| server.addr().to_string()).collect()
    }

    fn refused(url: &str) -> BusUrlError {
        url.parse::<Servers>().unwrap_err()
    }

    #[test]
    fn each_form_names_its_servers() {
        assert_eq!(addresses("redis://192.0.2.1"), ["192.0.2.1:6379"]);
        assert_eq!(addresses("redis://redis.example:6380/3"), ["redis.example:6380"]);
        assert_eq!(addresses("rediss://[2001:db8::1]"), ["2001:db8::1:6379"]);
        assert_eq!(addresses("redis+cluster://a,b:7000"), ["a:6379", "b:7000"]);
        assert_eq!(addresses("redis+sentinel://a,[2001:db8::2]:5000/m"), ["a:26379", "2001:db8::2:5000"]);
    }

    #[test]
    fn credentials_go_where_the_hints_go() {
        let single: Servers = "redis://us%2Fer:p%40ss:w@192.0.2.1".parse().unwrap();
        let settings = single.listed[0].redis_settings();
        assert_eq!((settings.username(), settings.password()), (Some("us/er"), Some("p@ss:w")));
        let sentinel: Servers = "rediss+sentinel://user:pass@192.0.2.1,192.0.2.2/mymaster".parse().unwrap();
        assert!(sentinel.listed.iter().all(|server| server.redis_settings().password().is_none()));
        let master = sentinel.master.as_ref().unwrap();
        let at = sentinel.master_at(master, "192.0.2.3".into(), 6379);
        assert_eq!((&*master.name, at.redis_settings().password()), ("mymaster", Some("pass")));
        assert!(matches!(at.addr(), ConnectionAddr::TcpTls { insecure: false, .. }));
        assert_eq!(at.redis_settings().protocol(), ProtocolVersion::RESP3);
    }

    #[test]
    fn what_is_no_bus_is_refused() {
        for url in ["", "redis", "redis:/h", "http://h", "redis+http://h", "unix:///redis", "valkey://h"] {
            assert_eq!(refused(url), BusUrlError::Scheme, "{url}");
        }
        for url in [
            "redis://",
            "redis://a,b",
            "redis://h/name",
            "redis://h:port",
            "redis://h?protocol=resp2",
            "rediss://h#insecure",
            "redis+cluster://a/0",
            "redis+cluster://a,,b",
            "redis+sentinel://a",
            "redis+sentinel://a/",
            "redis+sentinel://a/m/n",
            "redis+sentinel://a/m?x",
            "redis://u/x@h",
        ] {
            assert!(matches!(refused(url), BusUrlError::Form(_)), "{url}");
        }
        let many = vec!["h"; Servers::MAX + 1].join(",");
        assert_eq!(refused(&format!("redis+cluster://{many}")), BusUrlError::TooMany);
    }

    #[test]
    fn a_cluster_points_at_its_servers() {
        let servers: Servers = "rediss+cluster://user:pass@192.0.2.1,192.0.2.2".parse().unwrap();
        let from = &servers.listed[0];
        let pointed_at = |address| pointed(from, address).map(|to| to.addr().to_string());
        assert_eq!(pointed_at("192.0.2.3:7000").as_deref(), Some("192.0.2.3:7000"));
        assert_eq!(pointed_at(":7000").as_deref(), Some("192.0.2.1:7000"));
        assert_eq!(pointed_at("2001:db8::1:7000").as_deref(), Some("2001:db8::1:7000"));
        for nowhere in ["", "192.0.2.3", "192.0.2.3:", "192.0.2.3:70000"] {
            assert_eq!(pointed_at(nowhere), None, "{nowhere}");
        }
        let to = pointed(from, "192.0.2.3:7000").unwrap();
        assert!(matches!(to.addr(), ConnectionAddr::TcpTls { insecure: false, .. }));
        assert_eq!(to.redis_settings().password(), Some("pass"));
    }

    proptest! {
        #[test]
        fn no_text_panics_or_is_repeated(text in ".{0,80}", hosts in "[a-z0-9:,@\\[\\]/%.]{0,40}") {
            for url in [text.clone(), format!("redis://{text}"), format!("redis+sentinel://u:geheim@{hosts}")] {
                if let Err(error) = url.parse::<Servers>() {
                    let shown = format!("{error} {error:?}");
                    prop_assert!(!shown.contains("geheim"), "{}", shown);
                }
            }
        }
    }
}
