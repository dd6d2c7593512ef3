//! Where calls to our numbers are answered.

use domain::{ContextName, Digits, ExtenName, PeerName};

/// Where calls to one number are answered.
#[derive(Debug)]
pub(crate) enum AnswerPlace {
    /// A phone, by its number.
    Extension(Digits),
    Group(RingGroup),
    /// The node's own dialplan.
    Dialplan {
        context: ContextName,
        exten: ExtenName,
    },
}

/// Phones of a group.
#[derive(Clone, Debug)]
pub(crate) enum RingGroup {
    /// All at once; they are on one server.
    All { endpoints: Vec<PeerName>, timeout_s: u16 },
    /// One after another, by their numbers.
    InOrder { extensions: Vec<Digits>, timeout_s: u16 },
}
