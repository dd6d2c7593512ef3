//! Which ids stand for another call: what is stored, and what a batch adds to it.

use std::collections::HashMap;

use domain::NodeName;
use futures_util::TryStreamExt;

use super::{
    bulk::{self, ALIASES, IDS_PER_STATEMENT, Present, id_values, select_calls},
    rows::{self, Key},
};
use crate::{
    dialect::Dialect,
    driver::{Connection, Value},
    error::StoreError,
    table::CellReader,
};

const SELECT: &str = "SELECT created_us, unique_id, by_created_us, by_unique_id, position FROM call_aliases";
const COLUMNS: &[&str] = &["created_us", "unique_id", "by_created_us", "by_unique_id", "position"];
const OF: [&str; 2] = ["created_us", "unique_id"];
const BY: [&str; 2] = ["by_created_us", "by_unique_id"];

/// Where an alias stands that no record lists yet: behind those that one does.
pub(super) const UNLISTED: i64 = i64::MAX;

pub(super) fn built_statements(dialect: Dialect) -> Vec<(&'static str, String)> {
    vec![(SELECT, select_calls(dialect, SELECT, OF, 1)), (SELECT, select_calls(dialect, SELECT, BY, 1))]
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Alias<'a> {
    pub(super) by: Key<'a>,
    pub(super) position: i64,
}

/// An id that became an alias stays one: no record brings it back to life.
#[derive(Debug, Default)]
pub(super) struct Aliases<'a> {
    stored: HashMap<Key<'a>, Alias<'a>>,
    now: HashMap<Key<'a>, Alias<'a>>,
}

impl<'a> Aliases<'a> {
    fn store(&mut self, id: Key<'a>, alias: Alias<'a>) {
        self.now.entry(id.clone()).or_insert_with(|| alias.clone());
        self.stored.insert(id, alias);
    }

    pub(super) fn is_alias(&self, id: &Key<'a>) -> bool {
        self.now.contains_key(id)
    }

    /// The call that an id stands for by now: itself where it is no alias.
    pub(super) fn call<'s>(&'s self, mut id: &'s Key<'a>) -> &'s Key<'a> {
        // Each is passed once at most, whatever somebody wrote into the table by hand.
        for _ in 0..self.now.len() {
            let Some(alias) = self.now.get(id) else { break };
            id = &alias.by;
        }
        id
    }

    /// `id` is part of `by`. What would lead in a circle is left out.
    pub(super) fn join(&mut self, id: Key<'a>, by: &Key<'a>, position: i64) {
        let by = self.call(by).clone();
        if id == by {
            return;
        }
        let listed = self.now.get(&id).filter(|known| *self.call(&known.by) == by);
        let position = listed.map_or(position, |known| known.position.min(position));
        self.now.insert(id, Alias { by, position });
    }

    /// Ids that were calls until now.
    pub(super) fn superseded(&self) -> Vec<Key<'a>> {
        self.now.keys().filter(|id| !self.stored.contains_key(*id)).cloned().collect()
    }

    /// What is to be stored: every alias leads straight to its call.
    fn changed(&self) -> impl Iterator<Item = (&Key<'a>, &Key<'a>, i64)> {
        self.now.iter().filter_map(|(id, alias)| {
            let by = self.call(&alias.by);
            let is_stored = |stored: &Alias<'a>| stored.by == *by && stored.position == alias.position;
            (!self.stored.get(id).is_some_and(is_stored)).then_some((id, by, alias.position))
        })
    }

    /// Reads what is stored of these ids.
    pub(super) async fn read<C: Connection>(
        &mut self,
        connection: &mut C,
        node: &NodeName,
        ids: &[&Key<'a>],
    ) -> Result<(), StoreError> {
        self.load(connection, node, OF, ids).await
    }

    /// Those that led to a call that is an alias itself now are led on.
    pub(super) async fn read_led_to<C: Connection>(
        &mut self,
        connection: &mut C,
        node: &NodeName,
        ids: &[&Key<'a>],
    ) -> Result<(), StoreError> {
        self.load(connection, node, BY, ids).await
    }

    async fn load<C: Connection>(
        &mut self,
        connection: &mut C,
        node: &NodeName,
        columns: [&str; 2],
        ids: &[&Key<'a>],
    ) -> Result<(), StoreError> {
        for ids in ids.chunks(IDS_PER_STATEMENT) {
            for (id, alias) in select(connection, node, columns, ids).await? {
                self.store(id, alias);
            }
        }
        Ok(())
    }

    pub(super) async fn write<C: Connection>(
        &self,
        connection: &mut C,
        node: &NodeName,
    ) -> Result<(), StoreError> {
        let mut values = Vec::new();
        for (id, by, position) in self.changed() {
            values.push(rows::node(node));
            id.push(&mut values);
            by.push(&mut values);
            values.push(Value::Key(Some(position)));
        }
        let written = bulk::write(connection, ALIASES, Present::Replaced, &values).await;
        written.map_err(StoreError::driver(ALIASES.insert))
    }
}

async fn select<C: Connection>(
    connection: &mut C,
    node: &NodeName,
    columns: [&str; 2],
    ids: &[&Key<'_>],
) -> Result<Vec<(Key<'static>, Alias<'static>)>, StoreError> {
    let sql = select_calls(C::DIALECT, SELECT, columns, ids.len());
    let mut found = Vec::new();
    let mut rows = connection.rows_built(sql, &id_values(node.as_str(), ids));
    while let Some(row) = rows.try_next().await.map_err(StoreError::driver(SELECT))? {
        let mut cells = CellReader::new(&row, ALIASES.table, COLUMNS);
        let id = Key::read(&mut cells)?;
        found.push((id, Alias { by: Key::read(&mut cells)?, position: cells.take()? }));
    }
    Ok(found)
}

/// The aliases of calls, in the order of their records.
pub(super) async fn of<C: Connection>(
    connection: &mut C,
    node: &NodeName,
    ids: &[&Key<'_>],
) -> Result<Vec<(Key<'static>, Alias<'static>)>, StoreError> {
    let mut found = select(connection, node, BY, ids).await?;
    found.sort_by(|(one, first), (other, second)| (first.position, one).cmp(&(second.position, other)));
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(created_us: i64) -> Key<'static> {
        Key { created_us, unique_id: created_us.to_string().into() }
    }

    fn stored(pairs: &[(i64, i64)]) -> Aliases<'static> {
        let mut aliases = Aliases::default();
        for &(id, by) in pairs {
            aliases.store(key(id), Alias { by: key(by), position: 1 });
        }
        aliases
    }

    fn changed(aliases: &Aliases<'_>) -> Vec<(i64, i64, i64)> {
        let mut all: Vec<_> =
            aliases.changed().map(|(id, by, position)| (id.created_us, by.created_us, position)).collect();
        all.sort_unstable();
        all
    }

    #[test]
    fn chains_lead_straight_to_their_end() {
        let mut aliases = stored(&[(4, 3)]);
        aliases.join(key(3), &key(2), 1);
        aliases.join(key(2), &key(1), 2);
        assert_eq!(aliases.call(&key(4)), &key(1));
        assert_eq!(changed(&aliases), [(2, 1, 2), (3, 1, 1), (4, 1, 1)]);
        let mut superseded = aliases.superseded();
        superseded.sort_unstable();
        assert_eq!(superseded, [key(2), key(3)]);
    }

    #[test]
    fn what_is_stored_is_not_written_again() {
        let mut aliases = stored(&[(2, 1)]);
        aliases.join(key(2), &key(1), UNLISTED);
        aliases.join(key(2), &key(1), 1);
        assert_eq!((changed(&aliases), aliases.superseded()), (vec![], vec![]));
        aliases.join(key(3), &key(2), 5);
        assert_eq!(changed(&aliases), [(3, 1, 5)]);
    }

    #[test]
    fn circles_are_left_out() {
        let mut aliases = stored(&[(2, 1)]);
        aliases.join(key(1), &key(2), 1);
        aliases.join(key(1), &key(1), 1);
        assert_eq!(changed(&aliases), []);
        aliases.join(key(1), &key(3), 1);
        aliases.join(key(3), &key(2), 1);
        assert_eq!(aliases.call(&key(2)), &key(3));
        assert_eq!(changed(&aliases), [(1, 3, 1), (2, 3, 1)]);
    }

    #[test]
    fn an_id_that_joins_another_call_leaves_the_first() {
        let mut aliases = stored(&[(3, 2)]);
        aliases.join(key(3), &key(1), 4);
        assert_eq!(changed(&aliases), [(3, 1, 4)]);
    }
}
