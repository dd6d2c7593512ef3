use std::{fmt, str::FromStr};

use domain::{Invalid, Network};

use crate::{AddressSet, Family, Ports, Service};

/// How a file is written. What is in the set does not depend on it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RenderOptions {
    /// Networks that are let through beside the set: where phones are.
    pub also_allow: Vec<Network>,
    pub guarded: Guarded,
    pub rules: Rules,
    /// Of iptables and FreePBX.
    pub family: Family,
}

/// Whether a file keeps strangers out by itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Rules {
    /// It drops strangers at the guarded ports.
    #[default]
    Included,
    /// It holds addresses only, for rules somebody else writes.
    SetsOnly,
}

/// The ports of ours that strangers are kept from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Guarded {
    pub sip: Vec<PortRange>,
    pub iax2: Vec<PortRange>,
    pub h323: Vec<PortRange>,
    pub media: Vec<PortRange>,
}

impl Guarded {
    pub fn ports(&self, service: Service) -> &[PortRange] {
        match service {
            Service::Sip => &self.sip,
            Service::Iax2 => &self.iax2,
            Service::H323 => &self.h323,
            Service::Media => &self.media,
        }
    }
}

/// The ports Asterisk listens at unless it is told otherwise.
impl Default for Guarded {
    fn default() -> Self {
        let udp = |from, to| PortRange { wire: Wire::Udp, ports: Ports { from, to } };
        let tcp = |port| PortRange { wire: Wire::Tcp, ports: Ports { from: port, to: port } };
        Self {
            sip: vec![udp(5060, 5060), tcp(5060), tcp(5061)],
            iax2: vec![udp(4569, 4569)],
            h323: vec![tcp(1720)],
            media: vec![udp(10_000, 20_000)],
        }
    }
}

/// Ports of one of the two that have any: `5060/udp`, `10000-20000/udp`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PortRange {
    pub wire: Wire,
    pub ports: Ports,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Wire {
    Udp,
    Tcp,
}

impl Wire {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Udp => "udp",
            Self::Tcp => "tcp",
        }
    }
}

impl fmt::Display for Wire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Display for PortRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.ports, self.wire)
    }
}

impl FromStr for PortRange {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let invalid = || Invalid::new("guarded ports", "like 5060/udp, 5061/tcp or 10000-20000/udp", text);
        let (ports, wire) = text.split_once('/').ok_or_else(invalid)?;
        let wire = match wire {
            "udp" => Wire::Udp,
            "tcp" => Wire::Tcp,
            _ => return Err(invalid()),
        };
        Ok(Self { wire, ports: ports.parse().map_err(|_| invalid())? })
    }
}

/// A service whose ports strangers are kept from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Guard<'o> {
    pub(crate) service: Service,
    pub(crate) ports: &'o [PortRange],
}

impl RenderOptions {
    /// What is guarded for this set: the services somebody in it speaks. The others' ports are left alone, and so are those
    /// of media as long as it is not known where all carriers send it from.
    pub(crate) fn guards(&self, set: &AddressSet) -> Vec<Guard<'_>> {
        let guards = Service::ALL.map(|service| Guard { service, ports: self.guarded.ports(service) });
        guards.into_iter().filter(|guard| !guard.ports.is_empty() && set.knows(guard.service)).collect()
    }
}
