//! Carriers as people know them.

use std::collections::BTreeMap;

use domain::ProviderId;
use store::Store;

use super::text::printable;
use crate::failure::Failure;

/// Their names, by their ids.
pub(super) struct Carriers(BTreeMap<i64, String>);

impl Carriers {
    pub(super) async fn read(store: &Store) -> Result<Self, Failure> {
        Ok(Self(store.carriers().await?))
    }

    /// The name, or the id of one that is not in the tables any more.
    pub(super) fn name(&self, id: Option<ProviderId>) -> Option<String> {
        id.map(|id| self.0.get(&id.0).map_or_else(|| id.to_string(), |name| printable(name)))
    }
}
