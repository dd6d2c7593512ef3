//! What a batch says, before the tables are asked.

use std::collections::{HashMap, hash_map::Entry};

use calls::{CallRecord, CallUpdate};

use super::{
    aliases::{Aliases, UNLISTED},
    rows::Key,
};

/// The newest record of each id, and which ids are part of which.
#[derive(Debug, Default)]
pub(super) struct Plan<'a> {
    pub(super) records: Vec<(Key<'a>, &'a CallRecord)>,
    pub(super) joins: Vec<Join<'a>>,
    /// Records with a newer one of the same id beside them.
    pub(super) outdated: u64,
}

#[derive(Debug)]
pub(super) struct Join<'a> {
    id: Key<'a>,
    by: Key<'a>,
    position: i64,
}

/// A higher revision is newer, and of one revision a complete record.
pub(super) fn age(record: &CallRecord) -> (i64, bool) {
    (record.revision.into(), record.is_complete())
}

impl<'a> Plan<'a> {
    pub(super) fn of(updates: &'a [CallUpdate]) -> Self {
        let mut plan = Self::default();
        let mut at = HashMap::new();
        for update in updates {
            match update {
                CallUpdate::Ended(record) => plan.add(record, &mut at),
                CallUpdate::Superseded { id, by } => {
                    plan.joins.push(Join { id: Key::of(id), by: Key::of(by), position: UNLISTED });
                }
            }
        }
        plan
    }

    fn add(&mut self, record: &'a CallRecord, at: &mut HashMap<Key<'a>, usize>) {
        let key = Key::of(&record.id);
        let joins = (1..).zip(&record.aliases);
        self.joins.extend(joins.map(|(position, id)| Join { id: Key::of(id), by: key.clone(), position }));
        match at.entry(key.clone()) {
            Entry::Vacant(free) => {
                free.insert(self.records.len());
                self.records.push((key, record));
            }
            Entry::Occupied(known) => {
                self.outdated += 1;
                let (_, kept) = &mut self.records[*known.get()];
                if age(record) > age(kept) {
                    *kept = record;
                }
            }
        }
    }

    /// Every id it speaks of, each once.
    pub(super) fn ids(&self) -> Vec<&Key<'a>> {
        let joined = self.joins.iter().flat_map(|join| [&join.id, &join.by]);
        let mut ids: Vec<_> = self.records.iter().map(|(key, _)| key).chain(joined).collect();
        ids.sort_unstable();
        ids.dedup();
        ids
    }

    pub(super) fn join(&mut self, aliases: &mut Aliases<'a>) {
        for join in self.joins.drain(..) {
            aliases.join(join.id, &join.by, join.position);
        }
    }

    /// Leaves the records for which there is a reason.
    pub(super) fn keep(&mut self, mut wanted: impl FnMut(&Key<'a>, &CallRecord) -> bool) {
        let before = self.records.len();
        self.records.retain(|(key, record)| wanted(key, record));
        self.outdated += (before - self.records.len()) as u64;
    }
}
