//! One export: rows go in, bytes come out.

use std::{
    io::{self, Write},
    marker::PhantomData,
};

use ::parquet::errors::ParquetError;

use crate::{lines::Lines, parquet::Parquet, rows::Row};

/// How rows are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Csv,
    NdJson,
    Parquet,
}

impl Format {
    pub const ALL: [Self; 3] = [Self::Csv, Self::NdJson, Self::Parquet];

    /// Also what the names of files end with.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::NdJson => "ndjson",
            Self::Parquet => "parquet",
        }
    }
}

/// What an export says about itself, where its format has a place for that: the footer of Parquet.
#[derive(Clone, Debug)]
pub struct About {
    /// Which of all rows these are.
    pub filter: String,
    /// The number of the tables' newest migration.
    pub schema: i64,
    /// When it began, UTC microseconds.
    pub exported_us: i64,
}

/// Why an export does not go on.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    #[error("the export cannot be written")]
    Output(#[from] io::Error),
    #[error("the export cannot be written as Parquet")]
    Parquet(#[source] ParquetError),
}

impl ExportError {
    /// Whether nobody reads what is written any more, as with `… | head`.
    pub fn is_reader_gone(&self) -> bool {
        matches!(self, Self::Output(error) if error.kind() == io::ErrorKind::BrokenPipe)
    }
}

/// What the output said is not Parquet's fault.
impl From<ParquetError> for ExportError {
    fn from(error: ParquetError) -> Self {
        match error {
            ParquetError::External(source) => match source.downcast::<io::Error>() {
                Ok(output) => Self::Output(*output),
                Err(source) => Self::Parquet(ParquetError::External(source)),
            },
            error => Self::Parquet(error),
        }
    }
}

/// Rows of one kind on their way into one output.
///
/// Of CSV and NDJSON the output holds whole rows whenever a call has returned. Of Parquet it holds whole row groups, and
/// is a file only when [`Export::finish`] or [`Export::cut`] has returned.
pub struct Export<R, W: Write + Send> {
    form: Form<W>,
    rows: u64,
    kind: PhantomData<fn(R)>,
}

enum Form<W: Write + Send> {
    Lines(Lines<W>),
    Parquet(Box<Parquet<W>>),
}

impl<R: Row, W: Write + Send> Export<R, W> {
    /// Begins an export, with the header where there is one.
    pub fn new(format: Format, output: W, about: &About) -> Result<Self, ExportError> {
        let form = match format {
            Format::Csv => Form::Lines(Lines::csv::<R>(output)?),
            Format::NdJson => Form::Lines(Lines::ndjson::<R>(output)),
            Format::Parquet => Form::Parquet(Box::new(Parquet::new::<R>(output, about)?)),
        };
        Ok(Self { form, rows: 0, kind: PhantomData })
    }

    /// Writes rows after those before.
    pub fn write(&mut self, rows: &[R]) -> Result<(), ExportError> {
        match &mut self.form {
            Form::Lines(lines) => lines.write(rows)?,
            Form::Parquet(parquet) => parquet.write(rows)?,
        }
        self.rows += rows.len() as u64;
        Ok(())
    }

    /// Rows that were taken so far.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Ends the export; everything is with the output.
    pub fn finish(self) -> Result<(), ExportError> {
        match self.form {
            Form::Lines(lines) => Ok(lines.finish()?),
            Form::Parquet(parquet) => parquet.finish(true),
        }
    }

    /// Ends it before its end: what was written can be read, and says that it is not all where it can.
    pub fn cut(self) -> Result<(), ExportError> {
        match self.form {
            Form::Lines(lines) => Ok(lines.finish()?),
            Form::Parquet(parquet) => parquet.finish(false),
        }
    }
}
