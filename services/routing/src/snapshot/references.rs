//! Which fields point to rows of which tables: the one list.

use super::{TableFaults, step::Step};
use crate::{
    Row, TableName,
    tables::{
        Customer, Extension, Gate, NodeToken, Number, NumberDestination, Provider, ProviderAddress,
        RingGroup, RingGroupMember, Route, Server, ServiceNumber,
    },
};

/// A field that points to the key of another row.
pub(super) struct Reference {
    pub(super) from: TableName,
    pub(super) to: TableName,
    check: fn(&Step<'_>, &mut TableFaults),
}

macro_rules! references {
    ($($from:ident.$field:ident => $to:ident, $target:expr;)+) => {
        pub(super) const REFERENCES: &[Reference] = &[$(Reference {
            from: TableName::$from,
            to: TableName::$to,
            check: |step, faults| check::<$from, $to>(step, stringify!($field), $target, faults),
        }),+];
    };
}

references! {
    ProviderAddress.provider_id => Provider, |row| Some(row.provider_id.0);
    Route.provider_id => Provider, |row| Some(row.provider_id.0);
    Number.provider_id => Provider, |row| Some(row.provider_id.0);
    Number.server_id => Server, |row| Some(row.server_id?.0);
    Gate.number_id => Number, |row| Some(row.number_id.0);
    Gate.server_id => Server, |row| Some(row.server_id.0);
    Extension.server_id => Server, |row| Some(row.server_id.0);
    Extension.number_id => Number, |row| Some(row.number_id?.0);
    RingGroupMember.ring_group_id => RingGroup, |row| Some(row.ring_group_id.0);
    RingGroupMember.extension_id => Extension, |row| Some(row.extension_id.0);
    NumberDestination.number_id => Number, |row| Some(row.number_id.0);
    NumberDestination.extension_id => Extension, |row| Some(row.extension_id?.0);
    NumberDestination.ring_group_id => RingGroup, |row| Some(row.ring_group_id?.0);
    Customer.extension_id => Extension, |row| Some(row.extension_id.0);
    ServiceNumber.provider_id => Provider, |row| Some(row.provider_id.0);
    NodeToken.server_id => Server, |row| Some(row.server_id.0);
}

/// Names every row that points nowhere.
pub(super) fn check_all(step: &Step<'_>, faults: &mut TableFaults) {
    for reference in REFERENCES.iter().filter(|reference| step.touches(&[reference.from, reference.to])) {
        (reference.check)(step, faults);
    }
}

/// Rows that are as they were still point to what was there, unless some of that is gone.
fn check<F: Row + 'static, T: Row + 'static>(
    step: &Step<'_>,
    field: &'static str,
    target: fn(&F) -> Option<i64>,
    faults: &mut TableFaults,
) {
    let targets = T::table(step.after);
    let mut look = |row: &F| {
        if let Some(missing) = target(row).filter(|key| targets.get(*key).is_none()) {
            faults.missing::<F>(row.key(), field, missing);
        }
    };
    if step.lost::<T>() {
        F::table(step.after).rows().for_each(look);
    } else {
        step.changes::<F>().filter_map(|change| change.after).for_each(&mut look);
    }
}
