//! The router from the outside: bytes of questions in, reply lines out, over the service and over real sockets.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod agi;
mod common;
mod decisions;
mod listener;
mod replies;
mod sockets;
mod verdicts;
