//! What stands in the bytes, and what becomes of them when something goes wrong.

use std::{
    io::{self, Write},
    sync::{Arc, Mutex},
};

use exports::{Attempt, Call, Cell, Export, Format, Instant, Leg, Row};
use parquet::{
    basic::Type,
    file::{metadata::RowGroupMetaData, reader::FileReader},
};

use crate::reading::{about, exported, parquet_reader};

fn leg(position: i64) -> Leg {
    Leg {
        node: "msk".into(),
        call_created_at: Instant(1_795_269_600_000_000),
        call_unique_id: "msk-1795269600.1".into(),
        position,
        unique_id: "=cmd()".into(),
        linked_id: None,
        channel: "".into(),
        start_at: Some(Instant(1_795_269_600_000_001)),
        answer_at: None,
        end_at: None,
        cause: Some(16),
        sip: None,
        hangup_by: Some("caller"),
    }
}

#[test]
fn csv_is_as_documented() {
    let text = String::from_utf8(exported(Format::Csv, &[leg(1)])).unwrap();
    assert_eq!(
        text,
        "node,call_created_at,call_unique_id,position,unique_id,linked_id,channel,start_at,answer_at,end_at,cause,sip,\
         hangup_by\r\n\"msk\",2026-11-21T14:00:00.000000Z,\"msk-1795269600.1\",1,\"'=cmd()\",,\"\",\
         2026-11-21T14:00:00.000001Z,,,16,,\"caller\"\r\n"
    );
}

#[test]
fn ndjson_is_as_documented() {
    let text = String::from_utf8(exported(Format::NdJson, &[leg(1)])).unwrap();
    assert_eq!(
        text,
        "{\"node\":\"msk\",\"call_created_at\":\"2026-11-21T14:00:00.000000Z\",\"call_unique_id\":\"msk-1795269600.1\",\
         \"position\":1,\"unique_id\":\"=cmd()\",\"linked_id\":null,\"channel\":\"\",\
         \"start_at\":\"2026-11-21T14:00:00.000001Z\",\"answer_at\":null,\"end_at\":null,\"cause\":16,\"sip\":null,\
         \"hangup_by\":\"caller\"}\n"
    );
}

#[test]
fn parquet_says_what_it_is() {
    let bytes = exported(Format::Parquet, &[leg(1), leg(2)]);
    let reader = parquet_reader(&bytes);
    let file = reader.metadata().file_metadata();
    assert_eq!(file.num_rows(), 2);
    assert!(file.created_by().unwrap().starts_with("dialplane "));
    let told = file.key_value_metadata().unwrap();
    let told: Vec<_> = told.iter().map(|pair| (pair.key.as_str(), pair.value.as_deref().unwrap())).collect();
    assert_eq!(
        told,
        [
            ("dialplane.rows", "legs"),
            ("dialplane.filter", "{\"complete\":true}"),
            ("dialplane.schema", "42"),
            ("dialplane.exported_at", "2026-11-21T14:00:00.000001Z"),
            ("dialplane.complete", "true"),
        ]
    );
    let columns = file.schema_descr().columns();
    let start_at = columns.iter().find(|column| column.name() == "start_at").unwrap();
    assert_eq!(start_at.physical_type(), Type::INT64);
    let meaning = format!("{:?}", start_at.logical_type_ref());
    assert!(
        meaning.contains("Timestamp") && meaning.contains("true") && meaning.contains("MICROS"),
        "{meaning}"
    );
}

#[test]
fn an_export_of_nothing_is_one() {
    assert!(exported::<Call>(Format::Csv, &[]).starts_with(b"node,created_at,"));
    assert!(exported::<Call>(Format::NdJson, &[]).is_empty());
    let bytes = exported::<Attempt>(Format::Parquet, &[]);
    assert_eq!(parquet_reader(&bytes).metadata().file_metadata().num_rows(), 0);
}

/// What was written is seen although somebody else holds it; refuses what goes beyond its room.
#[derive(Clone, Default)]
struct Shared {
    bytes: Arc<Mutex<Vec<u8>>>,
    room: Option<usize>,
}

impl Shared {
    fn bytes(&self) -> Vec<u8> {
        self.bytes.lock().unwrap().clone()
    }
}

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut written = self.bytes.lock().unwrap();
        if self.room.is_some_and(|room| written.len() + bytes.len() > room) {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        written.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn what_was_cut_is_whole_as_far_as_it_goes() {
    for format in Format::ALL {
        let output = Shared::default();
        let mut export = Export::new(format, output.clone(), &about()).unwrap();
        export.write(&[leg(1), leg(2)]).unwrap();
        if format == Format::Parquet {
            export.cut().unwrap();
            let bytes = output.bytes();
            let reader = parquet_reader(&bytes);
            let file = reader.metadata().file_metadata();
            let complete =
                file.key_value_metadata().unwrap().iter().find(|pair| pair.key == "dialplane.complete");
            assert_eq!((file.num_rows(), complete.unwrap().value.as_deref()), (2, Some("false")));
        } else {
            // Whoever is not even asked to end it.
            drop(export);
            let lines = if format == Format::Csv { 3 } else { 2 };
            let text = String::from_utf8(output.bytes()).unwrap();
            assert!(text.ends_with('\n') && text.lines().count() == lines, "{text}");
        }
    }
}

#[test]
fn the_first_group_is_out_before_the_last_row_is_in() {
    let output = Shared::default();
    let mut export = Export::new(Format::Parquet, output.clone(), &about()).unwrap();
    let rows: Vec<_> = (0..1_000).map(leg).collect();
    for _ in 0..65 {
        export.write(&rows).unwrap();
    }
    let before = output.bytes().len();
    export.write(&rows).unwrap();
    assert!(output.bytes().len() > before + 1_000, "{before}, {}", output.bytes().len());
    export.finish().unwrap();
    let groups = parquet_reader(&output.bytes())
        .metadata()
        .row_groups()
        .iter()
        .map(RowGroupMetaData::num_rows)
        .collect::<Vec<_>>();
    assert_eq!(groups, [65_536, 66_000 - 65_536]);
}

#[test]
fn a_reader_who_left_is_told_from_a_fault() {
    for format in Format::ALL {
        let output = Shared { room: Some(150), ..Shared::default() };
        let mut export = match Export::new(format, output, &about()) {
            Ok(export) => export,
            Err(error) => {
                assert!(error.is_reader_gone());
                continue;
            }
        };
        let rows: Vec<_> = (0..100).map(leg).collect();
        let error = export.write(&rows).err().or_else(|| export.finish().err()).unwrap();
        assert!(error.is_reader_gone(), "{}: {error:?}", format.as_str());
    }
}

#[test]
fn columns_have_names_that_stay_readable() {
    let all = [Call::COLUMNS, Leg::COLUMNS, Attempt::COLUMNS].concat();
    assert_eq!(all.len(), 29 + 13 + 21);
    assert!(
        all.iter()
            .all(|column| column.name.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_')))
    );
    assert_eq!(leg(1).cells().count(), Leg::COLUMNS.len());
    assert_eq!(leg(3).cells().nth(3), Some(Cell::Integer(3)));
}
