//! Carriers as people know them.

use std::collections::BTreeMap;

use domain::ProviderId;
use records::{CarriersError, carriers_by_id, names_carrier};
use runtime::Config;
use store::Store;

use super::{text::printable, zone};
use crate::{commands::open, failure::Failure};

/// What was typed, with ids in the place of carriers' names; only for these the database is asked.
pub(super) async fn by_id(
    config: &Config,
    said: &[(&'static str, String)],
) -> Result<Vec<(&'static str, String)>, Failure> {
    let mut said = said.to_vec();
    if said.iter().any(|(name, text)| names_carrier(name, text)) {
        let store = open(config).await?;
        let named = said.iter_mut().map(|(name, text)| (*name, text));
        carriers_by_id(&store, named).await.map_err(|error| match error {
            CarriersError::Ask(error) => zone::refused(&error),
            CarriersError::Store(error) => error.into(),
        })?;
    }
    Ok(said)
}

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
