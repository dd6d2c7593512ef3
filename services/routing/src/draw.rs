//! The order of the equally preferred: exact weighted draws from a hash of the call, the same on every replica.

use std::hash::Hasher;

use domain::ProviderId;
use siphasher::sip::SipHasher13;

/// A stream of draws that belongs to one call on one node.
#[derive(Clone, Debug)]
pub(crate) struct Draws(u64);

impl Draws {
    /// The key only has to differ from other uses of the hash. Changing it would reshuffle every split.
    const KEY: (u64, u64) = (0x6469_616c_706c_616e, 0x7370_6c69_7473_2e31);

    pub(crate) fn of_call(node: &str, call: &str) -> Self {
        let mut hasher = SipHasher13::new_with_keys(Self::KEY.0, Self::KEY.1);
        hasher.write(node.as_bytes());
        hasher.write_u8(0xff);
        hasher.write(call.as_bytes());
        Self(hasher.finish())
    }

    /// A stream of its own for the next group, so that what one group draws never shifts another's order.
    pub(crate) fn split(&mut self) -> Self {
        Self(self.bits())
    }

    /// The stream of one provider's addresses within this call.
    pub(crate) fn of_provider(mut self, provider: ProviderId) -> Self {
        self.0 ^= u64::from_ne_bytes(provider.0.to_ne_bytes());
        self.split()
    }

    /// The next 64 bits: `SplitMix64` (Steele, Lea, Flood 2014) over the call's hash.
    fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `bound`, each equally likely up to one part in 2^64 / `bound`.
    fn below(&mut self, bound: u64) -> u64 {
        u64::try_from((u128::from(self.bits()) * u128::from(bound)) >> 64).unwrap_or(0)
    }
}

/// Members of equal priority with their running totals of weight, drawn from by weight.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Group<T> {
    members: Vec<T>,
    /// `totals[i]` = weights of the members up to and including `i`.
    totals: Vec<u64>,
}

impl<T: Copy> Group<T> {
    /// Members of weight 0 are drawn only after all others, in the order given.
    pub(crate) fn new(weighted: impl IntoIterator<Item = (T, u16)>) -> Self {
        let mut group = Self { members: Vec::new(), totals: Vec::new() };
        let mut total = 0;
        for (member, weight) in weighted {
            total += u64::from(weight);
            group.members.push(member);
            group.totals.push(total);
        }
        group
    }

    pub(crate) fn members(&self) -> &[T] {
        &self.members
    }

    fn total(&self) -> u64 {
        self.totals.last().copied().unwrap_or(0)
    }

    fn weight(&self, position: usize) -> u64 {
        self.totals[position] - if position == 0 { 0 } else { self.totals[position - 1] }
    }

    fn position_of(&self, point: u64) -> usize {
        self.totals.partition_point(|&total| total <= point)
    }

    /// The members in drawn order, lazily: each next one with a chance of its weight among those left.
    pub(crate) fn shuffled<'g>(&'g self, draws: &'g mut Draws) -> Shuffled<'g, T> {
        Shuffled { group: self, draws, drawn: Vec::new() }
    }
}

/// Draws without replacement.
pub(crate) struct Shuffled<'g, T> {
    group: &'g Group<T>,
    draws: &'g mut Draws,
    drawn: Vec<usize>,
}

impl<T: Copy> Shuffled<'_, T> {
    /// Drawing anew when a member comes up twice is cheap while few are drawn, and hopeless once one member holds
    /// nearly all the weight: after this many, the rest is weighed one by one. Both give the same chances.
    const REDRAWS: usize = 4;

    fn next_position(&mut self) -> Option<usize> {
        if self.drawn.len() == self.group.members.len() {
            return None;
        }
        if self.drawn.is_empty() && self.group.members.len() == 1 {
            return Some(0);
        }
        for _ in 0..Self::REDRAWS {
            if self.group.total() == 0 {
                break;
            }
            let point = self.draws.below(self.group.total());
            let position = self.group.position_of(point);
            if !self.drawn.contains(&position) {
                return Some(position);
            }
        }
        self.weigh_the_rest()
    }

    fn weigh_the_rest(&mut self) -> Option<usize> {
        let left = |position: &usize| !self.drawn.contains(position);
        let positions = 0..self.group.members.len();
        let total: u64 = positions.clone().filter(left).map(|position| self.group.weight(position)).sum();
        if total == 0 {
            return positions.clone().find(left);
        }
        let mut point = self.draws.below(total);
        for position in positions.filter(|position| !self.drawn.contains(position)) {
            let weight = self.group.weight(position);
            if point < weight {
                return Some(position);
            }
            point -= weight;
        }
        None
    }
}

impl<T: Copy> Iterator for Shuffled<'_, T> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        let position = self.next_position()?;
        self.drawn.push(position);
        Some(self.group.members[position])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first_of(group: &Group<char>, call: u32) -> char {
        let mut draws = Draws::of_call("node", &call.to_string());
        group.shuffled(&mut draws).next().unwrap()
    }

    fn order(group: &Group<char>, call: u32) -> String {
        let mut draws = Draws::of_call("node", &call.to_string());
        group.shuffled(&mut draws).collect()
    }

    #[test]
    fn shares_follow_the_weights() {
        let group = Group::new([('a', 70), ('b', 25), ('c', 5), ('z', 0)]);
        let mut counts = std::collections::HashMap::new();
        for call in 0..20_000 {
            *counts.entry(first_of(&group, call)).or_insert(0) += 1;
        }
        // Five standard deviations of a binomial share of 20,000.
        for (member, share) in [('a', 14_000), ('b', 5_000), ('c', 1_000)] {
            let deviation = (f64::from(share) * (1.0 - f64::from(share) / 20_000.0)).sqrt();
            assert!((f64::from(counts[&member]) - f64::from(share)).abs() < 5.0 * deviation, "{counts:?}");
        }
        assert_eq!(counts.get(&'z'), None);
    }

    #[test]
    fn the_second_place_follows_the_weights_left() {
        // The heavy one first, so that the second place needs the slow way nearly always.
        let group = Group::new([('h', 60_000), ('a', 30), ('b', 10)]);
        let seconds = (0..20_000).map(|call| order(&group, call)).filter(|order| order.starts_with('h'));
        let (a, b) = seconds.fold((0, 0), |(a, b), order| match order.as_bytes()[1] {
            b'a' => (a + 1, b),
            _ => (a, b + 1),
        });
        assert!((2.7..3.3).contains(&(f64::from(a) / f64::from(b))), "{a} {b}");
    }

    #[test]
    fn everybody_is_drawn_once_and_weightless_ones_last() {
        let group = Group::new([('x', 0), ('a', 1), ('b', 1), ('y', 0)]);
        for call in 0..100 {
            let order = order(&group, call);
            assert_eq!(order.len(), 4);
            assert!(order.ends_with("xy"), "{order}");
        }
    }

    #[test]
    fn splits_are_pinned() {
        // A change here reshuffles every customer's traffic: it must be on purpose.
        let group = Group::new([('a', 1), ('b', 1), ('c', 1)]);
        let orders: Vec<_> = (0..6).map(|call| order(&group, call)).collect();
        assert_eq!(orders.join(" "), "cab acb bac bac abc cab");
    }
}
