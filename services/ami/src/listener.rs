use std::{fmt, io, net::SocketAddr, time::Duration};

use asterisk::ami::{Frame, FrameError};

/// Hears what a node says. Called by the one who reads: it must return at once and never block.
pub trait Listener: Send + 'static {
    /// A session began; before any frame of it.
    fn opened(&mut self, opened: &Opened);

    /// Every event, item of a list, response and damaged block, in the order of the wire, but those that answer what
    /// this crate itself asks (pings, and what the account may do). `received_us` is when its last bytes were read, UTC
    /// microseconds.
    fn frame(&mut self, frame: &Frame, received_us: i64);

    /// The session is over; exactly once for each that was opened.
    fn closed(&mut self, why: &Closed, at_us: i64);
}

/// A session that stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened {
    /// When the node had let us in, UTC microseconds.
    pub at_us: i64,
    /// The version of the protocol: `11.0.0` is Asterisk 22, `5.0.4` is 16.
    pub protocol: Box<str>,
    /// Where the node is.
    pub peer: SocketAddr,
    pub is_encrypted: bool,
}

/// Why a session is over.
#[derive(Debug, thiserror::Error)]
pub enum Closed {
    #[error("we were told to stop")]
    Stopped,
    #[error("the node shut down")]
    Shutdown,
    /// Its end without a word: `core restart now`, a crash, or a reader that was too slow.
    #[error("the node closed the connection")]
    ByNode,
    #[error("the connection broke")]
    Broken(#[source] io::Error),
    #[error("the node said nothing for {} s", limit.as_secs())]
    Silent { limit: Duration },
    #[error("the node does not speak as a manager port does")]
    Garbled(#[source] FrameError),
}

impl Closed {
    pub(crate) const KINDS: [&str; 6] = ["stopped", "shutdown", "by_node", "broken", "silent", "garbled"];

    /// One word, for metrics.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Stopped => "stopped",
            Self::Shutdown => "shutdown",
            Self::ByNode => "by_node",
            Self::Broken(_) => "broken",
            Self::Silent { .. } => "silent",
            Self::Garbled(_) => "garbled",
        }
    }
}

impl fmt::Display for Opened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} with protocol {}", self.peer, self.protocol)
    }
}
