use std::str::FromStr;

use crate::ami::{
    block::Block,
    dialect::Renamed,
    value::{BridgeIdRef, LinkedIdRef, UniqueIdRef, Value},
};

/// Headers under the names of Asterisk 12 and later, wherever the version at hand keeps them.
#[derive(Clone, Copy)]
pub(in crate::ami) struct Reading<'a> {
    pub(super) block: &'a Block,
    renamed: Renamed,
}

impl<'a> Reading<'a> {
    pub(in crate::ami) fn new(block: &'a Block, renamed: Renamed) -> Self {
        Self { block, renamed }
    }

    pub(super) fn value(self, name: &str) -> Option<Value<'a>> {
        self.with_prefix("", name)
    }

    /// The header named `prefix` and `name` together, or the one that had its place.
    pub(super) fn with_prefix(self, prefix: &str, name: &str) -> Option<Value<'a>> {
        self.block.find(prefix, name).or_else(|| {
            let is_it = |now: &str| now.strip_prefix(prefix) == Some(name);
            let mut places = self.renamed.iter().filter(|(now, _)| is_it(now));
            places.find_map(|(_, was)| self.block.find("", was))
        })
    }

    pub(super) fn known(self, name: &str) -> Option<Value<'a>> {
        self.value(name)?.known()
    }

    pub(super) fn number<T: FromStr>(self, name: &str) -> Option<T> {
        self.value(name)?.number()
    }

    pub(super) fn yes(self, name: &str) -> Option<bool> {
        self.value(name).map(Value::is_yes)
    }

    pub(super) fn unique_id(self, name: &str) -> Option<UniqueIdRef<'a>> {
        UniqueIdRef::of(self.value(name)?)
    }

    pub(super) fn linked_id(self, prefix: &str) -> Option<LinkedIdRef<'a>> {
        LinkedIdRef::of(self.with_prefix(prefix, "Linkedid")?)
    }

    pub(super) fn bridge_id(self, name: &str) -> Option<BridgeIdRef<'a>> {
        BridgeIdRef::of(self.value(name)?)
    }
}
