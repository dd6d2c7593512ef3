//! What is exported is read back by other programs' readers, and is what it was.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod captures;
mod outputs;
mod reading;
mod round_trips;
mod samples;
