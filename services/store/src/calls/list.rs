//! Calls as analysts ask for them: page by page, all there are, one by one.

use std::collections::{BTreeMap, HashMap};

use calls::{CallId, CallRecord};
use domain::{NodeName, ProviderId};
use futures_util::{Stream, TryStreamExt, stream};
use traffic::{AttemptFacts, Outcome};

use super::{
    bulk::IDS_PER_STATEMENT,
    cursor::{Cursor, CursorError, Position},
    filter::{CallFilter, CallSort},
    page::{self, PAGE, Statement},
    read::complete,
    rows::{Key, read_stored},
};
use crate::{
    driver::Connection,
    error::StoreError,
    lease::{in_transaction, on_connection},
    store::Store,
};

/// A call as it stands in the tables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredCall {
    /// Legs, attempts and aliases are there if they were asked for.
    pub record: CallRecord,
    /// The carriers it came from and went to, as far as they have been worked out.
    pub provider_in: Option<ProviderId>,
    pub provider_out: Option<ProviderId>,
    /// Of the called number, as far as its decision tells.
    pub country: Option<Box<str>>,
    /// What became of it, once its quarter was summed up.
    pub outcome: Option<Outcome>,
    /// Its numbers were masked for good.
    pub is_masked: bool,
    /// Of each of the record's attempts, in their order.
    pub facts: Vec<AttemptFacts>,
}

/// How much of each call is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallParts {
    /// The row of the call.
    Row,
    /// Its legs, attempts and aliases too.
    Whole,
}

/// A page that is asked for.
#[derive(Clone, Copy, Debug)]
pub struct CallQuestion<'q> {
    pub filter: &'q CallFilter,
    pub sort: CallSort,
    /// Calls on the page, 1 to [`CallQuestion::LIMIT_MAX`].
    pub limit: u32,
    /// What the page before gave as [`CallPage::next`]; none: the first page.
    pub cursor: Option<&'q str>,
    pub parts: CallParts,
}

impl CallQuestion<'_> {
    /// More than this is not read at once, whatever is asked for.
    pub const LIMIT_MAX: u32 = 1_000;
}

/// Some of the calls that were asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallPage {
    pub calls: Vec<StoredCall>,
    /// Where the next page begins; none: there was nothing more. Good for this filter and sort only.
    pub next: Option<String>,
}

/// Why there is no page.
#[derive(Debug, thiserror::Error)]
pub enum ListCallsError {
    #[error(transparent)]
    Cursor(#[from] CursorError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Calls [`Store::all_calls`] reads at once, and so about how many are in memory.
const CALLS_AT_ONCE: u32 = 500;
/// Calls of one root that are shown: a call is handed over once at most, so more are somebody's mistake.
const HOPS_MAX: u32 = 200;

impl Store {
    /// A page of calls. Each page is of one moment, and no two of the same: a call that is written meanwhile may be on a
    /// page that is yet to come, or missed if its place has gone by. Nothing else is missed and nothing told twice, unless a
    /// later revision moved a call, which is rare for its start.
    pub async fn list_calls(&self, question: CallQuestion<'_>) -> Result<CallPage, ListCallsError> {
        let CallQuestion { filter, sort, parts, .. } = question;
        let cursor = Cursor::new(filter, sort);
        let after = question.cursor.map(|text| cursor.read(text)).transpose()?;
        let limit = question.limit.clamp(1, CallQuestion::LIMIT_MAX);
        // One more tells whether there is another page.
        let mut calls = self.calls_after(filter, sort, after.as_ref(), limit + 1, parts).await?;
        let is_more = calls.len() > limit as usize;
        calls.truncate(limit as usize);
        let last = calls.last().filter(|_| is_more);
        let next = last.map(|call| cursor.write(&Position::of(call, sort.key)));
        Ok(CallPage { calls, next })
    }

    /// All calls a filter lets through, the oldest first, with no limit and in little memory: [`CALLS_AT_ONCE`] are read,
    /// each lot in a transaction of its own, and the next lot when these are taken. Nothing is held in between, so this may
    /// go on for hours; what is written meanwhile is there or not, as with [`Store::list_calls`]. Ends after the first error.
    pub fn all_calls(
        &self,
        filter: CallFilter,
        parts: CallParts,
    ) -> impl Stream<Item = Result<StoredCall, StoreError>> + Send {
        let begin = Some((filter, None::<Position>));
        let lots = stream::try_unfold(begin, move |state| async move {
            let Some((filter, after)) = state else { return Ok::<_, StoreError>(None) };
            let sort = CallSort::OLDEST;
            let lot = self.calls_after(&filter, sort, after.as_ref(), CALLS_AT_ONCE, parts).await?;
            let last = lot.last().filter(|_| lot.len() == CALLS_AT_ONCE as usize);
            let next = last.map(|call| Position::of(call, sort.key)).map(|position| (filter, Some(position)));
            Ok(Some((stream::iter(lot.into_iter().map(Ok::<_, StoreError>)), next)))
        });
        lots.try_flatten()
    }

    /// All calls that one first decision led to, on all nodes, whole: the one that made that decision first, whatever the
    /// clocks of the nodes say, and the others as they began.
    pub async fn calls_of_root(&self, root: &str) -> Result<Vec<StoredCall>, StoreError> {
        let filter = CallFilter { root: Some(root.into()), ..CallFilter::default() };
        let mut calls = self.calls_after(&filter, CallSort::OLDEST, None, HOPS_MAX, CallParts::Whole).await?;
        calls.sort_by_key(|call| call.record.decision.as_deref() != Some(root));
        Ok(calls)
    }

    async fn calls_after(
        &self,
        filter: &CallFilter,
        sort: CallSort,
        after: Option<&Position>,
        limit: u32,
        parts: CallParts,
    ) -> Result<Vec<StoredCall>, StoreError> {
        let statement = page::statement(self.dialect(), filter, sort, after, limit);
        match parts {
            CallParts::Row => on_connection!(self, connection => rows(connection, statement).await),
            CallParts::Whole => {
                in_transaction!(self, begin_read, connection => whole(connection, statement).await)
            }
        }
    }
}

async fn rows<C: Connection>(
    connection: &mut C,
    statement: Statement<'_>,
) -> Result<Vec<StoredCall>, StoreError> {
    let Statement { sql, values, .. } = statement;
    let mut found = Vec::new();
    let mut rows = connection.rows_built(sql, &values);
    while let Some(row) = rows.try_next().await.map_err(StoreError::driver(PAGE))? {
        found.push(read_stored(&row)?);
    }
    Ok(found)
}

async fn whole<C: Connection>(
    connection: &mut C,
    statement: Statement<'_>,
) -> Result<Vec<StoredCall>, StoreError> {
    let mut calls = rows(connection, statement).await?;
    let ids: Vec<CallId> = calls.iter().map(|call| call.record.id.clone()).collect();
    let mut by_id: HashMap<CallId, &mut StoredCall> = ids.iter().cloned().zip(&mut calls).collect();
    let mut by_node: BTreeMap<&NodeName, Vec<Key<'_>>> = BTreeMap::new();
    for id in &ids {
        by_node.entry(&id.node).or_default().push(Key::of(id));
    }
    for (node, keys) in &by_node {
        let keys: Vec<_> = keys.iter().collect();
        for keys in keys.chunks(IDS_PER_STATEMENT) {
            complete(connection, node, keys, &mut by_id).await?;
        }
    }
    drop(by_id);
    Ok(calls)
}
