//! Formats of which each row is some text of its own.

use std::io::{self, Write};

use crate::{csv, ndjson::Keys, rows::Row};

/// Bytes that are handed to the output at once.
const PORTION_BYTES: usize = 64 * 1_024;

/// What a row looks like.
#[derive(Debug)]
pub(crate) enum Style {
    Csv,
    NdJson(Keys),
}

/// Rows on their way into an output, which never holds a part of one when a call has returned.
#[derive(Debug)]
pub(crate) struct Lines<W> {
    output: W,
    style: Style,
    /// Whole rows that are not yet with the output.
    portion: Vec<u8>,
}

impl<W: Write> Lines<W> {
    pub(crate) fn csv<R: Row>(output: W) -> io::Result<Self> {
        let mut lines = Self::new(output, Style::Csv);
        csv::push_header(R::COLUMNS, &mut lines.portion);
        lines.hand_over()?;
        Ok(lines)
    }

    pub(crate) fn ndjson<R: Row>(output: W) -> Self {
        Self::new(output, Style::NdJson(Keys::of(R::COLUMNS)))
    }

    fn new(output: W, style: Style) -> Self {
        Self { output, style, portion: Vec::with_capacity(2 * PORTION_BYTES) }
    }

    pub(crate) fn write<R: Row>(&mut self, rows: &[R]) -> io::Result<()> {
        for row in rows {
            match &self.style {
                Style::Csv => csv::push_row(row, &mut self.portion),
                Style::NdJson(keys) => keys.push_row(row, &mut self.portion)?,
            }
            if self.portion.len() >= PORTION_BYTES {
                self.hand_over()?;
            }
        }
        self.hand_over()
    }

    pub(crate) fn finish(mut self) -> io::Result<()> {
        self.output.flush()
    }

    fn hand_over(&mut self) -> io::Result<()> {
        self.output.write_all(&self.portion)?;
        self.portion.clear();
        Ok(())
    }
}
