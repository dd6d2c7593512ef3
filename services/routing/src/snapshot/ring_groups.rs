//! Phones that are called together or one after another.

use domain::{ExtensionId, PeerName, RingGroupId, RingStrategy, ServerId};
use rustc_hash::FxHashMap;

use super::{TableFaults, parts::Part};
use crate::{
    ChunkedTables, Row,
    decide::MAX_ATTEMPTS,
    tables::{self, Extension},
};

/// Most phones that ring at once: with the longest names there are, so many fit into one reply beside a manager. One
/// after another, as many ring as an answer has attempts, less the manager's.
const MOST_AT_ONCE: usize = 16;

/// Phones of a group.
#[derive(Debug)]
pub(crate) struct RingGroup {
    pub(crate) strategy: RingStrategy,
    pub(crate) timeout_s: u16,
    /// Every phone, in the order in which they ring.
    pub(crate) members: Vec<ExtensionId>,
    /// The phones that ring when all do at once: the enabled ones.
    pub(crate) at_once: Vec<PeerName>,
    /// The server of the first phone.
    home: Option<ServerId>,
}

/// All groups.
#[derive(Debug)]
pub(crate) struct RingGroups(FxHashMap<RingGroupId, RingGroup>);

impl RingGroups {
    pub(crate) fn get(&self, id: RingGroupId) -> Option<&RingGroup> {
        self.0.get(&id)
    }

    /// Whether a group rings at once, but not on this server.
    pub(super) fn rings_elsewhere(&self, id: RingGroupId, server: Option<ServerId>) -> bool {
        self.0.get(&id).is_some_and(|group| group.strategy == RingStrategy::All && group.home != server)
    }

    /// Whether a group that was there rings otherwise or on another server now.
    pub(super) fn have_moved(&self, next: &Self) -> bool {
        let place = |group: &RingGroup| (group.strategy, group.home);
        self.0.iter().any(|(id, group)| next.get(*id).map(place) != Some(place(group)))
    }
}

type Members<'t> = Vec<(&'t tables::RingGroupMember, &'t Extension)>;

impl Part for RingGroups {
    fn compile(tables: &ChunkedTables, faults: &mut TableFaults) -> Self {
        let mut members: FxHashMap<RingGroupId, Members<'_>> = FxHashMap::default();
        for row in tables.ring_group_members.rows() {
            if let Some(phone) = tables.extensions.get(row.extension_id.0) {
                members.entry(row.ring_group_id).or_default().push((row, phone));
            }
        }
        let rows = tables.ring_groups.rows();
        let group = |row: &tables::RingGroup| {
            (row.id, ring_group(row, members.remove(&row.id).unwrap_or_default(), faults))
        };
        Self(rows.map(group).collect())
    }
}

fn ring_group(row: &tables::RingGroup, mut members: Members<'_>, faults: &mut TableFaults) -> RingGroup {
    members.sort_by_key(|(member, _)| (member.position, member.id));
    check_size(row, members.len(), faults);
    let home = members.first().map(|(_, phone)| phone.server_id);
    if row.strategy == RingStrategy::All {
        for (member, _) in members.iter().filter(|(_, phone)| Some(phone.server_id) != home) {
            let rule = "must be on the server of the group's other phones, which ring at once";
            faults.add::<tables::RingGroupMember>(member.key(), "extension_id", rule);
        }
    }
    let enabled = members.iter().filter(|(_, phone)| phone.enabled);
    let at_once = match row.strategy {
        RingStrategy::All => enabled.map(|(_, phone)| phone.endpoint.clone()).collect(),
        RingStrategy::Order => Vec::new(),
    };
    let members = members.iter().map(|(_, phone)| phone.id).collect();
    RingGroup { strategy: row.strategy, timeout_s: row.dial_timeout_s, members, at_once, home }
}

fn check_size(row: &tables::RingGroup, members: usize, faults: &mut TableFaults) {
    let most = match row.strategy {
        RingStrategy::All => MOST_AT_ONCE,
        RingStrategy::Order => MAX_ATTEMPTS - 1,
    };
    if members > most {
        let rule = format!("rings {members} phones, {most} are the most");
        faults.add::<tables::RingGroup>(row.key(), "strategy", rule);
    }
}
