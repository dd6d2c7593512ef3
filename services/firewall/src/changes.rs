use ipnet::IpNet;

use crate::{AddressSet, Entry, Networks, Refused, check_loss};

/// What became of the entries from one set to the next.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes<'s> {
    pub added: Vec<&'s Entry>,
    pub removed: Vec<&'s Entry>,
    /// How many are in both.
    pub unchanged: usize,
}

/// One line of what changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change<'s> {
    Added(&'s Entry),
    Removed(&'s Entry),
}

impl<'s> Changes<'s> {
    pub fn is_empty(&self) -> bool {
        self.added.is_empty() && self.removed.is_empty()
    }

    /// By network, what went before what came.
    pub fn lines(&self) -> Vec<Change<'s>> {
        let removed = self.removed.iter().map(|entry| Change::Removed(entry));
        let mut lines: Vec<_> = removed.chain(self.added.iter().map(|entry| Change::Added(entry))).collect();
        lines.sort_by_key(|line| line.entry().network);
        lines
    }
}

impl<'s> Change<'s> {
    pub fn entry(self) -> &'s Entry {
        match self {
            Self::Added(entry) | Self::Removed(entry) => entry,
        }
    }
}

impl AddressSet {
    /// What differs from the last set.
    pub fn changes<'s>(&'s self, last: &'s Self) -> Changes<'s> {
        let mut changes = Changes::default();
        let (mut new, mut old) = (self.entries().iter().peekable(), last.entries().iter().peekable());
        loop {
            match (new.peek(), old.peek()) {
                (None, None) => return changes,
                (Some(_), None) => changes.added.extend(new.next()),
                (None, Some(_)) => changes.removed.extend(old.next()),
                (Some(added), Some(removed)) if added < removed => changes.added.extend(new.next()),
                (Some(added), Some(removed)) if removed < added => changes.removed.extend(old.next()),
                _ => {
                    changes.unchanged += 1;
                    new.next();
                    old.next();
                }
            }
        }
    }

    /// Refuses a set that lets through far less than the last one did: more than 30 % of its networks are missing, and at
    /// least 20. A network that lies in a wider one is not missing.
    pub fn check_shrink(&self, last: &Self) -> Result<(), Refused> {
        let there = self.networks();
        let mut before: Vec<_> = last.entries().iter().map(|entry| entry.network.net()).collect();
        before.dedup();
        let lost = before.iter().filter(|net| !there.covers(net)).count();
        let mut after: Vec<_> = self.entries().iter().map(|entry| entry.network).collect();
        after.dedup();
        check_loss(before.len(), lost, after.len())
    }
}

impl Networks {
    /// Whether all of a network is in here. What is here is aggregated, so one network holds it or none does.
    fn covers(&self, net: &IpNet) -> bool {
        match net {
            IpNet::V4(net) => {
                let before = self.v4.partition_point(|here| here.network() <= net.network());
                before.checked_sub(1).is_some_and(|at| self.v4[at].contains(net))
            }
            IpNet::V6(net) => {
                let before = self.v6.partition_point(|here| here.network() <= net.network());
                before.checked_sub(1).is_some_and(|at| self.v6[at].contains(net))
            }
        }
    }
}
