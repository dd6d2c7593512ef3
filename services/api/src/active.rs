//! The active generation, kept between requests.

use std::sync::Arc;

use activation::{Active, LoadError};
use store::Store;
use tokio::sync::Mutex;

use crate::problem::Problem;

/// Follows what is active whenever somebody asks, and holds one generation: the next is loaded by what differs.
#[derive(Debug)]
pub(crate) struct ActiveGeneration {
    store: Store,
    /// One request loads, the others wait for what it has loaded.
    known: Mutex<Option<Arc<Active>>>,
}

impl ActiveGeneration {
    pub(crate) fn new(store: Store) -> Self {
        Self { store, known: Mutex::new(None) }
    }

    pub(crate) async fn get(&self) -> Result<Arc<Active>, Problem> {
        let mut known = self.known.lock().await;
        let head = self.store.latest_generation().await?.ok_or_else(Problem::no_generation)?;
        // A restored database can have another generation of the same number.
        let is_head = |active: &&Arc<Active>| {
            active.record().number == head.number && active.record().checksum.0 == head.checksum
        };
        if let Some(active) = known.as_ref().filter(is_head) {
            return Ok(Arc::clone(active));
        }
        let active = Arc::new(Active::load(&self.store, head.number, known.clone()).await?);
        *known = Some(Arc::clone(&active));
        Ok(active)
    }
}

impl From<LoadError> for Problem {
    fn from(error: LoadError) -> Self {
        match error {
            LoadError::Store(error) => error.into(),
            LoadError::TooSlow => Self::database_away(),
            error => Self::failed(&error),
        }
    }
}
