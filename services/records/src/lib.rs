//! Recorded calls as people and programs ask for them and read them.
//!
//! Command line and API take the same words: [`Ask::of`] makes a question to the store of pairs of names and texts, and
//! says which names and values there are where it cannot. [`CallView`] is what both give back. Times go in and out in the
//! time zone that was named; inside, as everywhere, they are UTC microseconds.

mod ask;
mod export;
mod number;
mod parameters;
mod view;

pub use ask::{Ask, AskError, Conditions, zone_of};
pub use export::recorded;
pub use number::{Numbers, masked};
pub use parameters::{CONDITIONS, PAGING, Parameter, ZONE};
pub use times::{Range, Zone, instant_or_ago};
pub use view::{AttemptView, CallView, LegView, PartyView};
