//! Signs of life of the routers. Every time is the database's, so routers need not agree on one.

use futures_util::TryStreamExt;

use crate::{
    column::Column,
    driver::{Connection, Value},
    error::StoreError,
    lease::in_transaction,
    marks::clock,
    silent::Silent,
    store::Store,
    table::{CellReader, first_row},
};

/// What a router says about itself.
#[derive(Clone, Copy, Debug)]
pub struct RouterBeat<'a> {
    /// Up to 100 characters; two routers of one name write over each other.
    pub name: &'a str,
    /// The generation it serves, and its checksum.
    pub generation: Option<u64>,
    pub checksum: Option<[u8; 32]>,
    /// A word, up to 20 characters: `ok`, `degraded`.
    pub state: &'a str,
    /// Up to 500 characters.
    pub detail: Option<&'a str>,
    /// Of the program, up to 50 characters.
    pub version: &'a str,
}

/// What is known of a router.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RouterSeen {
    pub name: String,
    pub generation: Option<u64>,
    pub checksum: Option<[u8; 32]>,
    /// When it first said that it serves this generation, microseconds of UTC.
    pub since_us: i64,
    /// How long ago it was heard of, microseconds.
    pub age_us: i64,
    pub state: String,
    pub detail: Option<String>,
    pub version: String,
}

/// After a day without a sign of life a router is forgotten.
const FORGOTTEN_AFTER_US: i64 = 24 * 60 * 60 * 1_000_000;

const TABLE: &str = "routers";
const COLUMNS: &[&str] =
    &["name", "generation", "checksum", "since_us", "seen_us", "state", "detail", "version"];
const SERVES: &str = "SELECT generation, checksum, since_us FROM routers WHERE name = $1";
const BEAT: &str =
    "INSERT INTO routers (name, generation, checksum, since_us, seen_us, state, detail, version)";
const SILENT: &str = "SELECT name FROM routers WHERE seen_us < $1 ORDER BY name LIMIT 100";
const FORGET: &str = "DELETE FROM routers WHERE name IN ($1)";
const SILENCE: Silent = Silent { table: TABLE, find: SILENT, remove: FORGET };
const LIST: &str = "SELECT name, generation, checksum, since_us, seen_us, state, detail, version \
     FROM routers ORDER BY name";

pub(crate) const STATEMENTS: [&str; 4] = [SERVES, SILENT, FORGET, LIST];

pub(crate) fn beat_statement<C: Connection>() -> (&'static str, String) {
    (BEAT, C::DIALECT.upsert(BEAT, COLUMNS))
}

impl Store {
    /// Writes down a router's sign of life, and forgets the routers that gave none for a day.
    pub async fn heartbeat(&self, beat: RouterBeat<'_>) -> Result<(), StoreError> {
        in_transaction!(self, begin_write, connection => write(connection, beat).await)
    }

    /// The routers that were heard of within a day, by name.
    pub async fn routers(&self) -> Result<Vec<RouterSeen>, StoreError> {
        in_transaction!(self, begin_read, connection => list(connection).await)
    }
}

async fn write<C: Connection>(connection: &mut C, beat: RouterBeat<'_>) -> Result<(), StoreError> {
    let now_us = clock(connection).await?;
    let since_us = since(connection, beat).await?.unwrap_or(now_us);
    let values = [
        Value::Text(Some(beat.name.into())),
        beat.generation.value(),
        beat.checksum.value(),
        since_us.value(),
        now_us.value(),
        Value::Text(Some(beat.state.into())),
        Value::Text(beat.detail.map(Into::into)),
        Value::Text(Some(beat.version.into())),
    ];
    let (statement, sql) = beat_statement::<C>();
    let refused = |error| C::DIALECT.refusal(error, statement, TABLE, "a router".to_owned());
    connection.run_built(sql, &values).await.map_err(refused)?;
    SILENCE.forget(connection, now_us - FORGOTTEN_AFTER_US).await
}

/// Since when a router serves what it says it serves, if it said so before.
async fn since<C: Connection>(connection: &mut C, beat: RouterBeat<'_>) -> Result<Option<i64>, StoreError> {
    let name = Value::Text(Some(beat.name.into()));
    let Some(row) = first_row(connection, SERVES, &[name]).await? else { return Ok(None) };
    let mut cells = CellReader::new(&row, TABLE, &["generation", "checksum", "since_us"]);
    let same = (cells.take()?, cells.take()?) == (beat.generation, beat.checksum);
    let since_us = cells.take()?;
    Ok(same.then_some(since_us))
}

async fn list<C: Connection>(connection: &mut C) -> Result<Vec<RouterSeen>, StoreError> {
    let now_us = clock(connection).await?;
    let mut found = Vec::new();
    let mut rows = connection.rows(LIST, &[]);
    while let Some(row) = rows.try_next().await.map_err(StoreError::driver(LIST))? {
        let mut cells = CellReader::new(&row, TABLE, COLUMNS);
        found.push(RouterSeen {
            name: cells.take()?,
            generation: cells.take()?,
            checksum: cells.take()?,
            since_us: cells.take()?,
            age_us: (now_us - cells.take::<i64>()?).max(0),
            state: cells.take()?,
            detail: cells.take()?,
            version: cells.take()?,
        });
    }
    found.retain(|router| router.age_us <= FORGOTTEN_AFTER_US);
    Ok(found)
}
