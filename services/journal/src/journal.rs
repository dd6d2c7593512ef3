use std::{
    collections::VecDeque,
    fs,
    path::PathBuf,
    sync::Arc,
    thread::{self, JoinHandle},
    time::Duration,
};

use tokio::sync::watch;

use crate::{
    Checkpoint, Class, Counts, Disk, FileSystem, Follower, JournalError, Reader, Why,
    batch::Batch,
    checkpoint::Checkpoints,
    error::OnPath,
    folder::{Lock, SegmentPath, ensure_identity, segment_header, segments},
    format::{JournalId, Lost, SEGMENT_HEADER},
    queue::Queue,
    segment::{Segment, recover},
    writer::{Closed, Writer},
};

/// The number of a record. The first record of a journal has 1; 0 is before all of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position(pub u64);

impl Position {
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

#[derive(Clone, Debug)]
pub struct Options {
    pub folder: PathBuf,
    /// A record waits at most so long for others to share a sync with.
    pub flush_every: Duration,
    /// So many bytes are written without waiting for more.
    pub flush_bytes: usize,
    /// Memory for records that are not yet durable. Noise gets half of it.
    pub queue_bytes: usize,
    /// Size of a segment, at most 1 GiB.
    pub segment_bytes: u64,
    /// Size of all segments together. Above it the oldest segment goes, read or not.
    pub total_bytes: u64,
    /// Segments that every consumer has passed are kept so long, by the receive times of their records; and no segment
    /// is written on for longer, so that what a consumer has passed is gone after twice that time.
    pub keep_for: Duration,
    /// Those who write checkpoints. What one of them has not passed stays, up to `total_bytes`.
    pub consumers: Vec<Box<str>>,
    pub disk: Arc<dyn Disk>,
}

impl Options {
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self {
            folder: folder.into(),
            flush_every: Duration::from_millis(100),
            flush_bytes: 1 << 20,
            queue_bytes: 16 << 20,
            segment_bytes: 64 << 20,
            total_bytes: 8 << 30,
            keep_for: Duration::from_hours(24),
            consumers: Vec::new(),
            disk: Arc::new(FileSystem),
        }
    }
}

/// A record that was not taken. Its number is used up, and readers find it in a gap.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("record {} dropped: {why:?}", position.0)]
pub struct Dropped {
    pub position: Position,
    pub why: Why,
}

/// An open journal. Appending never waits for the disk; a thread of its own writes.
#[derive(Debug)]
pub struct Journal {
    folder: PathBuf,
    queue: Arc<Queue>,
    durable: watch::Receiver<Position>,
    checkpoints: Checkpoints,
    writer: Option<JoinHandle<()>>,
    _lock: Lock,
}

impl Journal {
    /// Opens a folder, or makes it; cuts off what a crash left half-written. Disk work: it reads the last segment.
    pub fn open(mut options: Options) -> Result<Self, JournalError> {
        options.segment_bytes = options.segment_bytes.min(SEGMENT_BYTES_MAX);
        fs::create_dir_all(&options.folder).on("make", &options.folder)?;
        let lock = Lock::take(&options.folder)?;
        let id = ensure_identity(&options.folder)?;
        let checkpoints = Checkpoints::open(&options.folder, id, &options.consumers)?;
        let found = Found::in_folder(&options, id)?;
        options.disk.sync_folder(&options.folder).on("sync", &options.folder)?;
        let (last, pending) = found.account_for_lost(checkpoints.highest());
        let queue = Queue::new(last + 1, options.queue_bytes, options.flush_bytes, pending);
        let queue = Arc::new(queue);
        queue.counters.torn_bytes(found.torn_bytes);
        let (sender, durable) = watch::channel(Position(found.last));
        let folder = options.folder.clone();
        let writer = Writer {
            options,
            id,
            queue: Arc::clone(&queue),
            durable: sender,
            checkpoints: checkpoints.clone(),
            closed: found.closed,
            segment: found.segment,
            began: found.began,
            pending: Batch::default(),
            written: Vec::new(),
            trouble: None,
        };
        // A thread and no task: it blocks on the disk for as long as the disk likes.
        let writer = thread::Builder::new().name("journal".into()).spawn(|| writer.run());
        let writer = Some(writer.on("start a thread for", &folder)?);
        Ok(Self { folder, queue, durable, checkpoints, writer, _lock: lock })
    }

    /// Takes a record, received at `time_us` (microseconds since 1970 UTC), and returns at once. The number is worth
    /// something after [`durable`](Self::durable): before, a power loss may give it to another record.
    pub fn append(&self, class: Class, kind: u8, time_us: i64, payload: &[u8]) -> Result<Position, Dropped> {
        let (number, dropped) = self.queue.append(class, kind, time_us, payload);
        let position = Position(number);
        dropped.map_or(Ok(position), |why| Err(Dropped { position, why }))
    }

    /// Waits until everything up to a position survives a power loss, as a record or as a gap.
    pub async fn durable(&self, position: Position) -> Result<(), JournalError> {
        let mut durable = self.durable.clone();
        let reached = durable.wait_for(|durable| *durable >= position).await;
        reached.map(drop).map_err(|_| JournalError::Closed)
    }

    /// Writes what was appended without waiting for more, and waits until it is durable.
    pub async fn flush(&self) -> Result<Position, JournalError> {
        let last = Position(self.queue.hurry());
        self.durable(last).await?;
        Ok(last)
    }

    /// The last durable position; its sender goes away when the journal is closed.
    pub fn watch(&self) -> watch::Receiver<Position> {
        self.durable.clone()
    }

    /// Reads from a position on and follows what is appended. Only what is durable is read.
    pub fn follow(&self, from: Position) -> Follower {
        let reader = Reader::new(&self.folder, from, Arc::clone(&self.queue.counters));
        Follower::new(reader, self.durable.clone())
    }

    /// Writes down how far a consumer has come, with what it knows there. Disk work; a failure leaves the last
    /// checkpoint in force.
    pub fn checkpoint(&self, consumer: &str, position: Position, content: &[u8]) -> Result<(), JournalError> {
        let durable = self.durable.borrow().0;
        if position.0 > durable {
            return Err(JournalError::Ahead { position: position.0, durable });
        }
        self.checkpoints.write(consumer, position, content)?;
        self.queue.expire();
        Ok(())
    }

    /// The newest sound checkpoint of a consumer. Disk work.
    pub fn last_checkpoint(&self, consumer: &str) -> Result<Option<Checkpoint>, JournalError> {
        self.checkpoints.read(consumer)
    }

    pub fn counts(&self) -> Counts {
        self.queue.counters.snapshot()
    }
}

impl Drop for Journal {
    /// Tries once more to write what is left. Disk work: drop it where blocking is allowed.
    fn drop(&mut self) {
        self.queue.close();
        if let Some(writer) = self.writer.take() {
            // A panic in the writer was reported by the panic hook; there is nothing left to do about it.
            let _ = writer.join();
        }
    }
}

/// Offsets in a segment have 32 bits; what is written at once comes on top.
const SEGMENT_BYTES_MAX: u64 = 1 << 30;

/// What a folder holds before anything is added.
#[derive(Debug, Default)]
struct Found {
    last: u64,
    torn_bytes: u64,
    torn_records_max: u32,
    closed: VecDeque<Closed>,
    segment: Option<Segment>,
    began: (u64, i64),
}

impl Found {
    fn in_folder(options: &Options, id: JournalId) -> Result<Self, JournalError> {
        let mut found = Self::default();
        let mut segments = segments(&options.folder)?;
        while let Some(last) = segments.last() {
            let tail = recover(&*options.disk, id, last)?;
            found.last = found.last.max(tail.last);
            let is_empty = tail.segment.is_none() && bytes_of(last)? <= SEGMENT_HEADER as u64;
            if is_empty {
                fs::remove_file(&last.path).on("remove", &last.path)?;
                segments.pop();
                continue;
            }
            found.torn_bytes = tail.torn_bytes;
            found.torn_records_max = tail.lost_records_max();
            found.segment = tail.segment;
            break;
        }
        found.closed = closed(&segments)?;
        if let Some(last) = found.closed.back() {
            found.began = (last.first, last.started_us);
        }
        if found.segment.is_some() {
            found.closed.pop_back();
        }
        Ok(found)
    }

    /// The last number that must not be given out again, and the loss to tell readers about: records in the torn end,
    /// and those that a checkpoint saw and that are gone.
    fn account_for_lost(&self, checkpointed: u64) -> (u64, Batch) {
        let gone = u32::try_from(checkpointed.saturating_sub(self.last)).unwrap_or(u32::MAX);
        let count = gone.max(self.torn_records_max);
        let mut batch = Batch::default();
        let last = self.last + u64::from(count);
        if count > 0 {
            batch.lose(last, self.began.1, Lost { count, why: Why::TornTail, class: Class::Keep });
        }
        (last, batch)
    }
}

fn closed(segments: &[SegmentPath]) -> Result<VecDeque<Closed>, JournalError> {
    let mut started_us = i64::MIN;
    let mut closed = VecDeque::new();
    for segment in segments {
        // Where the header is damaged the one before it is the next best guess.
        started_us = segment_header(&segment.path)?.map_or(started_us, |header| header.started_us);
        let (first, path) = (segment.first, segment.path.clone());
        closed.push_back(Closed { first, started_us, bytes: bytes_of(segment)?, path });
    }
    Ok(closed)
}

fn bytes_of(segment: &SegmentPath) -> Result<u64, JournalError> {
    Ok(fs::metadata(&segment.path).on("measure", &segment.path)?.len())
}
