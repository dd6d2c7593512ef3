//! A routing configuration compiled for answering: immutable, complete, and free of dangling references.
//!
//! A snapshot keeps the tables it was made from and finds their rows where they are. What it holds beside them are
//! parts, each made from a few tables: the next snapshot makes anew only the parts whose tables differ, and shares the
//! others. [`parts`] says which part comes from which tables; [`references`] and [`checks`] list the rules.

mod accounts;
mod addresses;
mod allowlist;
mod calling_codes;
mod checks;
mod destinations;
mod fault;
mod gates;
mod generation;
mod index;
mod keys;
mod nodes;
mod offers;
mod parts;
mod provider;
mod references;
mod ring_groups;
mod service_routes;
mod step;
mod tokens;

use std::net::IpAddr;

use domain::{
    ContextName, CountryCode, Digits, E164, ExtenName, ExtensionId, HopPath, NodeName, ProviderId, ServerId,
    StopRule,
};

use accounts::Account;
use checks::Checked;
pub(crate) use destinations::Destination;
pub use fault::{TableFault, TableFaults};
pub(crate) use gates::Gate;
pub use generation::Generation;
pub(crate) use nodes::Node;
use parts::Parts;
pub(crate) use provider::{Address, Provider, ShowPolicy};
pub(crate) use ring_groups::RingGroup;
pub(crate) use service_routes::ServiceRoute;
use step::Step;

use crate::{
    ChunkedTables,
    tables::{Extension, Number},
};

/// SHA-256 of a token.
pub type TokenHash = [u8; 32];

/// A routing configuration ready to answer from. Made whole or not at all.
#[derive(Clone, Debug)]
pub struct Snapshot {
    generation: Generation,
    tables: ChunkedTables,
    parts: Parts,
    stop_rules: OwnStopRules,
}

/// The stop rules of everything that is no carrier.
#[derive(Clone, Debug)]
pub(crate) struct OwnStopRules {
    /// Whatever one phone says, the next attempt is for somebody else.
    pub(crate) phone: StopRule,
    pub(crate) hop: StopRule,
}

/// Where calls to one number are answered.
#[derive(Clone, Copy, Debug)]
pub(crate) enum AnswerPlace<'s> {
    Extension(&'s Extension),
    Group(&'s RingGroup),
    /// The node's own dialplan.
    Dialplan {
        context: &'s ContextName,
        exten: &'s ExtenName,
    },
}

impl Snapshot {
    /// Compiles the tables, or names every row that does not fit.
    pub fn compile(tables: ChunkedTables, generation: Generation) -> Result<Self, TableFaults> {
        Self::empty().advance(tables, generation)
    }

    /// Compiles tables of which most are this snapshot's own, looking at what differs only. The result, faults
    /// included, is that of [`Self::compile`]; this snapshot stays as it is either way. Rows that stayed the same are
    /// shared with this snapshot, even if they came in chunks of their own.
    pub fn advance(&self, tables: ChunkedTables, generation: Generation) -> Result<Self, TableFaults> {
        let mut faults = TableFaults::default();
        let tables = tables.sharing(&self.tables);
        let step = Step::new(&self.tables, &tables);
        step.check_sizes()?;
        let parts = self.parts.advance(&step, &mut faults);
        references::check_all(&step, &mut faults);
        checks::check_all(&Checked { step: &step, before: &self.parts, after: &parts }, &mut faults);
        faults.into_result()?;
        Ok(Self { generation, tables, parts, stop_rules: self.stop_rules.clone() })
    }

    /// Knows nobody and nothing.
    fn empty() -> Self {
        let tables = ChunkedTables::default();
        let parts = Parts::compile(&tables, &mut TableFaults::default());
        let stop_rules = OwnStopRules { phone: StopRule::never(), hop: StopRule::for_hops() };
        Self { generation: Generation::number(0), tables, parts, stop_rules }
    }

    pub fn generation(&self) -> &Generation {
        &self.generation
    }

    /// What it was made from.
    pub fn tables(&self) -> &ChunkedTables {
        &self.tables
    }

    /// The node that holds the token with this hash.
    pub fn node_of_token(&self, hash: &TokenHash) -> Option<&NodeName> {
        self.parts.tokens.node(hash)
    }

    /// Whether the holder of this token may have decisions explained: operators and admins.
    pub fn may_explain(&self, hash: &TokenHash) -> bool {
        self.parts.tokens.may_explain(hash)
    }

    /// How many nodes, phones, providers and numbers the configuration has.
    pub fn size(&self) -> SnapshotSize {
        SnapshotSize {
            nodes: self.parts.nodes.len(),
            extensions: self.tables.extensions.len(),
            providers: self.tables.providers.len(),
            numbers: self.tables.numbers.len(),
        }
    }

    pub(crate) fn stop_rules(&self) -> &OwnStopRules {
        &self.stop_rules
    }

    pub(crate) fn node(&self, name: &NodeName) -> Option<&Node> {
        self.parts.nodes.get(name)
    }

    /// How an enabled server is reached, if it can be.
    pub(crate) fn path_to(&self, server: ServerId) -> Option<&HopPath> {
        self.parts.servers.path(server)
    }

    /// Our server behind a peer, user or endpoint section, if it is one.
    pub(crate) fn server_of_peer(&self, peer: &str) -> Option<ServerId> {
        self.parts.servers.of_peer(peer)
    }

    /// The phone with this authenticated endpoint on the node.
    pub(crate) fn extension_of_endpoint(&self, node: &Node, endpoint: &str) -> Option<&Extension> {
        self.parts.endpoints.get(&self.tables.extensions, &(node.server, endpoint))
    }

    /// The phone colleagues reach by these digits.
    pub(crate) fn extension(&self, number: Digits) -> Option<&Extension> {
        self.parts.extensions.get(&self.tables.extensions, &number)
    }

    pub(crate) fn extension_by_id(&self, id: ExtensionId) -> Option<&Extension> {
        self.tables.extensions.get(id.0)
    }

    /// The number a phone shows by default.
    pub(crate) fn shown_by(&self, phone: &Extension) -> Option<E164> {
        Some(self.tables.numbers.get(phone.number_id?.0)?.number)
    }

    pub(crate) fn providers(&self) -> &[Provider] {
        self.parts.providers.all()
    }

    /// The provider that calls from this address: of the networks that are valid, the longest that holds it.
    pub(crate) fn provider_of_source(&self, source: IpAddr, asked_us: Option<i64>) -> Option<&Provider> {
        let found = self.parts.allowlist.longest_match(source, asked_us);
        found.map(|index| &self.providers()[index as usize])
    }

    /// Whose a call from this address is, at a microsecond of UTC.
    pub fn provider_behind(&self, source: IpAddr, asked_us: Option<i64>) -> Option<ProviderId> {
        self.provider_of_source(source, asked_us).map(|provider| provider.id)
    }

    /// The account of a provider that shows its own number without telling us which.
    pub(crate) fn account(&self, provider: ProviderId) -> Option<&Account> {
        self.parts.accounts.of(provider)
    }

    pub(crate) fn leased(&self, number: E164) -> Option<&Number> {
        self.parts.numbers.get(&self.tables.numbers, &number)
    }

    /// Where calls to a number are answered.
    pub(crate) fn place(&self, number: &Number) -> Option<AnswerPlace<'_>> {
        let row = self.parts.answered.get(&self.tables.number_destinations, &number.id)?;
        match (row.extension_id, row.ring_group_id) {
            (Some(id), _) => self.extension_by_id(id).map(AnswerPlace::Extension),
            (_, Some(id)) => self.parts.ring_groups.get(id).map(AnswerPlace::Group),
            _ => Some(AnswerPlace::Dialplan { context: row.context.as_ref()?, exten: row.exten.as_ref()? }),
        }
    }

    /// The phone of the manager of a known caller.
    pub(crate) fn manager(&self, caller: E164) -> Option<&Extension> {
        let customer = self.parts.customers.get(&self.tables.customers, &caller)?;
        self.extension_by_id(customer.extension_id)
    }

    /// The gates a provider's number must be dialled through.
    pub(crate) fn gates(&self, number: E164, provider: ProviderId) -> impl Iterator<Item = &Gate> {
        self.parts.gates.of(number, provider)
    }

    /// The number behind a gate, if it is the only one.
    pub(crate) fn number_of_gate(&self, server: ServerId, gate: &str) -> Option<E164> {
        self.parts.gates.only_number(server, gate)
    }

    /// Who takes calls to this number in this class, in order of preference.
    pub(crate) fn destination(&self, number: E164, class: domain::Class) -> Option<Destination<'_>> {
        self.parts.destinations.longest_match(number, class)
    }

    /// Who carries an emergency or service number of a country, in order of preference.
    pub(crate) fn service_routes(&self, country: CountryCode, number: Digits) -> Option<&[ServiceRoute]> {
        self.parts.service_routes.of(country, number)
    }

    /// The country a number is of, where its calling code tells; of a code that several have, it does not.
    pub(crate) fn country_of(&self, number: E164) -> Option<CountryCode> {
        self.parts.calling_codes.country(number)
    }

    /// Whether two numbers are of one country, as far as calling codes tell; unknown countries are nobody's.
    pub(crate) fn same_country(&self, one: E164, other: E164) -> bool {
        let code = |number| self.parts.calling_codes.of(number);
        code(one).is_some_and(|code_of_one| code(other) == Some(code_of_one))
    }
}

/// Counts for logs and metrics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SnapshotSize {
    pub nodes: usize,
    pub extensions: usize,
    pub providers: usize,
    pub numbers: usize,
}
