//! The numbers of accounts that show their own number without telling us which.

use std::sync::Arc;

use domain::{E164, NumberId, ProviderId, ServerId};
use rustc_hash::FxHashMap;

use super::{
    TableFaults,
    parts::Part,
    provider::{ShowPolicy, show_policy},
    step::Step,
};
use crate::{
    ChunkedTables, TableName,
    tables::{Number, Provider},
};

/// The first number of one account: on each server the one that can be dialled from there.
#[derive(Debug, Default)]
pub(crate) struct Account {
    /// Bound to no gate.
    anywhere: Option<(NumberId, E164)>,
    /// Bound to a gate on this server.
    at_gate: FxHashMap<ServerId, (NumberId, E164)>,
}

impl Account {
    fn add(&mut self, id: NumberId, number: E164, gate_servers: &[ServerId]) {
        if gate_servers.is_empty() {
            self.anywhere = Some(self.anywhere.map_or((id, number), |first| first.min((id, number))));
        }
        for server in gate_servers {
            let first = self.at_gate.entry(*server).or_insert((id, number));
            *first = (*first).min((id, number));
        }
    }

    /// The first number at all, wherever its gate is.
    pub(crate) fn first(&self) -> Option<E164> {
        self.at_gate.values().copied().chain(self.anywhere).min().map(|(_, number)| number)
    }

    pub(crate) fn first_on(&self, server: ServerId) -> Option<E164> {
        let here = self.at_gate.get(&server).copied();
        here.into_iter().chain(self.anywhere).min().map(|(_, number)| number)
    }
}

/// The accounts of the providers that need one.
#[derive(Debug, Default)]
pub(crate) struct Accounts(FxHashMap<ProviderId, Account>);

impl Accounts {
    pub(crate) fn of(&self, provider: ProviderId) -> Option<&Account> {
        self.0.get(&provider)
    }
}

fn needs_account(row: &Provider) -> bool {
    show_policy(row) == ShowPolicy::Fixed(None)
}

impl Part for Accounts {
    fn compile(tables: &ChunkedTables, _: &mut TableFaults) -> Self {
        let in_need = tables.providers.rows().filter(|row| needs_account(row));
        let mut accounts: FxHashMap<_, _> = in_need.map(|row| (row.id, Account::default())).collect();
        if accounts.is_empty() {
            return Self::default();
        }
        let mut gate_servers: FxHashMap<NumberId, Vec<ServerId>> = FxHashMap::default();
        for gate in tables.gates.rows() {
            gate_servers.entry(gate.number_id).or_default().push(gate.server_id);
        }
        for row in tables.numbers.rows().filter(|row| row.may_be_shown()) {
            if let Some(account) = accounts.get_mut(&row.provider_id) {
                let servers = gate_servers.get(&row.id).map(Vec::as_slice).unwrap_or_default();
                account.add(row.id, row.number, servers);
            }
        }
        Self(accounts)
    }

    /// One pass over a million numbers takes milliseconds, and most changes are of no account's number.
    fn advance(before: &Arc<Self>, step: &Step<'_>, faults: &mut TableFaults) -> Arc<Self> {
        let of_account = |row: &Number| before.0.contains_key(&row.provider_id);
        let mut numbers = step.changes::<Number>().flat_map(|change| [change.before, change.after]).flatten();
        let needs_change = || {
            let providers = step.changes::<Provider>().flat_map(|change| [change.before, change.after]);
            providers.flatten().any(needs_account)
        };
        let gates_count = step.touches(&[TableName::Gate]) && !before.0.is_empty();
        if gates_count || needs_change() || numbers.any(of_account) {
            Arc::new(Self::compile(step.after, faults))
        } else {
            Arc::clone(before)
        }
    }
}
