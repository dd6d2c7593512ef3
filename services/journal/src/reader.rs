use std::{
    collections::VecDeque,
    fs::File,
    io::ErrorKind,
    path::{Path, PathBuf},
    sync::Arc,
};

use crate::{
    Class, JournalError, Position, Why,
    counters::{Counters, Counts},
    error::OnPath,
    folder::{SegmentPath, header_of, identity, segments},
    format::{Form, JournalId, RecordHeader, SEGMENT_HEADER, seed},
    scan::Scan,
};

/// What a journal holds at a position or a range of positions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entry {
    Record(Record),
    Gap(Gap),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    pub position: Position,
    /// When it was received, microseconds since 1970 UTC.
    pub time_us: i64,
    /// The writer's own distinction.
    pub kind: u8,
    pub payload: Box<[u8]>,
}

/// Positions without a record, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gap {
    pub from: Position,
    pub to: Position,
    pub why: Why,
    /// `Noise` if nothing worth keeping was among it.
    pub class: Class,
}

/// Reads a folder's records in the order of their numbers, one segment open at a time, one window of it in memory.
#[derive(Debug)]
pub struct Reader {
    folder: PathBuf,
    /// None while the folder is empty.
    id: Option<JournalId>,
    current: Option<Current>,
    /// The next number to tell about.
    next: u64,
    /// The highest number that may be told about.
    limit: u64,
    /// The first number of the oldest segment.
    oldest: u64,
    ready: VecDeque<Entry>,
    counters: Arc<Counters>,
}

#[derive(Debug)]
struct Current {
    first: u64,
    scan: Scan<File>,
    bytes: u64,
    /// A later segment exists, so nothing will be added to this one.
    complete: bool,
}

impl Reader {
    /// Reads what stands in a folder, from a position on. Whoever may be writing there is not disturbed; the records
    /// seen may not yet be durable.
    pub fn open(folder: &Path, from: Position) -> Result<Self, JournalError> {
        let mut reader = Self::new(folder, from, Arc::default());
        reader.limit = u64::MAX;
        reader.id = identity(folder)?;
        Ok(reader)
    }

    /// A reader that tells nothing until it is [allowed](Self::allow) to.
    pub(crate) fn new(folder: &Path, from: Position, counters: Arc<Counters>) -> Self {
        let (folder, ready) = (folder.to_owned(), VecDeque::new());
        let next = from.0.max(1);
        Self { folder, id: None, current: None, next, limit: 0, oldest: 0, ready, counters }
    }

    pub(crate) fn allow(&mut self, limit: Position) {
        self.limit = limit.0;
    }

    /// The position the next entry begins at.
    pub fn position(&self) -> Position {
        match self.ready.front() {
            Some(Entry::Record(record)) => record.position,
            Some(Entry::Gap(gap)) => gap.from,
            None => Position(self.next),
        }
    }

    /// What this reader came across; for the reader of an open journal, what all its readers did.
    pub fn counts(&self) -> Counts {
        self.counters.snapshot()
    }

    /// The next entry; none when there is nothing more yet.
    pub fn read(&mut self) -> Result<Option<Entry>, JournalError> {
        if self.ready.is_empty() && self.next <= self.limit {
            self.advance()?;
        }
        Ok(self.ready.pop_front())
    }

    /// Makes the next record ready, and what has to be said before it.
    fn advance(&mut self) -> Result<(), JournalError> {
        loop {
            let Some(current) = &mut self.current else {
                if self.open_next()? {
                    continue;
                }
                return Ok(());
            };
            let found = current.scan.find().on("read a segment in", &self.folder)?;
            self.counters.damaged_bytes(current.scan.passed_over());
            match found {
                Some(header) if header.number > self.limit => return Ok(()),
                // Before the start, or written twice because the first time was not known to have worked.
                Some(header) if header.number < self.next => current.scan.step(&header),
                Some(header) => {
                    self.tell(&header);
                    return Ok(());
                }
                None if self.leave()? => {}
                None => return Ok(()),
            }
        }
    }

    fn tell(&mut self, header: &RecordHeader) {
        let Some(current) = &mut self.current else { return };
        let lost_from = header.number.saturating_sub(u64::from(header.lost.count)).max(self.next);
        if self.next < lost_from {
            let why = if self.next < self.oldest { Why::Removed } else { Why::Damaged };
            if why == Why::Damaged {
                self.counters.damaged(1);
            }
            self.ready.push_back(gap(self.next, lost_from - 1, why, Class::Keep));
        }
        let lost_to = header.number - u64::from(header.form == Form::Record);
        if lost_from <= lost_to {
            self.ready.push_back(gap(lost_from, lost_to, header.lost.why, header.lost.class));
        }
        if header.form == Form::Record {
            let payload = current.scan.payload(header).into();
            let (position, time_us, kind) = (Position(header.number), header.time_us, header.kind);
            self.ready.push_back(Entry::Record(Record { position, time_us, kind, payload }));
        }
        current.scan.step(header);
        self.next = header.number.saturating_add(1);
    }

    /// At the end of a segment: true if there is something to go on with.
    fn leave(&mut self) -> Result<bool, JournalError> {
        let Some(current) = &mut self.current else { return Ok(false) };
        let first = current.first;
        if !current.complete {
            // Looked for before the end is believed: the writer may have added to this one before it made the next.
            current.complete = segments(&self.folder)?.last().is_some_and(|last| last.first > first);
            return Ok(current.complete);
        }
        self.counters.damaged_bytes(current.bytes.saturating_sub(current.scan.offset()));
        self.open_next()
    }

    /// Opens the segment after the current one, or the one to start with.
    fn open_next(&mut self) -> Result<bool, JournalError> {
        let segments = segments(&self.folder)?;
        let Some(index) = self.choose(&segments) else { return Ok(false) };
        if self.id.is_none() {
            self.id = identity(&self.folder)?;
        }
        let SegmentPath { first, path } = &segments[index];
        let file = match File::open(path) {
            // Removed since it was listed: the next listing will do without it.
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(true),
            file => file.on("open", path)?,
        };
        let header = header_of(&file, path)?;
        let Some(id) = self.id else { return Ok(false) };
        let bytes = file.metadata().on("measure", path)?.len();
        let seed = seed(id, header.map_or(*first, |header| header.first));
        let scan = Scan::new(file, seed, SEGMENT_HEADER as u64);
        self.oldest = segments[0].first;
        self.current = Some(Current { first: *first, scan, bytes, complete: index + 1 < segments.len() });
        Ok(true)
    }

    fn choose(&self, segments: &[SegmentPath]) -> Option<usize> {
        if let Some(current) = &self.current {
            return segments.iter().position(|segment| segment.first > current.first);
        }
        let after = segments.partition_point(|segment| segment.first <= self.next);
        (!segments.is_empty()).then(|| after.saturating_sub(1))
    }
}

fn gap(from: u64, to: u64, why: Why, class: Class) -> Entry {
    Entry::Gap(Gap { from: Position(from), to: Position(to), why, class })
}
