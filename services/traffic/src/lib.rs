//! What became of attempts and calls, counted: the outcome of each by rules that can be edited, sums by the quarter of
//! an hour, and the ratios that follow from sums.
//!
//! ```text
//! attempt ──► Rules::outcome ──► RollUp ──► rows of a quarter ──► Sums of any time ──► ASR, NER, ACD, PDD
//! ```
//!
//! Everything here is a function of its arguments: who reads the rows and writes the sums is somebody else.

mod facts;
mod outcome;
mod period;
mod published;
mod quarter;
mod question;
mod roll_up;
mod rules;
mod sums;

pub use facts::AttemptFacts;
pub use outcome::Outcome;
pub use period::{Period, PeriodError};
pub use quarter::{QUARTER_US, Quarter};
pub use question::{Column, Dimension, Kind, Per, Question, QuestionError, Source};
pub use roll_up::{Attempt, Call, CauseKey, Direction, Facts, Key, RollUp};
pub use rules::{RULES_MAX, Rule, Rules, Seen, Span};
pub use sums::{Ratio, Sums};
pub use times::Zone;
