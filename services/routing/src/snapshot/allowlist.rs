//! Which provider calls from an address.

use std::net::IpAddr;

use domain::Network;
use ipnet::IpNet;

use super::{
    TableFaults,
    parts::Part,
    provider::{ProviderIndex, positions},
};
use crate::{ChunkedTables, Locations, Row, Validity, tables::ProviderAddress};

/// Networks with the provider behind each; of those that are valid, the longest one that holds an address counts.
#[derive(Debug, Default)]
pub(crate) struct Allowlist {
    v4: Ranges<u32>,
    v6: Ranges<u128>,
}

/// A provider's network, before it is known to be nobody else's.
#[derive(Clone, Copy, Debug)]
struct Claim {
    network: Network,
    held: Held,
    address: i64,
    /// Whether DNS said so, not a row.
    resolved: bool,
}

/// Whose a network is, and from when until when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Held {
    provider: ProviderIndex,
    validity: Validity,
}

impl Allowlist {
    fn new(claims: &[Claim]) -> Self {
        let (mut v4, mut v6) = (Vec::new(), Vec::new());
        for Claim { network, held, .. } in claims {
            match network.net() {
                IpNet::V4(net) => v4.push((net.network().to_bits(), net.broadcast().to_bits(), *held)),
                IpNet::V6(net) => v6.push((net.network().to_bits(), net.broadcast().to_bits(), *held)),
            }
        }
        let next_v4 = |address: u32| address.checked_add(1);
        let next_v6 = |address: u128| address.checked_add(1);
        Self { v4: Ranges::new(v4, next_v4), v6: Ranges::new(v6, next_v6) }
    }

    /// IPv4-mapped IPv6 addresses, as dual-stack sockets report them, are IPv4.
    pub(crate) fn longest_match(&self, source: IpAddr, asked_us: Option<i64>) -> Option<ProviderIndex> {
        match source.to_canonical() {
            IpAddr::V4(address) => self.v4.find(address.to_bits(), asked_us),
            IpAddr::V6(address) => self.v6.find(address.to_bits(), asked_us),
        }
    }
}

impl Part for Allowlist {
    /// Two providers cannot share a network at one time: nobody could tell whose a call is. A row that says so is a
    /// fault; what DNS says of a name gives way, as it must never keep a configuration from being used.
    fn compile(tables: &ChunkedTables, faults: &mut TableFaults) -> Self {
        let mut claims = claims(tables);
        // By network; of one network, what stands in rows before what DNS said, then by address.
        claims.sort_by_key(|claim| (claim.network, claim.resolved));
        let mut granted: Vec<Claim> = Vec::with_capacity(claims.len());
        for claim in claims {
            let rivals = granted.iter().rev().take_while(|other| other.network == claim.network);
            let clash = rivals.into_iter().any(|other| claim.clashes(other));
            if !clash {
                granted.push(claim);
            } else if !claim.resolved {
                let rule = format!("{} is another provider's too", claim.network);
                faults.add::<ProviderAddress>(claim.address, "ipaddress", rule);
            }
        }
        Self::new(&granted)
    }
}

fn claims(tables: &ChunkedTables) -> Vec<Claim> {
    let positions = positions(tables);
    let locations = Locations::new(tables.resolved_addresses.rows());
    let mut claims = Vec::new();
    for row in tables.provider_addresses.rows().filter(|row| row.enabled && row.is_recognised()) {
        let enabled = tables.providers.get(row.provider_id.0).is_some_and(|provider| provider.enabled);
        let (Some(&provider), true) = (positions.get(&row.provider_id), enabled) else { continue };
        let held = Held { provider, validity: row.validity() };
        let (address, resolved) = (row.key(), row.unpinned_name().is_some());
        claims.extend(locations.of(row).map(|at| Claim { network: at.network, held, address, resolved }));
    }
    claims
}

impl Claim {
    fn clashes(&self, other: &Self) -> bool {
        self.held.provider != other.held.provider && self.held.validity.overlaps(other.held.validity)
    }
}

/// The addresses of one family, cut wherever a network begins or ends: an address is in one range, a range in one
/// narrowest network, and a network in the next wider one.
#[derive(Debug)]
struct Ranges<B> {
    /// The first address of each range, ascending.
    starts: Vec<B>,
    /// The narrowest network of each range, or [`NOWHERE`].
    innermost: Vec<u32>,
    /// Each with the next wider network, or an equal one of another time.
    networks: Vec<(Held, u32)>,
}

/// The place of no network.
const NOWHERE: u32 = u32::MAX;

impl<B> Default for Ranges<B> {
    fn default() -> Self {
        Self { starts: Vec::new(), innermost: Vec::new(), networks: Vec::new() }
    }
}

impl<B: Copy + Ord> Ranges<B> {
    /// From networks by first and last address, every one after those that contain it.
    fn new(networks: Vec<(B, B, Held)>, next: impl Fn(B) -> Option<B>) -> Self {
        let mut ranges = Self::default();
        let mut open: Vec<(B, u32)> = Vec::new();
        for ((first, last, held), place) in networks.into_iter().zip(0..) {
            ranges.close(&mut open, |end| end < first, &next);
            let outer = open.last().map_or(NOWHERE, |(_, outer)| *outer);
            ranges.networks.push((held, outer));
            open.push((last, place));
            ranges.begin(first, place);
        }
        ranges.close(&mut open, |_| true, next);
        ranges
    }

    /// Ends the innermost open networks as long as they are over.
    fn close(&mut self, open: &mut Vec<(B, u32)>, over: impl Fn(B) -> bool, next: impl Fn(B) -> Option<B>) {
        while let Some((end, _)) = open.pop_if(|(end, _)| over(*end)) {
            if let Some(behind) = next(end) {
                self.begin(behind, open.last().map_or(NOWHERE, |(_, outer)| *outer));
            }
        }
    }

    /// From this address on; what was to begin at the same address is empty.
    fn begin(&mut self, first: B, innermost: u32) {
        if self.starts.last() == Some(&first) {
            self.innermost.pop();
        } else {
            self.starts.push(first);
        }
        self.innermost.push(innermost);
    }

    fn find(&self, address: B, asked_us: Option<i64>) -> Option<ProviderIndex> {
        let range = self.starts.partition_point(|first| *first <= address).checked_sub(1)?;
        let mut place = *self.innermost.get(range)?;
        while let Some((held, outer)) = self.networks.get(place as usize) {
            if held.validity.holds(asked_us) {
                return Some(held.provider);
            }
            place = *outer;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use domain::Moment;
    use proptest::prelude::*;

    use super::*;

    /// Networks of a small corner of the address space, so that they nest and meet.
    fn network() -> impl Strategy<Value = Network> {
        (0u8..4, 0u8..4, 8u8..=32, any::<bool>()).prop_map(|(c, d, length, v4)| {
            let text = if v4 {
                format!("198.51.{c}.{d}/{length}")
            } else {
                format!("2001:db8:{c}::{d}/{}", length * 4)
            };
            text.parse().unwrap()
        })
    }

    /// From one second to another, or without beginning or end.
    fn validity() -> impl Strategy<Value = Validity> {
        let moment =
            || proptest::option::of((0i64..5).prop_map(|second| Moment::at_us(second * 1_000_000).unwrap()));
        (moment(), moment()).prop_map(|(from, to)| Validity::new(from, to))
    }

    fn claim() -> impl Strategy<Value = Claim> {
        (network(), 0u32..9, validity()).prop_map(|(network, provider, validity)| Claim {
            network,
            held: Held { provider, validity },
            address: 0,
            resolved: false,
        })
    }

    /// As the configuration is compiled: no two providers have one network at one time.
    fn granted(claims: Vec<Claim>) -> Vec<Claim> {
        let mut granted: Vec<Claim> = Vec::new();
        for claim in claims {
            if !granted.iter().any(|other| other.network == claim.network && claim.clashes(other)) {
                granted.push(claim);
            }
        }
        granted.sort_by_key(|claim| claim.network);
        granted
    }

    fn naive(claims: &[Claim], source: IpAddr, asked_us: Option<i64>) -> Option<u32> {
        let valid = claims.iter().filter(|claim| claim.held.validity.holds(asked_us));
        let holding = valid.filter(|claim| claim.network.contains(source));
        holding.max_by_key(|claim| claim.network.net().prefix_len()).map(|claim| claim.held.provider)
    }

    proptest! {
        #[test]
        fn the_longest_valid_network_agrees_with_a_linear_scan(
            claims in proptest::collection::vec(claim(), 0..40).prop_map(granted),
            (c, d) in (0u8..5, 0u8..5),
            asked_us in -1i64..6_000_000,
        ) {
            let allowlist = Allowlist::new(&claims);
            for source in [format!("198.51.{c}.{d}"), format!("2001:db8:{c}::{d}"), format!("::ffff:198.51.{c}.{d}")] {
                let source: IpAddr = source.parse().unwrap();
                let at = Some(asked_us);
                prop_assert_eq!(allowlist.longest_match(source, at), naive(&claims, source, at));
            }
        }

        #[test]
        fn any_address_is_somewhere(
            claims in proptest::collection::vec(claim(), 0..40).prop_map(granted),
            source in any::<IpAddr>(),
        ) {
            let claims: Vec<_> = claims.into_iter().filter(|claim| claim.held.validity == Validity::ALWAYS).collect();
            prop_assert_eq!(Allowlist::new(&claims).longest_match(source, Some(0)), naive(&claims, source, Some(0)));
        }
    }

    #[test]
    fn networks_reach_to_the_last_address() {
        let held = Held { provider: 3, validity: Validity::ALWAYS };
        let claim =
            |network: &str| Claim { network: network.parse().unwrap(), held, address: 1, resolved: false };
        let allowlist = Allowlist::new(&[claim("240.0.0.0/5"), claim("fe00::/9")]);
        for (source, found) in [("255.255.255.254", None), ("247.255.255.255", Some(3)), ("248.0.0.0", None)]
        {
            assert_eq!(allowlist.longest_match(source.parse().unwrap(), None), found, "{source}");
        }
        let end = Ranges::new(vec![(5, u32::MAX, held)], |address| address.checked_add(1));
        assert_eq!([4, 5, u32::MAX].map(|address| end.find(address, None)), [None, Some(3), Some(3)]);
    }
}
