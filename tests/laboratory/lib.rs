//! The laboratory: real Asterisk nodes, SIPp carriers and phones, databases and routers in a network of their own.
//!
//! A program calls [`enter`] first. From then on it is process 1 of its own PID, mount and network namespaces, so
//! that nothing it starts can outlive it, no port can be taken by somebody else, and documentation addresses
//! (RFC 5737) are real ones.
#![expect(
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    reason = "in a laboratory a broken instrument is a failed test"
)]

pub mod ami;
pub mod asking;
pub mod asterisk;
pub mod away;
pub mod capture;
pub mod carriers;
mod databases;
pub mod dns;
pub mod feed;
pub mod fleet;
pub mod fresh;
pub mod kamailio;
pub mod loader;
pub mod manager_node;
mod namespace;
pub mod networks;
pub mod person;
pub mod phones;
pub mod pool;
mod process;
pub mod redis;
mod roots;
pub mod router;
mod scenario;
pub mod scripted;
pub mod servers;
pub mod sipp;
pub mod solo;
mod stack;
pub mod tables;

pub use databases::{mariadb, postgres, redis, sqlite};
pub use namespace::{Run, end_after, enter};
pub use process::{Running, wait_until};
pub use servers::by_hand;
pub use stack::{Stack, complaints, node, stack};
