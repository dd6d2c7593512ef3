//! What is exported, as text: of the published example, of hostile rows, of many.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod golden;
mod grammars;
mod guards;
mod hostile;
mod properties;
mod sample;
mod selection;
