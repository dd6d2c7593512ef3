use serde::{Deserialize, Serialize};

use crate::Checksum;

/// What is known of a generation beside its rows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GenerationRecord {
    /// Rises with every activation, rollbacks included.
    pub number: u64,
    /// The generation it was made from; absent: the first one.
    pub parent: Option<u64>,
    /// UTC, microseconds since 1970.
    pub created_us: i64,
    /// Who activated it.
    pub actor: String,
    pub comment: String,
    /// Rolled back to: nothing is activated automatically until somebody does it by hand.
    #[serde(default)]
    pub held: bool,
    /// Of its manifest.
    pub checksum: Checksum,
}
