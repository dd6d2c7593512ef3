//! How a decision stands in its rows, and how it is read from them.

use std::borrow::Cow;

use domain::{Invalid, NodeName};
use routing::{Decided, DecidedAttempt, DecisionRecord, Question};

use super::LoggedDecision;
use crate::{
    bulk::Rows,
    column::{Column, Scalar},
    driver::{Cells, Value},
    error::{Impossible, StoreError},
    table::CellReader,
    text::{fitting, is_fitting},
};

/// Characters of a text that are stored: what others wrote, and of ours what may be long.
const ID_CHARS_MAX: usize = 64;
const ROUTER_CHARS_MAX: usize = 200;
const CALL_CHARS_MAX: usize = 512;
const DIAL_CHARS_MAX: usize = 512;

pub(super) const DECISIONS: Rows = Rows {
    table: "decisions",
    insert: "INSERT INTO decisions",
    delete: "DELETE FROM decisions",
    columns: &[
        "decided_us",
        "id",
        "router",
        "node",
        "verb",
        "call_id",
        "root",
        "generation",
        "hopped",
        "class",
        "status",
        "reason",
        "cause",
        "caller_e164",
        "called_e164",
        "country",
        "provider_in",
        "attempts",
        "request",
    ],
    key: 2,
};

pub(super) const ATTEMPTS: Rows = Rows {
    table: "decision_attempts",
    insert: "INSERT INTO decision_attempts",
    delete: "DELETE FROM decision_attempts",
    columns: &[
        "decided_us",
        "decision",
        "position",
        "kind",
        "provider",
        "prefix",
        "gate",
        "number_shown",
        "dial",
    ],
    key: 3,
};

fn text(text: &str, chars_max: usize) -> Value<'_> {
    Value::Text(Some(fitting(text, chars_max)))
}

/// A word of ours.
fn word(word: Option<&str>) -> Value<'_> {
    Value::Text(word.map(Cow::Borrowed))
}

/// Which decision a row is of.
pub(super) fn push_key<'a>(record: &'a DecisionRecord, values: &mut Vec<Value<'a>>) {
    values.extend([record.decided_us.value(), text(&record.id, ID_CHARS_MAX)]);
}

pub(super) fn push_decision<'a>(
    LoggedDecision { router, record }: &'a LoggedDecision,
    values: &mut Vec<Value<'a>>,
) {
    let DecisionRecord { root, question, decided, .. } = record;
    push_key(record, values);
    values.extend([
        text(router, ROUTER_CHARS_MAX),
        question.node.value(),
        word(Some(question.verb.as_str())),
        text(&question.call, CALL_CHARS_MAX),
        text(root, CALL_CHARS_MAX),
        decided.generation.value(),
        decided.hopped.value(),
        decided.class.value(),
        word(Some(&decided.status)),
        word(decided.reason.as_deref()),
        decided.cause.value(),
        decided.caller.value(),
        decided.called.value(),
        decided.country.value(),
        decided.provider_in.value(),
        Value::Small(Some(decided.attempts.len().try_into().unwrap_or(i32::MAX))),
        question.value(),
    ]);
}

pub(super) fn push_attempts<'a>(logged: &'a LoggedDecision, values: &mut Vec<Value<'a>>) {
    for (position, attempt) in (1_i64..).zip(&logged.record.decided.attempts) {
        push_key(&logged.record, values);
        values.extend([
            Value::Key(Some(position)),
            word(Some(&attempt.kind)),
            attempt.provider.value(),
            attempt.prefix.value(),
            attempt.gate.value(),
            attempt.shown.value(),
            text(&attempt.dial, DIAL_CHARS_MAX),
        ]);
    }
}

/// Control characters are escaped there, so that every database takes it.
pub(super) fn json(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).expect("texts and numbers in structures can always be written")
}

/// Whether every text of a decision stands as it was told.
pub(super) fn stands_as_told(LoggedDecision { router, record }: &LoggedDecision) -> bool {
    is_fitting(&record.id, ID_CHARS_MAX)
        && is_fitting(router, ROUTER_CHARS_MAX)
        && is_fitting(&record.root, CALL_CHARS_MAX)
        && is_fitting(&record.question.call, CALL_CHARS_MAX)
        && record.decided.attempts.iter().all(|attempt| is_fitting(&attempt.dial, DIAL_CHARS_MAX))
}

impl Scalar for Question {
    fn value(scalar: Option<&Self>) -> Value<'_> {
        Value::Text(scalar.map(|question| json(question).into()))
    }

    fn read(row: &impl Cells, at: usize) -> Result<Option<Self>, Impossible> {
        // What stands there may be anybody's number, and is not repeated.
        let invalid = |_| Invalid::new("a question", "JSON as the router writes it", "");
        Ok(row.text(at)?.map(serde_json::from_str).transpose().map_err(invalid)?)
    }
}

/// A decision without its attempts.
pub(super) fn read_decision(row: &impl Cells) -> Result<LoggedDecision, StoreError> {
    let mut cells = CellReader::new(row, DECISIONS.table, DECISIONS.columns);
    let (decided_us, id, router) = (cells.take()?, cells.take()?, cells.take()?);
    // The question says these again, whole.
    let _node: NodeName = cells.take()?;
    let (_verb, _call): (String, String) = (cells.take()?, cells.take()?);
    let root = cells.take()?;
    let decided = Decided {
        generation: cells.take()?,
        hopped: cells.take()?,
        class: cells.take()?,
        status: cells.take::<String>()?.into(),
        reason: cells.take::<Option<String>>()?.map(Cow::Owned),
        cause: cells.take()?,
        caller: cells.take()?,
        called: cells.take()?,
        country: cells.take()?,
        provider_in: cells.take()?,
        attempts: Vec::new(),
    };
    let _attempts: i32 = cells.take()?;
    let question = cells.take()?;
    Ok(LoggedDecision { router, record: DecisionRecord { id, root, decided_us, question, decided } })
}

/// An attempt with its place in the decision it is of.
pub(super) struct Attempt {
    /// When that was decided, and its id.
    pub(super) of: (i64, Box<str>),
    pub(super) position: i64,
    pub(super) decided: DecidedAttempt,
}

pub(super) fn read_attempt(row: &impl Cells) -> Result<Attempt, StoreError> {
    let mut cells = CellReader::new(row, ATTEMPTS.table, ATTEMPTS.columns);
    let (of, position) = ((cells.take()?, cells.take()?), cells.take()?);
    let decided = DecidedAttempt {
        kind: cells.take::<String>()?.into(),
        provider: cells.take()?,
        prefix: cells.take()?,
        gate: cells.take()?,
        shown: cells.take()?,
        dial: cells.take()?,
    };
    Ok(Attempt { of, position, decided })
}
