//! How commands print: JSON for programs, tables for people. All answers go to standard output, logs never do.

use std::{
    fmt,
    io::{self, Write},
    process,
};

use comfy_table::{Table, presets::ASCII_MARKDOWN};
use serde::Serialize;

use crate::failure::Failure;

/// What a shell shows for a program whose reader went away: `dialplane … | head`.
const READER_GONE: i32 = 128 + 13;

/// As the standard one, which panics when nobody reads any more.
macro_rules! print {
    ($($text:tt)*) => { $crate::answer::write(format_args!($($text)*)) };
}

/// As the standard one, which panics when nobody reads any more.
macro_rules! println {
    ($($text:tt)*) => { $crate::answer::write(format_args!("{}\n", format_args!($($text)*))) };
}

/// As the standard one, which panics when nobody reads any more.
macro_rules! eprintln {
    ($($text:tt)*) => { $crate::answer::tell(format_args!("{}\n", format_args!($($text)*))) };
}

/// Writes to standard output. Without one there is nothing left to do.
pub(crate) fn write(text: fmt::Arguments<'_>) {
    match io::stdout().write_fmt(text) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => process::exit(READER_GONE),
        Err(error) => {
            tell(format_args!("dialplane: standard output: {error}\n"));
            process::exit(3);
        }
    }
}

/// Writes to standard error, if anybody reads it.
pub(crate) fn tell(text: fmt::Arguments<'_>) {
    let _ = io::stderr().write_fmt(text);
}

pub(crate) fn json(value: &impl Serialize) -> Result<(), Failure> {
    println!("{}", serde_json::to_string_pretty(value).map_err(Failure::usage)?);
    Ok(())
}

pub(crate) fn table<R: IntoIterator<Item = String>>(header: &[&str], rows: impl IntoIterator<Item = R>) {
    let mut table = Table::new();
    table.load_style(ASCII_MARKDOWN).set_header(header.iter().map(ToString::to_string));
    for row in rows {
        table.add_row(row.into_iter().collect::<Vec<_>>());
    }
    println!("{table}");
}
