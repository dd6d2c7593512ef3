//! What the packet filter of this machine has loaded of ours: read, replaced in one step, taken back.
//!
//! A [`Ruleset`] is read with one grammar from what we write and from what the filter's own tool prints, so the two can be
//! compared whatever way addresses are written. An [`Applier`] brings the filter from one to the next: checked before, in
//! one step, read back, and back to what was there before when something speaks against it.

mod applier;
mod deviation;
mod elements;
mod ipset;
mod kept;
mod nftables;
mod ruleset;
mod tool;

pub use applier::{Applier, ApplyError, Backend, Reason};
pub use deviation::{Deviation, Side, deviations};
pub use elements::{Addresses, Elements};
pub use kept::{Kept, KeptError};
pub use ruleset::{Ruleset, Set};
pub use tool::{Tool, ToolError};
