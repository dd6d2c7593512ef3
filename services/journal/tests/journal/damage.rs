use std::{fs, ops::Range, path::PathBuf};

use journal::{Class, Entry, Why};
use proptest::prelude::*;

use crate::common::*;

const SEGMENT_HEADER: usize = 64;
const RECORD_HEADER: usize = 44;
const SECTOR: usize = 512;
const RECORDS: u64 = 300;

/// What happens to the bytes of one segment.
#[derive(Clone, Debug)]
enum Damage {
    Flip {
        at: usize,
        bit: u8,
    },
    Zero {
        sector: usize,
    },
    /// One sector written over another one.
    Copy {
        from: usize,
        to: usize,
    },
    /// Bytes gone, what follows moved up.
    Remove {
        at: usize,
        bytes: usize,
    },
    Insert {
        at: usize,
        bytes: usize,
    },
    Truncate {
        at: usize,
    },
}

fn damage() -> impl Strategy<Value = Damage> {
    let (at, bytes) = (any::<usize>(), 1..700_usize);
    prop_oneof![
        (at, 0..8_u8).prop_map(|(at, bit)| Damage::Flip { at, bit }),
        at.prop_map(|sector| Damage::Zero { sector }),
        (at, at).prop_map(|(from, to)| Damage::Copy { from, to }),
        (at, bytes.clone()).prop_map(|(at, bytes)| Damage::Remove { at, bytes }),
        (at, bytes).prop_map(|(at, bytes)| Damage::Insert { at, bytes }),
        at.prop_map(|at| Damage::Truncate { at }),
    ]
}

impl Damage {
    fn apply(&self, bytes: &mut Vec<u8>) {
        let (length, sectors) = (bytes.len(), bytes.len() / SECTOR);
        let sector = |index: usize| index % sectors * SECTOR..(index % sectors + 1) * SECTOR;
        match *self {
            Self::Flip { at, bit } => bytes[at % length] ^= 1 << bit,
            Self::Zero { sector: index } => bytes[sector(index)].fill(0),
            Self::Copy { from, to } => bytes.copy_within(sector(from), sector(to).start),
            Self::Remove { at, bytes: count } => {
                bytes.drain(at % length..(at % length + count).min(length));
            }
            Self::Insert { at, bytes: count } => {
                let at = at % length;
                bytes.splice(at..at, (0..count).map(|byte| u8::try_from(byte % 251).unwrap()));
            }
            Self::Truncate { at } => bytes.truncate(at % length),
        }
    }
}

/// The numbers of a segment and where their records stand, from the lengths of the payloads alone.
fn layout(segment: &PathBuf) -> Vec<(u64, Range<usize>)> {
    let first: u64 = segment.file_stem().unwrap().to_str().unwrap().parse().unwrap();
    let length = fs::read(segment).unwrap().len();
    let mut at = SEGMENT_HEADER;
    let mut records = Vec::new();
    for number in first.. {
        if at >= length {
            break;
        }
        let end = at + RECORD_HEADER + payload_of(number).len();
        records.push((number, at..end));
        at = end;
    }
    records
}

/// The entries of a journal in which exactly `lost` are unreadable. What is missing at the very end cannot be known.
fn expected(lost: &[u64]) -> Vec<Entry> {
    let mut entries = Vec::new();
    let mut from = None;
    for number in 1..=RECORDS {
        if lost.contains(&number) {
            from = from.or(Some(number));
            continue;
        }
        if let Some(from) = from.take() {
            entries.push(Entry::Gap(gap(from, number - 1, Why::Damaged, Class::Keep)));
        }
        entries.push(Entry::Record(record_of(number)));
    }
    entries
}

proptest! {
    #![proptest_config(config(60))]

    #[test]
    fn damage_costs_the_damaged_records_and_no_others(
        hits in proptest::collection::vec((any::<prop::sample::Index>(), damage()), 1..3),
    ) {
        let scratch = Scratch::new("damage");
        append_durably(&scratch.open(), 1, RECORDS);
        let segments = scratch.segments();
        let mut lost = Vec::new();
        let mut hit = Vec::new();
        for (index, damage) in &hits {
            let segment = index.get(&segments);
            if hit.contains(&segment) {
                continue;
            }
            hit.push(segment);
            let layout = layout(segment);
            let mut bytes = fs::read(segment).unwrap();
            let before = bytes.clone();
            damage.apply(&mut bytes);
            // A record is lost if its bytes are no longer there in one piece, wherever that is.
            let is_lost = |place: &Range<usize>| memchr::memmem::find(&bytes, &before[place.clone()]).is_none();
            lost.extend(layout.iter().filter(|(_, place)| is_lost(place)).map(|(number, _)| *number));
            fs::write(segment, bytes).unwrap();
        }
        prop_assert_eq!(read_all(&scratch.0), expected(&lost));
        goes_on(&scratch, &lost)?;
    }
}

/// After damage the journal opens, numbers that were in use are not used again, and what is lost is still told.
fn goes_on(scratch: &Scratch, lost: &[u64]) -> Result<(), TestCaseError> {
    let journal = scratch.open();
    let next = journal.append(Class::Keep, KIND, 0, b"next").unwrap();
    drop(journal);
    let entries = read_all(&scratch.0);
    prop_assert_eq!(assert_complete(&entries, 1), next.0);
    let survivors: Vec<_> = (1..=RECORDS).filter(|number| !lost.contains(number)).map(record_of).collect();
    let mut read = records(&entries);
    read.pop();
    prop_assert_eq!(read, survivors);
    Ok(())
}

#[test]
fn identity_and_header_of_a_segment_stand_in_for_each_other() {
    let scratch = Scratch::new("identity");
    append_durably(&scratch.open(), 1, RECORDS);
    fs::write(scratch.0.join("identity"), b"").unwrap();
    assert_eq!(read_all(&scratch.0), expected(&[]));
    append_durably(&scratch.open(), RECORDS + 1, 1);
    for segment in scratch.segments() {
        let mut bytes = fs::read(&segment).unwrap();
        bytes[..SEGMENT_HEADER].fill(0);
        fs::write(segment, bytes).unwrap();
    }
    assert_eq!(records(&read_all(&scratch.0)).len() as u64, RECORDS + 1);
    append_durably(&scratch.open(), RECORDS + 2, 1);
}

#[test]
fn a_removed_segment_is_a_gap() {
    let scratch = Scratch::new("hole");
    append_durably(&scratch.open(), 1, RECORDS);
    let segments = scratch.segments();
    let lost: Vec<_> = layout(&segments[2]).into_iter().map(|(number, _)| number).collect();
    fs::remove_file(&segments[2]).unwrap();
    assert_eq!(read_all(&scratch.0), expected(&lost));
}
