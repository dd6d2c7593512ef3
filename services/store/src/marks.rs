//! Marks: where the working copy was edited. Whoever edits through this crate adds them in the same transaction; whoever
//! activates what they stand for removes them.

use std::collections::BTreeSet;

use futures_util::TryStreamExt;
use routing::{ChunkPlace, TableName};

use crate::{
    column::Column,
    driver::{Connection, Value},
    error::StoreError,
    lease::{in_transaction, on_connection},
    store::Store,
    table::{CellReader, first_row},
};

/// Who edits, and why.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Author {
    /// Up to 100 characters; empty: nobody said.
    pub actor: String,
    /// Up to 1,000 characters; may be empty.
    pub comment: String,
}

/// Most authors of one lot of marks that are told apart.
const AUTHORS_MAX: usize = 20;

/// The marks that were seen at one moment. Only what was seen is ever removed, so an edit in between is not lost.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Marks {
    ids: Vec<i64>,
    places: BTreeSet<ChunkPlace>,
    authors: Vec<Author>,
}

impl Marks {
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// How many marks there are; several may stand for one place.
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// The chunks that were edited.
    pub fn places(&self) -> &BTreeSet<ChunkPlace> {
        &self.places
    }

    /// Who edited, each once, in the order of their first marks; nobody who did not say.
    pub fn authors(&self) -> &[Author] {
        &self.authors
    }

    fn add(&mut self, id: i64, place: ChunkPlace, author: Author) {
        self.ids.push(id);
        self.places.insert(place);
        let is_new = author != Author::default() && !self.authors.contains(&author);
        if is_new && self.authors.len() < AUTHORS_MAX {
            self.authors.push(author);
        }
    }

    /// The mark that has waited longest.
    pub fn oldest(&self) -> Option<i64> {
        self.ids.first().copied()
    }

    /// The latest mark. A mark with a smaller id may still appear after this one was seen.
    pub fn newest(&self) -> Option<i64> {
        self.ids.last().copied()
    }
}

/// How many marks [`Store::edited`] looks at.
pub const MARKS_SHOWN_MAX: u32 = 10_000;

const TABLE: &str = "edited_chunks";
const COLUMNS: &[&str] = &["id", "table_name", "key_range", "actor", "comment"];
const LIST: &str = "SELECT id, table_name, key_range, actor, comment FROM edited_chunks ORDER BY id LIMIT $1";
const ADD: &str = "INSERT INTO edited_chunks (table_name, key_range, edited_us, actor, comment)";
const ADDED: usize = 5;
const CONSUME: &str = "DELETE FROM edited_chunks WHERE id IN ($1)";

pub(crate) const STATEMENTS: [&str; 2] = [LIST, CONSUME];
pub(crate) const INSERTS: [(&str, usize); 1] = [(ADD, ADDED)];

/// Marks one statement adds or removes.
const PER_STATEMENT: usize = 1_000;

impl Store {
    /// Where the working copy was edited since the last activation: cheap, to be asked often. It looks at the oldest
    /// [`MARKS_SHOWN_MAX`] marks only; reading again looks at all.
    pub async fn edited(&self) -> Result<Marks, StoreError> {
        self.edited_in(&TableName::ALL).await
    }

    /// The same of some tables.
    pub async fn edited_in(&self, scope: &[TableName]) -> Result<Marks, StoreError> {
        on_connection!(self, connection => read_some(connection, scope, MARKS_SHOWN_MAX.into()).await)
    }

    /// Removes marks whose edits turned out to be none.
    pub async fn forget(&self, marks: &Marks) -> Result<(), StoreError> {
        in_transaction!(self, begin_write, connection => consume(connection, marks).await)
    }
}

/// All marks of some tables.
pub(crate) async fn read(connection: &mut impl Connection, scope: &[TableName]) -> Result<Marks, StoreError> {
    read_some(connection, scope, i64::MAX).await
}

async fn read_some(
    connection: &mut impl Connection,
    scope: &[TableName],
    limit: i64,
) -> Result<Marks, StoreError> {
    let mut marks = Marks::default();
    let mut rows = connection.rows(LIST, &[Value::Key(Some(limit))]);
    while let Some(row) = rows.try_next().await.map_err(StoreError::driver(LIST))? {
        let mut cells = CellReader::new(&row, TABLE, COLUMNS);
        let (id, table, range): (i64, String, i64) = (cells.take()?, cells.take()?, cells.take()?);
        // A table that only a newer program knows is for that program to look after.
        let Ok(table) = table.parse() else { continue };
        let author = Author { actor: cells.take()?, comment: cells.take()? };
        if scope.contains(&table) {
            marks.add(id, ChunkPlace { table, range }, author);
        }
    }
    Ok(marks)
}

/// Marks places as edited now.
pub(crate) async fn add<C: Connection>(
    connection: &mut C,
    places: &BTreeSet<ChunkPlace>,
    author: &Author,
) -> Result<(), StoreError> {
    if places.is_empty() {
        return Ok(());
    }
    let now_us = clock(connection).await?;
    let places: Vec<_> = places.iter().collect();
    for places in places.chunks(PER_STATEMENT) {
        let mut values = Vec::with_capacity(places.len() * ADDED);
        for place in places {
            let table = Value::Text(Some(place.table.as_str().into()));
            let (actor, comment) = (author.actor.value(), author.comment.value());
            values.extend([table, place.range.value(), now_us.value(), actor, comment]);
        }
        let sql = C::DIALECT.bulk(ADD, ADDED, places.len());
        connection.run_built(sql, &values).await.map_err(StoreError::driver(ADD))?;
    }
    Ok(())
}

/// Removes exactly the marks that were seen.
pub(crate) async fn consume<C: Connection>(connection: &mut C, marks: &Marks) -> Result<(), StoreError> {
    for ids in marks.ids.chunks(PER_STATEMENT) {
        let values: Vec<_> = ids.iter().map(Column::value).collect();
        let sql = C::DIALECT.widened(CONSUME, ids.len());
        connection.run_built(sql, &values).await.map_err(StoreError::driver(CONSUME))?;
    }
    Ok(())
}

/// The time by the database's clock, microseconds of UTC.
pub(crate) async fn clock<C: Connection>(connection: &mut C) -> Result<i64, StoreError> {
    let statement = C::DIALECT.clock();
    let row = first_row(connection, statement, &[]).await?;
    let row = row.ok_or(sqlx::Error::RowNotFound).map_err(StoreError::driver(statement))?;
    CellReader::new(&row, "the clock", &["now_us"]).take()
}
