//! A session with the manager port (AMI) of one Asterisk: kept up, listened to and asked.
//!
//! [`run`] connects, logs in and hands every frame to a [`Listener`], and does so again for as long as it may. A
//! [`Manager`] asks the node something over the same session. Reading never waits for anybody: Asterisk cuts off a
//! reader that keeps it waiting for 100 ms. What the account of the session may not do is found out and named
//! ([`Finding`]).

mod answers;
mod diary;
mod inspect;
mod link;
mod listener;
mod manager;
mod metrics;
mod open;
mod pulse;
mod rights;
mod session;
mod target;
mod watch;
mod wire;
mod witness;

pub use link::run;
pub use listener::{Closed, Listener, Opened};
pub use manager::{AskError, LinkState, Manager, Reply, Requests, manager};
pub use metrics::Metrics;
pub use rights::{Finding, manager_conf};
pub use target::{Address, Host, MalformedAddress, Target, Timings, Tls};
pub use watch::{ReadClass, Watch};
