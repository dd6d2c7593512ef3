use domain::ProviderId;

use crate::Outcome;

/// What stands of an attempt beside what its recorder told: where it went, and what became of it. Nothing until its quarter
/// is summed up for the first time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AttemptFacts {
    pub provider: Option<ProviderId>,
    /// A word of [`crate::Kind`], or of a newer program.
    pub kind: Option<Box<str>>,
    /// The destination prefix of the route.
    pub prefix: Option<Box<str>>,
    /// Of the called number.
    pub country: Option<Box<str>>,
    pub outcome: Option<Outcome>,
}
