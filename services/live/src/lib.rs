//! The bus on which roles meet: hints that something changed, over Redis or within one process.
//!
//! A hint is never the change itself. Whoever hears one reads again what it keeps; whoever hears none reads again at
//! its own pace. So a lost, doubled or reordered hint costs time and nothing else, and no message carries configuration
//! or secrets.

mod bus;
mod connection;
mod metrics;
mod queue;
mod session;
mod state;
mod topic;
mod url;

pub use bus::{Bus, Hint, PAYLOAD_BYTES_MAX, Subscription};
pub use metrics::Metrics;
pub use state::State;
pub use topic::Topic;
pub use url::BusUrlError;
