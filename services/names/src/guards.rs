//! What an address must not be to be taken into use unasked.

use std::{
    collections::BTreeMap,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};

use crate::{Rules, State};

/// Why an address waits for a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Suspicion {
    /// Loopback, unspecified, multicast, broadcast or reserved: nobody can let it through.
    Never,
    /// Of a private network, and the row does not say that this may be.
    Private,
    /// Another provider's.
    Taken,
    /// The name would have more addresses than any carrier has.
    TooMany,
    /// Many new addresses at once.
    Growth,
    /// Not in the neighbourhood of any address in use.
    Far,
}

impl Suspicion {
    pub const ALL: [Self; 6] =
        [Self::Never, Self::Private, Self::Taken, Self::TooMany, Self::Growth, Self::Far];

    /// As tables, metrics and people have it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Never => "never",
            Self::Private => "private",
            Self::Taken => "taken",
            Self::TooMany => "too_many",
            Self::Growth => "growth",
            Self::Far => "far",
        }
    }
}

/// What a person said of an address of a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    Approved,
    Rejected,
}

/// What is known of a name beside DNS.
#[derive(Clone, Debug)]
pub struct Guards<'g, T> {
    /// Whether it may stand for private addresses.
    pub private_allowed: bool,
    /// What people said of addresses of this name.
    pub decisions: &'g BTreeMap<IpAddr, Decision>,
    /// Whether an address is another provider's.
    pub taken: T,
}

/// So many new addresses may always come at once; more, up to as many as are in use.
const GROWTH: usize = 4;
/// Addresses that begin alike to here are neighbours: what one holder mostly has.
const NEIGHBOURS_V4: u32 = 16;
const NEIGHBOURS_V6: u32 = 32;

/// What becomes of an address that an answer holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Accepted,
    /// A person said no.
    Ignored,
    Suspect(Suspicion),
}

/// How much an answer would add.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Growth {
    pub(crate) in_use: usize,
    pub(crate) new: usize,
}

impl<T: Fn(IpAddr) -> bool> Guards<'_, T> {
    pub(crate) fn verdict(&self, address: IpAddr, state: &State, growth: Growth, rules: &Rules) -> Verdict {
        let decision = self.decisions.get(&address);
        if is_never(address) {
            Verdict::Suspect(Suspicion::Never)
        } else if decision == Some(&Decision::Rejected) {
            Verdict::Ignored
        } else if decision == Some(&Decision::Approved) || state.uses(address) {
            Verdict::Accepted
        } else {
            self.suspicion(address, state, growth, rules).map_or(Verdict::Accepted, Verdict::Suspect)
        }
    }

    fn suspicion(&self, address: IpAddr, state: &State, growth: Growth, rules: &Rules) -> Option<Suspicion> {
        let Growth { in_use, new } = growth;
        if is_private(address) && !self.private_allowed {
            Some(Suspicion::Private)
        } else if (self.taken)(address) {
            Some(Suspicion::Taken)
        } else if in_use + new > rules.addresses_max {
            Some(Suspicion::TooMany)
        } else if in_use > 0 && new > in_use.max(GROWTH) {
            Some(Suspicion::Growth)
        } else if in_use > 0 && !state.addresses().any(|known| are_neighbours(known, address)) {
            Some(Suspicion::Far)
        } else {
            None
        }
    }
}

/// RFC 6890 and RFC 4291: what cannot be the address of anybody outside.
pub(crate) fn is_never(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(v4) => {
            let first = v4.octets()[0];
            first == 0 || v4.is_loopback() || first >= 224
        }
        // Unspecified, loopback, IPv4 in odd clothes; multicast.
        IpAddr::V6(v6) => matches!(v6.octets()[0], 0 | 0xff),
    }
}

/// RFC 1918, 6598, 4193 and link-local addresses.
fn is_private(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(v4) => v4.is_private() || v4.is_link_local() || is_shared(v4),
        IpAddr::V6(v6) => v6.is_unique_local() || is_link_or_site_local(v6),
    }
}

fn is_shared(v4: Ipv4Addr) -> bool {
    v4.octets()[0] == 100 && v4.octets()[1] & 0b1100_0000 == 64
}

fn is_link_or_site_local(v6: Ipv6Addr) -> bool {
    v6.segments()[0] & 0xff80 == 0xfe80
}

fn are_neighbours(one: IpAddr, other: IpAddr) -> bool {
    match (one.to_canonical(), other.to_canonical()) {
        (IpAddr::V4(one), IpAddr::V4(other)) => {
            (one.to_bits() ^ other.to_bits()).leading_zeros() >= NEIGHBOURS_V4
        }
        (IpAddr::V6(one), IpAddr::V6(other)) => {
            (one.to_bits() ^ other.to_bits()).leading_zeros() >= NEIGHBOURS_V6
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addresses(texts: &[&str]) -> Vec<IpAddr> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    #[test]
    fn nobody_speaks_from_these() {
        let never = [
            "0.0.0.0",
            "0.1.2.3",
            "127.0.0.1",
            "127.255.0.1",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::127.0.0.1",
            "::ffff:127.0.0.1",
            "64:ff9b::7f00:1",
            "ff02::1",
        ];
        assert!(addresses(&never).into_iter().all(is_never));
        let others = [
            "192.0.2.1",
            "223.255.255.255",
            "1.0.0.1",
            "2001:db8::1",
            "::ffff:192.0.2.1",
            "fe80::1",
            "10.0.0.1",
        ];
        assert!(!addresses(&others).into_iter().any(is_never));
    }

    #[test]
    fn private_networks_are_known_to_the_bit() {
        let private = [
            "10.255.255.255",
            "172.16.0.0",
            "172.31.255.255",
            "192.168.0.1",
            "100.64.0.0",
            "100.127.255.255",
            "169.254.1.1",
            "::ffff:10.0.0.1",
            "fc00::1",
            "fdff::1",
            "fe80::1",
            "fec0::1",
        ];
        assert!(addresses(&private).into_iter().all(is_private));
        let public = [
            "11.0.0.0",
            "172.15.0.0",
            "172.32.0.0",
            "100.63.0.0",
            "100.128.0.0",
            "192.167.0.1",
            "fe00::1",
            "2001:db8::1",
        ];
        assert!(!addresses(&public).into_iter().any(is_private));
    }

    #[test]
    fn neighbours_begin_alike() {
        let near = |one: &str, other: &str| are_neighbours(one.parse().unwrap(), other.parse().unwrap());
        assert!(near("192.0.2.1", "192.0.255.1") && near("::ffff:192.0.2.1", "192.0.9.9"));
        assert!(!near("192.0.2.1", "192.1.2.1"));
        assert!(near("2001:db8:1::1", "2001:db8:ffff::1") && !near("2001:db8::1", "2001:db9::1"));
        assert!(!near("192.0.2.1", "2001:db8::1"));
    }
}
