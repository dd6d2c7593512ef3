//! Keeps the packet filter of a node what the active generation says, or what it was.
//!
//! A [`Source`] tells what there is to let through: the database, or the API of an installation where a node has no
//! database. An [`Enforcer`] makes a file of what is valid at the moment, refuses what must never be loaded, and has a
//! [`packetfilter::Applier`] load it. Whatever is away, what is loaded stays.

mod enforcer;
mod known;
mod metrics;
mod source;
mod watch;

pub(crate) use enforcer::Guard;
pub use enforcer::{EnforceError, Enforcer, Meant, Place, Status};
pub use known::{Known, KnownError};
pub use metrics::Metrics;
pub use source::{Api, Database, Source, SourceError};
pub use watch::{Watch, watch};
