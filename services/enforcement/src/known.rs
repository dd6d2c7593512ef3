use std::sync::Arc;

use activation::Active;
use firewall::{AddressSet, Entry, NoSuchServer, Question, select};

/// What a source said last.
#[derive(Clone, Debug)]
pub enum Known {
    /// A generation, and what of it is asked for.
    Generation(Arc<Active>, Question),
    /// What somebody selected who has the generation.
    Set(Arc<AddressSet>),
}

/// Why nothing can be selected of it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(transparent)]
pub struct KnownError(#[from] NoSuchServer);

impl Known {
    pub fn generation(&self) -> u64 {
        match self {
            Self::Generation(active, _) => active.record().number,
            Self::Set(set) => set.generation(),
        }
    }

    /// What of it is valid at a microsecond of UTC. What becomes valid later is no part of a set, so a source that sends
    /// sets has to be asked again for it.
    pub fn entries(&self, at_us: i64) -> Result<Vec<Entry>, KnownError> {
        match self {
            Self::Generation(active, question) => Ok(select(active.tables(), at_us, question)?.entries),
            Self::Set(set) => {
                Ok(set.entries().iter().filter(|entry| entry.is_valid_at(at_us)).cloned().collect())
            }
        }
    }
}
