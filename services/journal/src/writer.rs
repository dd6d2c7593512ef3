use std::{
    collections::VecDeque,
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use tokio::{sync::watch, time::Instant};
use tracing::{error, info, warn};

use crate::{
    Position, Why,
    batch::{Batch, Chunk},
    checkpoint::Checkpoints,
    folder::segment_path,
    format::{JournalId, SEGMENT_HEADER, SegmentHeader, VERSION},
    journal::Options,
    queue::Queue,
    segment::Segment,
};

/// How much is written at once while the disk is full: what fits is kept.
const HEALING_BYTES: usize = 64 << 10;
const RETRY_MAX: Duration = Duration::from_secs(1);

/// A segment that is written to its end.
#[derive(Clone, Debug)]
pub(crate) struct Closed {
    pub(crate) first: u64,
    pub(crate) started_us: i64,
    pub(crate) bytes: u64,
    pub(crate) path: PathBuf,
}

/// The one thread that writes the segments, and removes them.
#[derive(Debug)]
pub(crate) struct Writer {
    pub(crate) options: Options,
    pub(crate) id: JournalId,
    pub(crate) queue: Arc<Queue>,
    pub(crate) durable: watch::Sender<Position>,
    pub(crate) checkpoints: Checkpoints,
    pub(crate) closed: VecDeque<Closed>,
    pub(crate) segment: Option<Segment>,
    /// First number and receive time of the segment that is written on.
    pub(crate) began: (u64, i64),
    pub(crate) pending: Batch,
    /// Chunks at the front of `pending` that are written and not yet durable.
    pub(crate) written: Vec<Chunk>,
    pub(crate) trouble: Option<Trouble>,
}

/// A disk that does not take what it should.
#[derive(Debug)]
pub(crate) struct Trouble {
    why: Why,
    since: Instant,
    counted: Instant,
    delay: Duration,
}

impl Writer {
    /// Writes until the queue is closed. A failure is never the end: it is tried again, more and more slowly.
    pub(crate) fn run(mut self) {
        loop {
            let delay = self.trouble.as_ref().map_or(self.options.flush_every, |trouble| trouble.delay);
            let woken;
            (self.pending, woken) = self.queue.wait(delay);
            let flushed = self.flush();
            self.note(flushed);
            if woken.expire {
                self.remove_expired();
            }
            if woken.closed {
                break;
            }
        }
        self.queue.drop_rest();
    }

    /// Writes what is pending and makes it durable. What was written before a failure is made durable all the same.
    fn flush(&mut self) -> io::Result<()> {
        let written = self.write_pending();
        let synced = self.sync();
        written.and(synced)
    }

    fn write_pending(&mut self) -> io::Result<()> {
        loop {
            let Some(chunk) = self.next_chunk() else {
                if self.pending.write_down_loss() {
                    continue;
                }
                return Ok(());
            };
            if !self.has_room(chunk) {
                self.next_segment(chunk)?;
            }
            let at = self.written_bytes();
            let Some(segment) = &mut self.segment else {
                return Err(io::Error::other("no segment to write on"));
            };
            let (seed, offset) = (segment.seed, segment.offset());
            segment.write(self.pending.sealed(at, chunk, seed, offset))?;
            self.written.push(chunk);
        }
    }

    fn next_chunk(&self) -> Option<Chunk> {
        let room = usize::try_from(self.options.segment_bytes).unwrap_or(usize::MAX);
        let most = if self.trouble.is_some() { HEALING_BYTES } else { self.options.flush_bytes };
        self.pending.chunk(self.written_bytes(), most.min(room.saturating_sub(SEGMENT_HEADER)))
    }

    fn written_bytes(&self) -> usize {
        self.written.iter().map(|chunk| chunk.bytes).sum()
    }

    fn has_room(&self, chunk: Chunk) -> bool {
        self.segment.as_ref().is_some_and(|segment| {
            let fits = segment.end() + chunk.bytes as u64 <= self.options.segment_bytes;
            // Where little happens a segment would hold what is long due to go.
            let is_young = chunk.started_us.saturating_sub(self.began.1) < self.keep_us();
            !segment.spoilt && ((fits && is_young) || segment.is_empty())
        })
    }

    /// Goes on in a new segment, after the old one is durable to its end.
    fn next_segment(&mut self, chunk: Chunk) -> io::Result<()> {
        self.sync()?;
        self.close_segment();
        self.remove_capped();
        let (first, started_us) = (chunk.first, chunk.started_us);
        let header = SegmentHeader { version: VERSION, id: self.id, first, started_us };
        let path = segment_path(&self.options.folder, first);
        self.segment = Some(Segment::create(&*self.options.disk, &path, &header)?);
        self.began = (first, started_us);
        self.remove_expired();
        Ok(())
    }

    fn close_segment(&mut self) {
        let Some(segment) = self.segment.take() else { return };
        let (first, started_us) = self.began;
        let (bytes, path) = (segment.end(), segment.path().to_owned());
        self.closed.push_back(Closed { first, started_us, bytes, path });
    }

    /// After a failed sync nobody knows what is on disk, and asking again would only get the next answer: everything
    /// since the last success is written anew, into a new segment.
    fn sync(&mut self) -> io::Result<()> {
        let Some(last) = self.written.last().map(|chunk| chunk.last) else { return Ok(()) };
        let Some(segment) = &mut self.segment else { return Ok(()) };
        self.queue.counters.fsyncs(1);
        if let Err(error) = segment.sync() {
            self.written.clear();
            self.abandon_segment();
            return Err(error);
        }
        self.count_durable();
        self.durable.send_replace(Position(last));
        Ok(())
    }

    fn abandon_segment(&mut self) {
        let new_starts_alike = self.pending.chunk(0, 0).is_some_and(|chunk| chunk.first == self.began.0);
        if new_starts_alike {
            // It holds nothing else, and its successor takes its name.
            self.segment = None;
        } else {
            self.close_segment();
        }
    }

    fn count_durable(&mut self) {
        let bytes = self.written_bytes();
        let counters = &self.queue.counters;
        counters.bytes(bytes as u64);
        counters.records(self.written.iter().map(|chunk| chunk.records).sum());
        counters.gaps(self.written.iter().map(|chunk| chunk.gaps).sum());
        self.written.clear();
        self.pending.forget(bytes);
    }

    /// Remembers how an attempt went, and says so when that changed.
    fn note(&mut self, flushed: io::Result<()>) {
        match flushed {
            Ok(()) => self.note_success(),
            Err(error) => self.note_failure(&error),
        }
        let left = std::mem::take(&mut self.pending);
        self.queue.take_back(left, self.trouble.as_ref().map(|trouble| trouble.why));
    }

    fn note_success(&mut self) {
        if let Some(trouble) = self.trouble.take() {
            self.count_trouble(&trouble);
            let seconds = trouble.since.elapsed().as_secs();
            info!(folder = %self.options.folder.display(), seconds, "journal writes again");
        }
    }

    fn note_failure(&mut self, error: &io::Error) {
        self.queue.counters.write_errors(1);
        let why = if is_full(error) { Why::DiskFull } else { Why::WriteFailed };
        let now = Instant::now();
        let before = self.trouble.take();
        if let Some(trouble) = &before {
            self.count_trouble(trouble);
        }
        if before.as_ref().is_none_or(|trouble| trouble.why != why) {
            warn!(folder = %self.options.folder.display(), %error, "journal cannot write and keeps trying");
        }
        let delay =
            before.as_ref().map_or(self.options.flush_every, |trouble| trouble.delay * 2).min(RETRY_MAX);
        let since = before.map_or(now, |trouble| trouble.since);
        self.trouble = Some(Trouble { why, since, counted: now, delay });
    }

    fn count_trouble(&self, trouble: &Trouble) {
        if trouble.why == Why::DiskFull {
            let elapsed = trouble.counted.elapsed().as_micros();
            self.queue.counters.disk_full_us(u64::try_from(elapsed).unwrap_or(u64::MAX));
        }
    }

    fn keep_us(&self) -> i64 {
        i64::try_from(self.options.keep_for.as_micros()).unwrap_or(i64::MAX)
    }

    /// Removes segments that every consumer has passed and that are older than what is kept anyway.
    pub(crate) fn remove_expired(&mut self) {
        let passed = self.passed();
        let keep_us = self.keep_us();
        while let Some(oldest) = self.closed.front() {
            let (next_first, next_started_us) =
                self.closed.get(1).map_or(self.began, |s| (s.first, s.started_us));
            let newest_us = self.began.1.max(next_started_us);
            if next_first > passed.saturating_add(1) || newest_us.saturating_sub(next_started_us) < keep_us {
                return;
            }
            if !remove(&oldest.path) {
                return;
            }
            self.closed.pop_front();
            self.queue.counters.segments_expired(1);
        }
    }

    /// Keeps the folder under its cap: the oldest segment goes, whoever may still want it.
    fn remove_capped(&mut self) {
        let most = self.options.total_bytes.saturating_sub(self.options.segment_bytes);
        while self.closed.iter().map(|segment| segment.bytes).sum::<u64>() > most {
            let Some(oldest) = self.closed.front().cloned() else { return };
            if !remove(&oldest.path) {
                return;
            }
            self.closed.pop_front();
            let next_first = self.closed.front().map_or(self.durable.borrow().0 + 1, |next| next.first);
            let unread = next_first.saturating_sub(oldest.first.max(self.passed() + 1));
            self.queue.counters.segments_capped(1);
            self.queue.counters.removed_unread(unread);
            if unread > 0 {
                error!(folder = %self.options.folder.display(), unread, "journal reached its cap: unread records removed");
            }
        }
    }

    /// The last number every consumer has passed, whichever of its checkpoints it may have to start from.
    fn passed(&self) -> u64 {
        self.checkpoints.passed().unwrap_or(u64::MAX - 1)
    }
}

fn remove(path: &Path) -> bool {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            warn!(segment = %path.display(), %error, "cannot remove segment");
            false
        }
        _ => true,
    }
}

fn is_full(error: &io::Error) -> bool {
    use io::ErrorKind::{FileTooLarge, QuotaExceeded, StorageFull};
    matches!(error.kind(), StorageFull | QuotaExceeded | FileTooLarge)
}
