//! Parquet: a file of columns, in row groups small enough to be made in memory.
//!
//! Instants are TIMESTAMP(MICROS, UTC), integers INT64, texts STRING, flags BOOLEAN; columns that may be unknown are
//! OPTIONAL. The footer tells what the rows are, under keys that begin with `dialplane.`.

use std::{fmt::Write as _, io::Write, sync::Arc};

use ::parquet::{
    basic::{Compression, Encoding, ZstdLevel},
    data_type::{BoolType, ByteArray, ByteArrayType, Int64Type},
    errors::ParquetError,
    file::{
        metadata::KeyValue,
        properties::{EnabledStatistics, WriterProperties},
        writer::{SerializedColumnWriter, SerializedFileWriter},
    },
    schema::parser::parse_message_type,
};
use bytes::Bytes;

use crate::{
    cell::{Cell, Column, Kind},
    export::{About, ExportError},
    instant,
    rows::Row,
};

/// Rows of a group: enough for readers to skip by, and few enough for the first to be out within seconds.
const ROWS_PER_GROUP: usize = 65_536;
/// Bytes of texts in a group, where callers write long ones.
const TEXT_BYTES_PER_GROUP: usize = 32 << 20;

pub(crate) struct Parquet<W: Write + Send> {
    file: SerializedFileWriter<W>,
    /// The group that is being made, column by column.
    group: Vec<Pending>,
    rows: usize,
    text_bytes: usize,
}

impl<W: Write + Send> Parquet<W> {
    pub(crate) fn new<R: Row>(output: W, about: &About) -> Result<Self, ExportError> {
        let schema = Arc::new(parse_message_type(&schema::<R>())?);
        let file = SerializedFileWriter::new(output, schema, Arc::new(properties::<R>(about)))?;
        let group = R::COLUMNS.iter().map(Pending::of).collect();
        Ok(Self { file, group, rows: 0, text_bytes: 0 })
    }

    pub(crate) fn write<R: Row>(&mut self, rows: &[R]) -> Result<(), ExportError> {
        for row in rows {
            for (column, cell) in self.group.iter_mut().zip(row.cells()) {
                self.text_bytes += column.push(cell);
            }
            self.rows += 1;
            if self.rows >= ROWS_PER_GROUP || self.text_bytes >= TEXT_BYTES_PER_GROUP {
                self.end_group()?;
            }
        }
        Ok(())
    }

    pub(crate) fn finish(mut self, complete: bool) -> Result<(), ExportError> {
        if self.rows > 0 {
            self.end_group()?;
        }
        self.file.append_key_value_metadata(key_value("complete", complete.to_string()));
        self.file.finish()?;
        Ok(())
    }

    fn end_group(&mut self) -> Result<(), ExportError> {
        let mut group = self.file.next_row_group()?;
        for column in &mut self.group {
            let mut writer = group.next_column()?.expect("the group has a column for each of the schema's");
            column.write(&mut writer)?;
            writer.close()?;
        }
        group.close()?;
        self.file.flush()?;
        (self.rows, self.text_bytes) = (0, 0);
        Ok(())
    }
}

/// The columns in the language the format describes itself in.
fn schema<R: Row>() -> String {
    let mut schema = format!("message {} {{", R::WHAT.as_str());
    for Column { name, kind, nullable } in R::COLUMNS {
        let repetition = if *nullable { "OPTIONAL" } else { "REQUIRED" };
        let (of, meaning) = match kind {
            Kind::Text => ("BYTE_ARRAY", " (STRING)"),
            Kind::Integer => ("INT64", ""),
            Kind::Flag => ("BOOLEAN", ""),
            Kind::Instant => ("INT64", " (TIMESTAMP(MICROS,true))"),
        };
        write!(schema, " {repetition} {of} {name}{meaning};").expect("writing to a String cannot fail");
    }
    schema.push_str(" }");
    schema
}

fn properties<R: Row>(about: &About) -> WriterProperties {
    let mut exported_at = Vec::new();
    instant::push(about.exported_us, "", &mut exported_at);
    let exported_at = String::from_utf8_lossy(&exported_at).into_owned();
    let mut properties = WriterProperties::builder()
        .set_created_by(concat!("dialplane ", env!("CARGO_PKG_VERSION")).to_owned())
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        // What is kept of each group until the footer is written stays small.
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .set_offset_index_disabled(true)
        .set_key_value_metadata(Some(vec![
            key_value("rows", R::WHAT.as_str().to_owned()),
            key_value("filter", about.filter.clone()),
            key_value("schema", about.schema.to_string()),
            key_value("exported_at", exported_at),
        ]));
    // One follows the other; no two are the same.
    for column in R::COLUMNS.iter().filter(|column| column.kind == Kind::Instant) {
        properties = properties
            .set_column_dictionary_enabled(column.name.into(), false)
            .set_column_encoding(column.name.into(), Encoding::DELTA_BINARY_PACKED);
    }
    properties.build()
}

fn key_value(key: &str, value: String) -> KeyValue {
    KeyValue::new(format!("dialplane.{key}"), value)
}

/// A column of the group that is being made.
struct Pending {
    /// 1 for each value that is there and 0 for each that is not; none where all are.
    levels: Option<Vec<i16>>,
    values: Values,
}

/// Those that are there.
enum Values {
    /// One after the other, and where each ends.
    Texts(Vec<u8>, Vec<usize>),
    /// Instants too.
    Integers(Vec<i64>),
    Flags(Vec<bool>),
}

impl Pending {
    fn of(column: &Column) -> Self {
        let values = match column.kind {
            Kind::Text => Values::Texts(Vec::new(), Vec::new()),
            Kind::Integer | Kind::Instant => Values::Integers(Vec::new()),
            Kind::Flag => Values::Flags(Vec::new()),
        };
        Self { levels: column.nullable.then(Vec::new), values }
    }

    /// Takes the next value; how many bytes of text it is.
    fn push(&mut self, cell: Cell<'_>) -> usize {
        if let Some(levels) = &mut self.levels {
            levels.push(i16::from(cell != Cell::Null));
        }
        match (&mut self.values, cell) {
            (Values::Texts(bytes, ends), Cell::Text(text)) => {
                bytes.extend_from_slice(text.as_bytes());
                ends.push(bytes.len());
                return text.len();
            }
            (Values::Integers(values), Cell::Integer(value) | Cell::Instant(value)) => values.push(value),
            (Values::Flags(values), Cell::Flag(value)) => values.push(value),
            // No other than null: the type of a column's cells is its kind.
            _ => {}
        }
        0
    }

    /// Writes the values and begins anew.
    fn write(&mut self, writer: &mut SerializedColumnWriter<'_>) -> Result<(), ParquetError> {
        let levels = self.levels.as_deref();
        match &mut self.values {
            Values::Texts(bytes, ends) => {
                let texts = texts(std::mem::take(bytes), std::mem::take(ends));
                writer.typed::<ByteArrayType>().write_batch(&texts, levels, None)?;
            }
            Values::Integers(values) => {
                writer.typed::<Int64Type>().write_batch(values, levels, None)?;
                values.clear();
            }
            Values::Flags(values) => {
                writer.typed::<BoolType>().write_batch(values, levels, None)?;
                values.clear();
            }
        }
        if let Some(levels) = &mut self.levels {
            levels.clear();
        }
        Ok(())
    }
}

/// Texts as the format's own type, without a copy of any.
fn texts(bytes: Vec<u8>, ends: Vec<usize>) -> Vec<ByteArray> {
    let bytes = Bytes::from(bytes);
    let mut from = 0;
    let text = |end| {
        let text = bytes.slice(from..end);
        from = end;
        ByteArray::from(text)
    };
    ends.into_iter().map(text).collect()
}
