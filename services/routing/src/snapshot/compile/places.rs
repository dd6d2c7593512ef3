//! Where calls to our numbers are answered, and who the managers of known callers are.

use domain::{Digits, E164, RingGroupId, RingStrategy, ServerId};
use rustc_hash::FxHashMap;

use super::Compiler;
use crate::{
    decide::MAX_ATTEMPTS,
    snapshot::{AnswerPlace, RingGroup},
    tables,
};

/// Most phones that ring at once: with the longest names there are, so many fit into one reply beside a manager. One
/// after another, as many ring as an answer has attempts, less the manager's.
const MOST_AT_ONCE: usize = 16;

impl<'t> Compiler<'t> {
    pub(super) fn places(&mut self) -> FxHashMap<E164, AnswerPlace> {
        let rows = &self.tables.number_destinations;
        self.faults.unique(
            "number_destinations",
            "number_id",
            rows.iter().map(|row| (row.id, row.number_id)),
        );
        let groups = self.ring_groups();
        let mut places = FxHashMap::default();
        for row in rows {
            let number = (row.number_id, self.numbers.get(&row.number_id).copied());
            let Some(number) = self.faults.found("number_destinations", row.id, "number_id", number) else {
                continue;
            };
            if let Some(place) = self.place(row, number.server_id, &groups) {
                places.insert(number.number, place);
            }
        }
        places
    }

    fn place(
        &mut self,
        row: &tables::NumberDestination,
        server: Option<ServerId>,
        groups: &FxHashMap<RingGroupId, (Option<ServerId>, RingGroup)>,
    ) -> Option<AnswerPlace> {
        const TABLE: &str = "number_destinations";
        match (row.extension_id, row.ring_group_id, &row.context, &row.exten) {
            (Some(id), None, None, None) => {
                let phone =
                    self.faults.found(TABLE, row.id, "extension_id", (id, self.extensions.get(&id)))?;
                Some(AnswerPlace::Extension(phone.number))
            }
            (None, Some(id), None, None) => {
                let (home, group) =
                    self.faults.found(TABLE, row.id, "ring_group_id", (id, groups.get(&id)))?;
                if matches!(group, RingGroup::All { .. }) && *home != server {
                    self.faults.add(
                        TABLE,
                        row.id,
                        "ring_group_id",
                        "rings phones on another server than the number's",
                    );
                }
                Some(AnswerPlace::Group(group.clone()))
            }
            (None, None, Some(context), Some(exten)) => {
                Some(AnswerPlace::Dialplan { context: context.clone(), exten: exten.clone() })
            }
            _ => {
                self.faults.add(
                    TABLE,
                    row.id,
                    "extension_id",
                    "must be the only one beside ring_group_id and context",
                );
                None
            }
        }
    }

    /// Every group, with the server of its first phone.
    fn ring_groups(&mut self) -> FxHashMap<RingGroupId, (Option<ServerId>, RingGroup)> {
        let mut members: FxHashMap<RingGroupId, Vec<_>> = FxHashMap::default();
        for row in &self.tables.ring_group_members {
            const TABLE: &str = "ring_group_members";
            let group = (row.ring_group_id, self.groups.get(&row.ring_group_id));
            self.faults.found(TABLE, row.id, "ring_group_id", group);
            let phone = (row.extension_id, self.extensions.get(&row.extension_id).copied());
            if let Some(phone) = self.faults.found(TABLE, row.id, "extension_id", phone) {
                members.entry(row.ring_group_id).or_default().push((row.position, row.id, phone));
            }
        }
        let rows = self.tables.ring_groups.iter();
        rows.map(|row| (row.id, self.ring_group(row, members.remove(&row.id).unwrap_or_default()))).collect()
    }

    fn ring_group(
        &mut self,
        row: &tables::RingGroup,
        mut members: Vec<(u16, domain::RingGroupMemberId, &'t tables::Extension)>,
    ) -> (Option<ServerId>, RingGroup) {
        members.sort_by_key(|(position, id, _)| (*position, *id));
        let most = match row.strategy {
            RingStrategy::All => MOST_AT_ONCE,
            RingStrategy::Order => MAX_ATTEMPTS - 1,
        };
        if members.len() > most {
            let rule = format!("rings {} phones, {most} are the most", members.len());
            self.faults.add("ring_groups", row.id, "strategy", rule);
        }
        let home = members.first().map(|(_, _, phone)| phone.server_id);
        let timeout_s = row.dial_timeout_s;
        if row.strategy == RingStrategy::All {
            for (_, id, _) in members.iter().filter(|(_, _, phone)| Some(phone.server_id) != home) {
                let rule = "must be on the server of the group's other phones, which ring at once";
                self.faults.add("ring_group_members", id, "extension_id", rule);
            }
        }
        let enabled = members.into_iter().map(|(_, _, phone)| phone).filter(|phone| phone.enabled);
        let group = match row.strategy {
            RingStrategy::All => {
                RingGroup::All { endpoints: enabled.map(|phone| phone.endpoint.clone()).collect(), timeout_s }
            }
            RingStrategy::Order => {
                RingGroup::InOrder { extensions: enabled.map(|phone| phone.number).collect(), timeout_s }
            }
        };
        (home, group)
    }

    pub(super) fn managers(&mut self) -> FxHashMap<E164, Digits> {
        let rows = &self.tables.customers;
        self.faults.unique("customers", "number", rows.iter().map(|row| (row.id, row.number)));
        let mut managers = FxHashMap::default();
        for row in rows {
            let phone = (row.extension_id, self.extensions.get(&row.extension_id));
            if let Some(phone) = self.faults.found("customers", row.id, "extension_id", phone) {
                managers.insert(row.number, phone.number);
            }
        }
        managers
    }
}
