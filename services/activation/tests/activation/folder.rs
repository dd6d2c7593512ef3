//! The last good generations on disk.

use std::{fs, path::PathBuf};

use activation::{Active, Folder, Unusable};
use generations::{FileDamage, GenerationFile, GenerationRecord, Manifest};

use crate::common::Place;

fn generation(number: u64) -> GenerationFile {
    let manifest = Manifest::default();
    let record = GenerationRecord {
        number,
        parent: None,
        created_us: 1_700_000_000_000_000,
        actor: "test".into(),
        comment: String::new(),
        held: false,
        checksum: manifest.checksum(),
    };
    GenerationFile { record, manifest, chunks: [].into() }
}

fn files(place: &Place) -> Vec<PathBuf> {
    let mut files: Vec<_> = fs::read_dir(place.path()).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

fn numbers(folder: &Folder) -> Vec<Option<u64>> {
    folder.newest_first().map(|file| file.ok().map(|file| file.record.number)).collect()
}

#[test]
fn the_last_three_are_kept_in_the_order_they_came() {
    let place = Place::new();
    let folder = Folder::new(place.path());
    assert!(numbers(&folder).is_empty());
    // The database was restored from a backup: the smaller number is the newer generation.
    for number in [41, 42, 43, 7] {
        folder.keep(&generation(number)).unwrap();
    }
    assert_eq!(numbers(&folder), [Some(7), Some(43), Some(42)]);
    assert_eq!(files(&place).len(), 3);
}

#[test]
fn a_damaged_file_is_named_and_the_one_before_still_there() {
    let place = Place::new();
    let folder = Folder::new(place.path());
    folder.keep(&generation(1)).unwrap();
    folder.keep(&generation(2)).unwrap();
    let newest = files(&place).pop().unwrap();
    let whole = fs::read(&newest).unwrap();
    let mut flipped = whole.clone();
    flipped[whole.len() / 2] ^= 1;
    for damaged in [&whole[..whole.len() - 1], &whole[..10], &[], &flipped] {
        fs::write(&newest, damaged).unwrap();
        assert_eq!(numbers(&folder), [None, Some(1)]);
        let Some(Err(Unusable::Damaged { path, .. })) = folder.newest_first().next() else {
            panic!("unnoticed")
        };
        assert_eq!(path, newest);
    }
    fs::write(&newest, &whole).unwrap();
    assert_eq!(numbers(&folder), [Some(2), Some(1)]);
}

#[test]
fn what_is_no_generation_is_left_alone() {
    let place = Place::new();
    let folder = Folder::new(place.path());
    for name in ["notes.txt", "x.generation", "0000000009-9.generation.123.tmp"] {
        fs::write(place.path().join(name), "mine").unwrap();
    }
    folder.keep(&generation(5)).unwrap();
    assert_eq!(numbers(&folder), [Some(5)]);
    assert_eq!(files(&place).len(), 4);
}

#[test]
fn a_file_of_another_format_is_no_reason_to_panic() {
    let place = Place::new();
    fs::write(place.path().join("0000000001-1.generation"), "plain text").unwrap();
    let Some(Err(Unusable::Damaged { source, .. })) = Folder::new(place.path()).newest_first().next() else {
        panic!("unnoticed")
    };
    assert_eq!(source, FileDamage::Magic);
}

#[test]
fn an_empty_configuration_answers_too() {
    let active = Active::from_file(generation(3)).unwrap();
    assert_eq!(active.snapshot().generation().as_str(), "3");
}
