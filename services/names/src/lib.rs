//! What the host names of carriers stand for: what DNS answered goes in, together with the time; which addresses are in use
//! comes out, and which have to wait for a person.
//!
//! Everything here is pure. DNS is not believed: an answer that is missing takes nothing away, one that looks odd adds
//! nothing, and no sequence of answers changes a name more than once within its hold-down.

mod answer;
mod guards;
mod question;
mod rules;
mod state;
mod step;
mod taken;

pub use answer::{Answer, Failure, Found};
pub use guards::{Decision, Guards, Suspicion};
pub use question::Question;
pub use rules::Rules;
pub use state::{Condition, Sight, State};
pub use step::{Step, Suspect, heard};
pub use taken::Taken;
