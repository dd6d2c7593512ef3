//! Keeps the active generation: reads the tables into drafts, activates them, rolls back, follows what was activated
//! elsewhere, and remembers the last good ones on disk.

mod active;
mod aside;
mod collect;
mod draft;
mod explain;
mod folder;
mod keeper;
mod metrics;
mod order;
mod settle;

use std::time::Duration;

pub use active::{Active, LoadError, record};
pub use collect::collect;
pub use draft::{Draft, DraftError, Look, Part};
pub use explain::{Again, Explainer, NotAgain};
pub use folder::{Folder, Unusable};
pub use keeper::{Keeper, KeeperContext, Publish};
pub use metrics::Metrics;
pub use order::{Order, Refusal, activate, rollback};
pub use settle::{Settled, settle};

/// A router that was silent for so long is not counted on.
pub const SILENT: Duration = Duration::from_secs(15);
