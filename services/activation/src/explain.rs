//! Past decisions, made again by what made them.

use std::sync::Arc;

use routing::{Decided, DecisionRecord, DecisionView};
use serde::Serialize;
use store::Store;

use crate::active::{Active, LoadError};

/// The question of a decision, asked again.
#[derive(Debug, Serialize)]
pub struct Again {
    /// Whether it was answered as it was then.
    pub same: bool,
    #[serde(flatten)]
    pub decision: DecisionView,
}

/// Why a decision cannot be made again.
#[derive(Debug, thiserror::Error)]
pub enum NotAgain {
    #[error("its numbers were masked for good: it cannot be explained")]
    Masked,
    #[error("it was decided by tables that were never activated, and cannot be explained")]
    NeverActivated,
    #[error("generation {0}, which it was decided by, is kept no longer: it cannot be explained")]
    Collected(u64),
    #[error(transparent)]
    Load(LoadError),
}

/// Makes past decisions again. The last generation that was needed stays in memory as long as this does: decisions of one
/// call are of few.
#[derive(Debug)]
pub struct Explainer<'s> {
    store: &'s Store,
    known: Option<Arc<Active>>,
}

impl<'s> Explainer<'s> {
    pub fn new(store: &'s Store) -> Self {
        Self { store, known: None }
    }

    /// Decides again by the generation that decided.
    pub async fn again(&mut self, record: &DecisionRecord) -> Result<Again, NotAgain> {
        if record.question.is_masked() {
            return Err(NotAgain::Masked);
        }
        let number = record.decided.generation.ok_or(NotAgain::NeverActivated)?;
        let active = self.generation(number).await?;
        let snapshot = active.snapshot();
        let same = Decided::again(snapshot, &record.question) == record.decided;
        Ok(Again { same, decision: DecisionView::explained(snapshot, &record.question.request()) })
    }

    async fn generation(&mut self, number: u64) -> Result<Arc<Active>, NotAgain> {
        if let Some(known) = self.known.as_ref().filter(|known| known.record().number == number) {
            return Ok(Arc::clone(known));
        }
        let previous = self.known.take();
        let loaded = Active::load(self.store, number, previous).await.map_err(|error| match error {
            LoadError::NoSuch(number) => NotAgain::Collected(number),
            error => NotAgain::Load(error),
        })?;
        Ok(Arc::clone(self.known.insert(Arc::new(loaded))))
    }
}
