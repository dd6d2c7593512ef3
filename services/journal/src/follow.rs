use tokio::{
    sync::watch,
    task::{JoinHandle, spawn_blocking},
};

use crate::{Entry, JournalError, Position, Reader};

/// Payload bytes and entries handed over at once; one large record may come on top.
const BATCH_BYTES: usize = 256 << 10;
const BATCH_ENTRIES: usize = 1024;

/// Follows an open journal. The disk is read on a thread for blocking work.
#[derive(Debug)]
pub struct Follower {
    state: State,
    durable: watch::Receiver<Position>,
}

/// The reader comes back with what it read.
type Outcome = (Box<Reader>, Result<Vec<Entry>, JournalError>);

#[derive(Debug)]
enum State {
    Idle(Box<Reader>),
    Reading(JoinHandle<Outcome>),
    /// Reading panicked.
    Broken,
}

impl Follower {
    pub(crate) fn new(reader: Reader, durable: watch::Receiver<Position>) -> Self {
        Self { state: State::Idle(Box::new(reader)), durable }
    }

    /// The next entries, at least one; waits for them. May be cancelled and asked again: nothing is lost. Ends with
    /// [`JournalError::Closed`] when the journal is closed and everything durable was read.
    pub async fn batch(&mut self) -> Result<Vec<Entry>, JournalError> {
        loop {
            let closed = self.durable.has_changed().is_err();
            let limit = *self.durable.borrow_and_update();
            let entries = self.read(limit).await?;
            if !entries.is_empty() {
                return Ok(entries);
            }
            if closed {
                return Err(JournalError::Closed);
            }
            // An error means closed: once more around, for what became durable last.
            let _ = self.durable.changed().await;
        }
    }

    async fn read(&mut self, limit: Position) -> Result<Vec<Entry>, JournalError> {
        match std::mem::replace(&mut self.state, State::Broken) {
            State::Idle(reader) => self.state = State::Reading(spawn_blocking(move || read(reader, limit))),
            reading => self.state = reading,
        }
        let State::Reading(reading) = &mut self.state else { return Err(JournalError::Closed) };
        let (reader, entries) = reading.await.map_err(|_| JournalError::Closed)?;
        self.state = State::Idle(reader);
        entries
    }
}

fn read(mut reader: Box<Reader>, limit: Position) -> Outcome {
    reader.allow(limit);
    let (mut entries, mut bytes) = (Vec::new(), 0);
    while bytes < BATCH_BYTES && entries.len() < BATCH_ENTRIES {
        match reader.read() {
            Ok(Some(entry)) => {
                bytes += if let Entry::Record(record) = &entry { record.payload.len() } else { 0 };
                entries.push(entry);
            }
            // An error after some entries comes again at the next attempt.
            Err(error) if entries.is_empty() => return (reader, Err(error)),
            Ok(None) | Err(_) => break,
        }
    }
    (reader, Ok(entries))
}
