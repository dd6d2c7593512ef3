//! The bus on which roles meet: hints that something changed, over Redis or within one process.
//!
//! A hint is never the change itself. Whoever hears one reads again what it keeps; whoever hears none reads again at
//! its own pace. So a lost, doubled or reordered hint costs time and nothing else, and no message carries configuration
//! or secrets.
//!
//! Beside the hints there is a board, on which collectors put up the calls of their nodes: what has no table to be read
//! again from, and is worth nothing a moment later.

mod board;
mod bus;
mod connection;
mod metrics;
mod queue;
mod server;
mod session;
mod state;
mod topic;
mod url;

pub use board::{BOARD_LIFE, BOARDS_MAX, Board, BoardError, LiveCalls, Note, Shelf, Unreadable};
pub use bus::{Bus, Hint, PAYLOAD_BYTES_MAX, Subscription};
pub use metrics::Metrics;
pub use state::State;
pub use topic::Topic;
pub use url::BusUrlError;
