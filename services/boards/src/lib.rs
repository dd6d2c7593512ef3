//! The calls that are up, to be seen from every process of an installation: on the bus where that carries them, and in
//! the database where it does not, be it that there is no Redis or that Redis is away.
//!
//! A collector holds a [`Boards`], says every second what is up ([`Boards::post`]), and runs [`Boards::run`] as a task.
//! Whoever wants to know asks [`Boards::read`], which looks at both places and takes the younger word on each node.

mod read;

use std::{sync::Arc, time::Duration};

use domain::NodeName;
use live::{Bus, LiveCalls, Note, Shelf};
use runtime::{CancellationToken, chain};
use store::{Store, StoreError};
use tokio::time::{sleep, timeout};
use tracing::{debug, warn};

pub use read::{BoardsError, Posted, Reading, Source, Unanswered};

/// How often the database is written to at most. A board is believed for 15 s.
const WRITE_EVERY: Duration = Duration::from_secs(2);
/// How long one write, or reading everything, may take.
const DATABASE_LIMIT: Duration = Duration::from_secs(10);

// What fits the one place fits the other.
const _: () = assert!(LiveCalls::PACKED_BYTES_MAX <= store::BOARD_BYTES_MAX);

/// Where the boards are, for those who write and those who read; clones are the same.
#[derive(Clone, Debug)]
pub struct Boards {
    bus: Bus,
    store: Store,
    /// What waits to be written into the database.
    shelf: Arc<Shelf>,
}

impl Boards {
    pub fn new(bus: Bus, store: Store) -> Self {
        Self { bus, store, shelf: Arc::default() }
    }

    /// Puts up what a node's collector knows. To be said again every second or so, changed or not. Never waits and
    /// never fails.
    pub fn post(&self, live: LiveCalls) {
        if !self.bus.shows_boards() {
            // Too many nodes are counted on the bus.
            let _ = self.shelf.put(live.clone());
        }
        self.bus.post(live);
    }

    /// Takes a node's board down; should that not come through any more, it is gone a little later by itself.
    pub fn withdraw(&self, node: &NodeName) {
        self.shelf.withdraw(node);
        self.bus.withdraw(node);
    }

    /// Writes into the database what the bus does not carry, until the stop signal.
    pub async fn run(self, stop: CancellationToken) {
        stop.run_until_cancelled(Box::pin(self.work())).await;
    }

    async fn work(&self) {
        let mut was_written = true;
        loop {
            let written = self.write_all().await;
            if let Err(error) = &written {
                let error = chain(error);
                if was_written {
                    warn!(%error, "boards not written to the database");
                } else {
                    debug!(%error, "boards still not written to the database");
                }
            }
            was_written = written.is_ok();
            sleep(WRITE_EVERY).await;
        }
    }

    async fn write_all(&self) -> Result<(), BoardsError> {
        for note in self.shelf.waiting().await {
            self.write(&note).await?;
            self.shelf.done(&note);
        }
        Ok(())
    }

    async fn write(&self, note: &Note) -> Result<(), BoardsError> {
        let written = async {
            match &note.live {
                Some(live) => self.store.post_board(&note.node, &collector(live), &live.pack()).await,
                None => self.store.withdraw_board(&note.node).await,
            }
        };
        in_time(written).await
    }
}

/// As long as its column.
fn collector(live: &LiveCalls) -> String {
    live.collector.chars().take(100).collect()
}

async fn in_time<T>(work: impl Future<Output = Result<T, StoreError>>) -> Result<T, BoardsError> {
    let done = timeout(DATABASE_LIMIT, work).await.map_err(|_| BoardsError::TooSlow)?;
    done.map_err(BoardsError::Database)
}
