//! Why calls went where they went: their decisions, made again.

use std::collections::BTreeSet;

use activation::{Again, Explainer, LoadError, NotAgain};
use calls::CallRecord;
use routing::DecisionView;
use serde::Serialize;
use store::{Store, StoreError};

use crate::Numbers;

/// Decisions of one call that are explained; a call asks once, and again for each transfer.
const DECISIONS_MAX: usize = 20;

/// A decision of a call, made again by the generation that made it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ExplanationView {
    pub decision: Box<str>,
    /// What decided; null where that is not known.
    pub generation: Option<u64>,
    /// Whether it is answered as it was then; null: it cannot be made again.
    pub same: Option<bool>,
    /// Why it cannot be made again.
    pub why_not: Option<String>,
    /// What is answered, and what became of every candidate.
    pub again: Option<DecisionView>,
}

/// Explains every decision of a call, the first one first. What cannot be explained says why; a database that does not
/// answer is an error.
pub async fn explain(
    store: &Store,
    explainer: &mut Explainer<'_>,
    record: &CallRecord,
    numbers: Numbers,
) -> Result<Vec<ExplanationView>, StoreError> {
    let mut views = Vec::new();
    for decision in decisions(record) {
        views.push(match store.decision(decision).await? {
            None => ExplanationView::missing(decision),
            Some(logged) => {
                let again = explainer.again(&logged.record).await;
                ExplanationView::of(decision, logged.record.decided.generation, again, numbers)?
            }
        });
    }
    Ok(views)
}

fn decisions(record: &CallRecord) -> Vec<&str> {
    let later = record.attempts.iter().filter_map(|attempt| attempt.decision.as_deref());
    let mut known = BTreeSet::new();
    let all = record.decision.as_deref().into_iter().chain(later);
    all.filter(|decision| known.insert(*decision)).take(DECISIONS_MAX).collect()
}

impl ExplanationView {
    fn missing(decision: &str) -> Self {
        let why_not = Some("it is not in the table of decisions".to_owned());
        Self { decision: decision.into(), generation: None, same: None, why_not, again: None }
    }

    fn of(
        decision: &str,
        generation: Option<u64>,
        again: Result<Again, NotAgain>,
        numbers: Numbers,
    ) -> Result<Self, StoreError> {
        let decision = decision.into();
        match again {
            Ok(Again { same, decision: mut view }) => {
                hide(&mut view, numbers);
                Ok(Self { decision, generation, same: Some(same), why_not: None, again: Some(view) })
            }
            Err(NotAgain::Load(LoadError::Store(error))) => Err(error),
            Err(why_not) => {
                let why_not = Some(runtime::chain(&why_not).to_string());
                Ok(Self { decision, generation, same: None, why_not, again: None })
            }
        }
    }
}

/// Shows numbers as somebody may see them.
fn hide(view: &mut DecisionView, numbers: Numbers) {
    for attempt in &mut view.attempts {
        attempt.dial = numbers.show(&attempt.dial);
        attempt.caller_id = numbers.show(&attempt.caller_id);
    }
    let mut texts = vec![&mut view.then];
    if let Some(explanation) = &mut view.explanation {
        texts.extend([&mut explanation.shows, &mut explanation.called]);
    }
    for text in texts.into_iter().flatten() {
        *text = numbers.show(text);
    }
}
