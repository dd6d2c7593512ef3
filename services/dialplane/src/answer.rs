//! How commands print: JSON for programs, tables for people. All answers go to standard output, logs never do.

use comfy_table::{Table, presets::ASCII_MARKDOWN};
use serde::Serialize;

use crate::failure::Failure;

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
