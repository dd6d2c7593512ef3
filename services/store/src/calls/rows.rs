//! How a record stands in its rows, and how it is read from them.

use std::borrow::Cow;

use calls::{AttemptRecord, CallId, CallRecord, LegRecord, Party};
use domain::{E164, NodeName};
use traffic::AttemptFacts;

use super::{
    TEXT_CHARS_MAX,
    list::StoredCall,
    words::{Flaws, flaws_value},
};
pub(super) use crate::bulk::Rows;
use crate::{
    column::Column,
    driver::{Cells, Value},
    error::StoreError,
    table::CellReader,
    text,
};

/// Which call of a node.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Key<'a> {
    pub(super) created_us: i64,
    pub(super) unique_id: Cow<'a, str>,
}

impl<'a> Key<'a> {
    pub(super) fn of(id: &'a CallId) -> Self {
        Self { created_us: id.created_us, unique_id: fitting(&id.unique_id) }
    }

    pub(super) fn push<'v>(&'v self, values: &mut Vec<Value<'v>>) {
        values.extend([self.created_us.value(), Value::Text(Some(Cow::Borrowed(&*self.unique_id)))]);
    }

    pub(super) fn read<R: Cells>(cells: &mut CellReader<'_, R>) -> Result<Key<'static>, StoreError> {
        let (created_us, unique_id): (_, String) = (cells.take()?, cells.take()?);
        Ok(Key { created_us, unique_id: unique_id.into() })
    }

    pub(super) fn id(&self, node: &NodeName) -> CallId {
        CallId { node: node.clone(), unique_id: (*self.unique_id).into(), created_us: self.created_us }
    }
}

pub(super) fn fitting(text: &str) -> Cow<'_, str> {
    text::fitting(text, TEXT_CHARS_MAX)
}

fn is_fitting(text: &str) -> bool {
    text::is_fitting(text, TEXT_CHARS_MAX)
}

pub(super) fn text(text: &str) -> Value<'_> {
    Value::Text(Some(fitting(text)))
}

fn optional(text: Option<&str>) -> Value<'_> {
    Value::Text(text.map(fitting))
}

/// Whether every text of a record stands as it was told.
pub(super) fn stands_as_told(record: &CallRecord) -> bool {
    let party = |party: &Option<Party>| party.as_ref().is_none_or(|party| is_fitting(&party.raw));
    let leg = |leg: &LegRecord| {
        let texts = [Some(&leg.unique_id), leg.linked_id.as_ref(), Some(&leg.channel)];
        texts.into_iter().flatten().all(|text| is_fitting(text))
    };
    let attempt = |of: &AttemptRecord| {
        let texts = [
            of.dial.as_ref(),
            Some(&of.leg),
            of.caller_leg.as_ref(),
            of.decision.as_ref(),
            of.dialstatus.as_ref(),
        ];
        texts.into_iter().flatten().all(|text| is_fitting(text))
    };
    let own = [Some(&record.id.unique_id), record.root.as_ref(), record.decision.as_ref()];
    own.into_iter().flatten().all(|text| is_fitting(text))
        && party(&record.caller)
        && party(&record.called)
        && record.aliases.iter().all(|id| is_fitting(&id.unique_id))
        && record.legs.iter().all(leg)
        && record.attempts.iter().all(attempt)
}

impl Rows {
    /// The columns that say which call of the node a row is of.
    pub(super) fn id(self) -> [&'static str; 2] {
        [self.columns[1], self.columns[2]]
    }
}

pub(super) const CALLS: Rows = Rows {
    table: "calls",
    insert: "INSERT INTO calls",
    delete: "DELETE FROM calls",
    columns: &[
        "node",
        "created_us",
        "unique_id",
        "revision",
        "complete",
        "flaws",
        "root",
        "decision",
        "generation",
        "direction",
        "caller_raw",
        "caller_e164",
        "called_raw",
        "called_e164",
        "start_us",
        "first_ring_us",
        "answer_us",
        "end_us",
        "wait_us",
        "ring_us",
        "talk_us",
        "disposition",
        "cause",
        "sip",
        "hangup_by",
    ],
    key: 3,
};

/// Columns of a call that are not the recorder's, before its own where both are read.
pub(super) const FACTS_OF_CALL: &[&str] = &["provider_in", "provider_out", "country", "outcome", "masked_us"];
/// The same of an attempt.
pub(super) const FACTS_OF_ATTEMPT: &[&str] = &["provider", "kind", "prefix", "country", "outcome"];

pub(super) const LEGS: Rows = Rows {
    table: "call_legs",
    insert: "INSERT INTO call_legs",
    delete: "DELETE FROM call_legs",
    columns: &[
        "node",
        "call_created_us",
        "call_unique_id",
        "position",
        "unique_id",
        "linked_id",
        "channel",
        "start_us",
        "answer_us",
        "end_us",
        "cause",
        "sip",
        "hangup_by",
    ],
    key: 4,
};

pub(super) const ATTEMPTS: Rows = Rows {
    table: "call_attempts",
    insert: "INSERT INTO call_attempts",
    delete: "DELETE FROM call_attempts",
    columns: &[
        "node",
        "call_created_us",
        "call_unique_id",
        "position",
        "dial",
        "leg",
        "caller_leg",
        "decision",
        "decision_attempt",
        "start_us",
        "ring_us",
        "answer_us",
        "end_us",
        "cause",
        "sip",
        "dialstatus",
    ],
    key: 4,
};

pub(super) fn push_call<'a>(record: &'a CallRecord, values: &mut Vec<Value<'a>>) {
    push_id(&record.id, values);
    values.extend([
        record.revision.value(),
        Value::Flag(Some(record.is_complete())),
        flaws_value(&record.flaws),
        optional(record.root.as_deref()),
        optional(record.decision.as_deref()),
        record.generation.value(),
        record.direction.value(),
    ]);
    push_party(record.caller.as_ref(), values);
    push_party(record.called.as_ref(), values);
    values.extend([
        record.start_us.value(),
        record.first_ring_us.value(),
        record.answer_us.value(),
        record.end_us.value(),
        record.wait_us.value(),
        record.ring_us.value(),
        record.talk_us.value(),
        record.disposition.value(),
        record.cause.value(),
        record.sip.value(),
        record.hangup_by.value(),
    ]);
}

fn push_id<'a>(id: &'a CallId, values: &mut Vec<Value<'a>>) {
    values.extend([node(&id.node), id.created_us.value(), text(&id.unique_id)]);
}

pub(super) fn node(node: &NodeName) -> Value<'_> {
    Value::Text(Some(node.as_str().into()))
}

fn push_party<'a>(party: Option<&'a Party>, values: &mut Vec<Value<'a>>) {
    let e164 = party.and_then(|party| party.e164);
    values.extend([
        optional(party.map(|party| &*party.raw)),
        Value::Text(e164.map(|e164| e164.to_string().into())),
    ]);
}

pub(super) fn push_legs<'a>(record: &'a CallRecord, values: &mut Vec<Value<'a>>) {
    for (position, leg) in (1_i64..).zip(&record.legs) {
        push_id(&record.id, values);
        values.extend([
            Value::Key(Some(position)),
            text(&leg.unique_id),
            optional(leg.linked_id.as_deref()),
            text(&leg.channel),
            leg.start_us.value(),
            leg.answer_us.value(),
            leg.end_us.value(),
            leg.cause.value(),
            leg.sip.value(),
            leg.hangup_by.value(),
        ]);
    }
}

pub(super) fn push_attempts<'a>(record: &'a CallRecord, values: &mut Vec<Value<'a>>) {
    for attempt in &record.attempts {
        push_id(&record.id, values);
        values.extend([
            attempt.position.value(),
            optional(attempt.dial.as_deref()),
            text(&attempt.leg),
            optional(attempt.caller_leg.as_deref()),
            optional(attempt.decision.as_deref()),
            attempt.decision_attempt.value(),
            attempt.start_us.value(),
            attempt.ring_us.value(),
            attempt.answer_us.value(),
            attempt.end_us.value(),
            attempt.cause.value(),
            attempt.sip.value(),
            optional(attempt.dialstatus.as_deref()),
        ]);
    }
}

fn cells<R: Cells>(row: &R, rows: Rows) -> CellReader<'_, R> {
    CellReader::new(row, rows.table, rows.columns)
}

/// A call without its aliases, legs and attempts; what is not the recorder's stands before it.
pub(super) fn read_stored(row: &impl Cells) -> Result<StoredCall, StoreError> {
    let mut facts = CellReader::new(row, CALLS.table, FACTS_OF_CALL);
    Ok(StoredCall {
        provider_in: facts.take()?,
        provider_out: facts.take()?,
        country: facts.take()?,
        outcome: facts.take()?,
        is_masked: facts.take::<Option<i64>>()?.is_some(),
        facts: Vec::new(),
        record: read_call(&mut cells(row, CALLS).behind(FACTS_OF_CALL.len()))?,
    })
}

fn read_call<R: Cells>(cells: &mut CellReader<'_, R>) -> Result<CallRecord, StoreError> {
    let node: NodeName = cells.take()?;
    let id = Key::read(cells)?.id(&node);
    let revision = cells.take()?;
    let _complete: bool = cells.take()?;
    let Flaws(flaws) = cells.take()?;
    Ok(CallRecord {
        id,
        revision,
        aliases: Vec::new(),
        root: cells.take()?,
        decision: cells.take()?,
        generation: cells.take()?,
        direction: cells.take()?,
        caller: read_party(cells)?,
        called: read_party(cells)?,
        start_us: cells.take()?,
        first_ring_us: cells.take()?,
        answer_us: cells.take()?,
        end_us: cells.take()?,
        wait_us: cells.take()?,
        ring_us: cells.take()?,
        talk_us: cells.take()?,
        disposition: cells.take()?,
        cause: cells.take()?,
        sip: cells.take()?,
        hangup_by: cells.take()?,
        flaws,
        legs: Vec::new(),
        attempts: Vec::new(),
    })
}

fn read_party<R: Cells>(cells: &mut CellReader<'_, R>) -> Result<Option<Party>, StoreError> {
    let (raw, e164): (Option<Box<str>>, Option<E164>) = (cells.take()?, cells.take()?);
    Ok(raw.map(|raw| Party { raw, e164 }))
}

/// A row of a call, and which call it is of.
pub(super) fn read_leg(row: &impl Cells) -> Result<(Key<'static>, LegRecord), StoreError> {
    let mut cells = cells(row, LEGS);
    let _node: NodeName = cells.take()?;
    let key = Key::read(&mut cells)?;
    let _position: i64 = cells.take()?;
    let leg = LegRecord {
        unique_id: cells.take()?,
        linked_id: cells.take()?,
        channel: cells.take()?,
        start_us: cells.take()?,
        answer_us: cells.take()?,
        end_us: cells.take()?,
        cause: cells.take()?,
        sip: cells.take()?,
        hangup_by: cells.take()?,
    };
    Ok((key, leg))
}

pub(super) fn read_attempt(
    row: &impl Cells,
) -> Result<(Key<'static>, AttemptRecord, AttemptFacts), StoreError> {
    let mut facts = CellReader::new(row, ATTEMPTS.table, FACTS_OF_ATTEMPT);
    let facts = AttemptFacts {
        provider: facts.take()?,
        kind: facts.take()?,
        prefix: facts.take()?,
        country: facts.take()?,
        outcome: facts.take()?,
    };
    let mut cells = cells(row, ATTEMPTS).behind(FACTS_OF_ATTEMPT.len());
    let _node: NodeName = cells.take()?;
    let key = Key::read(&mut cells)?;
    let attempt = AttemptRecord {
        position: cells.take()?,
        dial: cells.take()?,
        leg: cells.take()?,
        caller_leg: cells.take()?,
        decision: cells.take()?,
        decision_attempt: cells.take()?,
        start_us: cells.take()?,
        ring_us: cells.take()?,
        answer_us: cells.take()?,
        end_us: cells.take()?,
        cause: cells.take()?,
        sip: cells.take()?,
        dialstatus: cells.take()?,
    };
    Ok((key, attempt, facts))
}
