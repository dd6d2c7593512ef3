//! The board: what each node's collector last said about the calls that are up. Anybody on the bus may read it at any
//! time; what is not said again for [`BOARD_LIFE`] is gone by itself.

mod poster;
mod sheet;
mod shelf;
mod wall;

use std::{sync::Arc, time::Duration};

use calls::LiveCall;
use domain::NodeName;
use serde::Deserialize;

pub use sheet::Unreadable;
pub use shelf::{Note, Shelf};

pub(crate) use poster::Poster;
pub(crate) use wall::Wall;

/// How long a board is believed without being posted again.
pub const BOARD_LIFE: Duration = Duration::from_secs(15);
/// Most nodes whose boards are kept and read.
pub const BOARDS_MAX: usize = 128;
/// How long reading all boards may take.
const READ_LIMIT: Duration = Duration::from_secs(5);

/// The calls of one node that are up, as its collector knows them.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct LiveCalls {
    pub node: NodeName,
    /// Which collector says so; shortened to 100 characters when it is posted.
    pub collector: Box<str>,
    /// When, by its own clock, UTC microseconds.
    pub at_us: i64,
    /// Oldest first; those beyond the first [`Self::CALLS_MAX`] are left out when it is posted.
    pub calls: Vec<LiveCall>,
    /// How many more calls are up.
    #[serde(default)]
    pub left_out: u64,
}

impl LiveCalls {
    /// Most calls a node's board shows.
    pub const CALLS_MAX: usize = 2_000;
    /// Most bytes of a packed board.
    pub const PACKED_BYTES_MAX: usize = 512 << 10;

    fn within_limits(mut self) -> Self {
        let beyond = self.calls.len().saturating_sub(Self::CALLS_MAX);
        self.calls.truncate(Self::CALLS_MAX);
        self.left_out = self.left_out.saturating_add(beyond as u64);
        self
    }
}

/// What was read of one node.
#[derive(Clone, Debug)]
pub struct Board {
    pub live: Arc<LiveCalls>,
    /// How long ago it was posted, by one clock for all nodes.
    pub age: Duration,
}

/// Why nobody can tell what is on the boards.
#[derive(Debug, thiserror::Error)]
pub enum BoardError {
    #[error("no boards from the bus within {} s", READ_LIMIT.as_secs())]
    TooSlow,
    #[error("no boards from the bus: {0}")]
    Unavailable(String),
}

impl BoardError {
    pub(crate) const READ_LIMIT: Duration = READ_LIMIT;
}
