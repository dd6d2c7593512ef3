//! What a snapshot consists of, and which tables each part is made from: the one place that says so.

use std::sync::Arc;

use super::{
    TableFaults,
    accounts::Accounts,
    allowlist::Allowlist,
    calling_codes::CallingCodes,
    destinations::Destinations,
    gates::Gates,
    index::Index,
    keys::{CallerOfCustomer, DigitsOfExtension, EndpointOfExtension, NumberOfDestination, NumberOfPool},
    nodes::{Nodes, Servers},
    provider::Providers,
    ring_groups::RingGroups,
    service_routes::ServiceRoutes,
    step::Step,
    tokens::Tokens,
};
use crate::{ChunkedTables, TableName};

/// A part of a snapshot. It depends on the tables it is declared with below, and on nothing else.
pub(super) trait Part: Sized {
    /// Makes it from the tables. Rows that point nowhere are left out: they are for
    /// [`references`](super::references) to name.
    fn compile(tables: &ChunkedTables, faults: &mut TableFaults) -> Self;

    /// Makes the next one. Only asked when a table it depends on differs, and only of a part without faults.
    fn advance(_: &Arc<Self>, step: &Step<'_>, faults: &mut TableFaults) -> Arc<Self> {
        Arc::new(Self::compile(step.after, faults))
    }
}

macro_rules! parts {
    ($($(#[$doc:meta])* $part:ident: $type:ty => [$($table:ident),+];)+) => {
        /// The parts, each shared with the snapshot before for as long as its tables stay the same.
        #[derive(Clone, Debug)]
        pub(super) struct Parts {
            $($(#[$doc])* pub(super) $part: Arc<$type>,)+
        }

        impl Parts {
            /// Every part with its tables.
            #[cfg(test)]
            pub(super) const TABLES: &[(&str, &[TableName])] =
                &[$((stringify!($part), &[$(TableName::$table),+])),+];

            pub(super) fn compile(tables: &ChunkedTables, faults: &mut TableFaults) -> Self {
                Self { $($part: Arc::new(Part::compile(tables, faults)),)+ }
            }

            pub(super) fn advance(&self, step: &Step<'_>, faults: &mut TableFaults) -> Self {
                Self {
                    $($part: if step.touches(&[$(TableName::$table),+]) {
                        Part::advance(&self.$part, step, faults)
                    } else {
                        Arc::clone(&self.$part)
                    },)+
                }
            }

            /// The parts that both hold in common.
            #[cfg(test)]
            pub(super) fn shared(&self, other: &Self) -> Vec<&'static str> {
                let parts = [$((stringify!($part), Arc::ptr_eq(&self.$part, &other.$part)),)+];
                parts.into_iter().filter(|(_, shared)| *shared).map(|(part, _)| part).collect()
            }
        }
    };
}

parts! {
    numbers: Index<NumberOfPool> => [Number];
    extensions: Index<DigitsOfExtension> => [Extension];
    endpoints: Index<EndpointOfExtension> => [Extension];
    answered: Index<NumberOfDestination> => [NumberDestination];
    customers: Index<CallerOfCustomer> => [Customer];
    gates: Gates => [Gate, Number];
    accounts: Accounts => [Provider, Number, Gate];
    providers: Providers => [Provider, ProviderAddress];
    allowlist: Allowlist => [Provider, ProviderAddress, ResolvedAddress];
    destinations: Destinations => [Provider, Route];
    service_routes: ServiceRoutes => [Provider, ServiceNumber];
    nodes: Nodes => [Country, Server];
    servers: Servers => [Server];
    tokens: Tokens => [Server, NodeToken, ApiToken];
    ring_groups: RingGroups => [Extension, RingGroup, RingGroupMember];
    calling_codes: CallingCodes => [Country];
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, sync::Arc};

    use super::*;
    use crate::{
        Generation, Snapshot,
        snapshot::{checks::RULES, references::REFERENCES},
        tables::Tables,
    };

    fn article() -> Tables {
        toml::from_str(include_str!("../../../store/example/article.toml")).unwrap()
    }

    fn compiled(tables: Tables) -> Snapshot {
        Snapshot::compile(tables.into(), Generation::number(1)).unwrap()
    }

    fn advanced(before: &Snapshot, change: impl FnOnce(&mut Tables)) -> Snapshot {
        let mut tables = article();
        change(&mut tables);
        before.advance(tables.into(), Generation::number(2)).unwrap()
    }

    #[test]
    fn every_table_is_of_some_use() {
        let parts = Parts::TABLES.iter().flat_map(|(_, tables)| *tables);
        let rules = RULES.iter().flat_map(|rule| rule.tables);
        let references = REFERENCES.iter().flat_map(|reference| [&reference.from, &reference.to]);
        let used: BTreeSet<_> = parts.chain(rules).chain(references).collect();
        let unused: Vec<_> = TableName::ALL.iter().filter(|table| !used.contains(table)).collect();
        assert_eq!(unused, [&TableName::Currency], "what carriers bill in decides nothing");
    }

    /// Asserts that every part is shared that none of these tables goes into.
    fn assert_shared(before: &Snapshot, after: &Snapshot, changed: &[TableName]) {
        let shared = before.parts.shared(&after.parts);
        for (part, tables) in Parts::TABLES {
            let touched = tables.iter().any(|table| changed.contains(table));
            assert!(touched || shared.contains(part), "{part} was made anew for {changed:?}");
        }
    }

    #[test]
    fn what_a_change_does_not_touch_is_shared() {
        let before = compiled(article());
        let same = advanced(&before, |_| ());
        assert_shared(&before, &same, &[]);
        assert!(same.tables().tables_apart(before.tables()).is_empty());
        let currency = advanced(&before, |tables| tables.currencies[0].name.push('x'));
        assert_shared(&before, &currency, &[TableName::Currency]);
        let phone = advanced(&before, |tables| tables.extensions[0].dial_timeout_s += 1);
        assert_shared(&before, &phone, &[TableName::Extension]);
        assert_eq!(phone.tables().tables_apart(before.tables()), [TableName::Extension]);
        let route = advanced(&before, |tables| tables.routes[0].priority += 1);
        assert_shared(&before, &route, &[TableName::Route]);
        assert!(!before.parts.shared(&route.parts).contains(&"destinations"));
    }

    #[test]
    fn parts_look_no_further_than_at_the_rows_they_need() {
        let before = compiled(article());
        let shared = |change: fn(&mut Tables)| before.parts.shared(&advanced(&before, change).parts);
        // Westcall's number, bound to a gate, but of no account that shows a number of its own choice.
        let gated = shared(|tables| {
            let bound =
                tables.gates.iter().find(|gate| gate.gatename.as_str() == "westcall").unwrap().number_id;
            tables.numbers.iter_mut().find(|row| row.id == bound).unwrap().echotest = true;
        });
        assert!(!gated.contains(&"gates") && gated.contains(&"accounts"), "{gated:?}");
        let unbound = shared(|tables| {
            let bound: Vec<_> = tables.gates.iter().map(|gate| gate.number_id).collect();
            tables.numbers.iter_mut().find(|row| !bound.contains(&row.id)).unwrap().echotest = true;
        });
        assert!(unbound.contains(&"gates"), "{unbound:?}");
        let renamed = shared(|tables| tables.providers[0].providername.push('x'));
        assert!(renamed.contains(&"destinations") && !renamed.contains(&"providers"), "{renamed:?}");
    }

    #[test]
    fn an_index_shares_the_shards_in_which_nothing_changed() {
        let row = article().numbers.remove(0);
        let numbers = |count: i64| {
            (1..=count).map(|id| crate::tables::Number {
                id: domain::NumberId(id),
                number: (7_000_000_000 + id).to_string().parse().unwrap(),
                server_id: None,
                ..row.clone()
            })
        };
        let tables = |count| Tables {
            numbers: numbers(count).collect(),
            providers: article().providers,
            ..Tables::default()
        };
        let before = compiled(tables(5_000));
        let after = before.advance(tables(5_001).into(), Generation::number(2)).unwrap();
        let chunks = before.tables().numbers.chunks().iter().zip(after.tables().numbers.chunks());
        assert_eq!(chunks.filter(|(one, other)| !Arc::ptr_eq(one, other)).count(), 1);
        assert_eq!(before.parts.numbers.shards_apart(&after.parts.numbers), 1);
    }
}
