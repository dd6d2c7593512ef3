//! Recorded streams, and streams made from them, through the assembler.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod bounds;
mod classes;
mod dialects;
mod fuzzed;
mod gaps;
mod golden;
mod live;
mod model;
mod node;
mod properties;
mod reconnect;
mod replay;
mod stories;
mod truth;
