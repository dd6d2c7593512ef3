use std::{fmt, str::FromStr};

use domain::{Invalid, Network, Protocol};
use ipnet::{IpNet, Ipv4Net, Ipv6Net};

use crate::Entry;

/// What is listened for at ports of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Service {
    /// Signalling of SIP.
    Sip,
    /// IAX2, whose media comes to the same port.
    Iax2,
    /// Signalling of H.323.
    H323,
    /// RTP.
    Media,
}

impl Service {
    pub const ALL: [Self; 4] = [Self::Sip, Self::Iax2, Self::H323, Self::Media];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sip => "sip",
            Self::Iax2 => "iax2",
            Self::H323 => "h323",
            Self::Media => "media",
        }
    }

    /// Whether an entry's packets come for it.
    pub fn is_of(self, entry: &Entry) -> bool {
        let signalling = match entry.protocol {
            Protocol::Iax2 => return self == Self::Iax2,
            Protocol::Sip => Self::Sip,
            Protocol::H323 => Self::H323,
        };
        match self {
            Self::Media => entry.purpose.is_for_media(),
            service => service == signalling && entry.purpose.is_for_signalling(),
        }
    }
}

impl fmt::Display for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Service {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let found = Self::ALL.into_iter().find(|service| service.as_str() == text);
        found.ok_or_else(|| Invalid::new("a service", "sip, iax2, h323 or media", text))
    }
}

/// Addresses without whose they are: as few networks as hold exactly them, ascending.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Networks {
    pub v4: Vec<Ipv4Net>,
    pub v6: Vec<Ipv6Net>,
}

impl Networks {
    pub fn of(networks: impl IntoIterator<Item = Network>) -> Self {
        let (mut v4, mut v6) = (Vec::new(), Vec::new());
        for network in networks {
            match network.net() {
                IpNet::V4(net) => v4.push(net),
                IpNet::V6(net) => v6.push(net),
            }
        }
        Self { v4: Ipv4Net::aggregate(&v4), v6: Ipv6Net::aggregate(&v6) }
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub fn len(&self) -> usize {
        self.v4.len() + self.v6.len()
    }

    /// IPv4 before IPv6.
    pub fn iter(&self) -> impl Iterator<Item = IpNet> {
        self.v4.iter().copied().map(IpNet::V4).chain(self.v6.iter().copied().map(IpNet::V6))
    }
}
