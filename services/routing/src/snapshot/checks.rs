//! What has to hold between rows, beside that references lead somewhere: the one list, with the tables each rule is
//! about.

use domain::{CountryCode, HopPath, HopProtocol};
use rustc_hash::{FxHashMap, FxHashSet};

use super::{TableFaults, addresses, parts::Parts, step::Step};
use crate::{
    ChunkedTables, Row,
    TableName::{self as T},
    tables::{Number, NumberDestination, RingGroupMember, Route, Server, ServiceNumber},
};

/// A rule and the tables it is about.
pub(super) struct Rule {
    pub(super) tables: &'static [T],
    check: fn(&Checked<'_>, &mut TableFaults),
}

/// What rules look at: the step, and the parts on both sides of it.
pub(super) struct Checked<'t> {
    pub(super) step: &'t Step<'t>,
    pub(super) before: &'t Parts,
    pub(super) after: &'t Parts,
}

pub(super) const RULES: &[Rule] = &[
    Rule { tables: &[T::Server], check: node_names },
    Rule { tables: &[T::Server], check: hop_protocols },
    Rule { tables: &[T::Server, T::Country], check: locations },
    Rule { tables: &[T::Server, T::Extension, T::ProviderAddress, T::Gate], check: peers },
    Rule { tables: &[T::ProviderAddress], check: addresses::check },
    Rule { tables: &[T::Route], check: routes },
    Rule { tables: &[T::ServiceNumber], check: service_numbers },
    Rule { tables: &[T::RingGroupMember], check: members },
    Rule { tables: &[T::NumberDestination], check: one_place },
    Rule {
        tables: &[T::NumberDestination, T::Number, T::Extension, T::RingGroup, T::RingGroupMember],
        check: groups_at_home,
    },
];

/// Names every row that breaks a rule.
pub(super) fn check_all(checked: &Checked<'_>, faults: &mut TableFaults) {
    for rule in RULES.iter().filter(|rule| checked.step.touches(rule.tables)) {
        (rule.check)(checked, faults);
    }
}

fn node_names(checked: &Checked<'_>, faults: &mut TableFaults) {
    let servers = checked.step.after.servers.rows();
    faults.unique::<Server, _>("servername", servers, |row| &row.servername);
}

/// The paths to a server with the columns they stand in.
fn paths(row: &Server) -> impl Iterator<Item = (&'static str, HopProtocol, &HopPath)> {
    let columns = [("sip", HopProtocol::Sip, &row.sip), ("iax2", HopProtocol::Iax2, &row.iax2)];
    columns.into_iter().filter_map(|(field, protocol, path)| Some((field, protocol, path.as_ref()?)))
}

fn enabled(tables: &ChunkedTables) -> impl Iterator<Item = &Server> {
    tables.servers.rows().filter(|row| row.enabled)
}

fn hop_protocols(checked: &Checked<'_>, faults: &mut TableFaults) {
    for row in enabled(checked.step.after) {
        for (field, protocol, _) in paths(row).filter(|(_, protocol, path)| path.protocol != *protocol) {
            faults.add::<Server>(row.key(), field, format!("must be of the form {protocol}/peer"));
        }
    }
}

/// Without a country's dial rules a node cannot tell what was dialled.
fn locations(checked: &Checked<'_>, faults: &mut TableFaults) {
    let tables = checked.step.after;
    let countries: FxHashSet<CountryCode> = tables.countries.rows().map(|row| row.iso).collect();
    for row in enabled(tables).filter(|row| !countries.contains(&row.location)) {
        faults.missing::<Server>(row.key(), "location", row.location);
    }
}

/// The name of a server's section on the others is also what proves its calls, so it cannot be anybody else's.
fn peers(checked: &Checked<'_>, faults: &mut TableFaults) {
    let tables = checked.step.after;
    let strangers = sections_like_servers(tables);
    let mut owners = FxHashMap::default();
    for row in enabled(tables) {
        for (field, _, path) in paths(row) {
            let peer = path.peer.as_str();
            let other = owners.insert(peer, row.id).filter(|other| *other != row.id);
            if other.is_some() || strangers.contains(peer) {
                faults.add::<Server>(row.key(), field, "names a peer that stands for somebody else too");
            }
        }
    }
}

/// The servers' sections whose names those of phones, carriers or gates bear too.
fn sections_like_servers(tables: &ChunkedTables) -> FxHashSet<&str> {
    let servers: FxHashSet<&str> =
        enabled(tables).flat_map(paths).map(|(_, _, path)| path.peer.as_str()).collect();
    let servers_like = |section: &str| servers.get(section).copied();
    let phones = tables.extensions.rows().filter_map(|row| servers_like(row.endpoint.as_str()));
    let carriers = tables.provider_addresses.rows().filter_map(|row| servers_like(row.peer()?.as_str()));
    let gates = tables.gates.rows().filter_map(|row| servers_like(row.gatename.as_str()));
    phones.chain(carriers).chain(gates).collect()
}

fn routes(checked: &Checked<'_>, faults: &mut TableFaults) {
    let key = |row: &Route| (row.provider_id, row.prefix, row.class);
    faults.unique::<Route, _>("provider_id, prefix, class", checked.step.after.routes.rows(), key);
}

fn service_numbers(checked: &Checked<'_>, faults: &mut TableFaults) {
    let key = |row: &ServiceNumber| (row.country, row.number, row.provider_id);
    let rows = checked.step.after.service_numbers.rows();
    faults.unique::<ServiceNumber, _>("country, number, provider_id", rows, key);
}

fn members(checked: &Checked<'_>, faults: &mut TableFaults) {
    let key = |row: &RingGroupMember| (row.ring_group_id, row.extension_id);
    let rows = checked.step.after.ring_group_members.rows();
    faults.unique::<RingGroupMember, _>("ring_group_id, extension_id", rows, key);
}

fn one_place(checked: &Checked<'_>, faults: &mut TableFaults) {
    for row in checked.step.changes::<NumberDestination>().filter_map(|change| change.after) {
        let phone_or_group =
            usize::from(row.extension_id.is_some()) + usize::from(row.ring_group_id.is_some());
        let place = (row.context.is_some(), row.exten.is_some());
        if !matches!((phone_or_group, place), (1, (false, false)) | (0, (true, true))) {
            let rule = "must be the only one beside ring_group_id and context";
            faults.add::<NumberDestination>(row.key(), "extension_id", rule);
        }
    }
}

/// Phones that ring at once are on the server of the number that rings them.
fn groups_at_home(checked: &Checked<'_>, faults: &mut TableFaults) {
    let Checked { step, before, after } = *checked;
    let mut rows: Vec<&NumberDestination> = if before.ring_groups.have_moved(&after.ring_groups) {
        step.after.number_destinations.rows().collect()
    } else {
        let own = step.changes::<NumberDestination>().filter_map(|change| change.after);
        own.chain(answering_changed_numbers(checked)).collect()
    };
    rows.sort_by_key(|row| row.key());
    rows.dedup_by_key(|row| row.key());
    for row in rows {
        if let (Some(number), Some(group)) = (step.after.numbers.get(row.number_id.0), row.ring_group_id)
            && after.ring_groups.rings_elsewhere(group, number.server_id)
        {
            let rule = "rings phones on another server than the number's";
            faults.add::<NumberDestination>(row.key(), "ring_group_id", rule);
        }
    }
}

/// The rows that were there before their numbers changed.
fn answering_changed_numbers<'t>(checked: &Checked<'t>) -> impl Iterator<Item = &'t NumberDestination> {
    let Checked { step, before, .. } = *checked;
    let (old, new) = (&step.before.number_destinations, &step.after.number_destinations);
    let numbers = step.changes::<Number>().filter_map(|change| change.before);
    let rows = numbers.filter_map(move |number| before.answered.get(old, &number.id));
    rows.filter_map(|row| new.get(row.key()))
}
