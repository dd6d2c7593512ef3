//! NDJSON: an object for each row, in a line of its own, with all of its columns in their order.
//!
//! What is not known is `null`. Integers are integers, up to 64 bits, and instants strings as RFC 3339 has them.

use std::io;

use crate::{
    cell::{Cell, Column},
    instant,
    rows::Row,
};

/// What stands before each value: the name of its column, written once.
#[derive(Debug)]
pub(crate) struct Keys(Vec<String>);

impl Keys {
    /// Names of columns are lower-case letters, digits and underscores: nothing of them needs an escape.
    pub(crate) fn of(columns: &[Column]) -> Self {
        let before = |at| if at == 0 { '{' } else { ',' };
        let key = |(at, column): (usize, &Column)| format!("{}\"{}\":", before(at), column.name);
        Self(columns.iter().enumerate().map(key).collect())
    }

    pub(crate) fn push_row<R: Row>(&self, row: &R, line: &mut Vec<u8>) -> io::Result<()> {
        for (key, cell) in self.0.iter().zip(row.cells()) {
            line.extend_from_slice(key.as_bytes());
            match cell {
                Cell::Null => line.extend_from_slice(b"null"),
                Cell::Text(text) => serde_json::to_writer(&mut *line, text)?,
                Cell::Integer(number) => line.extend_from_slice(number.to_string().as_bytes()),
                Cell::Flag(flag) => line.extend_from_slice(if flag { b"true" } else { b"false" }),
                Cell::Instant(us) => instant::push(us, "\"", line),
            }
        }
        line.extend_from_slice(b"}\n");
        Ok(())
    }
}
