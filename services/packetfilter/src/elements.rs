//! Sets of addresses, whatever way they are written: one by one, as networks or as ranges.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};

use ipnet::{IpNet, Ipv4Subnets, Ipv6Subnets};

/// What is in a set: addresses, apart by what stands beside them, such as a protocol and a port; and what is none. Equal are
/// those that hold the same, however it is written.
#[derive(Clone, Debug, Default, Eq)]
pub struct Elements {
    written: BTreeSet<String>,
    addresses: BTreeMap<String, Addresses>,
    /// What begins with no address. It is compared as it is written.
    other: BTreeSet<String>,
}

impl PartialEq for Elements {
    fn eq(&self, other: &Self) -> bool {
        (&self.addresses, &self.other) == (&other.addresses, &other.other)
    }
}

impl Elements {
    /// Elements as they are written, and what parts an address from what stands beside it.
    pub(crate) fn of<'e>(elements: impl Iterator<Item = &'e str>, separator: &str) -> Self {
        let mut ranges: BTreeMap<String, Vec<Range>> = BTreeMap::new();
        let (mut written, mut other) = (BTreeSet::new(), BTreeSet::new());
        for element in elements {
            written.insert(element.to_owned());
            let (address, beside) = element.split_once(separator).unwrap_or((element, ""));
            match Range::read(address.trim()) {
                Some(range) => ranges.entry(beside.trim().to_owned()).or_default().push(range),
                None => drop(other.insert(element.to_owned())),
            }
        }
        let addresses = ranges.into_iter().map(|(beside, ranges)| (beside, Addresses::of(ranges)));
        Self { written, addresses: addresses.collect(), other }
    }

    /// Each as it was written.
    pub(crate) fn written(&self) -> impl Iterator<Item = &str> {
        self.written.iter().map(String::as_str)
    }

    /// What is here and not there, one network each.
    pub(crate) fn minus(&self, there: &Self) -> Vec<String> {
        let nothing = Addresses::default();
        let addresses = self.addresses.iter().flat_map(|(beside, addresses)| {
            let more = addresses.minus(there.addresses.get(beside).unwrap_or(&nothing));
            let shown = more.networks().into_iter().map(move |network| show(network, beside));
            shown.collect::<Vec<_>>()
        });
        addresses.chain(self.other.difference(&there.other).cloned()).collect()
    }

    /// All addresses, whatever stands beside them.
    pub fn addresses(&self) -> Addresses {
        Addresses::union(self.addresses.values().cloned())
    }
}

fn show(network: IpNet, beside: &str) -> String {
    if beside.is_empty() { bare(network) } else { format!("{} {beside}", bare(network)) }
}

/// A network of one address is that address.
fn bare(network: IpNet) -> String {
    if network.prefix_len() == network.max_prefix_len() {
        network.addr().to_string()
    } else {
        network.to_string()
    }
}

/// Addresses as ranges that neither overlap nor touch, ascending, IPv4 before IPv6: one form for every spelling.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Addresses(Vec<Range>);

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Range {
    is_v6: bool,
    first: u128,
    last: u128,
}

impl Range {
    /// `192.0.2.1`, `192.0.2.0/24` or `192.0.2.4-192.0.2.6`.
    fn read(text: &str) -> Option<Self> {
        let (first, last) = if let Some((first, last)) = text.split_once('-') {
            (first.parse().ok()?, last.parse().ok()?)
        } else {
            let network = text.parse().or_else(|_| text.parse::<IpAddr>().map(IpNet::from)).ok()?;
            (network.network(), network.broadcast())
        };
        let ((first_is_v6, first), (is_v6, last)) = (number(first), number(last));
        (first_is_v6 == is_v6 && first <= last).then_some(Self { is_v6, first, last })
    }

    fn networks(self) -> Vec<IpNet> {
        // Of IPv4 only 32 bits are used.
        let v4 = |bits: u128| Ipv4Addr::from_bits(u32::try_from(bits).unwrap_or(u32::MAX));
        if self.is_v6 {
            let [first, last] = [self.first, self.last].map(Ipv6Addr::from_bits);
            Ipv6Subnets::new(first, last, 0).map(IpNet::from).collect()
        } else {
            Ipv4Subnets::new(v4(self.first), v4(self.last), 0).map(IpNet::from).collect()
        }
    }
}

fn number(address: IpAddr) -> (bool, u128) {
    match address {
        IpAddr::V4(v4) => (false, v4.to_bits().into()),
        IpAddr::V6(v6) => (true, v6.to_bits()),
    }
}

impl Addresses {
    fn of(mut ranges: Vec<Range>) -> Self {
        ranges.sort_unstable();
        let mut merged: Vec<Range> = Vec::with_capacity(ranges.len());
        for range in ranges {
            match merged.last_mut() {
                Some(before)
                    if before.is_v6 == range.is_v6 && range.first <= before.last.saturating_add(1) =>
                {
                    before.last = before.last.max(range.last);
                }
                _ => merged.push(range),
            }
        }
        Self(merged)
    }

    pub(crate) fn union(all: impl Iterator<Item = Self>) -> Self {
        Self::of(all.flat_map(|addresses| addresses.0).collect())
    }

    /// Whether all of a network is in here.
    pub fn covers(&self, network: IpNet) -> bool {
        let ((is_v6, first), (_, last)) = (number(network.network()), number(network.broadcast()));
        let after = self.0.partition_point(|range| (range.is_v6, range.first) <= (is_v6, first));
        after.checked_sub(1).is_some_and(|at| self.0[at].is_v6 == is_v6 && last <= self.0[at].last)
    }

    /// As few networks as cover exactly these addresses.
    pub fn networks(&self) -> Vec<IpNet> {
        self.0.iter().copied().flat_map(Range::networks).collect()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn minus(&self, other: &Self) -> Self {
        let mut left = Vec::new();
        let mut rest = other.0.iter().copied().peekable();
        for &whole in &self.0 {
            let mut range = Some(whole);
            while let (Some(here), Some(&taken)) = (range, rest.peek()) {
                if (taken.is_v6, taken.last) < (here.is_v6, here.first) {
                    rest.next();
                } else if (taken.is_v6, taken.first) > (here.is_v6, here.last) {
                    break;
                } else {
                    let before = (taken.first > here.first).then(|| Range { last: taken.first - 1, ..here });
                    left.extend(before);
                    // What reaches further may touch the next one too.
                    range = (taken.last < here.last).then(|| Range { first: taken.last + 1, ..here });
                }
            }
            left.extend(range);
        }
        Self(left)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn elements(written: &str) -> Elements {
        Elements::of(written.split(", ").filter(|element| !element.is_empty()), " . ")
    }

    #[test]
    fn spellings_of_the_same_addresses_are_equal() {
        let one = elements("192.0.2.0/25, 192.0.2.128-192.0.2.255, 2001:db8::/33, 2001:db8:8000::/33");
        assert_eq!(one, elements("2001:db8::/32, 192.0.2.0/24"));
        assert_eq!(one.minus(&Elements::default()), ["192.0.2.0/24", "2001:db8::/32"]);
        assert_eq!(one.written().count(), 4);
        assert_ne!(elements("192.0.2.1 . udp"), elements("192.0.2.1 . tcp"));
    }

    #[test]
    fn what_differs_is_named() {
        let (meant, loaded) =
            (elements("192.0.2.0/24, 192.0.2.9 . udp"), elements("192.0.2.0-192.0.2.254, x y"));
        assert_eq!(meant.minus(&loaded), ["192.0.2.255", "192.0.2.9 udp"]);
        assert_eq!(loaded.minus(&meant), ["x y"]);
    }

    #[test]
    fn the_ends_of_the_world_are_addresses_too() {
        let all = elements("0.0.0.0/0, ::/0");
        assert_eq!(all.minus(&elements("0.0.0.0/1, ::/1")), ["128.0.0.0/1", "8000::/1"]);
        let nothing = Elements::default();
        assert_eq!(elements("255.255.255.255, ::").minus(&nothing), ["255.255.255.255", "::"]);
        assert_eq!(elements("192.0.2.9-192.0.2.1").minus(&nothing), ["192.0.2.9-192.0.2.1"], "no range");
    }

    /// The last 256 addresses, as bits.
    fn bits(ranges: &[(u8, u8)]) -> (Elements, [bool; 256]) {
        let mut all = [false; 256];
        let written = ranges.iter().map(|&(one, other)| {
            let (first, last) = (one.min(other), one.max(other));
            all[usize::from(first)..=usize::from(last)].fill(true);
            format!("255.255.255.{first}-255.255.255.{last}")
        });
        let written: Vec<String> = written.collect();
        (Elements::of(written.iter().map(String::as_str), " . "), all)
    }

    proptest! {
        #[test]
        fn arithmetic_agrees_with_bits(
            one in prop::collection::vec(any::<(u8, u8)>(), 0..6),
            other in prop::collection::vec(any::<(u8, u8)>(), 0..6),
        ) {
            let ((one, one_bits), (other, other_bits)) = (bits(&one), bits(&other));
            prop_assert_eq!(one == other, one_bits == other_bits);
            let left = one.minus(&other);
            let left = Elements::of(left.iter().map(String::as_str), " . ").addresses();
            for (last, (here, there)) in one_bits.into_iter().zip(other_bits).enumerate() {
                let address = IpAddr::from([255, 255, 255, u8::try_from(last).unwrap()]);
                let is_left = left.networks().iter().any(|network| network.contains(&address));
                prop_assert_eq!(is_left, here && !there, "{}", address);
                prop_assert_eq!(one.addresses().covers(address.into()), here, "{}", address);
            }
        }
    }
}
