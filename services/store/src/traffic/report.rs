//! Answers out of roll-ups: no row of a call is read.

use std::collections::BTreeMap;

use futures_util::TryStreamExt;
use traffic::{
    Column as ReportColumn, Dimension, Outcome, Per, Period, Quarter, Question, QuestionError, Source, Sums,
    Zone,
};

use super::{
    layers::{self, Layer, Part},
    marks::text,
    select::{range, select, values},
};
use crate::{
    column::Column,
    dialect::Dialect,
    driver::{Cells, Connection},
    error::StoreError,
    lease::{in_transaction, on_connection},
    store::Store,
    table::CellReader,
};

/// Most rows of an answer.
pub const ROWS_MAX: usize = 50_000;
/// Most refusals that are told apart.
const REFUSALS_MAX: i64 = 1_000;

const SELECT: &str = "SELECT … FROM traffic_…";
const REFUSALS: &str = "SELECT … FROM traffic_refusals";
const MARKED: &str = "SELECT MIN(quarter_us) FROM traffic_marks WHERE quarter_us BETWEEN $1 AND $2";
const PROVIDERS: &str = "SELECT id, providername FROM providers ORDER BY id";

pub(super) const STATEMENTS: [&str; 2] = [MARKED, PROVIDERS];

/// What tells rows of an answer apart.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ReportCell {
    Text(Box<str>),
    /// An id, a code, or a moment; see [`traffic::Column`].
    Number(i64),
}

/// A row of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportRow {
    /// In the order of [`Question::columns`].
    pub cells: Vec<ReportCell>,
    pub sums: Sums,
}

/// Questions of nodes that were answered with nothing to dial.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusalRow {
    pub node: String,
    pub verb: String,
    pub status: String,
    /// Empty: none was given.
    pub reason: String,
    pub refusals: i64,
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrafficReport {
    /// In the order of their cells. Of causes only the number of attempts is kept, under the outcome each led to.
    pub rows: Vec<ReportRow>,
    /// There are more than [`ROWS_MAX`].
    pub cut: bool,
    pub refusals: Vec<RefusalRow>,
    /// The first quarter of the period whose rows have changed since it was summed up. None: all sums are as the rows are.
    pub marked: Option<Quarter>,
    /// Carriers by their ids, as far as they are in the tables.
    pub providers: BTreeMap<i64, String>,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum TrafficError {
    #[error(transparent)]
    Question(#[from] QuestionError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

pub(super) fn built_statements(dialect: Dialect) -> Vec<(&'static str, String)> {
    let mut built = vec![(REFUSALS, select_refusals(dialect, true))];
    for (question, source) in examples() {
        let parts = layers::parts(&question, source).into_iter();
        built.extend(parts.map(|part| (SELECT, select(dialect, &question, source, part))));
    }
    built
}

/// A question for each table there is, by all that it knows.
fn examples() -> Vec<(Question, Source)> {
    let example = |per: Per, without: &[Dimension]| {
        let by = Dimension::ALL.iter().filter(|dimension| !without.contains(dimension));
        Question {
            period: Period { from_us: 0, to_us: layers::HOUR_US, capped: false },
            per,
            by: by.copied().collect(),
            kinds: per.kinds().to_vec(),
            node: (!without.contains(&Dimension::Node)).then(|| "node".into()),
            provider: Some(1),
            zone: Zone::UTC,
        }
    };
    let unknown = [
        &[Dimension::Cause][..],
        &[Dimension::Cause, Dimension::Prefix, Dimension::Country],
        &[Dimension::Cause, Dimension::Node],
    ];
    let sums = [(Per::Attempt, Source::Attempts), (Per::Call, Source::Calls)];
    let of_sums = |(per, source)| unknown.map(|without| (example(per, without), source));
    let without = [Dimension::Prefix, Dimension::Country, Dimension::Direction];
    let of_causes = (example(Per::Attempt, &without), Source::Causes);
    sums.into_iter().flat_map(of_sums).chain([of_causes]).collect()
}

impl Store {
    /// The names of carriers by their ids.
    pub async fn carriers(&self) -> Result<BTreeMap<i64, String>, StoreError> {
        on_connection!(self, connection => providers(connection).await)
    }

    /// What the roll-ups say. It holds for the rows as they were when their quarters were summed up, which
    /// [`TrafficReport::marked`] tells apart from how they are.
    pub async fn traffic(&self, question: &Question) -> Result<TrafficReport, TrafficError> {
        let source = question.source()?;
        let report =
            in_transaction!(self, begin_read, connection => report(connection, question, source).await);
        Ok(report?)
    }
}

async fn report<C: Connection>(
    connection: &mut C,
    question: &Question,
    source: Source,
) -> Result<TrafficReport, StoreError> {
    let mut rows = rows(connection, question, source).await?;
    let cut = rows.len() > ROWS_MAX;
    rows.truncate(ROWS_MAX);
    // Databases sort texts each in their own way.
    rows.sort_by(|one, other| one.cells.cmp(&other.cells));
    Ok(TrafficReport {
        rows,
        cut,
        refusals: refusals(connection, question).await?,
        marked: marked(connection, question).await?,
        providers: providers(connection).await?,
    })
}

/// Of several parts of the period, each tells what it knows; a part that is cut would not tell all of a row.
async fn rows<C: Connection>(
    connection: &mut C,
    question: &Question,
    source: Source,
) -> Result<Vec<ReportRow>, StoreError> {
    let mut sums: BTreeMap<_, Sums> = BTreeMap::new();
    let parts = layers::parts(question, source);
    for part in &parts {
        let rows = rows_of(connection, question, source, *part).await?;
        if parts.len() == 1 {
            return Ok(rows);
        }
        if rows.len() > ROWS_MAX {
            return rows_of(connection, question, source, layers::whole(question, Layer::Quarters)).await;
        }
        for row in rows {
            sums.entry(row.cells).or_default().add(&row.sums);
        }
    }
    Ok(sums.into_iter().map(|(cells, sums)| ReportRow { cells, sums }).collect())
}

async fn rows_of<C: Connection>(
    connection: &mut C,
    question: &Question,
    source: Source,
    part: Part,
) -> Result<Vec<ReportRow>, StoreError> {
    let columns = question.columns();
    let mut found = Vec::new();
    let sql = select(C::DIALECT, question, source, part);
    let mut rows = connection.rows_built(sql, &values(question, part));
    while let Some(row) = rows.try_next().await.map_err(StoreError::driver(SELECT))? {
        found.push(read(&row, &columns, source).map_err(|source| StoreError::Corrupt {
            table: "a roll-up",
            column: "a sum",
            row: "one of its rows".to_owned(),
            source,
        })?);
    }
    Ok(found)
}

fn read(
    row: &impl Cells,
    columns: &[ReportColumn],
    source: Source,
) -> Result<ReportRow, crate::error::Impossible> {
    let mut cells = Vec::with_capacity(columns.len());
    for (at, column) in columns.iter().enumerate() {
        cells.push(if is_text(*column) {
            ReportCell::Text(Column::read(row, at)?)
        } else {
            ReportCell::Number(Column::read(row, at)?)
        });
    }
    let mut values = [0; 16];
    match source {
        Source::Attempts | Source::Calls => {
            for (at, value) in values.iter_mut().enumerate() {
                *value = Column::read(row, columns.len() + at)?;
            }
        }
        Source::Causes => {
            let outcome = cells.iter().zip(columns).find(|(_, column)| **column == ReportColumn::Outcome);
            let outcome = outcome.and_then(|(cell, _)| match cell {
                ReportCell::Text(word) => word.parse::<Outcome>().ok(),
                ReportCell::Number(_) => None,
            });
            let place = Outcome::ALL.iter().position(|known| Some(*known) == outcome);
            values[1 + place.unwrap_or(Outcome::ALL.len() - 1)] = Column::read(row, columns.len())?;
        }
    }
    Ok(ReportRow { cells, sums: Sums::of(values) })
}

fn is_text(column: ReportColumn) -> bool {
    match column {
        ReportColumn::Provider
        | ReportColumn::Hour
        | ReportColumn::Day
        | ReportColumn::Cause
        | ReportColumn::Sip => false,
        ReportColumn::Prefix
        | ReportColumn::Country
        | ReportColumn::Node
        | ReportColumn::Direction
        | ReportColumn::Kind
        | ReportColumn::DialStatus
        | ReportColumn::Outcome => true,
    }
}

fn select_refusals(dialect: Dialect, of_node: bool) -> String {
    let at = |number| dialect.placeholder(number);
    let node = if of_node { format!(" AND node = {}", at(3)) } else { String::new() };
    format!(
        "SELECT node, verb, status, reason, {} FROM traffic_refusals WHERE quarter_us BETWEEN {} AND {}{node} \
         GROUP BY node, verb, status, reason ORDER BY 5 DESC, node, verb, status, reason LIMIT {REFUSALS_MAX}",
        dialect.sum("refusals"),
        at(1),
        at(2),
    )
}

fn period(question: &Question) -> Part {
    layers::whole(question, Layer::Quarters)
}

async fn refusals<C: Connection>(
    connection: &mut C,
    question: &Question,
) -> Result<Vec<RefusalRow>, StoreError> {
    let mut values = range(period(question)).to_vec();
    values.extend(question.node.as_deref().map(text));
    let sql = select_refusals(C::DIALECT, question.node.is_some());
    let mut found = Vec::new();
    let mut rows = connection.rows_built(sql, &values);
    while let Some(row) = rows.try_next().await.map_err(StoreError::driver(REFUSALS))? {
        let columns = &["node", "verb", "status", "reason", "refusals"];
        let mut cells = CellReader::new(&row, "traffic_refusals", columns);
        found.push(RefusalRow {
            node: cells.take()?,
            verb: cells.take()?,
            status: cells.take()?,
            reason: cells.take()?,
            refusals: cells.take()?,
        });
    }
    Ok(found)
}

async fn marked<C: Connection>(
    connection: &mut C,
    question: &Question,
) -> Result<Option<Quarter>, StoreError> {
    let rows = connection.rows(MARKED, &range(period(question))).try_collect::<Vec<_>>().await;
    let rows = rows.map_err(StoreError::driver(MARKED))?;
    let Some(row) = rows.first() else { return Ok(None) };
    let quarter_us = CellReader::new(row, "traffic_marks", &["quarter_us"]).take::<Option<i64>>()?;
    Ok(quarter_us.map(Quarter::of))
}

async fn providers<C: Connection>(connection: &mut C) -> Result<BTreeMap<i64, String>, StoreError> {
    let mut found = BTreeMap::new();
    let mut rows = connection.rows(PROVIDERS, &[]);
    while let Some(row) = rows.try_next().await.map_err(StoreError::driver(PROVIDERS))? {
        let mut cells = CellReader::new(&row, "providers", &["id", "providername"]);
        found.insert(cells.take()?, cells.take()?);
    }
    Ok(found)
}
