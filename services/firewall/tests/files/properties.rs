//! Sets against plain loops over addresses.

use std::{
    collections::BTreeSet,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};

use domain::Network;
use firewall::{AddressSet, Entry, Floors, Format, Networks, RenderOptions, render};
use ipnet::IpNet;
use proptest::prelude::*;

use super::sample::of_network;

const FLOORS: Floors = Floors { v4: 16, v6: 32 };

/// Networks of a corner small enough to count every address of it.
fn network() -> impl Strategy<Value = Network> {
    let v4 = (0u8..=255, 24u8..=32).prop_map(|(host, bits)| format!("192.0.2.{host}/{bits}"));
    let v6 = (0u8..=255, 120u8..=128).prop_map(|(host, bits)| format!("2001:db8::{host:x}/{bits}"));
    prop_oneof![v4, v6].prop_map(|text| text.parse().unwrap())
}

fn corner() -> impl Iterator<Item = IpAddr> {
    let v4 = (0..=255).map(|host| Ipv4Addr::new(192, 0, 2, host).into());
    let v6 = (0..=255).map(|host| Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, host).into());
    v4.chain(v6)
}

fn entries(networks: &[Network]) -> Vec<Entry> {
    (0..).zip(networks).map(|(id, network)| of_network(id, *network)).collect()
}

proptest! {
    #[test]
    fn aggregated_networks_hold_the_very_same_addresses(networks in proptest::collection::vec(network(), 1..40)) {
        let set = AddressSet::new(1, entries(&networks), FLOORS).unwrap();
        let aggregated: Vec<IpNet> = set.networks().iter().collect();
        for address in corner() {
            let meant = networks.iter().any(|network| network.contains(address));
            prop_assert_eq!(aggregated.iter().filter(|net| net.contains(&address)).count(), usize::from(meant));
        }
        // As few as there can be: no two are halves of one.
        let wider: BTreeSet<_> = aggregated.iter().filter_map(IpNet::supernet).collect();
        prop_assert_eq!(wider.len(), aggregated.len());
    }

    #[test]
    fn whatever_is_in_the_tables_nothing_forbidden_gets_out(
        address in any::<u32>(), bits in 1u8..=32, address6 in any::<u128>(), bits6 in 1u8..=128,
    ) {
        let texts = [
            format!("{}/{bits}", Ipv4Addr::from(address)),
            format!("{}/{bits6}", Ipv6Addr::from(address6)),
        ];
        for network in texts.iter().filter_map(|text| text.parse::<Network>().ok()) {
            let Ok(set) = AddressSet::new(1, vec![of_network(1, network)], FLOORS) else { continue };
            let networks = set.networks();
            for net in networks.iter() {
                let floor = if net.addr().is_ipv4() { 16 } else { 32 };
                prop_assert!(net.prefix_len() >= floor);
                prop_assert!([net.network(), net.broadcast()].into_iter().all(is_usual), "{}", net);
            }
        }
    }

    #[test]
    fn reading_back_never_breaks(text in any::<String>()) {
        prop_assert!(AddressSet::from_json(&text).is_err());
    }
}

// Every format of many sets takes its time.
proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

    #[test]
    fn the_order_of_rows_does_not_matter(
        (networks, shuffled) in proptest::collection::vec(network(), 1..20)
            .prop_flat_map(|networks| {
                let rows: Vec<_> = (0i64..).zip(networks).collect();
                (Just(rows.clone()), Just(rows).prop_shuffle())
            }),
    ) {
        let set = |rows: &[(i64, Network)]| {
            let entries = rows.iter().map(|(id, network)| of_network(*id, *network)).collect();
            AddressSet::new(1, entries, FLOORS).unwrap()
        };
        for format in Format::ALL {
            let text = |rows: &[(i64, Network)]| render(&set(rows), format, &RenderOptions::default()).unwrap();
            prop_assert_eq!(text(&networks), text(&shuffled));
            prop_assert_eq!(text(&networks), text(&networks));
        }
    }
}

fn is_usual(address: IpAddr) -> bool {
    let special = address.is_loopback() || address.is_multicast() || address.is_unspecified();
    let broadcast =
        matches!(address, IpAddr::V4(address) if address.is_broadcast() || address.octets()[0] == 0);
    !special && !broadcast
}

#[test]
fn no_networks_are_no_networks() {
    assert!(Networks::of([]).is_empty());
}
