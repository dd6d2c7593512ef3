//! What a question is in SQL.

use traffic::{Column, Question, Source, Sums};

use super::{
    layers::{HOUR_US, Part},
    marks::text,
    report::ROWS_MAX,
};
use crate::{dialect::Dialect, driver::Value};

const DAY_US: i64 = 24 * HOUR_US;

/// The statement of a question, out of words and numbers of ours; what somebody wrote is among its values.
pub(super) fn select(dialect: Dialect, question: &Question, source: Source, part: Part) -> String {
    let sums: &[&str] = match source {
        Source::Attempts | Source::Calls => &Sums::COLUMNS,
        Source::Causes => &["attempts"],
    };
    let (table, time) = (part.layer.table(source), part.layer.time());
    let columns = question.columns();
    let mut selected: Vec<_> = columns.iter().map(|column| expression(*column, question, time)).collect();
    selected.extend(sums.iter().map(|column| dialect.sum(column)));
    let (selected, condition) = (selected.join(", "), condition(dialect, question, time));
    let sql = format!("SELECT {selected} FROM {table} WHERE {condition}");
    if columns.is_empty() {
        return sql;
    }
    let places = (1..=columns.len()).map(|at| at.to_string()).collect::<Vec<_>>().join(", ");
    format!("{sql} GROUP BY {places} ORDER BY {places} LIMIT {}", ROWS_MAX + 1)
}

fn condition(dialect: Dialect, question: &Question, time: &str) -> String {
    let mut number = 0;
    let mut next = || {
        number += 1;
        dialect.placeholder(number)
    };
    let mut conditions = vec![format!("{time} BETWEEN {} AND {}", next(), next())];
    let kinds: Vec<_> = question.kinds.iter().map(|_| next()).collect();
    if !kinds.is_empty() {
        conditions.push(format!("kind IN ({})", kinds.join(", ")));
    }
    if question.node.is_some() {
        conditions.push(format!("node = {}", next()));
    }
    if question.provider.is_some() {
        conditions.push(format!("provider = {}", next()));
    }
    conditions.join(" AND ")
}

/// The values of [`condition`], in its order.
pub(super) fn values(question: &Question, part: Part) -> Vec<Value<'_>> {
    let mut values = range(part).to_vec();
    values.extend(question.kinds.iter().map(|kind| text(kind.word())));
    values.extend(question.node.as_deref().map(text));
    values.extend(question.provider.map(|provider| Value::Key(Some(provider))));
    values
}

pub(super) fn range<'v>(part: Part) -> [Value<'v>; 2] {
    [part.from_us, part.to_us.saturating_sub(1)].map(|us| Value::Key(Some(us)))
}

fn expression(column: Column, question: &Question, time: &str) -> String {
    let zone = || local_us(question, time);
    match column {
        // Of an hour that a zone has twice, each is a row of its own.
        Column::Hour => format!("{time} - {} % {HOUR_US}", zone()),
        Column::Day => format!("{} - {} % {DAY_US}", zone(), zone()),
        column => column.word().to_owned(),
    }
}

/// When a row's time begins by the zone's own clocks.
fn local_us(question: &Question, time: &str) -> String {
    let offsets = question.zone.offsets(question.period.from_us, question.period.to_us);
    let case = |(from_us, offset_us): &(i64, i64)| format!(" WHEN {time} >= {from_us} THEN {offset_us}");
    let cases: String = offsets.iter().skip(1).rev().map(case).collect();
    let first_us = offsets.first().map_or(0, |(_, offset_us)| *offset_us);
    if cases.is_empty() {
        format!("({time} + {first_us})")
    } else {
        format!("({time} + CASE{cases} ELSE {first_us} END)")
    }
}
