//! From routes to the destinations of each class.

use std::{collections::hash_map::Entry, sync::Arc};

use domain::{Class, Prefix, ProviderId};
use rustc_hash::{FxHashMap, FxHashSet};

use super::{
    TableFaults,
    destinations::{Builder, Destinations, Offer},
    parts::Part,
    provider::{ProviderIndex, closed, positions, tariff},
    step::Step,
};
use crate::{
    ChunkedTables, TableName,
    tables::{self, DEFAULT_RANK, Route},
};

impl Part for Destinations {
    fn compile(tables: &ChunkedTables, _: &mut TableFaults) -> Self {
        let mut builder = Builder::default();
        for (position, class) in Class::ALL.iter().enumerate() {
            match Class::ALL[..position].iter().find(|other| same_offers(tables, *class, **other)) {
                Some(other) => builder.same(*class, *other),
                None => builder.add(*class, offers(tables, *class)),
            }
        }
        builder.finish()
    }

    /// Of the providers only what decides on their offers counts: a million routes are not sorted in anew because a
    /// carrier got another name.
    fn advance(before: &Arc<Self>, step: &Step<'_>, faults: &mut TableFaults) -> Arc<Self> {
        let sellers = |tables: &ChunkedTables| tables.providers.rows().map(seller).collect::<Vec<_>>();
        if step.touches(&[TableName::Route]) || sellers(step.before) != sellers(step.after) {
            Arc::new(Self::compile(step.after, faults))
        } else {
            Arc::clone(before)
        }
    }
}

/// What a provider offers at all: the classes it sells.
type Seller = (ProviderId, [bool; Class::ALL.len()]);

fn seller(row: &tables::Provider) -> Seller {
    let mut sold = [false; Class::ALL.len()];
    for class in Class::ALL {
        sold[*class as usize] = closed(row).is_none() && tariff(row).sells(*class);
    }
    (row.id, sold)
}

/// Whether two classes surely have the same offers, as they do where nobody tells classes apart.
fn same_offers(tables: &ChunkedTables, one: Class, other: Class) -> bool {
    let same = |(_, sold): Seller| sold[one as usize] == sold[other as usize];
    tables.providers.rows().map(seller).all(same) && tables.routes.rows().all(|row| row.class.is_none())
}

/// Who takes what in one class, by prefix.
fn offers(tables: &ChunkedTables, class: Class) -> FxHashMap<Prefix, Vec<Offer>> {
    let mut offers: FxHashMap<Prefix, Vec<Offer>> = FxHashMap::default();
    let routed: FxHashSet<ProviderId> = tables.routes.rows().map(|row| row.provider_id).collect();
    let mut open: FxHashMap<ProviderId, ProviderIndex> = positions(tables);
    let sold = tables.providers.rows().map(seller).filter(|(_, sold)| sold[class as usize]);
    let sellers: FxHashSet<ProviderId> = sold.map(|(id, _)| id).collect();
    open.retain(|id, _| sellers.contains(id));
    for row in class_routes(tables, class) {
        let Some(&provider) = open.get(&row.provider_id) else { continue };
        let offer = Offer { priority: row.priority, provider, weight: row.weight };
        offers.entry(row.prefix).or_default().push(offer);
    }
    for (_, &provider) in open.iter().filter(|(id, _)| !routed.contains(*id)) {
        let offer = Offer { priority: DEFAULT_RANK, provider, weight: DEFAULT_RANK };
        offers.entry(Prefix::ANY).or_default().push(offer);
    }
    offers
}

/// The enabled routes of one class; for the same prefix one that names the class stands in for one that does not.
fn class_routes(tables: &ChunkedTables, class: Class) -> impl Iterator<Item = &Route> {
    let mut best: FxHashMap<(ProviderId, Prefix), &Route> = FxHashMap::default();
    for row in tables.routes.rows() {
        if !row.enabled || row.class.is_some_and(|of| of != class) {
            continue;
        }
        match best.entry((row.provider_id, row.prefix)) {
            Entry::Vacant(place) => {
                place.insert(row);
            }
            Entry::Occupied(mut place) if row.class.is_some() => {
                place.insert(row);
            }
            Entry::Occupied(_) => {}
        }
    }
    best.into_values()
}
