//! What differs between one configuration and the next.

use std::sync::Arc;

use super::{Chunk, Chunked, Row};

/// One row as it was and as it is; never the same on both sides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RowChange<'t, R> {
    pub before: Option<&'t R>,
    pub after: Option<&'t R>,
}

impl<R: Row + PartialEq> Chunked<R> {
    /// The rows that differ from `before`, by key. Chunks that are one and the same are not looked into.
    pub fn changes<'t>(&'t self, before: &'t Self) -> impl Iterator<Item = RowChange<'t, R>> {
        let chunks = merged(&before.chunks, &self.chunks, |chunk| chunk.range);
        let differing = chunks.filter(|(before, after)| match (before, after) {
            (Some(before), Some(after)) => !Arc::ptr_eq(before, after),
            _ => true,
        });
        let rows = differing.flat_map(|(before, after)| merged(rows(before), rows(after), Row::key));
        rows.filter(|(before, after)| before != after).map(|(before, after)| RowChange { before, after })
    }

    /// The same rows, in chunks of `before` wherever those hold the same.
    #[must_use]
    pub fn sharing(mut self, before: &Self) -> Self {
        for chunk in &mut self.chunks {
            if let Some(known) =
                before.chunk(chunk.range).filter(|known| !Arc::ptr_eq(known, chunk) && *known == chunk)
            {
                *chunk = Arc::clone(known);
            }
        }
        self
    }
}

fn rows<R>(chunk: Option<&Arc<Chunk<R>>>) -> &[R] {
    chunk.map(|chunk| &*chunk.rows).unwrap_or_default()
}

/// Two ascending sequences side by side: what has one key comes together.
fn merged<'t, T>(
    mut before: &'t [T],
    mut after: &'t [T],
    key: impl Fn(&T) -> i64,
) -> impl Iterator<Item = (Option<&'t T>, Option<&'t T>)> {
    std::iter::from_fn(move || {
        let next = [before.first(), after.first()].into_iter().flatten().map(&key).min()?;
        let take = |from: &mut &'t [T]| {
            let (first, rest) = from.split_first().filter(|(first, _)| key(first) == next)?;
            *from = rest;
            Some(first)
        };
        Some((take(&mut before), take(&mut after)))
    })
}
