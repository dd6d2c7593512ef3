//! The dial peers numbers are bound to.

use std::sync::Arc;

use domain::{E164, GateId, NumberId, PeerName, ProviderId, ServerId};
use rustc_hash::{FxHashMap, FxHashSet};

use super::{TableFaults, parts::Part, step::Step};
use crate::{ChunkedTables, TableName, tables::Number};

/// The dial peer a number is bound to.
#[derive(Debug)]
pub(crate) struct Gate {
    pub(crate) id: GateId,
    /// Whose the number is.
    pub(crate) provider: ProviderId,
    pub(crate) server: ServerId,
    pub(crate) peer: PeerName,
    pub(crate) passes_caller_id: bool,
}

/// All gates. Keyed by the digits that are shown, not by the number's key: every candidate of every call asks, and
/// most numbers have no gate.
#[derive(Debug, Default)]
pub(crate) struct Gates {
    by_number: FxHashMap<E164, Vec<Gate>>,
    /// The numbers behind a gate, for trunks that call their login instead of a number.
    numbers: FxHashMap<ServerId, FxHashMap<PeerName, Vec<E164>>>,
    /// The numbers that have gates.
    bound: FxHashSet<NumberId>,
}

impl Gates {
    /// The gates a provider's number must be dialled through, by their keys.
    pub(crate) fn of(&self, number: E164, provider: ProviderId) -> impl Iterator<Item = &Gate> {
        self.by_number.get(&number).into_iter().flatten().filter(move |gate| gate.provider == provider)
    }

    /// The number behind a gate, if it is the only one.
    pub(crate) fn only_number(&self, server: ServerId, gate: &str) -> Option<E164> {
        match self.numbers.get(&server)?.get(gate).map(Vec::as_slice) {
            Some([number]) => Some(*number),
            _ => None,
        }
    }
}

impl Part for Gates {
    fn compile(tables: &ChunkedTables, _: &mut TableFaults) -> Self {
        let mut gates = Self::default();
        for row in tables.gates.rows() {
            let Some(number) = tables.numbers.get(row.number_id.0) else { continue };
            gates.bound.insert(number.id);
            let at_server = gates.numbers.entry(row.server_id).or_default();
            at_server.entry(row.gatename.clone()).or_default().push(number.number);
            gates.by_number.entry(number.number).or_default().push(Gate {
                id: row.id,
                provider: number.provider_id,
                server: row.server_id,
                peer: row.gatename.clone(),
                passes_caller_id: row.cid_support,
            });
        }
        gates
    }

    /// Of the numbers only those that have gates count here.
    fn advance(before: &Arc<Self>, step: &Step<'_>, faults: &mut TableFaults) -> Arc<Self> {
        let mut changed = step.changes::<Number>().filter_map(|change| change.before);
        if step.touches(&[TableName::Gate]) || changed.any(|number| before.bound.contains(&number.id)) {
            Arc::new(Self::compile(step.after, faults))
        } else {
            Arc::clone(before)
        }
    }
}
