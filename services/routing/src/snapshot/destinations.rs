//! Which providers take a call, by the longest matching prefix of the called number.

use domain::{Class, E164, Prefix};
use rustc_hash::FxHashMap;

use super::provider::ProviderIndex;
use crate::draw::Group;

/// The providers for one set of numbers: groups of equal priority, the best group first.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Destination {
    pub(crate) groups: Vec<Group<ProviderIndex>>,
}

/// A provider's place for one prefix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Offer {
    pub(crate) priority: u16,
    pub(crate) provider: ProviderIndex,
    pub(crate) weight: u16,
}

/// All destinations of one class: a hash map per prefix length, probed from the longest length that exists. On a
/// million prefixes this beats tries and sorted vectors by two to one.
#[derive(Debug, Default)]
pub(crate) struct Destinations {
    /// Longest first.
    by_length: Vec<(usize, FxHashMap<u64, u32>)>,
    /// Each distinct destination once: most prefixes share theirs with thousands of others.
    destinations: Vec<Destination>,
}

/// The destinations of every class.
#[derive(Debug, Default)]
pub(crate) struct DestinationsByClass(pub(super) [Destinations; Class::ALL.len()]);

impl DestinationsByClass {
    pub(crate) fn longest_match(&self, number: E164, class: Class) -> Option<&Destination> {
        self.0[class as usize].longest_match(number)
    }
}

impl Destinations {
    /// Builds the table. A provider's longer prefix stands in for its shorter ones; prefixes inherit every other
    /// provider's offers from the prefixes that contain them.
    pub(crate) fn new(offers: FxHashMap<Prefix, Vec<Offer>>) -> Self {
        let mut builder = Builder::default();
        let mut by_prefix: Vec<_> = offers.into_iter().collect();
        by_prefix.sort_unstable_by_key(|(prefix, _)| (prefix.len(), *prefix));
        for (prefix, own) in by_prefix {
            builder.add(prefix, own);
        }
        builder.finish()
    }

    pub(crate) fn longest_match(&self, number: E164) -> Option<&Destination> {
        let digit_count = number.digit_count();
        self.by_length
            .iter()
            .filter(|(length, _)| *length <= digit_count)
            .find_map(|(length, map)| map.get(&leading(number, *length)))
            .map(|&index| &self.destinations[index as usize])
    }
}

fn leading(number: E164, length: usize) -> u64 {
    if length == 0 { 0 } else { number.leading(length) }
}

#[derive(Default)]
struct Builder {
    by_length: Vec<(usize, FxHashMap<u64, u32>)>,
    index_of: FxHashMap<Vec<Offer>, u32>,
    offers: Vec<Vec<Offer>>,
}

impl Builder {
    /// Prefixes come shortest first, so whatever contains this one is there already.
    fn add(&mut self, prefix: Prefix, own: Vec<Offer>) {
        let mut offers = own;
        if let Some(parent) = self.parent(prefix) {
            let inherited: Vec<Offer> = self.offers[parent as usize]
                .iter()
                .filter(|offer| offers.iter().all(|own| own.provider != offer.provider))
                .copied()
                .collect();
            offers.extend(inherited);
        }
        offers.sort_unstable();
        let index = self.intern(offers);
        if self.by_length.last().is_none_or(|(length, _)| *length != prefix.len()) {
            self.by_length.push((prefix.len(), FxHashMap::default()));
        }
        if let Some((_, map)) = self.by_length.last_mut() {
            map.insert(prefix.digits(), index);
        }
    }

    fn parent(&self, prefix: Prefix) -> Option<u32> {
        self.by_length
            .iter()
            .rev()
            .filter(|(length, _)| *length < prefix.len())
            .find_map(|(length, map)| map.get(&prefix.shortened(*length).digits()).copied())
    }

    fn intern(&mut self, offers: Vec<Offer>) -> u32 {
        if let Some(&index) = self.index_of.get(&offers) {
            return index;
        }
        let index =
            u32::try_from(self.offers.len()).expect("fewer destinations than routes, fewer routes than 2^32");
        self.offers.push(offers.clone());
        self.index_of.insert(offers, index);
        index
    }

    fn finish(mut self) -> Destinations {
        self.by_length.reverse();
        let destinations = self.offers.iter().map(|offers| grouped(offers)).collect();
        Destinations { by_length: self.by_length, destinations }
    }
}

fn grouped(offers: &[Offer]) -> Destination {
    let groups = offers
        .chunk_by(|a, b| a.priority == b.priority)
        .map(|group| Group::new(group.iter().map(|offer| (offer.provider, offer.weight))))
        .collect();
    Destination { groups }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    type Row = (String, u32, u16);

    fn table(rows: &[Row]) -> Destinations {
        let mut offers: FxHashMap<Prefix, Vec<Offer>> = FxHashMap::default();
        for (prefix, provider, priority) in rows {
            let offer = Offer { priority: *priority, provider: *provider, weight: 1 };
            offers.entry(prefix.parse().unwrap()).or_default().push(offer);
        }
        Destinations::new(offers)
    }

    /// For each provider the longest prefix that the number starts with, by looking at every row.
    fn naive(rows: &[Row], number: &str) -> Vec<(u16, u32)> {
        let mut best = std::collections::BTreeMap::<u32, (usize, u16)>::new();
        for (prefix, provider, priority) in rows.iter().filter(|row| number.starts_with(&row.0)) {
            let entry = best.entry(*provider).or_insert((prefix.len(), *priority));
            if prefix.len() >= entry.0 {
                *entry = (prefix.len(), *priority);
            }
        }
        let mut found: Vec<_> =
            best.into_iter().map(|(provider, (_, priority))| (priority, provider)).collect();
        found.sort_unstable();
        found
    }

    fn found(table: &Destinations, rows: &[Row], number: &str) -> Vec<(u16, u32)> {
        let priority_of =
            |provider| naive(rows, number).iter().find(|(_, p)| *p == provider).map(|(p, _)| *p);
        let destination = table.longest_match(number.parse().unwrap());
        let groups = destination.map(|destination| destination.groups.as_slice()).unwrap_or_default();
        let members = groups.iter().flat_map(|group| group.members().to_vec());
        members.map(|provider| (priority_of(provider).unwrap_or(u16::MAX), provider)).collect()
    }

    proptest! {
        #[test]
        fn longest_prefix_agrees_with_a_linear_scan(
            rows in proptest::collection::btree_map(("([1-3][0-3]{0,4})?", 0u32..6), 1u16..4, 0..40),
            number in "[1-3][0-3]{0,6}",
        ) {
            let rows: Vec<Row> = rows.into_iter().map(|((prefix, provider), priority)| (prefix, provider, priority)).collect();
            prop_assert_eq!(found(&table(&rows), &rows, &number), naive(&rows, &number));
        }
    }
}
