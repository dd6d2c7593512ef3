//! What has to hold within a provider's address.

use domain::{CarrierHost, Lookup, Protocol, Transport};

use super::{TableFaults, checks::Checked};
use crate::{Row, tables::ProviderAddress};

/// Names every address whose columns contradict each other.
pub(super) fn check(checked: &Checked<'_>, faults: &mut TableFaults) {
    for row in checked.step.changes::<ProviderAddress>().filter_map(|change| change.after) {
        let broken = [validity(row), ports(row), lookup(row), transport(row), media(row)];
        for (field, rule) in broken.into_iter().flatten() {
            faults.add::<ProviderAddress>(row.key(), field, rule);
        }
    }
}

/// A column and the rule it breaks.
type Broken = Option<(&'static str, &'static str)>;

fn validity(row: &ProviderAddress) -> Broken {
    row.validity().is_empty().then_some(("valid_to", "must be later than valid_from"))
}

fn ports(row: &ProviderAddress) -> Broken {
    match (row.port, row.port_to) {
        (Some(0), _) => Some(("port", "must be 1 to 65535")),
        (None, Some(_)) => Some(("port_to", "must be absent where port is")),
        (Some(from), Some(to)) if to < from => Some(("port_to", "must not be less than port")),
        _ => None,
    }
}

fn lookup(row: &ProviderAddress) -> Broken {
    if row.lookup == Lookup::Host {
        return None;
    }
    if matches!(row.domainname, CarrierHost::Network(_)) {
        Some(("lookup", "must be HOST: a network is no name to look up"))
    } else if row.proto != Protocol::Sip || !row.purpose.is_for_signalling() {
        Some(("lookup", "must be HOST: SRV records are looked up for the signalling of SIP only"))
    } else if row.port.is_some() {
        Some(("port", "must be absent where lookup is SRV: the records say it"))
    } else {
        None
    }
}

fn transport(row: &ProviderAddress) -> Broken {
    match (row.proto, row.transport?) {
        (Protocol::Iax2, Transport::Tcp | Transport::Tls) => {
            Some(("transport", "must be UDP where proto is IAX2"))
        }
        (Protocol::H323, Transport::Udp) => Some(("transport", "must be TCP or TLS where proto is H323")),
        _ => None,
    }
}

fn media(row: &ProviderAddress) -> Broken {
    let dialled = !row.purpose.is_for_signalling() && row.endpoint.is_some();
    dialled.then_some(("endpoint", "must be absent where purpose is MEDIA: media is not dialled"))
}
