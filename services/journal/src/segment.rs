use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

use crate::{
    Disk, JournalError,
    disk::SegmentFile,
    error::OnPath,
    folder::{SegmentPath, segment_header},
    format::{self, JournalId, RECORD_HEADER, SEGMENT_HEADER, SegmentHeader},
    scan::Scan,
};

/// The segment that is written on.
#[derive(Debug)]
pub(crate) struct Segment {
    file: Box<dyn SegmentFile>,
    path: PathBuf,
    pub(crate) seed: u32,
    /// Where the next record goes.
    end: u64,
    /// Nothing more may be written here: what stands behind `end` is unknown.
    pub(crate) spoilt: bool,
}

impl Segment {
    /// Makes a segment. What may be there under its name was never durable: its records are the ones in hand.
    pub(crate) fn create(disk: &dyn Disk, path: &Path, header: &SegmentHeader) -> io::Result<Self> {
        let mut file = disk.create(path)?;
        let made = file.write_all_at(&header.encode(), 0).and_then(|()| file.sync());
        let made = made.and_then(|()| disk.sync_folder(path.parent().unwrap_or(path)));
        if let Err(error) = made {
            // An empty file would do no harm, but it takes space that may be missing.
            let _ = fs::remove_file(path);
            return Err(error);
        }
        let (path, seed) = (path.to_owned(), format::seed(header.id, header.first));
        Ok(Self { file, path, seed, end: SEGMENT_HEADER as u64, spoilt: false })
    }

    pub(crate) fn end(&self) -> u64 {
        self.end
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.end == SEGMENT_HEADER as u64
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Where the next record goes, as it is written into the record.
    pub(crate) fn offset(&self) -> u32 {
        u32::try_from(self.end).expect("segments are at most 1 GiB")
    }

    /// Writes all or leaves the segment as it was, as far as the disk lets it.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        let written = self.file.write_all_at(bytes, self.end);
        match written {
            Ok(()) => self.end += bytes.len() as u64,
            Err(_) => self.spoilt = self.file.set_len(self.end).is_err(),
        }
        written
    }

    pub(crate) fn sync(&mut self) -> io::Result<()> {
        self.file.sync()
    }
}

/// What the last segment was found to hold when the journal was opened.
#[derive(Debug)]
pub(crate) struct Tail {
    /// The last number that is in use, 0 in a new journal.
    pub(crate) last: u64,
    /// Bytes behind the last sound record, now cut off.
    pub(crate) torn_bytes: u64,
    /// The segment to go on with; none if it is better left alone.
    pub(crate) segment: Option<Segment>,
}

impl Tail {
    /// At most as many records began in the bytes that were cut off.
    pub(crate) fn lost_records_max(&self) -> u32 {
        if self.torn_bytes == 0 {
            return 0;
        }
        u32::try_from(self.torn_bytes / RECORD_HEADER as u64 + 1).unwrap_or(u32::MAX)
    }
}

/// Reads the last segment through, cuts off what a crash left behind the last sound record, and makes the rest durable.
pub(crate) fn recover(disk: &dyn Disk, id: JournalId, segment: &SegmentPath) -> Result<Tail, JournalError> {
    let path = &segment.path;
    let header = segment_header(path)?.filter(|header| header.id == id);
    let first = header.map_or(segment.first, |header| header.first);
    let file = File::open(path).on("open", path)?;
    let bytes = file.metadata().on("measure", path)?.len();
    let seed = format::seed(id, first);
    let found = last_record(Scan::new(file, seed, SEGMENT_HEADER as u64)).on("read", path)?;
    let (last, end) = found.unwrap_or((first.saturating_sub(1), SEGMENT_HEADER as u64));
    let torn_bytes = bytes.saturating_sub(end);
    let mut file = disk.open(path).on("open", path)?;
    if found.is_some() && torn_bytes > 0 {
        file.set_len(end).on("cut the torn end of", path)?;
    }
    file.sync().on("sync", path)?;
    let usable = found.is_some() && header.is_some() && u32::try_from(end).is_ok();
    let segment = usable.then(|| Segment { file, path: path.clone(), seed, end, spoilt: false });
    Ok(Tail { last, torn_bytes, segment })
}

/// The highest number of the sound records, and where the last of them ends.
fn last_record(mut scan: Scan<File>) -> io::Result<Option<(u64, u64)>> {
    let mut found: Option<(u64, u64)> = None;
    while let Some(header) = scan.find()? {
        scan.step(&header);
        found = Some((header.number.max(found.map_or(0, |(last, _)| last)), scan.offset()));
    }
    Ok(found)
}
