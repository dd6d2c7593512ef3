use std::{fmt, net::IpAddr, path::PathBuf, str::FromStr, time::Duration};

use domain::{HostName, NodeName, Secret};

use crate::{Metrics, Watch};

/// Where Asterisk listens for managers unless it is told otherwise.
const PORT: u16 = 5038;

/// One Asterisk, and how to get along with it.
#[derive(Clone, Debug)]
pub struct Target {
    pub node: NodeName,
    pub address: Address,
    /// The section of the node's `manager.conf`.
    pub username: String,
    pub secret: Secret,
    /// None: in the clear. The secret itself is not sent even then, unless to this very machine.
    pub tls: Option<Tls>,
    pub watch: Watch,
    pub timings: Timings,
    /// What this session counts into.
    pub metrics: Metrics,
}

impl Target {
    /// In the clear, with everything else as it is by default.
    pub fn new(
        node: NodeName,
        address: Address,
        username: impl Into<String>,
        secret: Secret,
        metrics: Metrics,
    ) -> Self {
        Self {
            node,
            address,
            username: username.into(),
            secret,
            tls: None,
            watch: Watch::default(),
            timings: Timings::default(),
            metrics,
        }
    }
}

/// A host and a port: `ast.example:5038`, `192.0.2.1`, `[2001:db8::1]:5039`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    pub host: Host,
    pub port: u16,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Host {
    /// Looked up for each connection anew.
    Name(HostName),
    Ip(IpAddr),
}

/// What is no address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "must be a host name or an address, and a port if it is not {PORT}: `host`, `host:port`, `[address]:port`"
)]
pub struct MalformedAddress;

impl FromStr for Address {
    type Err = MalformedAddress;

    fn from_str(text: &str) -> Result<Self, MalformedAddress> {
        if let Ok(ip) = text.parse() {
            return Ok(Self { host: Host::Ip(ip), port: PORT });
        }
        let (host, port) = match text.strip_prefix('[') {
            Some(bracketed) => bracketed.split_once(']').ok_or(MalformedAddress)?,
            None => text.split_at(text.find(':').unwrap_or(text.len())),
        };
        let port = if port.is_empty() { PORT } else { port_of(port)? };
        let ip = host.parse().map(Host::Ip);
        let host = ip.or_else(|_| host.parse().map(Host::Name)).map_err(|_| MalformedAddress)?;
        if text.starts_with('[') && !matches!(host, Host::Ip(IpAddr::V6(_))) {
            return Err(MalformedAddress);
        }
        Ok(Self { host, port })
    }
}

fn port_of(text: &str) -> Result<u16, MalformedAddress> {
    let digits = text.strip_prefix(':').filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()));
    let port = digits.and_then(|digits| digits.parse().ok()).filter(|port| *port > 0);
    port.ok_or(MalformedAddress)
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => name.fmt(f),
            Self::Ip(ip) => ip.fmt(f),
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.host {
            Host::Ip(IpAddr::V6(ip)) => write!(f, "[{ip}]:{}", self.port),
            host => write!(f, "{host}:{}", self.port),
        }
    }
}

/// How to know that the node is the node.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tls {
    /// The certificates of those who may vouch for the node, PEM; None: those this machine trusts. Read for each
    /// connection anew.
    pub ca_file: Option<PathBuf>,
    /// The name or address in the node's certificate, if it is not the one in [`Target::address`].
    pub server_name: Option<String>,
}

/// How long things may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timings {
    /// Until the connection stands, with TLS if there is any.
    pub connect: Duration,
    /// From then until the node has let us in.
    pub login: Duration,
    /// A node that is silent for so long is asked whether it is still there, as often as that.
    pub ping: Duration,
    /// A node that is silent for so long is not.
    pub silence: Duration,
    /// The first pause after a failure, doubled up to [`Self::pause_longest`].
    pub pause_first: Duration,
    pub pause_longest: Duration,
    /// The first pause after the node refused us, doubled up to [`Self::refused_longest`]. Each pause lasts between its
    /// half and its whole.
    pub refused_first: Duration,
    pub refused_longest: Duration,
    /// How long after the login a node that has fully booted may take to say so.
    pub booted: Duration,
    /// How often what could not be found out about the account's rights is looked at again.
    pub inspect: Duration,
}

impl Default for Timings {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            login: Duration::from_secs(5),
            ping: Duration::from_secs(5),
            silence: Duration::from_secs(12),
            pause_first: Duration::from_millis(100),
            pause_longest: Duration::from_secs(10),
            refused_first: Duration::from_secs(20),
            refused_longest: Duration::from_mins(1),
            booted: Duration::from_secs(10),
            inspect: Duration::from_secs(30),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn addresses_are_names_or_numbers_with_a_port() {
        for (text, shown) in [
            ("ast.example", "ast.example:5038"),
            ("ast.example:15038", "ast.example:15038"),
            ("192.0.2.1", "192.0.2.1:5038"),
            ("192.0.2.1:5039", "192.0.2.1:5039"),
            ("2001:db8::1", "[2001:db8::1]:5038"),
            ("[2001:db8::1]", "[2001:db8::1]:5038"),
            ("[2001:db8::1]:5039", "[2001:db8::1]:5039"),
        ] {
            assert_eq!(text.parse::<Address>().unwrap().to_string(), shown);
        }
        for text in
            ["", ":5038", "a:", "a:0", "a:+1", "a:65536", "a b", "a:1:2", "[a]:1", "[::1", "[::1]1", "a/b"]
        {
            assert_eq!(text.parse::<Address>(), Err(MalformedAddress), "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_shown_is_read_again(text in "[a-z0-9.:\\[\\]-]{0,30}") {
            if let Ok(address) = text.parse::<Address>() {
                prop_assert_eq!(address.to_string().parse::<Address>().unwrap(), address);
            }
        }
    }
}
