//! The crate from the outside: tables in, decisions out.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod advance;
mod common;
mod edits;
mod explanations;
mod faults;
mod golden;
mod inbound;
mod outbound;
mod properties;
mod questions;
mod records;
mod times;
