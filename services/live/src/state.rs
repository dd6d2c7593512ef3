use tokio::time::Instant;

/// Whether hints reach other processes. Without a connection everybody still polls: news are slower, nothing is lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Always so for the bus within one process.
    Connected,
    /// Not connected yet, or not any more.
    Disconnected { since: Instant },
}
