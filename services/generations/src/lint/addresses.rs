//! Where providers are reached and call from.

use domain::{CarrierHost, Network, ProviderAddressId, ProviderId};
use ipnet::IpNet;
use routing::{TableName, tables::ProviderAddress};
use rustc_hash::FxHashSet;

use super::{Findings, Known, Rule, network};

static WIDE: Rule = Rule::error("network-too-wide", TableName::ProviderAddress);
static NESTED: Rule = Rule::warning("network-nested", TableName::ProviderAddress);
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
        if row.weight == 0 && row.direction.allows_out() && weighted.contains(&place) {
            let message =
                "has weight 0: the provider's other addresses of its priority are always tried first";
            findings.add(&WEIGHTLESS, row.id, message);
        }
    }
    check_nested(known, findings);
}

/// The providers and priorities at which an address with a weight is dialled.
fn weighted(known: &Known<'_>) -> FxHashSet<(ProviderId, u16)> {
    let rows = known.tables.provider_addresses.rows().filter(|row| row.enabled && row.direction.allows_out());
    rows.filter(|row| row.weight > 0).map(|row| (row.provider_id, row.priority)).collect()
}

fn check_network(known: &Known<'_>, row: &ProviderAddress, findings: &mut Findings) {
    match network(row) {
        Some(network) if is_too_wide(network) => {
            findings.add(&WIDE, row.id, format_args!("stands for {network}, far more than any carrier has"));
        }
        None if row.direction.allows_in() && is_enabled(known, row.provider_id) => {
            let CarrierHost::Name(name) = &row.domainname else { return };
            let message = format_args!("has no ipaddress for {name}: calls from there are refused");
            findings.add(&UNRESOLVED, row.id, message);
        }
        _ => {}
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

/// Networks of one provider within another's. Equal ones are no configuration at all.
fn check_nested(known: &Known<'_>, findings: &mut Findings) {
    let mut networks: Vec<(IpNet, ProviderId, ProviderAddressId)> = known
        .tables
        .provider_addresses
        .rows()
        .filter(|row| row.enabled && row.direction.allows_in() && is_enabled(known, row.provider_id))
        .filter_map(|row| Some((network(row)?.net(), row.provider_id, row.id)))
        .collect();
    // Every network after those that contain it, which are then the open ones.
    networks.sort_unstable();
    let mut open: Vec<(IpNet, ProviderId)> = Vec::new();
    for (net, provider, id) in networks {
        while open.pop_if(|(outer, _)| !outer.contains(&net)).is_some() {}
        if let Some((outer, other)) = open.last().filter(|(outer, other)| *outer != net && *other != provider)
        {
            let message = format_args!(
                "lies within {outer} of provider {other}: from here calls are provider {provider}'s"
            );
            findings.add(&NESTED, id, message);
        }
        open.push((net, provider));
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
