use crate::{
    Class, Why,
    format::{Form, Lost, RECORD_HEADER, RecordHeader, seal},
};

/// Records on their way to disk, in the form they will have there, and what was lost after the last of them.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    bytes: Vec<u8>,
    noise_bytes: usize,
    /// Numbers lost after the last record.
    lost: Lost,
    /// The last number, of a record or lost.
    last: u64,
    time_us: i64,
}

/// A stretch of whole records at one place of a batch.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Chunk {
    pub(crate) first: u64,
    pub(crate) last: u64,
    pub(crate) started_us: i64,
    pub(crate) bytes: usize,
    pub(crate) records: u64,
    pub(crate) gaps: u64,
}

impl Batch {
    pub(crate) fn bytes(&self) -> usize {
        self.bytes.len()
    }

    pub(crate) fn has_noise(&self) -> bool {
        self.noise_bytes > 0
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.bytes.is_empty() && self.lost.count == 0
    }

    pub(crate) fn push(&mut self, number: u64, class: Class, kind: u8, time_us: i64, payload: &[u8]) {
        let length = u32::try_from(payload.len()).expect("append refuses what is longer than PAYLOAD_MAX");
        let lost = std::mem::take(&mut self.lost);
        let form = Form::Record;
        self.put(&RecordHeader {
            number,
            time_us,
            offset: 0,
            length,
            payload_crc: 0,
            lost,
            kind,
            class,
            form,
        });
        self.bytes.extend_from_slice(payload);
        if class == Class::Noise {
            self.noise_bytes += RECORD_HEADER + payload.len();
        }
    }

    /// Notes that the numbers up to `last` have no record.
    pub(crate) fn lose(&mut self, last: u64, time_us: i64, lost: Lost) {
        self.lost = self.lost.then(lost);
        (self.last, self.time_us) = (last, time_us);
    }

    /// Gives a loss at the end a header of its own, so that it can be written before the next record comes.
    pub(crate) fn write_down_loss(&mut self) -> bool {
        let lost = std::mem::take(&mut self.lost);
        if lost.count == 0 {
            return false;
        }
        let lost = Lost { count: lost.count - 1, ..lost };
        let (number, time_us, class, form) = (self.last, self.time_us, Class::Keep, Form::Loss);
        let (offset, length, payload_crc, kind) = (0, 0, 0, 0);
        self.put(&RecordHeader { number, time_us, offset, length, payload_crc, lost, kind, class, form });
        true
    }

    fn put(&mut self, header: &RecordHeader) {
        self.bytes.extend_from_slice(&header.encode());
        (self.last, self.time_us) = (header.number, header.time_us);
    }

    /// Takes over a later batch.
    pub(crate) fn append(&mut self, later: &mut Self) {
        if later.is_empty() {
            return;
        }
        if let Some(mut first) = later.header(0) {
            first.lost = std::mem::take(&mut self.lost).then(first.lost);
            later.bytes[..RECORD_HEADER].copy_from_slice(&first.encode());
        }
        self.bytes.append(&mut later.bytes);
        self.lost = self.lost.then(std::mem::take(&mut later.lost));
        self.noise_bytes += std::mem::take(&mut later.noise_bytes);
        (self.last, self.time_us) = (later.last, later.time_us);
    }

    /// Drops the records of class `Noise`, in place; returns how many.
    pub(crate) fn drop_noise(&mut self, why: Why) -> u64 {
        let (mut kept, mut at, mut dropped, mut lost) = (0, 0, 0, Lost::default());
        while let Some(mut header) = self.header(at) {
            lost = lost.then(header.lost);
            if header.class == Class::Noise {
                dropped += 1;
                lost = lost.then(Lost { count: 1, why, class: Class::Noise });
            } else {
                header.lost = std::mem::take(&mut lost);
                self.bytes.copy_within(at..at + header.size(), kept);
                self.bytes[kept..kept + RECORD_HEADER].copy_from_slice(&header.encode());
                kept += header.size();
            }
            at += header.size();
        }
        self.bytes.truncate(kept);
        self.noise_bytes = 0;
        self.lost = lost.then(self.lost);
        dropped
    }

    /// As many whole records from `at` on as fit into `bytes_max`, at least one; none at the end.
    pub(crate) fn chunk(&self, at: usize, bytes_max: usize) -> Option<Chunk> {
        let first = self.header(at)?;
        let (number, started_us) = (first.number, first.time_us);
        let mut chunk = Chunk { first: number, last: number, started_us, bytes: 0, records: 0, gaps: 0 };
        while let Some(header) = self.header(at + chunk.bytes) {
            if chunk.bytes > 0 && chunk.bytes + header.size() > bytes_max {
                break;
            }
            chunk.bytes += header.size();
            chunk.last = header.number;
            chunk.records += u64::from(header.form == Form::Record);
            chunk.gaps += u64::from(header.form == Form::Loss || header.lost.count > 0);
        }
        Some(chunk)
    }

    /// The bytes of a chunk, completed for a place in a segment.
    pub(crate) fn sealed(&mut self, at: usize, chunk: Chunk, seed: u32, offset: u32) -> &[u8] {
        let mut done = 0;
        while done < chunk.bytes {
            let Some(header) = self.header(at + done) else { break };
            let record = &mut self.bytes[at + done..at + done + header.size()];
            seal(record, seed, offset + u32::try_from(done).expect("a chunk is smaller than a segment"));
            done += header.size();
        }
        &self.bytes[at..at + done]
    }

    /// Forgets the first bytes: whole records that are durable.
    pub(crate) fn forget(&mut self, bytes: usize) {
        let mut at = 0;
        while let Some(header) = self.header(at).filter(|_| self.has_noise() && at < bytes) {
            at += header.size();
            if header.class == Class::Noise {
                self.noise_bytes -= header.size();
            }
        }
        self.bytes.drain(..bytes);
        self.bytes.shrink_to(SPARE_BYTES);
    }

    /// How many records of either class are in here: noise, keep.
    pub(crate) fn census(&self) -> (u64, u64) {
        let (mut at, mut noise, mut keep) = (0, 0, 0);
        while let Some(header) = self.header(at) {
            at += header.size();
            match (header.form, header.class) {
                (Form::Loss, _) => {}
                (Form::Record, Class::Noise) => noise += 1,
                (Form::Record, Class::Keep) => keep += 1,
            }
        }
        (noise, keep)
    }

    fn header(&self, at: usize) -> Option<RecordHeader> {
        self.bytes.get(at..)?.first_chunk().map(RecordHeader::of)
    }
}

/// Memory a batch holds on to while it is empty.
const SPARE_BYTES: usize = 4 << 20;
