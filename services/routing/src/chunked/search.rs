//! Finding a key among ordered ones that mostly have no holes between them.

/// The position of `key` among the ascending, distinct keys at `low..=high`, which are the only places it can be.
/// Without holes both bounds meet, and one look is enough.
pub(super) fn position_of(
    key: i64,
    (mut low, mut high): (usize, usize),
    key_at: impl Fn(usize) -> i64,
) -> Option<usize> {
    if key_at(high) == key {
        return Some(high);
    }
    while low < high {
        let middle = low.midpoint(high);
        match key_at(middle).cmp(&key) {
            std::cmp::Ordering::Less => low = middle + 1,
            std::cmp::Ordering::Equal => return Some(middle),
            std::cmp::Ordering::Greater => high = middle,
        }
    }
    None
}

/// Where `key` can be among `len` ascending, distinct keys from `first` to `last`: each lies at least as far from
/// either end as there are keys between.
pub(super) fn window(key: i64, len: usize, (first, last): (i64, i64)) -> Option<(usize, usize)> {
    if len == 0 || key < first || key > last {
        return None;
    }
    let distance = |end: i64| usize::try_from(key.abs_diff(end)).unwrap_or(usize::MAX);
    Some(((len - 1).saturating_sub(distance(last)), distance(first).min(len - 1)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn agrees_with_a_linear_scan(
            keys in proptest::collection::btree_set(prop_oneof![-9i64..9, any::<i64>()], 1..20),
            key in prop_oneof![-9i64..9, any::<i64>()],
        ) {
            let keys: Vec<_> = keys.into_iter().collect();
            for key in keys.iter().copied().chain([key]) {
                let ends = (keys[0], keys[keys.len() - 1]);
                let found = window(key, keys.len(), ends).and_then(|at| position_of(key, at, |at| keys[at]));
                prop_assert_eq!(found, keys.iter().position(|other| *other == key));
            }
        }
    }
}
