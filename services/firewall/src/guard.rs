//! What never gets into a set, whoever wrote it into the tables.

use std::fmt;

use domain::Network;
use ipnet::IpNet;

use crate::{Entry, Format, Origin};

/// A set that lost this share of its networks is refused unasked, percent …
const LOSS_PERCENT: usize = 30;
/// … if they are at least so many.
const LOSS_NETWORKS: usize = 20;

/// The shortest prefixes a set may hold, bits.
///
/// They are longer than those of the tables (8 and 16), which say what no carrier can have at all: a row that wide is
/// legal, and still nobody gets it through a firewall without having said so here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Floors {
    /// 1 to 32.
    pub v4: u8,
    /// 1 to 128.
    pub v6: u8,
}

impl Default for Floors {
    fn default() -> Self {
        Self { v4: 16, v6: 32 }
    }
}

/// Why there is no set, or no file of it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    #[error("no address is left: a set that lets nobody through is never written")]
    Empty,
    #[error("no address is for {0}: a file that lets nobody through is never written")]
    EmptyFile(Format),
    #[error("{origin}: {network} {rule}")]
    Network { origin: Origin, network: Network, rule: Rule },
    #[error(
        "{lost} of {before} networks of the last set are missing; --force writes it with the {after} there are"
    )]
    Shrunk { before: usize, lost: usize, after: usize },
}

/// What speaks against a network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// It has fewer bits than the floor.
    Wide { floor: u8 },
    /// It is, holds or lies in what no host on the internet has.
    Special(&'static str),
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Wide { floor } => write!(f, "is wider than /{floor}"),
            Self::Special(what) => write!(f, "is, or overlaps, {what}"),
        }
    }
}

const SPECIAL: [(&str, &str); 10] = [
    ("0.0.0.0/8", "the unspecified addresses"),
    ("127.0.0.0/8", "the loopback addresses"),
    ("224.0.0.0/4", "the multicast addresses"),
    ("240.0.0.0/4", "the reserved and broadcast addresses"),
    ("::/128", "the unspecified address"),
    ("::1/128", "the loopback address"),
    ("::ffff:0.0.0.0/96", "the addresses of IPv4 in IPv6"),
    ("64:ff9b::/96", "the addresses of translators"),
    ("100::/64", "the addresses that are discarded"),
    ("ff00::/8", "the multicast addresses"),
];

/// Refuses to lose far too much at once: more than 30 % of the networks there were, and at least 20.
pub fn check_loss(before: usize, lost: usize, after: usize) -> Result<(), Refused> {
    if lost >= LOSS_NETWORKS && lost * 100 > before * LOSS_PERCENT {
        return Err(Refused::Shrunk { before, lost, after });
    }
    Ok(())
}

/// Checks every entry; names the first that is not allowed.
pub(crate) fn check(entries: &[Entry], floors: Floors) -> Result<(), Refused> {
    if entries.is_empty() {
        return Err(Refused::Empty);
    }
    let special: Vec<(IpNet, &'static str)> =
        SPECIAL.iter().filter_map(|(net, what)| Some((net.parse().ok()?, *what))).collect();
    let broken =
        entries.iter().find_map(|entry| Some((entry, broken(entry.network.net(), floors, &special)?)));
    match broken {
        Some((entry, rule)) => Err(Refused::Network { origin: entry.origin, network: entry.network, rule }),
        None => Ok(()),
    }
}

fn broken(net: IpNet, floors: Floors, special: &[(IpNet, &'static str)]) -> Option<Rule> {
    let floor = match net {
        IpNet::V4(_) => floors.v4,
        IpNet::V6(_) => floors.v6,
    };
    // Whatever the floor: everybody is no carrier.
    if net.prefix_len() < floor.max(1) {
        return Some(Rule::Wide { floor: floor.max(1) });
    }
    let overlaps = |other: &IpNet| other.contains(&net) || net.contains(other);
    special.iter().find(|(other, _)| overlaps(other)).map(|(_, what)| Rule::Special(what))
}
