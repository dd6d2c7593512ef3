use std::{fmt, str::FromStr};

use domain::{
    Direction, Invalid, Network, NodeName, PeerName, Protocol, ProviderId, Purpose, ServerId, Transport,
};
use serde::{Deserialize, Serialize};

/// One network, whose it is and what for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Entry {
    pub network: Network,
    pub who: Who,
    pub purpose: Purpose,
    pub direction: Direction,
    pub protocol: Protocol,
    /// What carries the signalling; absent: whatever the protocol knows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transport: Option<Transport>,
    /// The ports of the other side; absent: not said. They are no ports of ours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ports: Option<Ports>,
    /// The peer or PJSIP endpoint section on the nodes that stands for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<PeerName>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    /// The first microsecond of UTC at which it is valid; absent: it was always.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_from_us: Option<i64>,
    /// The first microsecond of UTC at which it is not valid any more; absent: it will always be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_to_us: Option<i64>,
    /// What in the tables says so.
    pub origin: Origin,
}

impl Entry {
    /// Whether it is valid at a microsecond of UTC.
    pub fn is_valid_at(&self, at_us: i64) -> bool {
        self.valid_from_us.is_none_or(|from| from <= at_us) && self.valid_to_us.is_none_or(|to| at_us < to)
    }
}

/// Whose a network is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Who {
    Provider {
        id: ProviderId,
        name: String,
    },
    /// Another server of ours, which hands calls over.
    Server {
        id: ServerId,
        name: NodeName,
    },
}

impl Who {
    pub fn name(&self) -> &str {
        match self {
            Self::Provider { name, .. } => name,
            Self::Server { name, .. } => name.as_str(),
        }
    }

    pub fn is_provider(&self) -> bool {
        matches!(self, Self::Provider { .. })
    }
}

/// `provider-8`, `server-2`: a word for files that cannot hold any name.
impl fmt::Display for Who {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Provider { id, .. } => write!(f, "provider-{id}"),
            Self::Server { id, .. } => write!(f, "server-{id}"),
        }
    }
}

/// The cell of the tables a network stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Origin {
    pub table: OriginTable,
    pub id: i64,
    pub field: OriginField,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OriginTable {
    ProviderAddresses,
    Servers,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OriginField {
    /// What the host name stands for, or is itself.
    Domainname,
    Ipaddress,
}

impl OriginTable {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ProviderAddresses => "provider_addresses",
            Self::Servers => "servers",
        }
    }
}

impl OriginField {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Domainname => "domainname",
            Self::Ipaddress => "ipaddress",
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}, {}", self.table.as_str(), self.id, self.field.as_str())
    }
}

/// Ports from one to another, both included: `5060`, `10000-20000`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Ports {
    pub(crate) from: u16,
    pub(crate) to: u16,
}

impl Ports {
    /// From one to another, 1 to 65535; nothing if there is none between them.
    pub fn new(from: u16, to: u16) -> Option<Self> {
        (from > 0 && from <= to).then_some(Self { from, to })
    }

    pub fn from(self) -> u16 {
        self.from
    }

    pub fn to(self) -> u16 {
        self.to
    }

    /// As programs write a range that do so with a sign of their own.
    pub(crate) fn with(self, between: char) -> String {
        if self.from == self.to {
            self.from.to_string()
        } else {
            format!("{}{between}{}", self.from, self.to)
        }
    }
}

impl fmt::Display for Ports {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.with('-'))
    }
}

impl FromStr for Ports {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let (from, to) = text.split_once('-').unwrap_or((text, text));
        let port =
            |text: &str| text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten();
        port(from)
            .zip(port(to))
            .and_then(|(from, to)| Self::new(from, to))
            .ok_or_else(|| Invalid::new("ports", "a port from 1 to 65535 or a range like 10000-20000", text))
    }
}

impl TryFrom<String> for Ports {
    type Error = Invalid;

    fn try_from(text: String) -> Result<Self, Invalid> {
        text.parse()
    }
}

impl From<Ports> for String {
    fn from(ports: Ports) -> Self {
        ports.to_string()
    }
}
