//! Generations on an embedded database, without a laboratory.

#![expect(clippy::unwrap_used, reason = "tests")]

mod common;
mod folder;
mod orders;
