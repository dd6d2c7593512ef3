//! Where providers are reached and call from.

use domain::{Network, ProviderAddressId, ProviderId};
use ipnet::IpNet;
use routing::{TableName, Validity, tables::ProviderAddress};
use rustc_hash::FxHashSet;

use super::{Findings, Known, Rule};

static WIDE: Rule = Rule::error("network-too-wide", TableName::ProviderAddress);
static NESTED: Rule = Rule::warning("network-nested", TableName::ProviderAddress);
static SHARED: Rule = Rule::warning("network-shared", TableName::ProviderAddress);
static UNRESOLVED: Rule = Rule::warning("host-not-resolved", TableName::ProviderAddress);
static WEIGHTLESS: Rule = Rule::warning("address-weight-zero", TableName::ProviderAddress);

/// No carrier has networks of fewer bits; one that does would make half the internet a carrier.
const SHORTEST_V4: u8 = 8;
const SHORTEST_V6: u8 = 16;

pub(super) fn check(known: &Known<'_>, findings: &mut Findings) {
    let weighted = weighted(known);
    for row in known.tables.provider_addresses.rows().filter(|row| row.enabled) {
        check_network(known, row, findings);
        let place = (row.provider_id, row.priority);
        if row.weight == 0 && row.is_dialled() && weighted.contains(&place) {
            let message =
                "has weight 0: the provider's other addresses of its priority are always tried first";
            findings.add(&WEIGHTLESS, row.id, message);
        }
    }
    check_nested(known, findings);
}

/// The providers and priorities at which an address with a weight is dialled.
fn weighted(known: &Known<'_>) -> FxHashSet<(ProviderId, u16)> {
    let rows = known.tables.provider_addresses.rows().filter(|row| row.enabled && row.is_dialled());
    rows.filter(|row| row.weight > 0).map(|row| (row.provider_id, row.priority)).collect()
}

fn check_network(known: &Known<'_>, row: &ProviderAddress, findings: &mut Findings) {
    let mut networks = known.networks.of(row).map(|location| location.network).peekable();
    if networks.peek().is_none() && row.is_recognised() && is_enabled(known, row.provider_id) {
        let message =
            format_args!("stands for no address: calls from {} are refused until it does", row.domainname);
        findings.add(&UNRESOLVED, row.id, message);
    }
    if let Some(network) = networks.find(|network| is_too_wide(*network)) {
        findings.add(&WIDE, row.id, format_args!("stands for {network}, far more than any carrier has"));
    }
}

fn is_enabled(known: &Known<'_>, provider: ProviderId) -> bool {
    known.provider(provider).is_some_and(|provider| provider.enabled)
}

fn is_too_wide(network: Network) -> bool {
    match network.net() {
        IpNet::V4(net) => net.prefix_len() < SHORTEST_V4,
        IpNet::V6(net) => net.prefix_len() < SHORTEST_V6,
    }
}

/// A network that calls are told by.
struct Told {
    net: IpNet,
    /// Whether DNS says so, which gives way to what rows say.
    resolved: bool,
    address: ProviderAddressId,
    provider: ProviderId,
    validity: Validity,
}

/// Networks of one provider within another's at the same time, or the same by what DNS says. Equal ones in rows are no
/// configuration at all.
fn check_nested(known: &Known<'_>, findings: &mut Findings) {
    let rows = known.tables.provider_addresses.rows();
    let mut networks: Vec<Told> = rows
        .filter(|row| row.enabled && row.is_recognised() && is_enabled(known, row.provider_id))
        .flat_map(|row| told(known, row))
        .collect();
    // Every network after those that contain it, which are then the open ones.
    networks.sort_by_key(|told| (told.net, told.resolved, told.address));
    let mut open: Vec<Told> = Vec::new();
    for inner in networks {
        while open.pop_if(|outer| !outer.net.contains(&inner.net)).is_some() {}
        let outer = open.iter().rev().find(|outer| outer.validity.overlaps(inner.validity));
        if let Some(outer) = outer.filter(|outer| outer.provider != inner.provider) {
            report_nested(&inner, outer, findings);
        }
        open.push(inner);
    }
}

fn told<'k>(known: &'k Known<'_>, row: &'k ProviderAddress) -> impl Iterator<Item = Told> + 'k {
    known.networks.of(row).map(|location| Told {
        net: location.network.net(),
        resolved: row.unpinned_name().is_some(),
        address: row.id,
        provider: row.provider_id,
        validity: row.validity(),
    })
}

fn report_nested(inner: &Told, outer: &Told, findings: &mut Findings) {
    let (provider, other) = (inner.provider, outer.provider);
    if inner.net == outer.net {
        let message = format_args!(
            "stands for {}, which is provider {other}'s: from there calls are provider {other}'s",
            inner.net
        );
        findings.add(&SHARED, inner.address, message);
    } else {
        let message = format_args!(
            "lies within {} of provider {other}: from here calls are provider {provider}'s",
            outer.net
        );
        findings.add(&NESTED, inner.address, message);
    }
}

#[cfg(test)]
mod tests {
    use domain::{Direction, ProviderAddressId, ProviderId};
    use routing::tables::ProviderAddress;

    use crate::lint::tests::{base, check};

    fn incoming(id: i64, network: &str, provider: i64) -> ProviderAddress {
        ProviderAddress {
            id: ProviderAddressId(id),
            provider_id: ProviderId(provider),
            domainname: network.parse().unwrap(),
            ..base().provider_addresses[1].clone()
        }
    }

    #[test]
    fn each_rule_strikes_where_it_should_and_nowhere_else() {
        check(&[
            (&["network-too-wide 2"], |t| t.provider_addresses[1].domainname = "64.0.0.0/7".parse().unwrap()),
            (&["network-too-wide 2"], |t| {
                t.provider_addresses[1].ipaddress = Some("2000::/15".parse().unwrap());
            }),
            (&[], |t| t.provider_addresses[1].ipaddress = Some("64.0.0.0/8".parse().unwrap())),
            (&[], |t| t.provider_addresses.push(incoming(9, "2001::/16", 1))),
            (&[], |t| {
                t.provider_addresses.push(incoming(9, "64.0.0.0/7", 1));
                t.provider_addresses[3].enabled = false;
            }),
            (&["network-nested 9"], |t| t.provider_addresses.push(incoming(9, "192.0.2.8/29", 2))),
            (&["network-nested 9", "network-nested 10"], |t| {
                let inner = [
                    incoming(9, "192.0.2.8/29", 2),
                    incoming(10, "192.0.2.9", 1),
                    incoming(11, "192.0.2.16/28", 1),
                ];
                t.provider_addresses.extend(inner);
            }),
            (&["network-nested 10"], |t| {
                t.provider_addresses
                    .extend([incoming(9, "2001:db8::/32", 2), incoming(10, "2001:db8:1::/48", 1)]);
            }),
            (&[], |t| t.provider_addresses.push(incoming(9, "192.0.2.8/29", 1))),
            (&[], |t| t.provider_addresses.push(incoming(9, "192.0.3.8/29", 2))),
            (&[], |t| {
                let direction = Direction::Out;
                let endpoint = Some("peer".parse().unwrap());
                t.provider_addresses.push(ProviderAddress {
                    direction,
                    endpoint,
                    ..incoming(9, "192.0.2.8/29", 2)
                });
            }),
            (&["host-not-resolved 3", "provider-not-recognised 2"], |t| {
                t.provider_addresses[2].ipaddress = None;
            }),
            (&["host-not-resolved 9"], |t| t.provider_addresses.push(incoming(9, "sip.example.org", 2))),
            (&["address-weight-zero 9"], |t| {
                let direction = Direction::InOut;
                let address = ProviderAddress { direction, weight: 0, ..incoming(9, "192.0.2.1", 1) };
                t.provider_addresses.push(address);
            }),
            (&[], |t| t.provider_addresses.iter_mut().for_each(|address| address.weight = 0)),
            (&[], |t| {
                let direction = Direction::InOut;
                let address =
                    ProviderAddress { direction, weight: 0, priority: 9, ..incoming(9, "192.0.2.1", 1) };
                t.provider_addresses.push(address);
            }),
        ]);
    }
}
