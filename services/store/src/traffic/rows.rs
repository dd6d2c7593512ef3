//! The rows of a quarter, and what decisions say of them.

use std::collections::{BTreeSet, HashMap};

use futures_util::TryStreamExt;
use traffic::{Direction, Kind, Outcome, Quarter};

use super::{
    Place,
    ids::{IDS_PER_STATEMENT, Id},
    marks::text,
};
use crate::{
    dialect::Dialect,
    driver::{Cells, Connection, Value},
    error::StoreError,
    table::CellReader,
};

const CALLS: &str = "SELECT created_us, unique_id, revision, complete, decision, direction, start_us, first_ring_us, \
     answer_us, talk_us, disposition, cause, sip, provider_in, provider_out, country, outcome FROM calls \
     WHERE node = $1 AND created_us BETWEEN $2 AND $3";
const CALL_COLUMNS: &[&str] = &[
    "created_us",
    "unique_id",
    "revision",
    "complete",
    "decision",
    "direction",
    "start_us",
    "first_ring_us",
    "answer_us",
    "talk_us",
    "disposition",
    "cause",
    "sip",
    "provider_in",
    "provider_out",
    "country",
    "outcome",
];
const ATTEMPTS: &str = "SELECT call_created_us, call_unique_id, position, decision, decision_attempt, start_us, ring_us, \
     answer_us, end_us, cause, sip, dialstatus, kind, provider, prefix, country, outcome FROM call_attempts \
     WHERE node = $1 AND call_created_us BETWEEN $2 AND $3";
const ATTEMPT_COLUMNS: &[&str] = &[
    "call_created_us",
    "call_unique_id",
    "position",
    "decision",
    "decision_attempt",
    "start_us",
    "ring_us",
    "answer_us",
    "end_us",
    "cause",
    "sip",
    "dialstatus",
    "kind",
    "provider",
    "prefix",
    "country",
    "outcome",
];
const DECISIONS: &str = "SELECT id, country, provider_in FROM decisions";
const DECISION_ATTEMPTS: &str = "SELECT decision, position, kind, provider, prefix FROM decision_attempts";

pub(super) const STATEMENTS: [&str; 2] = [CALLS, ATTEMPTS];

const DAY_US: i64 = 24 * 3_600 * 1_000_000;
/// How much earlier than a call a router's clock may have decided it, and how much later: transfers are decided anew.
const EARLIER_US: i64 = DAY_US;
const LATER_US: i64 = 7 * DAY_US;

pub(super) fn built_statements(dialect: Dialect) -> Vec<(&'static str, String)> {
    vec![
        (DECISIONS, about(dialect, DECISIONS, "id", 1)),
        (DECISION_ATTEMPTS, about(dialect, DECISION_ATTEMPTS, "decision", 1)),
    ]
}

/// What is told of an attempt by its decision; empty until it is looked up.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Told {
    /// None: no decision told anything yet.
    pub(super) kind: Option<Kind>,
    pub(super) provider: Option<i64>,
    pub(super) prefix: Option<Box<str>>,
    pub(super) country: Option<Box<str>>,
}

#[derive(Debug)]
pub(super) struct AttemptRow {
    pub(super) position: i64,
    pub(super) decision: Option<Box<str>>,
    pub(super) decision_attempt: Option<i64>,
    pub(super) start_us: i64,
    pub(super) ring_us: Option<i64>,
    pub(super) answer_us: Option<i64>,
    pub(super) end_us: Option<i64>,
    pub(super) cause: Option<u16>,
    pub(super) sip: Option<u16>,
    pub(super) dialstatus: Option<Box<str>>,
    pub(super) told: Told,
    pub(super) outcome: Option<Outcome>,
}

/// What the job writes into the row of a call.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct CallFacts {
    pub(super) provider_in: Option<i64>,
    pub(super) provider_out: Option<i64>,
    pub(super) country: Option<Box<str>>,
    pub(super) outcome: Option<Outcome>,
}

#[derive(Debug)]
pub(super) struct CallRow {
    pub(super) id: Id,
    pub(super) revision: i64,
    pub(super) complete: bool,
    pub(super) decision: Option<Box<str>>,
    pub(super) direction: Option<Direction>,
    pub(super) start_us: Option<i64>,
    pub(super) first_ring_us: Option<i64>,
    pub(super) answer_us: Option<i64>,
    pub(super) talk_us: Option<i64>,
    pub(super) disposition: Option<Box<str>>,
    pub(super) cause: Option<u16>,
    pub(super) sip: Option<u16>,
    pub(super) facts: CallFacts,
    /// In their order.
    pub(super) attempts: Vec<AttemptRow>,
}

impl CallRow {
    /// Whether its own decision has to be looked up: its revision is new, or nothing was found so far.
    fn is_new(&self) -> bool {
        let nothing = self.facts.country.is_none() && self.facts.provider_in.is_none();
        nothing || self.attempts.is_empty() || self.attempts.iter().any(|attempt| attempt.outcome.is_none())
    }
}

/// The calls of a quarter with their attempts.
pub(super) async fn calls<C: Connection>(
    connection: &mut C,
    place: &Place,
) -> Result<Vec<CallRow>, StoreError> {
    let mut calls = Vec::new();
    let mut at = HashMap::new();
    let mut rows = connection.rows(CALLS, &range(place));
    while let Some(row) = rows.try_next().await.map_err(StoreError::driver(CALLS))? {
        let call = read_call(&mut CellReader::new(&row, "calls", CALL_COLUMNS))?;
        at.insert(call.id.clone(), calls.len());
        calls.push(call);
    }
    drop(rows);
    let mut rows = connection.rows(ATTEMPTS, &range(place));
    while let Some(row) = rows.try_next().await.map_err(StoreError::driver(ATTEMPTS))? {
        let mut cells = CellReader::new(&row, "call_attempts", ATTEMPT_COLUMNS);
        let id = Id { created_us: cells.take()?, unique_id: cells.take()? };
        let attempt = read_attempt(&mut cells)?;
        // One without its call was written between the two statements, and its quarter is marked.
        if let Some(&at) = at.get(&id) {
            calls[at].attempts.push(attempt);
        }
    }
    drop(rows);
    for call in &mut calls {
        call.attempts.sort_unstable_by_key(|attempt| attempt.position);
    }
    Ok(calls)
}

fn range(place: &Place) -> [Value<'_>; 3] {
    let range = place.quarter.range_us();
    [text(place.node.as_str()), Value::Key(Some(*range.start())), Value::Key(Some(*range.end()))]
}

fn read_call<R: Cells>(cells: &mut CellReader<'_, R>) -> Result<CallRow, StoreError> {
    let id = Id { created_us: cells.take()?, unique_id: cells.take()? };
    Ok(CallRow {
        id,
        revision: cells.take()?,
        complete: cells.take()?,
        decision: cells.take()?,
        direction: cells.take::<Option<String>>()?.as_deref().and_then(Direction::of),
        start_us: cells.take()?,
        first_ring_us: cells.take()?,
        answer_us: cells.take()?,
        talk_us: cells.take()?,
        disposition: cells.take()?,
        cause: cells.take()?,
        sip: cells.take()?,
        facts: CallFacts {
            provider_in: cells.take()?,
            provider_out: cells.take()?,
            country: cells.take()?,
            outcome: cells.take()?,
        },
        attempts: Vec::new(),
    })
}

fn read_attempt<R: Cells>(cells: &mut CellReader<'_, R>) -> Result<AttemptRow, StoreError> {
    Ok(AttemptRow {
        position: cells.take()?,
        decision: cells.take()?,
        decision_attempt: cells.take()?,
        start_us: cells.take()?,
        ring_us: cells.take()?,
        answer_us: cells.take()?,
        end_us: cells.take()?,
        cause: cells.take()?,
        sip: cells.take()?,
        dialstatus: cells.take()?,
        told: Told {
            kind: kind(cells.take()?),
            provider: cells.take()?,
            prefix: cells.take()?,
            country: cells.take()?,
        },
        outcome: cells.take()?,
    })
}

/// A kind that only a newer program knows is unknown.
fn kind(word: Option<String>) -> Option<Kind> {
    word.map(|word| word.parse().unwrap_or(Kind::Unknown))
}

/// Country of the called number, and the carrier the call came from.
type OfCall = (Option<Box<str>>, Option<i64>);

/// What decisions say.
#[derive(Debug, Default)]
pub(super) struct Decisions {
    found: HashMap<Box<str>, OfCall>,
    attempts: HashMap<(Box<str>, i64), Told>,
}

/// The decisions that are missing are those that are awaited.
pub(super) type Missing = BTreeSet<Box<str>>;

/// Fills in what the decisions say of calls that are new, and tells which decisions there are none of.
pub(super) async fn look_up<C: Connection>(
    connection: &mut C,
    quarter: Quarter,
    calls: &mut [CallRow],
) -> Result<Missing, StoreError> {
    let mut wanted = BTreeSet::new();
    for call in &*calls {
        wanted.extend(call.decision.clone().filter(|_| call.is_new()));
        wanted.extend(
            call.attempts.iter().filter(|it| it.told.kind.is_none()).filter_map(|it| it.decision.clone()),
        );
    }
    let decisions = Decisions::read(connection, quarter, &wanted).await?;
    for call in calls {
        decisions.tell(call);
    }
    wanted.retain(|decision| !decisions.found.contains_key(decision));
    Ok(wanted)
}

impl Decisions {
    async fn read<C: Connection>(
        connection: &mut C,
        quarter: Quarter,
        wanted: &BTreeSet<Box<str>>,
    ) -> Result<Self, StoreError> {
        let mut decisions = Self::default();
        let wanted: Vec<_> = wanted.iter().map(|decision| &**decision).collect();
        for ids in wanted.chunks(IDS_PER_STATEMENT) {
            let values = values(quarter, ids);
            decisions.read_own(connection, &values, ids.len()).await?;
            decisions.read_attempts(connection, &values, ids.len()).await?;
        }
        Ok(decisions)
    }

    async fn read_own<C: Connection>(
        &mut self,
        connection: &mut C,
        values: &[Value<'_>],
        ids: usize,
    ) -> Result<(), StoreError> {
        let mut rows = connection.rows_built(about(C::DIALECT, DECISIONS, "id", ids), values);
        while let Some(row) = rows.try_next().await.map_err(StoreError::driver(DECISIONS))? {
            let mut cells = CellReader::new(&row, "decisions", &["id", "country", "provider_in"]);
            self.found.insert(cells.take()?, (cells.take()?, cells.take()?));
        }
        Ok(())
    }

    async fn read_attempts<C: Connection>(
        &mut self,
        connection: &mut C,
        values: &[Value<'_>],
        ids: usize,
    ) -> Result<(), StoreError> {
        let sql = about(C::DIALECT, DECISION_ATTEMPTS, "decision", ids);
        let mut rows = connection.rows_built(sql, values);
        while let Some(row) = rows.try_next().await.map_err(StoreError::driver(DECISION_ATTEMPTS))? {
            let columns = &["decision", "position", "kind", "provider", "prefix"];
            let mut cells = CellReader::new(&row, "decision_attempts", columns);
            let at = (cells.take()?, cells.take()?);
            let told = Told {
                kind: kind(cells.take()?),
                provider: cells.take()?,
                prefix: cells.take()?,
                country: None,
            };
            self.attempts.insert(at, told);
        }
        Ok(())
    }

    fn tell(&self, call: &mut CallRow) {
        let own = call.decision.as_ref().and_then(|decision| self.found.get(decision));
        if let Some((country, provider_in)) = own {
            (call.facts.country, call.facts.provider_in) = (country.clone(), *provider_in);
        }
        for attempt in call.attempts.iter_mut().filter(|attempt| attempt.told.kind.is_none()) {
            let Some(decision) = &attempt.decision else { continue };
            let Some((country, _)) = self.found.get(decision) else { continue };
            let told = attempt.decision_attempt.and_then(|at| self.attempts.get(&(decision.clone(), at)));
            attempt.told = Told { country: country.clone(), ..told.cloned().unwrap_or_default() };
        }
    }
}

fn values<'v>(quarter: Quarter, ids: &[&'v str]) -> Vec<Value<'v>> {
    let range = quarter.range_us();
    let from_us = range.start().saturating_sub(EARLIER_US);
    let to_us = range.end().saturating_add(LATER_US);
    let times = [from_us, to_us].map(|us| Value::Key(Some(us)));
    times.into_iter().chain(ids.iter().map(|id| text(id))).collect()
}

/// A question about some decisions of a time: the time says in which parts of the table they are.
fn about(dialect: Dialect, select: &str, id: &str, ids: usize) -> String {
    let placeholder = |number| dialect.placeholder(number);
    let list = (0..ids).map(|at| placeholder(at + 3)).collect::<Vec<_>>().join(", ");
    format!(
        "{select} WHERE decided_us BETWEEN {} AND {} AND {id} IN ({list})",
        placeholder(1),
        placeholder(2)
    )
}
