//! Whole numbers: who sees them, and that it is noted before anything is answered.

use axum::http::HeaderMap;
use domain::ApiRole;
use records::Numbers;
use runtime::chain;
use store::{Author, Store};
use tracing::error;

use crate::{door::Operator, problem::Problem};

/// The header that says why whole numbers are asked for.
pub(crate) const REASON: &str = "dialplane-reason";

/// What whoever asks will see.
#[derive(Debug)]
pub(crate) enum Sight {
    Masked,
    /// Whole numbers, once it is noted who saw what, and why.
    Whole {
        actor: String,
        subject: String,
        reason: String,
    },
}

/// Why whole numbers are asked for, if somebody says so.
pub(crate) fn reason(headers: &HeaderMap) -> Option<String> {
    let reason = headers.get(REASON)?;
    Some(String::from_utf8_lossy(reason.as_bytes()).trim().to_owned())
}

impl Sight {
    /// What somebody may see who asks for this, for a reason.
    pub(crate) fn of(
        operator: &Operator,
        numbers: Numbers,
        reason: Option<String>,
        subject: String,
    ) -> Result<Self, Problem> {
        if numbers == Numbers::Masked {
            return Ok(Self::Masked);
        }
        operator.require(ApiRole::Analyst, "whole numbers")?;
        let rule = "whole numbers are shown for a reason of 3 to 200 characters";
        let reason = reason.filter(|reason| Numbers::is_reason(reason));
        let reason = reason.ok_or_else(|| Problem::bad("Dialplane-Reason", rule))?;
        Ok(Self::Whole { actor: operator.actor(), subject, reason })
    }

    /// Notes it: what is answered after this was noted. Where it cannot be, nothing is shown. `calls` tells of how many it
    /// is, where that is known by now.
    pub(crate) async fn note(self, store: &Store, calls: Option<usize>) -> Result<(), Problem> {
        let Self::Whole { actor, subject, reason } = self else { return Ok(()) };
        let store = store.signed(Author { actor, comment: String::new() });
        store.note_numbers_shown(&subject, calls, &reason).await.map_err(|failed| {
            error!(error = %chain(&failed), "whole numbers are not shown, since that cannot be noted");
            Problem::no_audit()
        })
    }
}
