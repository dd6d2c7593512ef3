use std::{fs::File, io, os::unix::fs::FileExt};

use memchr::memmem;

use crate::error::is_medium_error;
use crate::format::{MARKER, RECORD_HEADER, RecordHeader, payload_crc};

/// Where the bytes of a segment are read from.
pub(crate) trait Source {
    /// Reads up to the length of `bytes`; 0 only at the end.
    fn read_at(&self, bytes: &mut [u8], offset: u64) -> io::Result<usize>;
}

impl Source for File {
    fn read_at(&self, bytes: &mut [u8], offset: u64) -> io::Result<usize> {
        FileExt::read_at(self, bytes, offset)
    }
}

/// Bytes that are read at once.
const WINDOW: usize = 256 << 10;
/// What a disk loses at once: a read that fails is repeated in such pieces, and a piece that fails again is passed over.
const SECTOR: usize = 4096;

/// Finds the sound records of one segment, in the order they stand there. Holds one window, or one record if that is
/// larger.
#[derive(Debug)]
pub(crate) struct Scan<S> {
    source: S,
    seed: u32,
    buffer: Vec<u8>,
    /// Where in the segment the buffer begins.
    start: u64,
    /// Where in the buffer the next record is expected.
    cursor: usize,
    passed_over: u64,
    marker: memmem::Finder<'static>,
}

impl<S: Source> Scan<S> {
    pub(crate) fn new(source: S, seed: u32, offset: u64) -> Self {
        let marker = memmem::Finder::new(&MARKER);
        Self { source, seed, buffer: Vec::new(), start: offset, cursor: 0, passed_over: 0, marker }
    }

    /// Where the next record is expected.
    pub(crate) fn offset(&self) -> u64 {
        self.start + self.cursor as u64
    }

    /// Bytes passed over since this was last asked.
    pub(crate) fn passed_over(&mut self) -> u64 {
        std::mem::take(&mut self.passed_over)
    }

    /// The next sound record, however much damage lies before it; [`Self::step`] goes past it. None at the end: what
    /// follows the last sound record may still be being written, so the next call looks at it again.
    pub(crate) fn find(&mut self) -> io::Result<Option<RecordHeader>> {
        let from = self.offset();
        while self.fill(RECORD_HEADER)? {
            if let Some(header) = self.sound()? {
                self.passed_over += self.offset() - from;
                return Ok(Some(header));
            }
            self.skip_to_marker();
        }
        (self.start, self.cursor) = (from, 0);
        self.buffer.clear();
        Ok(None)
    }

    pub(crate) fn payload(&self, header: &RecordHeader) -> &[u8] {
        &self.buffer[self.cursor + RECORD_HEADER..self.cursor + header.size()]
    }

    pub(crate) fn step(&mut self, header: &RecordHeader) {
        self.cursor += header.size();
    }

    /// The record at the cursor, if nothing is wrong with it.
    fn sound(&mut self) -> io::Result<Option<RecordHeader>> {
        let Some(header) = self.header_at_cursor() else { return Ok(None) };
        if !self.fill(header.size())? || payload_crc(self.payload(&header), self.seed) != header.payload_crc {
            return Ok(None);
        }
        Ok(Some(header).filter(|header| !self.is_copy(header)))
    }

    fn header_at_cursor(&self) -> Option<RecordHeader> {
        RecordHeader::checked(self.buffer.get(self.cursor..)?.first_chunk()?, self.seed)
    }

    /// A record ahead of its place is a copy if the original stands where it belongs. If it does not, bytes are
    /// missing and everything behind them moved up.
    fn is_copy(&self, header: &RecordHeader) -> bool {
        let place = u64::from(header.offset);
        if place <= self.offset() {
            return false;
        }
        let mut bytes = [0; RECORD_HEADER];
        // An original that cannot be read is none.
        if read_at(&self.source, &mut bytes, place).unwrap_or(0) < RECORD_HEADER {
            return false;
        }
        let original = RecordHeader::checked(&bytes, self.seed);
        original.is_some_and(|original| (original.number, original.offset) == (header.number, header.offset))
    }

    fn skip_to_marker(&mut self) {
        let from = self.cursor + 1;
        let found = self.marker.find(&self.buffer[from..]);
        // The first bytes of a marker may stand at the end of the window.
        self.cursor = found.map_or((self.buffer.len() + 1 - MARKER.len()).max(from), |found| from + found);
    }

    /// Makes `bytes` bytes available at the cursor; false if the segment ends before.
    fn fill(&mut self, bytes: usize) -> io::Result<bool> {
        while self.buffer.len() - self.cursor < bytes {
            self.buffer.drain(..self.cursor);
            self.start += self.cursor as u64;
            self.cursor = 0;
            if self.read_window()? == 0 {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn read_window(&mut self) -> io::Result<usize> {
        let (have, offset) = (self.buffer.len(), self.start + self.buffer.len() as u64);
        self.buffer.resize(have + WINDOW, 0);
        let read = read_despite_damage(&self.source, &mut self.buffer[have..], offset);
        self.buffer.truncate(have + read.as_ref().unwrap_or(&0));
        read
    }
}

/// A sector that cannot be read becomes zeros, which no record is made of.
fn read_despite_damage(source: &impl Source, bytes: &mut [u8], offset: u64) -> io::Result<usize> {
    let whole = read_at(source, bytes, offset);
    if !whole.as_ref().is_err_and(is_medium_error) {
        return whole;
    }
    let in_sector = usize::try_from(offset % SECTOR as u64).unwrap_or(0);
    let sector = &mut bytes[..SECTOR - in_sector];
    match read_at(source, sector, offset) {
        Err(error) if is_medium_error(&error) => {
            sector.fill(0);
            Ok(sector.len())
        }
        read => read,
    }
}

fn read_at(source: &impl Source, bytes: &mut [u8], offset: u64) -> io::Result<usize> {
    loop {
        match source.read_at(bytes, offset) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            read => return read,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::ops::Range;

    use super::*;
    use crate::{Class, batch::Batch};

    /// Bytes of which some cannot be read.
    struct BadMedium(Vec<u8>, Range<usize>);

    impl Source for BadMedium {
        fn read_at(&self, bytes: &mut [u8], offset: u64) -> io::Result<usize> {
            let start = usize::try_from(offset).unwrap().min(self.0.len());
            let end = (start + bytes.len()).min(self.0.len());
            if start < self.1.end && self.1.start < end {
                return Err(io::Error::from_raw_os_error(5));
            }
            bytes[..end - start].copy_from_slice(&self.0[start..end]);
            Ok(end - start)
        }
    }

    #[test]
    fn a_sector_that_cannot_be_read_costs_the_records_in_it() {
        let mut batch = Batch::default();
        for number in 1..=1_000 {
            batch.push(number, Class::Keep, 0, 0, &[b'x'; 56]);
        }
        let chunk = batch.chunk(0, usize::MAX).unwrap();
        let bytes = batch.sealed(0, chunk, 9, 0).to_vec();
        let mut scan = Scan::new(BadMedium(bytes, 8_192..12_288), 9, 0);
        let mut found = Vec::new();
        while let Some(header) = scan.find().unwrap() {
            found.push(header.number);
            scan.step(&header);
        }
        // Records of 100 bytes: the 82nd to the 123rd touch the sector.
        let expected: Vec<u64> = (1..=81).chain(124..=1_000).collect();
        assert_eq!(found, expected);
    }
}
