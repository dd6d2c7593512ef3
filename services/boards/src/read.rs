//! Reading both places.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use domain::NodeName;
use live::{BOARD_LIFE, Board, BoardError, LiveCalls};
use runtime::chain;
use store::{StoreError, StoredBoard};

use crate::{Boards, DATABASE_LIMIT, in_time};

/// What is known of the calls of all nodes.
#[derive(Debug)]
pub struct Reading {
    /// One for each node that has one, sorted by node.
    pub boards: Vec<Posted>,
    /// Places that did not answer, or did not hold what they should.
    pub failures: Vec<BoardsError>,
}

/// One node's board.
#[derive(Clone, Debug)]
pub struct Posted {
    pub live: Arc<LiveCalls>,
    /// How long ago it was posted, by the clock of the place it is from.
    pub age: Duration,
    pub source: Source,
}

/// Where a board was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    Bus,
    Database,
}

/// What is wrong with one of the places.
#[derive(Debug, thiserror::Error)]
pub enum BoardsError {
    #[error(transparent)]
    Bus(#[from] BoardError),
    #[error("no boards from the database")]
    Database(#[source] StoreError),
    #[error("no boards from the database within {} s", DATABASE_LIMIT.as_secs())]
    TooSlow,
    #[error("the database holds what is no board of {0}")]
    NoBoard(String),
}

/// No place answered, so nobody knows whether anybody calls.
#[derive(Debug, thiserror::Error)]
#[error("neither bus nor database tells of calls: {}", reasons(.0))]
pub struct Unanswered(Vec<BoardsError>);

fn reasons(errors: &[BoardsError]) -> String {
    errors.iter().map(|error| chain(error).to_string()).collect::<Vec<_>>().join("; ")
}

impl Boards {
    /// What is up everywhere, as far as it was said within [`BOARD_LIFE`].
    pub async fn read(&self) -> Result<Reading, Unanswered> {
        let stored = Box::pin(in_time(self.store.boards(BOARD_LIFE)));
        let (on_bus, stored) = tokio::join!(self.bus.board(), stored);
        // What others say is not to be heard on a bus that ends with the process.
        if stored.is_err() && (on_bus.is_err() || !self.bus.is_shared()) {
            let failures = [on_bus.err().map(BoardsError::from), stored.err()];
            return Err(Unanswered(failures.into_iter().flatten().collect()));
        }
        let mut found = Found::default();
        found.note(on_bus.map_err(BoardsError::from), |board| Ok(Posted::from(board)));
        found.note(stored, |stored| Posted::read(&stored));
        Ok(Reading { boards: found.boards.into_values().collect(), failures: found.failures })
    }
}

#[derive(Default)]
struct Found {
    boards: BTreeMap<NodeName, Posted>,
    failures: Vec<BoardsError>,
}

impl Found {
    fn note<T>(
        &mut self,
        answer: Result<Vec<T>, BoardsError>,
        read: impl Fn(T) -> Result<Posted, BoardsError>,
    ) {
        match answer {
            Ok(boards) => {
                for board in boards {
                    match read(board) {
                        Ok(posted) => self.take(posted),
                        Err(failure) => self.failures.push(failure),
                    }
                }
            }
            Err(failure) => self.failures.push(failure),
        }
    }

    /// The younger word on a node counts.
    fn take(&mut self, posted: Posted) {
        let is_younger = self.boards.get(&posted.live.node).is_none_or(|other| posted.age < other.age);
        if is_younger {
            self.boards.insert(posted.live.node.clone(), posted);
        }
    }
}

impl From<Board> for Posted {
    fn from(board: Board) -> Self {
        Self { live: board.live, age: board.age, source: Source::Bus }
    }
}

impl Posted {
    /// Whoever may write to the table may have written anything.
    fn read(stored: &StoredBoard) -> Result<Self, BoardsError> {
        let live = LiveCalls::unpack(&stored.content).ok().filter(|live| live.node.as_str() == stored.node);
        let live = live.ok_or_else(|| BoardsError::NoBoard(stored.node.escape_debug().to_string()))?;
        Ok(Self { live: Arc::new(live), age: stored.age, source: Source::Database })
    }
}
