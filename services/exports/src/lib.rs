//! Records of calls as CSV, NDJSON and Parquet: rows in, bytes out.
//!
//! An [`Export`] takes rows of one kind ([`Call`], [`Leg`] or [`Attempt`]) in any number of portions and writes them in one
//! of three formats. It knows no database, no runtime and no clock, and holds no more than a bounded part of what goes
//! through it: whoever has a million rows hands them over a page at a time. What the columns are is said once, in
//! `rows.rs`; what a cell looks like stands in the module of each format.

mod cell;
pub mod csv;
mod export;
mod instant;
mod lines;
mod ndjson;
mod parquet;
mod rows;

pub use cell::{Cell, Column, Instant, Kind};
pub use export::{About, Export, ExportError, Format};
pub use rows::{Attempt, Call, Leg, Recorded, Row, What};
