//! Sessions with a peer that does what no Asterisk can be made to do.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod hostile;
mod login;
mod peer;
mod restarts;
