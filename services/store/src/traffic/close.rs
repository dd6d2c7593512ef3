//! Summing up a quarter.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::TryStreamExt;
use traffic::{Attempt, Call, Kind, Per, Quarter, RollUp, Rules, Sums};

use super::{
    Place,
    fill::Changes,
    marks::{SeenMarks, mark, text},
    rows::{self, CallRow, Told},
    rules, sums,
};
use crate::{
    driver::{Connection, Value},
    error::StoreError,
    lease::in_transaction,
    privacy,
    store::Store,
    table::CellReader,
};

/// What became of a quarter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Closed {
    /// It has no mark: somebody else was faster.
    Unmarked,
    /// Its records were removed, all or some: the sums that were made of them stay.
    Removed,
    /// The rules are not those by which the quarters were summed up: [`Store::follow_outcome_rules`] first.
    OtherRules,
    Summed {
        calls: u64,
        attempts: u64,
        /// Rows of calls and attempts of which more became known.
        filled: u64,
        /// Attempts with carriers, or with whom no decision tells, that were in no sum before: by carrier, 0 where it is not
        /// known.
        fresh: BTreeMap<i64, Sums>,
    },
}

/// Quarters whose calls name decisions that were decided in another one.
const LATE: &str = "SELECT DISTINCT traffic_awaited.quarter_us FROM decisions JOIN traffic_awaited \
     ON traffic_awaited.node = decisions.node AND traffic_awaited.decision = decisions.id \
     WHERE decisions.node = $1 AND decisions.decided_us BETWEEN $2 AND $3 AND traffic_awaited.quarter_us <> $4";

pub(super) const STATEMENTS: [&str; 1] = [LATE];

/// Who marks a quarter when a decision turns up that it named.
const WRITER: &str = "decision";

impl Store {
    /// Sums up a quarter that is marked: all of it or nothing. One at a time does so, whichever process it is in.
    pub async fn close_quarter(&self, place: &Place) -> Result<Closed, StoreError> {
        in_transaction!(self, begin_bulk, connection => close(connection, place).await)
    }
}

async fn close<C: Connection>(connection: &mut C, place: &Place) -> Result<Closed, StoreError> {
    rules::lock(connection).await?;
    let Some(rules) = rules::current(connection).await? else { return Ok(Closed::OtherRules) };
    // Before anything is read: what is written from now on counts them up.
    let marks = SeenMarks::read(connection, place).await?;
    if marks.is_empty() {
        return Ok(Closed::Unmarked);
    }
    if privacy::gone_us(connection, &place.node).await? > place.quarter.from_us().max(0) {
        marks.remove(connection, place).await?;
        return Ok(Closed::Removed);
    }
    let mut calls = rows::calls(connection, place).await?;
    let before: Vec<_> = calls.iter().map(Before::of).collect();
    let missing = rows::look_up(connection, place.quarter, &mut calls).await?;
    let mut roll_up = RollUp::default();
    let mut fresh = RollUp::default();
    let mut changes = Changes::default();
    for (call, before) in calls.iter_mut().zip(&before) {
        let facts = add(&mut roll_up, &rules, call);
        if before.facts.outcome.is_none() {
            add(&mut fresh, &rules, call);
        }
        call.facts.outcome = Some(facts.outcome);
        call.facts.provider_out = facts.provider_out;
        changes.note(call, &before.facts, &before.told, &facts.attempts);
    }
    let filled = changes.write(connection, place).await?;
    sums::replace(connection, place, &roll_up, &missing).await?;
    mark_late(connection, place).await?;
    marks.remove(connection, place).await?;
    let attempts = calls.iter().map(|call| call.attempts.len() as u64).sum();
    Ok(Closed::Summed { calls: calls.len() as u64, attempts, filled, fresh: by_carrier(&fresh) })
}

/// Those that `stats` counts unasked.
fn by_carrier(roll_up: &RollUp) -> BTreeMap<i64, Sums> {
    let mut carriers: BTreeMap<i64, Sums> = BTreeMap::new();
    for (key, sums) in roll_up.attempts.iter().filter(|(key, _)| Per::Attempt.kinds().contains(&key.kind)) {
        carriers.entry(key.provider).or_default().add(sums);
    }
    carriers
}

/// What stood in the rows of a call.
struct Before {
    facts: rows::CallFacts,
    told: Vec<Told>,
}

impl Before {
    fn of(call: &CallRow) -> Self {
        let told = call.attempts.iter().map(|attempt| attempt.told.clone());
        Self { facts: call.facts.clone(), told: told.collect() }
    }
}

fn add(roll_up: &mut RollUp, rules: &Rules, call: &CallRow) -> traffic::Facts {
    let attempts: Vec<_> = call
        .attempts
        .iter()
        .map(|attempt| Attempt {
            kind: attempt.told.kind.unwrap_or(Kind::Unknown),
            provider: attempt.told.provider,
            prefix: attempt.told.prefix.as_deref(),
            country: attempt.told.country.as_deref(),
            start_us: attempt.start_us,
            ring_us: attempt.ring_us,
            answer_us: attempt.answer_us,
            end_us: attempt.end_us,
            cause: attempt.cause,
            sip: attempt.sip,
            dialstatus: attempt.dialstatus.as_deref(),
        })
        .collect();
    let call = Call {
        complete: call.complete,
        direction: call.direction,
        provider_in: call.facts.provider_in,
        country: call.facts.country.as_deref(),
        start_us: call.start_us,
        first_ring_us: call.first_ring_us,
        answer_us: call.answer_us,
        talk_us: call.talk_us,
        cause: call.cause,
        sip: call.sip,
        disposition: call.disposition.as_deref(),
    };
    roll_up.add(rules, &call, &attempts)
}

/// Decisions of this quarter may be what calls of other quarters wait for.
async fn mark_late<C: Connection>(connection: &mut C, place: &Place) -> Result<(), StoreError> {
    let range = place.quarter.range_us();
    let values = [
        text(place.node.as_str()),
        Value::Key(Some(*range.start())),
        Value::Key(Some(*range.end())),
        Value::Key(Some(place.quarter.from_us())),
    ];
    let mut late = BTreeSet::new();
    let mut rows = connection.rows(LATE, &values);
    while let Some(row) = rows.try_next().await.map_err(StoreError::driver(LATE))? {
        let quarter = CellReader::new(&row, "traffic_awaited", &["quarter_us"]).take()?;
        late.insert(Place { quarter: Quarter::of(quarter), node: place.node.clone() });
    }
    drop(rows);
    mark(connection, WRITER, &late).await
}
