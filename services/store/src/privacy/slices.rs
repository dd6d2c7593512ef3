//! What is done with the rows of a slice of a node's time, all of it or nothing.

use domain::{HIDDEN_DIGITS, NUMBER_DIGITS_MIN, NodeName, SHOWN_DIGITS_MAX};
use futures_util::TryStreamExt;

use super::rules::{RetentionProgress, keep_progress, progress};
use crate::{
    column::Column,
    dialect::Dialect,
    driver::{Connection, Value},
    error::StoreError,
    lease::{in_transaction, on_connection},
    store::Store,
    table::CellReader,
};

/// A time of a node: calls that came to be and decisions that were made from `from_us` on and before `to_us`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slice {
    pub node: NodeName,
    pub from_us: i64,
    pub to_us: i64,
}

/// What was masked or removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Touched {
    pub calls: u64,
    pub decisions: u64,
}

const NEXT: [&str; 3] = [
    "SELECT MIN(created_us) AS at_us FROM calls WHERE node = $1 AND created_us >= $2",
    "SELECT MIN(decided_us) AS at_us FROM decisions WHERE node = $1 AND decided_us >= $2",
    "SELECT MIN(created_us) AS at_us FROM calls_set_aside WHERE node = $1 AND created_us >= $2",
];
/// Of the node only the record itself tells.
const NEXT_ASIDE: &str =
    "SELECT MIN(decided_us) AS at_us FROM decisions_set_aside WHERE record LIKE $1 AND decided_us >= $2";
const DECISIONS_ASIDE: &str = "DELETE FROM decisions_set_aside WHERE record LIKE $1 AND decided_us >= $2 \
     AND decided_us < $3 AND NOT EXISTS (SELECT 1 FROM legal_holds WHERE legal_holds.released_us IS NULL \
     AND legal_holds.from_us <= decided_us AND (legal_holds.to_us IS NULL OR legal_holds.to_us > decided_us))";
const LOCK: &str = "UPDATE locks SET name = name WHERE name = 'retention'";
pub(super) const STATEMENTS: [&str; 6] = [NEXT[0], NEXT[1], NEXT[2], NEXT_ASIDE, DECISIONS_ASIDE, LOCK];

/// Rows of a table that are of a slice: those with a node, and a time between two.
#[derive(Clone, Copy)]
struct Rows {
    table: &'static str,
    time: &'static str,
}

const CALLS: Rows = Rows { table: "calls", time: "created_us" };
const DECISIONS: Rows = Rows { table: "decisions", time: "decided_us" };

/// Columns of the other table that name a call, in the order of its key.
const KEY_OF_CALL: [(&str, &str); 3] =
    [("node", "node"), ("call_created_us", "created_us"), ("call_unique_id", "unique_id")];
const KEY_OF_ALIAS: [(&str, &str); 3] =
    [("node", "node"), ("by_created_us", "created_us"), ("by_unique_id", "unique_id")];
const KEY_OF_DECISION: [(&str, &str); 2] = [("decided_us", "decided_us"), ("decision", "id")];

impl Rows {
    /// No hold in force fits the row.
    fn is_free(self, numbers: &[&str]) -> String {
        let table = self.table;
        let fits: Vec<_> =
            numbers.iter().map(|number| format!(" OR legal_holds.number = {table}.{number}")).collect();
        self.is_held_by_none(&format!(" AND (legal_holds.number IS NULL{})", fits.concat()))
    }

    /// No hold in force is about the row's time and node, and fits besides.
    fn is_held_by_none(self, fits: &str) -> String {
        let Self { table, time } = self;
        format!(
            "NOT EXISTS (SELECT 1 FROM legal_holds WHERE legal_holds.released_us IS NULL \
             AND (legal_holds.node IS NULL OR legal_holds.node = {table}.node) \
             AND legal_holds.from_us <= {table}.{time} \
             AND (legal_holds.to_us IS NULL OR legal_holds.to_us > {table}.{time}){fits})"
        )
    }

    /// Takes three values.
    fn is_within(self, dialect: Dialect, first: usize) -> String {
        let Self { table, time } = self;
        let at = |number| dialect.placeholder(first + number);
        format!("{table}.node = {} AND {table}.{time} >= {} AND {table}.{time} < {}", at(0), at(1), at(2))
    }

    /// The row another one belongs to is of the slice, and fits.
    fn has_owner(self, dialect: Dialect, other: &str, key: &[(&str, &str)], fits: &str) -> String {
        let table = self.table;
        let same: Vec<_> =
            key.iter().map(|(theirs, ours)| format!(" AND {table}.{ours} = {other}.{theirs}")).collect();
        let same = same.concat();
        format!("EXISTS (SELECT 1 FROM {table} WHERE {}{same} AND {fits})", self.is_within(dialect, 1))
    }
}

const NUMBERS_OF_CALL: [&str; 4] = ["caller_e164", "called_e164", "caller_raw", "called_raw"];
const NUMBERS_OF_DECISION: [&str; 2] = ["caller_e164", "called_e164"];
const IS_MASKED: [&str; 2] = ["calls.masked_us IS NOT NULL", "decisions.masked_us IS NOT NULL"];

/// A question nobody can ask again: what is read as one has these words.
const EMPTY: &str = r#"CONCAT('{"verb":"', verb, '","node":"', node, '","call":"","endpoint":"","to":"","from":"","presentation":"allowed"}')"#;

/// A statement, and what errors call it.
struct Step {
    name: &'static str,
    sql: String,
}

fn step(name: &'static str, sql: String) -> Step {
    Step { name, sql }
}

/// What masks a slice. The first and the fourth tell how many rows they touched.
fn masking(dialect: Dialect) -> [Step; 6] {
    let stamp = dialect.placeholder(1);
    let calls = format!(
        "UPDATE calls SET caller_raw = {}, called_raw = {}, caller_e164 = NULL, called_e164 = NULL, masked_us = {stamp} \
         WHERE {} AND masked_us IS NULL AND {}",
        left(dialect, "caller"),
        left(dialect, "called"),
        CALLS.is_within(dialect, 2),
        CALLS.is_free(&NUMBERS_OF_CALL)
    );
    let decisions = format!(
        "UPDATE decisions SET caller_e164 = NULL, called_e164 = NULL, request = {EMPTY}, masked_us = {stamp} \
         WHERE {} AND masked_us IS NULL AND {}",
        DECISIONS.is_within(dialect, 2),
        DECISIONS.is_free(&NUMBERS_OF_DECISION)
    );
    let of_call = |table| CALLS.has_owner(dialect, table, &KEY_OF_CALL, IS_MASKED[0]);
    let of_decision = DECISIONS.has_owner(dialect, "decision_attempts", &KEY_OF_DECISION, IS_MASKED[1]);
    [
        step("UPDATE calls SET masked_us", calls),
        step(
            "UPDATE call_legs SET channel",
            format!("UPDATE call_legs SET channel = {} WHERE {}", technology(dialect), of_call("call_legs")),
        ),
        step(
            "UPDATE call_attempts SET dial",
            format!("UPDATE call_attempts SET dial = NULL WHERE {}", of_call("call_attempts")),
        ),
        step("UPDATE decisions SET masked_us", decisions),
        step(
            "UPDATE decision_attempts SET dial",
            format!("UPDATE decision_attempts SET number_shown = NULL, dial = '' WHERE {of_decision}"),
        ),
        step("DELETE FROM calls_set_aside", set_aside(dialect)),
    ]
}

/// What removes a slice: what belongs to a row before the row. The fourth and the last tell how many rows they touched.
fn removing(dialect: Dialect) -> [Step; 7] {
    let is_free = CALLS.is_free(&NUMBERS_OF_CALL);
    let of_call = |table: &str, key: &[(&str, &str)]| {
        format!("DELETE FROM {table} WHERE {}", CALLS.has_owner(dialect, table, key, &is_free))
    };
    let is_free_decision = DECISIONS.is_free(&NUMBERS_OF_DECISION);
    let of_decision = DECISIONS.has_owner(dialect, "decision_attempts", &KEY_OF_DECISION, &is_free_decision);
    let calls = format!("DELETE FROM calls WHERE {} AND {is_free}", CALLS.is_within(dialect, 1));
    let decisions =
        format!("DELETE FROM decisions WHERE {} AND {is_free_decision}", DECISIONS.is_within(dialect, 1));
    [
        step("DELETE FROM call_legs", of_call("call_legs", &KEY_OF_CALL)),
        step("DELETE FROM call_attempts", of_call("call_attempts", &KEY_OF_CALL)),
        step("DELETE FROM call_aliases", of_call("call_aliases", &KEY_OF_ALIAS)),
        step("DELETE FROM calls", calls),
        step("DELETE FROM calls_set_aside", set_aside(dialect)),
        step("DELETE FROM decision_attempts", format!("DELETE FROM decision_attempts WHERE {of_decision}")),
        step("DELETE FROM decisions", decisions),
    ]
}

/// Nobody looks into what was set aside: it goes unless a hold of that time may be about it.
fn set_aside(dialect: Dialect) -> String {
    let rows = Rows { table: "calls_set_aside", time: "created_us" };
    let (within, free) = (rows.is_within(dialect, 1), rows.is_held_by_none(""));
    format!("DELETE FROM calls_set_aside WHERE {within} AND {free}")
}

/// What is left of a number, as [`domain::masked`] has it. What has less than seven digits is an extension or a service;
/// another text is gone.
fn left(dialect: Dialect, party: &str) -> String {
    let number = format!("{party}_e164");
    let (min, hidden, shown) = (NUMBER_DIGITS_MIN, HIDDEN_DIGITS, SHOWN_DIGITS_MAX);
    let (length, stars) = match dialect {
        Dialect::Postgres | Dialect::MariaDb => (
            "CHAR_LENGTH",
            format!(
                "RPAD(LEFT({number}, LEAST(LENGTH({number}) - {hidden}, {shown})), LENGTH({number}), '*')"
            ),
        ),
        Dialect::Sqlite => (
            "LENGTH",
            format!(
                "SUBSTR(SUBSTR({number}, 1, MIN(LENGTH({number}) - {hidden}, {shown})) || '***************', 1, LENGTH({number}))"
            ),
        ),
    };
    format!(
        "CASE WHEN LENGTH({number}) >= {min} THEN {stars} WHEN {length}({party}_raw) < {min} THEN {party}_raw END"
    )
}

/// Of a channel's name, which may hold a number, what stands before the first slash.
fn technology(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Postgres => "SPLIT_PART(channel, '/', 1)",
        Dialect::MariaDb => "SUBSTRING_INDEX(channel, '/', 1)",
        Dialect::Sqlite => "SUBSTR(channel, 1, INSTR(channel || '/', '/') - 1)",
    }
}

pub(super) fn built_statements(dialect: Dialect) -> Vec<(&'static str, String)> {
    let steps = masking(dialect).into_iter().chain(removing(dialect));
    steps.map(|step| (step.name, step.sql)).collect()
}

impl Store {
    /// When the first call of a node from `from_us` on came to be, or the first decision was made.
    pub async fn next_record_us(&self, node: &NodeName, from_us: i64) -> Result<Option<i64>, StoreError> {
        on_connection!(self, connection => next(connection, node, from_us).await)
    }

    /// Masks what is whole in a slice and no hold fits, and notes that all before its end was looked at.
    pub async fn mask_slice(&self, slice: &Slice, now_us: i64) -> Result<Touched, StoreError> {
        in_transaction!(self, begin_bulk, connection => mask(connection, slice, now_us).await)
    }

    /// Removes what is in a slice and no hold fits, and notes that all before its end was looked at.
    pub async fn remove_slice(&self, slice: &Slice) -> Result<Touched, StoreError> {
        in_transaction!(self, begin_bulk, connection => remove(connection, slice).await)
    }
}

async fn next<C: Connection>(
    connection: &mut C,
    node: &NodeName,
    from_us: i64,
) -> Result<Option<i64>, StoreError> {
    let mut first = None;
    let told = told_of(node);
    let of_node = NEXT.map(|statement| (statement, node.value()));
    for (statement, node) in of_node.into_iter().chain([(NEXT_ASIDE, told.value())]) {
        let rows: Vec<_> = connection
            .rows(statement, &[node, from_us.value()])
            .try_collect()
            .await
            .map_err(StoreError::driver(statement))?;
        let row = rows.first().ok_or(sqlx::Error::RowNotFound).map_err(StoreError::driver(statement))?;
        let at_us: Option<i64> = CellReader::new(row, "calls", &["at_us"]).take()?;
        first = [first, at_us].into_iter().flatten().min();
    }
    Ok(first)
}

/// What a decision that was set aside has in it if it is of a node.
fn told_of(node: &NodeName) -> String {
    format!("%\"node\":\"{node}\"%")
}

async fn remove_decisions_aside<C: Connection>(connection: &mut C, slice: &Slice) -> Result<(), StoreError> {
    let told = told_of(&slice.node);
    let values = [told.value(), slice.from_us.value(), slice.to_us.value()];
    connection.run(DECISIONS_ASIDE, &values).await.map(|_| ()).map_err(StoreError::driver(DECISIONS_ASIDE))
}

async fn mask<C: Connection>(connection: &mut C, slice: &Slice, now_us: i64) -> Result<Touched, StoreError> {
    lock(connection).await?;
    let [calls, legs, attempts, decisions, its_attempts, aside] = masking(C::DIALECT);
    let stamp = now_us.value();
    let touched_calls = run(connection, calls, Some(stamp.clone()), slice).await?;
    run(connection, legs, None, slice).await?;
    run(connection, attempts, None, slice).await?;
    let touched_decisions = run(connection, decisions, Some(stamp), slice).await?;
    run(connection, its_attempts, None, slice).await?;
    run(connection, aside, None, slice).await?;
    remove_decisions_aside(connection, slice).await?;
    let so_far = progress(connection, &slice.node).await?;
    let now = RetentionProgress { masked_us: so_far.masked_us.max(slice.to_us), ..so_far };
    keep_progress(connection, &slice.node, now).await?;
    Ok(Touched { calls: touched_calls, decisions: touched_decisions })
}

async fn remove<C: Connection>(connection: &mut C, slice: &Slice) -> Result<Touched, StoreError> {
    lock(connection).await?;
    let [legs, attempts, aliases, calls, aside, its_attempts, decisions] = removing(C::DIALECT);
    for step in [legs, attempts, aliases] {
        run(connection, step, None, slice).await?;
    }
    let touched_calls = run(connection, calls, None, slice).await?;
    run(connection, aside, None, slice).await?;
    run(connection, its_attempts, None, slice).await?;
    let touched_decisions = run(connection, decisions, None, slice).await?;
    remove_decisions_aside(connection, slice).await?;
    let so_far = progress(connection, &slice.node).await?;
    let now = RetentionProgress { removed_us: so_far.removed_us.max(slice.to_us), ..so_far };
    keep_progress(connection, &slice.node, now).await?;
    Ok(Touched { calls: touched_calls, decisions: touched_decisions })
}

/// Whoever holds it masks, removes, or says what has to stay.
pub(super) async fn lock<C: Connection>(connection: &mut C) -> Result<(), StoreError> {
    connection.run(LOCK, &[]).await.map(|_| ()).map_err(StoreError::driver(LOCK))
}

async fn run<C: Connection>(
    connection: &mut C,
    step: Step,
    stamp: Option<Value<'_>>,
    slice: &Slice,
) -> Result<u64, StoreError> {
    let within = [slice.node.value(), slice.from_us.value(), slice.to_us.value()];
    let values: Vec<_> = stamp.into_iter().chain(within).collect();
    connection.run_built(step.sql, &values).await.map_err(StoreError::driver(step.name))
}
