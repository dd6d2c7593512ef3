//! Recorded calls as people and programs ask for them, read them and take them along.
//!
//! Command line and API take the same words: [`Ask::of`] makes a question to the store of pairs of names and texts, and
//! says which names and values there are where it cannot. [`CallView`] is what both give back. Times go in and out in the
//! time zone that was named; inside, as everywhere, they are UTC microseconds.

mod ask;
mod carriers;
mod explain;
mod export;
mod number;
mod parameters;
mod stats;
mod view;

pub use ask::{Ask, AskError, Conditions, ExportAsk, ShowAsk, shown_of_question};
pub use carriers::{CarriersError, carriers_by_id, names_carrier};
pub use explain::{ExplanationView, explain};
pub use export::{Watch, Writing, about, export, recorded};
pub use number::Numbers;
pub use parameters::{CONDITIONS, EXPLAIN, EXPORT, NUMBERS, PAGING, Parameter, STATS, ZONE};
pub use stats::{StatsView, stats_question};
pub use times::{Range, Zone, instant_or_ago};
pub use view::{AttemptView, CallView, LegView, PartyView};
