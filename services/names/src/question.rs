use std::fmt;

use domain::{HostName, Lookup, Transport};
use routing::tables::ProviderAddress;

/// What DNS is asked for one address of a provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    pub name: HostName,
    /// The services whose SRV records name hosts and ports (RFC 3263 §4.1); none: the name is the host.
    pub services: &'static [&'static str],
}

impl Question {
    /// None: the address stands in the row, there is nothing to ask.
    pub fn of(row: &ProviderAddress) -> Option<Self> {
        let services: &[&str] = match (row.lookup, row.transport) {
            (Lookup::Host, _) => &[],
            (Lookup::Srv, None) => &["_sip._udp", "_sip._tcp", "_sips._tcp"],
            (Lookup::Srv, Some(Transport::Udp)) => &["_sip._udp"],
            (Lookup::Srv, Some(Transport::Tcp)) => &["_sip._tcp"],
            (Lookup::Srv, Some(Transport::Tls)) => &["_sips._tcp"],
        };
        Some(Self { name: row.unpinned_name()?.clone(), services })
    }
}

/// As it is told from another question.
impl fmt::Display for Question {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.services.is_empty() {
            self.name.fmt(f)
        } else {
            write!(f, "{} {}", self.services.join(","), self.name)
        }
    }
}
