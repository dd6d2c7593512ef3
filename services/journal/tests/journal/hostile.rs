use std::fs;

use journal::{Class, Journal, Position};
use proptest::{collection::vec, prelude::*};

use crate::common::*;

/// Pieces that look more like a journal than noise does.
fn pieces() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        vec(any::<u8>(), 0..200),
        Just(vec![0xD7, 0xA9, 0xF5, 0x52]),
        Just(vec![0xFF; 44]),
        Just(b"DPJRNL\r\n\x01\x00".to_vec()),
        vec(Just(0), 0..5_000),
    ]
}

proptest! {
    #![proptest_config(config(60))]

    #[test]
    fn any_bytes_in_any_file_are_survived(
        files in vec((0_u64..400, vec(pieces(), 0..40)), 1..5),
        identity in vec(any::<u8>(), 0..40),
    ) {
        let scratch = Scratch::new("hostile");
        fs::write(scratch.0.join("identity"), identity).unwrap();
        for (first, pieces) in &files {
            fs::write(scratch.0.join(format!("{first:020}.seg")), pieces.concat()).unwrap();
        }
        prop_assert!(records(&read_all(&scratch.0)).is_empty());
        let journal = scratch.open();
        let position = journal.append(Class::Keep, KIND, 5, b"after").unwrap();
        drop(journal);
        let entries = read_all(&scratch.0);
        prop_assert_eq!(assert_complete(&entries, 1), position.0);
        prop_assert_eq!(records(&entries).len(), 1);
    }

    /// A sound journal with anything put anywhere: what is read is what was written, in order.
    #[test]
    fn nothing_is_read_that_was_not_written(
        cuts in vec((any::<prop::sample::Index>(), any::<usize>(), 0..900_usize, pieces()), 1..6),
    ) {
        let scratch = Scratch::new("spliced");
        append_durably(&scratch.open(), 1, 200);
        for (index, at, gone, piece) in cuts {
            let segment = index.get(&scratch.segments()).clone();
            let mut bytes = fs::read(&segment).unwrap();
            let at = at % (bytes.len() + 1);
            let end = (at + gone).min(bytes.len());
            bytes.splice(at..end, piece);
            fs::write(segment, bytes).unwrap();
        }
        let entries = read_all(&scratch.0);
        assert_complete(&entries, 1);
        for record in records(&entries) {
            prop_assert_eq!(&record, &record_of(record.position.0));
        }
    }
}

/// Somebody sends us a whole segment of a journal of ours, and then the header of the record it travels in is damaged.
#[test]
fn records_inside_a_payload_are_no_records() {
    let (other, scratch) = (Scratch::new("other"), Scratch::new("outer"));
    append_durably(&other.open(), 1, 40);
    let forged = fs::read(&other.segments()[0]).unwrap();
    let journal = Journal::open(journal::Options::new(scratch.0.clone())).unwrap();
    journal.append(Class::Keep, KIND, 0, &forged).unwrap();
    journal.append(Class::Keep, KIND, time_of(2), &payload_of(2)).unwrap();
    drop(journal);
    let segment = &scratch.segments()[0];
    let mut bytes = fs::read(segment).unwrap();
    bytes[64 + 10] ^= 1;
    fs::write(segment, bytes).unwrap();
    assert_eq!(records(&read_all(&scratch.0)), [record_of(2)]);
    assert_eq!(read_all(&scratch.0).len(), 2);
    assert_eq!(read_from(&scratch.0, Position(2).0).len(), 1);
}
