//! Stored calls on their way into exports: read, shown as somebody may see them, and written.

mod writing;

use std::{io::Write, mem, pin::pin};

use exports::{About, ExportError, Recorded, Row};
use futures_util::{Stream, TryStreamExt};
use serde_json::Error;
use store::{CallFilter, StoreError, StoredCall, schema_version};

pub use writing::Writing;

use crate::Numbers;

/// Rows that are handed on at once.
const ROWS_AT_ONCE: usize = 1_000;

/// Whoever watches how far an export is.
pub trait Watch {
    /// A call is about to be written.
    fn call(&self, _call: &StoredCall) {}
    /// So many more rows were taken.
    fn rows(&self, rows: usize);
}

/// A stored call as exports take it.
pub fn recorded(call: StoredCall) -> Recorded {
    let StoredCall { record, provider_in, provider_out, country, outcome, facts, .. } = call;
    Recorded { record, provider_in, provider_out, country, outcome, facts }
}

/// What an export that begins now says about itself.
pub fn about(filter: &CallFilter, now_us: i64) -> Result<About, Error> {
    Ok(About { filter: serde_json::to_string(filter)?, schema: schema_version(), exported_us: now_us })
}

/// Hands over the rows of all calls, and gives back what they were written to. What fails to write is told by the inner
/// result, what fails to read by the outer one. It may be dropped anywhere.
pub async fn export<R: Row, W: Write>(
    calls: impl Stream<Item = Result<StoredCall, StoreError>>,
    numbers: Numbers,
    writing: &mut Writing<R, W>,
    watch: &impl Watch,
) -> Result<Result<W, ExportError>, StoreError> {
    let mut calls = pin!(calls);
    let mut rows = Vec::new();
    while let Some(call) = calls.try_next().await? {
        watch.call(&call);
        let known = rows.len();
        R::push_of(recorded(call), &mut rows);
        for row in &mut rows[known..] {
            numbers.hide_in(row);
        }
        if rows.len() >= ROWS_AT_ONCE {
            let count = rows.len();
            if !writing.take(mem::take(&mut rows)).await {
                return Ok(writing.finish().await);
            }
            watch.rows(count);
        }
    }
    watch.rows(rows.len());
    writing.take(rows).await;
    Ok(writing.finish().await)
}
