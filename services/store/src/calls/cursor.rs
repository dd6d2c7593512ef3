//! Where a page begins, as a text nobody need understand: the last call of the page before, and of which question it was
//! the answer.

use std::hash::Hasher;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use calls::CallRecord;
use domain::NodeName;
use siphasher::sip::SipHasher13;

use super::{
    filter::{CallFilter, CallKey, CallSort},
    list::StoredCall,
    page::UNKNOWN_US,
    rows::fitting,
};

/// Which kind of cursor this is: another one is refused, not misread.
const VERSION: u8 = 1;
/// Version, seal, key and creation.
const HEAD_BYTES: usize = 1 + 3 * size_of::<u64>();
/// As long as a cursor can be whose id is as long as the tables take it.
const TEXT_BYTES_MAX: usize = 4_096;

/// The place of a call in an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Position {
    /// By what the calls are sorted, microseconds.
    pub(super) key: i64,
    pub(super) node: NodeName,
    pub(super) created_us: i64,
    /// As every database takes it.
    pub(super) unique_id: Box<str>,
}

impl Position {
    pub(super) fn of(call: &StoredCall, key: CallKey) -> Self {
        let record = &call.record;
        Self {
            key: value(record, key),
            node: record.id.node.clone(),
            created_us: record.id.created_us,
            unique_id: fitting(&record.id.unique_id).into(),
        }
    }
}

fn value(record: &CallRecord, key: CallKey) -> i64 {
    let known = match key {
        CallKey::Start => return record.began_us(),
        CallKey::End => record.end_us,
        CallKey::Wait => record.wait_us,
        CallKey::Talk => record.talk_us,
    };
    known.unwrap_or(UNKNOWN_US)
}

/// What is wrong with a cursor: it is of another question, of another release, or no cursor at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the cursor does not belong to this question")]
pub struct CursorError;

/// Writes and reads the cursors of one question.
pub(super) struct Cursor {
    question: Vec<u8>,
}

impl Cursor {
    pub(super) fn new(filter: &CallFilter, sort: CallSort) -> Self {
        // What has no form as JSON is not in a filter.
        Self { question: serde_json::to_vec(&(filter, sort)).unwrap_or_default() }
    }

    pub(super) fn write(&self, position: &Position) -> String {
        let mut bytes = vec![VERSION];
        bytes.extend([0; size_of::<u64>()]);
        bytes.extend(position.key.to_be_bytes());
        bytes.extend(position.created_us.to_be_bytes());
        bytes.extend(position.node.as_str().as_bytes());
        bytes.push(b'/');
        bytes.extend(position.unique_id.as_bytes());
        let seal = self.seal(&bytes[1 + size_of::<u64>()..]).to_be_bytes();
        bytes[1..=size_of::<u64>()].copy_from_slice(&seal);
        BASE64_URL_SAFE_NO_PAD.encode(bytes)
    }

    /// A cursor as it came back, from wherever.
    pub(super) fn read(&self, text: &str) -> Result<Position, CursorError> {
        self.parse(text).ok_or(CursorError)
    }

    fn parse(&self, text: &str) -> Option<Position> {
        let text = Some(text).filter(|text| text.len() <= TEXT_BYTES_MAX)?;
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).ok()?;
        let (head, name) = bytes.split_at_checked(HEAD_BYTES)?;
        let (&version, numbers) = head.split_first()?;
        let (seal, rest) = numbers.split_first_chunk::<8>()?;
        let (key, created_us) = rest.split_first_chunk::<8>()?;
        let sealed = bytes.get(1 + size_of::<u64>()..)?;
        if version != VERSION || u64::from_be_bytes(*seal) != self.seal(sealed) {
            return None;
        }
        let (node, unique_id) = std::str::from_utf8(name).ok()?.split_once('/')?;
        Some(Position {
            key: i64::from_be_bytes(*key),
            node: node.parse().ok()?,
            created_us: i64::from_be_bytes(created_us.try_into().ok()?),
            unique_id: fitting(unique_id).into(),
        })
    }

    /// Tells damage and the cursors of other questions; it is no secret, and whoever makes a cursor of his own is shown
    /// another place in the answer to his own question.
    fn seal(&self, position: &[u8]) -> u64 {
        let mut hasher = SipHasher13::new_with_keys(0, 0);
        hasher.write(&self.question);
        hasher.write(&[0]);
        hasher.write(position);
        hasher.finish()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn question(cause: u16) -> CallFilter {
        CallFilter { cause: Some(cause), ..CallFilter::default() }
    }

    fn position(unique_id: &str) -> Position {
        let node = "asterisk-msm".parse().unwrap();
        Position { key: -5, node, created_us: 1_795_269_600_000_000, unique_id: unique_id.into() }
    }

    #[test]
    fn a_cursor_belongs_to_its_question() {
        let cursor = Cursor::new(&question(16), CallSort::NEWEST);
        let text = cursor.write(&position("1795269600.1"));
        assert_eq!(cursor.read(&text), Ok(position("1795269600.1")));
        for (filter, sort) in [(question(17), CallSort::NEWEST), (question(16), CallSort::OLDEST)] {
            assert_eq!(Cursor::new(&filter, sort).read(&text), Err(CursorError));
        }
    }

    #[test]
    fn no_bit_of_a_cursor_can_be_changed() {
        let cursor = Cursor::new(&question(16), CallSort::NEWEST);
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(cursor.write(&position("u"))).unwrap();
        for bit in 0..bytes.len() * 8 {
            let mut changed = bytes.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(cursor.read(&BASE64_URL_SAFE_NO_PAD.encode(&changed)), Err(CursorError), "{bit}");
        }
        for length in 0..bytes.len() {
            assert_eq!(cursor.read(&BASE64_URL_SAFE_NO_PAD.encode(&bytes[..length])), Err(CursorError));
        }
    }

    proptest! {
        #[test]
        fn whatever_an_id_is_it_is_read_back(unique_id in "\\PC{0,80}") {
            let cursor = Cursor::new(&question(16), CallSort::NEWEST);
            let text = cursor.write(&position(&unique_id));
            prop_assert_eq!(cursor.read(&text), Ok(position(&unique_id)));
        }

        #[test]
        fn what_nobody_wrote_is_refused(text in "\\PC{0,200}") {
            prop_assert_eq!(Cursor::new(&question(16), CallSort::NEWEST).read(&text), Err(CursorError));
        }
    }
}
