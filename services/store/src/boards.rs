//! What collectors say of the calls that are up, for where no bus carries it. To the store it is bytes, and every time
//! is the database's.

use std::time::Duration;

use domain::NodeName;
use futures_util::TryStreamExt;

use crate::{
    column::Column,
    driver::{Connection, Value},
    error::StoreError,
    lease::{in_transaction, on_connection},
    marks::clock,
    silent::Silent,
    store::Store,
    table::CellReader,
};

/// Most bytes of a board.
pub const BOARD_BYTES_MAX: usize = 512 << 10;
/// Most boards that are read.
const READ_MAX: i64 = 128;
/// After an hour a board that nobody took down is removed.
const FORGOTTEN_AFTER_US: i64 = 60 * 60 * 1_000_000;

/// What a collector says of a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredBoard {
    pub node: String,
    /// Up to 100 characters.
    pub collector: String,
    /// How long ago it was posted.
    pub age: Duration,
    /// At most [`BOARD_BYTES_MAX`].
    pub content: Vec<u8>,
}

const TABLE: &str = "live_boards";
const COLUMNS: &[&str] = &["node", "collector", "posted_us", "content"];
const POST: &str = "INSERT INTO live_boards (node, collector, posted_us, content)";
const SILENT: &str = "SELECT node FROM live_boards WHERE posted_us < $1 ORDER BY node LIMIT 100";
const WITHDRAW: &str = "DELETE FROM live_boards WHERE node = $1";
const SILENCE: Silent = Silent { table: TABLE, find: SILENT, remove: WITHDRAW };
const LIST: &str = "SELECT node, collector, posted_us, content FROM live_boards \
     WHERE posted_us > $1 ORDER BY node LIMIT $2";

pub(crate) const STATEMENTS: [&str; 3] = [SILENT, WITHDRAW, LIST];

pub(crate) fn post_statement<C: Connection>() -> (&'static str, String) {
    (POST, C::DIALECT.upsert(POST, COLUMNS))
}

impl Store {
    /// Writes down what a collector says of a node, over what was said before.
    pub async fn post_board(
        &self,
        node: &NodeName,
        collector: &str,
        content: &[u8],
    ) -> Result<(), StoreError> {
        in_transaction!(self, begin_write, connection => post(connection, node, collector, content).await)
    }

    /// What was said less than `age_max` ago, by node.
    pub async fn boards(&self, age_max: Duration) -> Result<Vec<StoredBoard>, StoreError> {
        in_transaction!(self, begin_read, connection => list(connection, age_max).await)
    }

    /// Removes what was said of a node; it is no error if nothing was.
    pub async fn withdraw_board(&self, node: &NodeName) -> Result<(), StoreError> {
        on_connection!(self, connection => withdraw(connection, node.as_str()).await)
    }
}

async fn post<C: Connection>(
    connection: &mut C,
    node: &NodeName,
    collector: &str,
    content: &[u8],
) -> Result<(), StoreError> {
    let now_us = clock(connection).await?;
    let values =
        [node.value(), Value::Text(Some(collector.into())), now_us.value(), Value::Bytes(Some(content))];
    let (statement, sql) = post_statement::<C>();
    let refused = |error| C::DIALECT.refusal(error, statement, TABLE, format!("the board of {node}"));
    connection.run_built(sql, &values).await.map_err(refused)?;
    SILENCE.forget(connection, now_us - FORGOTTEN_AFTER_US).await
}

async fn withdraw(connection: &mut impl Connection, node: &str) -> Result<(), StoreError> {
    let node = Value::Text(Some(node.into()));
    connection.run(WITHDRAW, &[node]).await.map(|_| ()).map_err(StoreError::driver(WITHDRAW))
}

async fn list(connection: &mut impl Connection, age_max: Duration) -> Result<Vec<StoredBoard>, StoreError> {
    let now_us = clock(connection).await?;
    let age_max_us = i64::try_from(age_max.as_micros()).unwrap_or(i64::MAX);
    let since_us = now_us.saturating_sub(age_max_us);
    let mut boards = Vec::new();
    let mut rows = connection.rows(LIST, &[since_us.value(), READ_MAX.value()]);
    while let Some(row) = rows.try_next().await.map_err(StoreError::driver(LIST))? {
        let mut cells = CellReader::new(&row, TABLE, COLUMNS);
        let (node, collector, posted_us) = (cells.take()?, cells.take()?, cells.take::<i64>()?);
        let age = Duration::from_micros(u64::try_from(now_us - posted_us).unwrap_or_default());
        boards.push(StoredBoard { node, collector, age, content: cells.take()? });
    }
    Ok(boards)
}
