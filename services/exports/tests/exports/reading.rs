//! Exports as somebody reads them who knows the documentation and none of the code.

use ::csv::ReaderBuilder;
use exports::{About, Cell, Column, Export, Format, Kind, Row, csv::unguarded};
use parquet::{
    file::reader::{FileReader, SerializedFileReader},
    record::Field,
};
use serde_json::{Map, Value};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

/// What stands in a cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Read {
    Null,
    Text(String),
    Integer(i64),
    Flag(bool),
    Instant(i64),
}

pub(crate) fn about() -> About {
    About { filter: "{\"complete\":true}".to_owned(), schema: 42, exported_us: 1_795_269_600_000_001 }
}

/// Exports rows in portions.
pub(crate) fn exported<R: Row>(format: Format, rows: &[R]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut export = Export::new(format, &mut bytes, &about()).unwrap();
    for rows in rows.chunks(3) {
        export.write(rows).unwrap();
    }
    assert_eq!(export.rows(), rows.len() as u64);
    export.finish().unwrap();
    bytes
}

/// What went in.
pub(crate) fn told<R: Row>(rows: &[R]) -> Vec<Vec<Read>> {
    let read = |cell| match cell {
        Cell::Null => Read::Null,
        Cell::Text(text) => Read::Text(text.to_owned()),
        Cell::Integer(number) => Read::Integer(number),
        Cell::Flag(flag) => Read::Flag(flag),
        Cell::Instant(us) => Read::Instant(us),
    };
    rows.iter().map(|row| row.cells().map(read).collect()).collect()
}

/// What comes out.
pub(crate) fn read<R: Row>(format: Format, bytes: &[u8]) -> Vec<Vec<Read>> {
    match format {
        Format::Csv => read_csv(R::COLUMNS, bytes),
        Format::NdJson => read_ndjson(R::COLUMNS, bytes),
        Format::Parquet => read_parquet(R::COLUMNS, bytes),
    }
}

fn read_csv(columns: &[Column], bytes: &[u8]) -> Vec<Vec<Read>> {
    let mut reader = ReaderBuilder::new().has_headers(false).from_reader(bytes);
    let mut records: Vec<_> = reader.records().map(Result::unwrap).collect();
    let header = records.remove(0);
    assert!(header.iter().eq(columns.iter().map(|column| column.name)));
    // The reader does not tell what stood in quotes, and so what is empty from what is not there.
    let quoted = quoted(std::str::from_utf8(bytes).unwrap());
    assert_eq!(quoted.len(), records.len() + 1);
    let row = |(record, quoted): (&::csv::StringRecord, &Vec<bool>)| {
        assert_eq!(quoted.len(), record.len());
        let fields = columns.iter().zip(record.iter().zip(quoted));
        fields.map(|(column, (field, &quoted))| read_field(column, field, quoted)).collect()
    };
    records.iter().zip(&quoted[1..]).map(row).collect()
}

fn read_field(column: &Column, field: &str, quoted: bool) -> Read {
    assert_eq!(
        quoted,
        column.kind == Kind::Text && (quoted || !field.is_empty()),
        "{}: {field}",
        column.name
    );
    match column.kind {
        _ if field.is_empty() && !quoted => Read::Null,
        Kind::Text => Read::Text(unguarded(field)),
        Kind::Integer => Read::Integer(field.parse().unwrap()),
        Kind::Flag => Read::Flag(field.parse().unwrap()),
        Kind::Instant => Read::Instant(field.parse().unwrap_or_else(|_| instant(field))),
    }
}

/// Which fields of each line stand in quotes, by RFC 4180.
fn quoted(text: &str) -> Vec<Vec<bool>> {
    let (mut lines, mut line, mut inside, mut field) = (Vec::new(), Vec::new(), false, false);
    for char in text.chars() {
        match char {
            '"' => (inside, field) = (!inside, true),
            ',' if !inside => line.push(std::mem::take(&mut field)),
            '\n' if !inside => {
                line.push(std::mem::take(&mut field));
                lines.push(std::mem::take(&mut line));
            }
            _ => {}
        }
    }
    assert!(!inside && line.is_empty(), "it ends in the middle of a line");
    lines
}

fn read_ndjson(columns: &[Column], bytes: &[u8]) -> Vec<Vec<Read>> {
    let text = std::str::from_utf8(bytes).unwrap();
    assert!(text.is_empty() || text.ends_with('\n'));
    let row = |line: &str| {
        let mut object: Map<String, Value> = serde_json::from_str(line).unwrap();
        let cells = columns.iter().map(|column| read_value(column, &object.remove(column.name).unwrap()));
        let cells = cells.collect();
        assert!(object.is_empty(), "{object:?}");
        cells
    };
    text.split_terminator('\n').map(row).collect()
}

fn read_value(column: &Column, value: &Value) -> Read {
    match (column.kind, value) {
        (_, Value::Null) => Read::Null,
        (Kind::Text, Value::String(text)) => Read::Text(text.clone()),
        (Kind::Integer, Value::Number(number)) => Read::Integer(number.as_i64().unwrap()),
        (Kind::Flag, Value::Bool(flag)) => Read::Flag(*flag),
        (Kind::Instant, Value::Number(number)) => Read::Instant(number.as_i64().unwrap()),
        (Kind::Instant, Value::String(text)) => Read::Instant(instant(text)),
        (kind, value) => panic!("{}: {value} is no {kind:?}", column.name),
    }
}

fn instant(text: &str) -> i64 {
    let instant = OffsetDateTime::parse(text, &Rfc3339).unwrap();
    (instant.unix_timestamp_nanos() / 1_000).try_into().unwrap()
}

pub(crate) fn parquet_reader(bytes: &[u8]) -> SerializedFileReader<bytes::Bytes> {
    SerializedFileReader::new(bytes::Bytes::copy_from_slice(bytes)).unwrap()
}

fn read_parquet(columns: &[Column], bytes: &[u8]) -> Vec<Vec<Read>> {
    let reader = parquet_reader(bytes);
    let row = |row: Result<parquet::record::Row, _>| {
        let row = row.unwrap();
        let cells = row.get_column_iter().zip(columns).map(|((name, field), column)| {
            assert_eq!(name, column.name);
            read_parquet_field(column, field)
        });
        cells.collect()
    };
    reader.get_row_iter(None).unwrap().map(row).collect()
}

fn read_parquet_field(column: &Column, field: &Field) -> Read {
    match (column.kind, field) {
        (_, Field::Null) => Read::Null,
        (Kind::Text, Field::Str(text)) => Read::Text(text.clone()),
        (Kind::Integer, Field::Long(number)) => Read::Integer(*number),
        (Kind::Flag, Field::Bool(flag)) => Read::Flag(*flag),
        (Kind::Instant, Field::TimestampMicros(us)) => Read::Instant(*us),
        (kind, field) => panic!("{}: {field} is no {kind:?}", column.name),
    }
}
