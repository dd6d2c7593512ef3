//! The bytes on disk: every constant and every layout of the format, and nothing else. Integers are little-endian.

/// The largest payload of a record, bytes.
pub const PAYLOAD_MAX: usize = 1 << 20;

/// First bytes of a segment. The line end shows a copy that was mangled as text.
const SEGMENT_MAGIC: [u8; 8] = *b"DPJRNL\r\n";
const IDENTITY_MAGIC: [u8; 8] = *b"DPJRID\r\n";
const CHECKPOINT_MAGIC: [u8; 8] = *b"DPJRCP\r\n";
/// The version that is written, and the only one that is read.
pub(crate) const VERSION: u16 = 1;

pub(crate) const SEGMENT_HEADER: usize = 64;
pub(crate) const RECORD_HEADER: usize = 44;
pub(crate) const IDENTITY: usize = 28;
pub(crate) const CHECKPOINT_HEADER: usize = 52;

/// What a record begins with. Text never holds it, so a search for the next record after damage is fast.
pub(crate) const MARKER: [u8; 4] = [0xD7, 0xA9, 0xF5, 0x52];

pub(crate) const SEGMENT_SUFFIX: &str = ".seg";
pub(crate) const CHECKPOINT_SUFFIX: &str = ".checkpoint";
pub(crate) const TEMPORARY_SUFFIX: &str = ".new";
pub(crate) const IDENTITY_FILE: &str = "identity";
pub(crate) const LOCK_FILE: &str = "lock";
/// Numbers in file names are padded so that names sort like numbers.
pub(crate) const NAME_DIGITS: usize = 20;

mod at {
    pub(super) const CRC: usize = 4;
    pub(super) const NUMBER: usize = 8;
    pub(super) const TIME: usize = 16;
    pub(super) const OFFSET: usize = 24;
    pub(super) const LENGTH: usize = 28;
    pub(super) const PAYLOAD_CRC: usize = 32;
    pub(super) const LOST: usize = 36;
    pub(super) const KIND: usize = 40;
    pub(super) const CLASS: usize = 41;
    pub(super) const WHY: usize = 42;
    pub(super) const FORM: usize = 43;

    pub(super) const SEGMENT_VERSION: usize = 8;
    pub(super) const SEGMENT_ID: usize = 12;
    pub(super) const SEGMENT_FIRST: usize = 28;
    pub(super) const SEGMENT_TIME: usize = 36;
    pub(super) const SEGMENT_CRC: usize = 60;

    pub(super) const CHECKPOINT_POSITION: usize = 28;
    pub(super) const CHECKPOINT_LENGTH: usize = 36;
    pub(super) const CHECKPOINT_CRC: usize = 48;
}

/// The random name of a journal. It seeds every checksum, so bytes that somebody sends us cannot pose as a record,
/// nor can a record of another journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct JournalId(pub(crate) [u8; 16]);

/// What is worth more when not everything can be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Class {
    /// Dropped first.
    #[default]
    Noise,
    /// Dropped when nothing else is left to drop.
    Keep,
}

/// Why numbers have no record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Why {
    /// The bytes are unreadable or gone, and nothing tells why.
    #[default]
    Damaged,
    /// The segment was removed: by age after every consumer had it, or by the cap on the folder's size.
    Removed,
    /// More came in than the disk took.
    QueueFull,
    /// The disk was full.
    DiskFull,
    /// The disk failed.
    WriteFailed,
    /// The payload was longer than [`PAYLOAD_MAX`].
    TooLarge,
    /// The end of the last segment was cut off by a crash; the numbers are an upper bound of what it held.
    TornTail,
    /// The journal was closed.
    Closed,
}

impl Why {
    const WRITTEN: [Self; 6] =
        [Self::QueueFull, Self::DiskFull, Self::WriteFailed, Self::TooLarge, Self::TornTail, Self::Closed];

    fn code(self) -> u8 {
        Self::WRITTEN.iter().zip(1..).find(|(why, _)| **why == self).map_or(0, |(_, code)| code)
    }

    fn of(code: u8) -> Self {
        let index = usize::from(code).checked_sub(1);
        index.and_then(|index| Self::WRITTEN.get(index)).copied().unwrap_or_default()
    }
}

/// Consecutive numbers that were dropped on purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(crate) struct Lost {
    pub(crate) count: u32,
    /// What the first of them was dropped for.
    pub(crate) why: Why,
    /// The best of them.
    pub(crate) class: Class,
}

impl Lost {
    pub(crate) fn then(self, later: Self) -> Self {
        if self.count == 0 {
            return later;
        }
        let count = self.count.saturating_add(later.count);
        Self { count, why: self.why, class: self.class.max(later.class) }
    }
}

/// Whether a header is followed by a payload or only tells of a loss at the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    Record,
    /// Its own number is the last of the lost ones.
    Loss,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RecordHeader {
    pub(crate) number: u64,
    pub(crate) time_us: i64,
    /// Where in the segment it was written.
    pub(crate) offset: u32,
    pub(crate) length: u32,
    pub(crate) payload_crc: u32,
    /// The numbers directly before this one.
    pub(crate) lost: Lost,
    pub(crate) kind: u8,
    pub(crate) class: Class,
    pub(crate) form: Form,
}

impl RecordHeader {
    pub(crate) fn size(&self) -> usize {
        RECORD_HEADER + self.length as usize
    }

    /// The header without what only its place decides: see [`seal`].
    pub(crate) fn encode(&self) -> [u8; RECORD_HEADER] {
        let mut bytes = [0; RECORD_HEADER];
        put(&mut bytes, 0, &MARKER);
        put(&mut bytes, at::NUMBER, &self.number.to_le_bytes());
        put(&mut bytes, at::TIME, &self.time_us.to_le_bytes());
        put(&mut bytes, at::OFFSET, &self.offset.to_le_bytes());
        put(&mut bytes, at::LENGTH, &self.length.to_le_bytes());
        put(&mut bytes, at::PAYLOAD_CRC, &self.payload_crc.to_le_bytes());
        put(&mut bytes, at::LOST, &self.lost.count.to_le_bytes());
        bytes[at::KIND] = self.kind;
        bytes[at::CLASS] =
            u8::from(self.class == Class::Keep) | u8::from(self.lost.class == Class::Keep) << 1;
        bytes[at::WHY] = self.lost.why.code();
        bytes[at::FORM] = u8::from(self.form == Form::Loss);
        bytes
    }

    /// Reads a header that this program holds in memory.
    pub(crate) fn of(bytes: &[u8; RECORD_HEADER]) -> Self {
        let class = |bit: u8| if bytes[at::CLASS] & bit == 0 { Class::Noise } else { Class::Keep };
        Self {
            number: u64::from_le_bytes(take(bytes, at::NUMBER)),
            time_us: i64::from_le_bytes(take(bytes, at::TIME)),
            offset: u32::from_le_bytes(take(bytes, at::OFFSET)),
            length: u32::from_le_bytes(take(bytes, at::LENGTH)),
            payload_crc: u32::from_le_bytes(take(bytes, at::PAYLOAD_CRC)),
            lost: Lost {
                count: u32::from_le_bytes(take(bytes, at::LOST)),
                why: Why::of(bytes[at::WHY]),
                class: class(2),
            },
            kind: bytes[at::KIND],
            class: class(1),
            form: if bytes[at::FORM] == 0 { Form::Record } else { Form::Loss },
        }
    }

    /// Reads a header from disk; none if anything about it is wrong.
    pub(crate) fn checked(bytes: &[u8; RECORD_HEADER], seed: u32) -> Option<Self> {
        if bytes[..MARKER.len()] != MARKER || header_crc(bytes, seed).to_le_bytes() != take(bytes, at::CRC) {
            return None;
        }
        Some(Self::of(bytes)).filter(|header| header.length as usize <= PAYLOAD_MAX && header.number > 0)
    }
}

/// Completes an encoded record: its place in the segment, and the checksums.
pub(crate) fn seal(record: &mut [u8], seed: u32, offset: u32) {
    let Some((header, payload)) = record.split_first_chunk_mut::<RECORD_HEADER>() else { return };
    put(header, at::OFFSET, &offset.to_le_bytes());
    put(header, at::PAYLOAD_CRC, &payload_crc(payload, seed).to_le_bytes());
    let crc = header_crc(header, seed);
    put(header, at::CRC, &crc.to_le_bytes());
}

pub(crate) fn payload_crc(payload: &[u8], seed: u32) -> u32 {
    crc32c::crc32c_append(seed, payload)
}

fn header_crc(header: &[u8; RECORD_HEADER], seed: u32) -> u32 {
    crc32c::crc32c_append(seed, &header[at::NUMBER..])
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SegmentHeader {
    pub(crate) version: u16,
    pub(crate) id: JournalId,
    /// The number of its first record.
    pub(crate) first: u64,
    /// The receive time of its first record.
    pub(crate) started_us: i64,
}

impl SegmentHeader {
    pub(crate) fn encode(&self) -> [u8; SEGMENT_HEADER] {
        let mut bytes = [0; SEGMENT_HEADER];
        put(&mut bytes, 0, &SEGMENT_MAGIC);
        put(&mut bytes, at::SEGMENT_VERSION, &self.version.to_le_bytes());
        put(&mut bytes, at::SEGMENT_ID, &self.id.0);
        put(&mut bytes, at::SEGMENT_FIRST, &self.first.to_le_bytes());
        put(&mut bytes, at::SEGMENT_TIME, &self.started_us.to_le_bytes());
        let crc = crc32c::crc32c(&bytes[..at::SEGMENT_CRC]);
        put(&mut bytes, at::SEGMENT_CRC, &crc.to_le_bytes());
        bytes
    }

    pub(crate) fn checked(bytes: &[u8; SEGMENT_HEADER]) -> Option<Self> {
        let crc = crc32c::crc32c(&bytes[..at::SEGMENT_CRC]);
        if bytes[..8] != SEGMENT_MAGIC || crc.to_le_bytes() != take(bytes, at::SEGMENT_CRC) {
            return None;
        }
        Some(Self {
            version: u16::from_le_bytes(take(bytes, at::SEGMENT_VERSION)),
            id: JournalId(take(bytes, at::SEGMENT_ID)),
            first: u64::from_le_bytes(take(bytes, at::SEGMENT_FIRST)),
            started_us: i64::from_le_bytes(take(bytes, at::SEGMENT_TIME)),
        })
    }
}

/// What the checksums of a segment's records start from: a record is sound only in its own segment.
pub(crate) fn seed(id: JournalId, first: u64) -> u32 {
    crc32c::crc32c_append(crc32c::crc32c(&id.0), &first.to_le_bytes())
}

pub(crate) fn encode_identity(id: JournalId) -> [u8; IDENTITY] {
    let mut bytes = [0; IDENTITY];
    put(&mut bytes, 0, &IDENTITY_MAGIC);
    put(&mut bytes, 8, &id.0);
    let crc = crc32c::crc32c(&bytes[..24]);
    put(&mut bytes, 24, &crc.to_le_bytes());
    bytes
}

pub(crate) fn checked_identity(bytes: &[u8]) -> Option<JournalId> {
    let bytes: &[u8; IDENTITY] = bytes.try_into().ok()?;
    let sound = bytes[..8] == IDENTITY_MAGIC && crc32c::crc32c(&bytes[..24]).to_le_bytes() == take(bytes, 24);
    sound.then(|| JournalId(take(bytes, 8)))
}

pub(crate) fn encode_checkpoint(id: JournalId, position: u64, content: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0; CHECKPOINT_HEADER];
    put(&mut bytes, 0, &CHECKPOINT_MAGIC);
    put(&mut bytes, at::SEGMENT_VERSION, &VERSION.to_le_bytes());
    put(&mut bytes, at::SEGMENT_ID, &id.0);
    put(&mut bytes, at::CHECKPOINT_POSITION, &position.to_le_bytes());
    put(&mut bytes, at::CHECKPOINT_LENGTH, &(content.len() as u64).to_le_bytes());
    let crc = checkpoint_crc(&bytes, content);
    put(&mut bytes, at::CHECKPOINT_CRC, &crc.to_le_bytes());
    bytes.extend_from_slice(content);
    bytes
}

pub(crate) fn checked_checkpoint(bytes: &[u8], id: JournalId) -> Option<(u64, &[u8])> {
    let (header, content) = bytes.split_first_chunk::<CHECKPOINT_HEADER>()?;
    let sound = header[..8] == CHECKPOINT_MAGIC
        && VERSION.to_le_bytes() == take(header, at::SEGMENT_VERSION)
        && id.0 == take(header, at::SEGMENT_ID)
        && (content.len() as u64).to_le_bytes() == take(header, at::CHECKPOINT_LENGTH)
        && checkpoint_crc(header, content).to_le_bytes() == take(header, at::CHECKPOINT_CRC);
    sound.then(|| (u64::from_le_bytes(take(header, at::CHECKPOINT_POSITION)), content))
}

fn checkpoint_crc(header: &[u8], content: &[u8]) -> u32 {
    crc32c::crc32c_append(crc32c::crc32c(&header[..at::CHECKPOINT_CRC]), content)
}

fn put(bytes: &mut [u8], at: usize, value: &[u8]) {
    bytes[at..at + value.len()].copy_from_slice(value);
}

/// `N` bytes from a place that the layouts above guarantee to exist.
fn take<const N: usize>(bytes: &[u8], at: usize) -> [u8; N] {
    let mut value = [0; N];
    value.copy_from_slice(&bytes[at..at + N]);
    value
}
