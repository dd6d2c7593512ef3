//! A month all of whose records have to go: its parts of the tables go at once, where a database has such parts.

use domain::NodeName;
use futures_util::TryStreamExt;
use sqlx::MySqlPool;

use super::{
    audit::{self, AuditEntry},
    rules::{RetentionProgress, keep_progress, progress},
    slices::{self, Touched},
};
use crate::{
    column::Column,
    connect::Pool,
    driver::Connection,
    error::StoreError,
    lease::{Lease, in_transaction, on_connection},
    marks::clock,
    partitions::{self, Month},
    store::Store,
    table::{CellReader, first_row},
    traffic,
};

/// In the order in which they are written to.
const TABLES: [&str; 5] = ["calls", "call_legs", "call_attempts", "decisions", "decision_attempts"];

const HELD: &str = "SELECT COUNT(*) FROM legal_holds WHERE released_us IS NULL AND from_us < $1 \
     AND (to_us IS NULL OR to_us > $2)";
const COUNT: &str = "SELECT COUNT(*) … FROM a month";
const ALIASES: &str = "DELETE FROM call_aliases WHERE by_created_us >= $1 AND by_created_us < $2";
const CALLS_ASIDE: &str = "DELETE FROM calls_set_aside WHERE created_us >= $1 AND created_us < $2";
const DECISIONS_ASIDE: &str = "DELETE FROM decisions_set_aside WHERE decided_us >= $1 AND decided_us < $2";
/// What did not go is looked at again.
const LOOK_AGAIN: &str =
    "UPDATE retention_progress SET removed_us = CASE WHEN removed_us > $1 THEN $2 ELSE removed_us END";

pub(super) const STATEMENTS: [&str; 5] = [HELD, ALIASES, CALLS_ASIDE, DECISIONS_ASIDE, LOOK_AGAIN];

/// A month, the tables it is a part of, and what is in it.
struct Whole {
    month: Month,
    tables: Vec<&'static str>,
    touched: Touched,
}

impl Store {
    /// The months that end by `before_us` and are parts of the tables of records, the earliest first. SQLite has none.
    pub async fn months_before(&self, before_us: i64) -> Result<Vec<Month>, StoreError> {
        let parts = on_connection!(self, connection => partitions::parts(connection, &TABLES).await)?;
        Ok(parts.into_values().map(|(month, _)| month).filter(|month| month.to_us <= before_us).collect())
    }

    /// Removes a month as a whole, with all its records and those that were set aside, and notes it in the audit. Nothing
    /// is done where a hold in force is about any of its time, where it has records of other nodes than these, or where
    /// what one of these has from before it was not looked at. An error: the tables are in use; what is left of it goes
    /// with the next try, or in slices.
    pub async fn remove_month(
        &self,
        month: Month,
        nodes: &[NodeName],
    ) -> Result<Option<Touched>, StoreError> {
        let whole = on_connection!(self, connection => look(connection, month, nodes).await)?;
        let Some(whole) = whole else { return Ok(None) };
        // From now on nobody sums up what is in it.
        if !in_transaction!(self, begin_write, connection => announce(connection, whole.month, nodes).await)?
        {
            return Ok(None);
        }
        let mut dropped = 0;
        let went = match &self.pool {
            Pool::Postgres(_) => self.at_once(&whole).await,
            Pool::MariaDb(pool) => self.one_by_one(pool, &whole, &mut dropped).await,
            Pool::Sqlite(_) => Ok(false),
        };
        if let Ok(true) = went {
            return Ok(Some(whole.touched));
        }
        // Of a month that is gone in part the rest has to follow.
        if dropped == 0 {
            self.look_again(whole.month).await?;
        }
        went.map(|_| None)
    }

    /// Postgres; tells whether it went.
    async fn at_once(&self, whole: &Whole) -> Result<bool, StoreError> {
        let actor = &self.author.actor;
        in_transaction!(self, begin_bulk, connection => {
            async {
                let goes = remove_loose(connection, whole, actor).await?;
                if goes {
                    partitions::drop_parts_at_once(connection, &whole.tables, whole.month).await?;
                }
                Ok(goes)
            }
            .await
        })
    }

    /// MariaDB, where what alters a table is a transaction of its own: whoever has to wait for it meanwhile does so for
    /// another connection. Tells whether it went, and counts the tables that have lost their part.
    async fn one_by_one(
        &self,
        pool: &MySqlPool,
        whole: &Whole,
        dropped: &mut usize,
    ) -> Result<bool, StoreError> {
        let actor = &self.author.actor;
        // What belongs to a call or a decision goes before it.
        let tables: Vec<_> = whole.tables.iter().rev().copied().collect();
        in_transaction!(self, begin_bulk, connection => {
            async {
                let goes = remove_loose(connection, whole, actor).await?;
                if goes {
                    let lease = Lease::take(pool).await;
                    let mut lease = lease.map_err(|source| self.unavailable(source))?;
                    let done = partitions::drop_parts(&mut *lease.connection, &tables, whole.month, dropped).await;
                    lease.give_back();
                    done?;
                }
                Ok(goes)
            }
            .await
        })
    }

    async fn look_again(&self, month: Month) -> Result<(), StoreError> {
        let from = [month.from_us.value(), month.from_us.value()];
        on_connection!(self, connection => connection.run(LOOK_AGAIN, &from).await)
            .map(|_| ())
            .map_err(StoreError::driver(LOOK_AGAIN))
    }
}

/// Whether it may go, and what would go with it.
async fn look<C: Connection>(
    connection: &mut C,
    month: Month,
    nodes: &[NodeName],
) -> Result<Option<Whole>, StoreError> {
    let parts = partitions::parts(connection, &TABLES).await?.remove(&month.to_us);
    // A part is all that lies before it once there is none before it.
    let Some((month, tables)) = parts else { return Ok(None) };
    if is_held(connection, month).await? {
        return Ok(None);
    }
    for node in nodes {
        if progress(connection, node).await?.removed_us < month.from_us {
            return Ok(None);
        }
    }
    let mut counts = [0, 0];
    for (count, table) in counts.iter_mut().zip(["calls", "decisions"]) {
        if tables.contains(&table) {
            let [rows, of_others] = count_rows(connection, table, month, nodes).await?;
            if of_others > 0 {
                return Ok(None);
            }
            *count = rows;
        }
    }
    let [calls, decisions] = counts;
    Ok(Some(Whole { month, tables, touched: Touched { calls, decisions } }))
}

/// Any hold will do: whether it fits one of the records is for slices to look at.
async fn is_held<C: Connection>(connection: &mut C, month: Month) -> Result<bool, StoreError> {
    let row = first_row(connection, HELD, &[month.to_us.value(), month.from_us.value()]).await?;
    let row = row.ok_or(sqlx::Error::RowNotFound).map_err(StoreError::driver(HELD))?;
    Ok(CellReader::new(&row, "legal_holds", &["count"]).take::<i64>()? > 0)
}

/// How many rows a part has, and how many of them are not of these nodes.
async fn count_rows<C: Connection>(
    connection: &mut C,
    table: &str,
    month: Month,
    nodes: &[NodeName],
) -> Result<[u64; 2], StoreError> {
    let own = (1..=nodes.len()).map(|at| C::DIALECT.placeholder(at)).collect::<Vec<_>>().join(", ");
    let part = partitions::part(C::DIALECT, table, month);
    let sql = format!("SELECT COUNT(*), COUNT(CASE WHEN node NOT IN ({own}) THEN 1 END) FROM {part}");
    let values: Vec<_> = nodes.iter().map(Column::value).collect();
    let rows: Vec<_> =
        connection.rows_built(sql, &values).try_collect().await.map_err(StoreError::driver(COUNT))?;
    let row = rows.first().ok_or(sqlx::Error::RowNotFound).map_err(StoreError::driver(COUNT))?;
    let mut cells = CellReader::new(row, "a month", &["count", "of_others"]);
    Ok([cells.take()?, cells.take()?])
}

/// Notes that all of the month was looked at, unless a hold was made meanwhile.
async fn announce<C: Connection>(
    connection: &mut C,
    month: Month,
    nodes: &[NodeName],
) -> Result<bool, StoreError> {
    slices::lock(connection).await?;
    if is_held(connection, month).await? {
        return Ok(false);
    }
    for node in nodes {
        let so_far = progress(connection, node).await?;
        let now = RetentionProgress { removed_us: so_far.removed_us.max(month.to_us), ..so_far };
        keep_progress(connection, node, now).await?;
    }
    Ok(true)
}

/// What is not in parts goes, and the audit is told, unless a hold was made meanwhile. Until the transaction ends nobody
/// makes one, and nobody sums up: whoever does so now may have begun before the month was announced.
async fn remove_loose<C: Connection>(
    connection: &mut C,
    whole: &Whole,
    actor: &str,
) -> Result<bool, StoreError> {
    traffic::lock(connection).await?;
    slices::lock(connection).await?;
    let Whole { month, touched, .. } = whole;
    if is_held(connection, *month).await? {
        return Ok(false);
    }
    for statement in [ALIASES, CALLS_ASIDE, DECISIONS_ASIDE] {
        let range = [month.from_us.value(), month.to_us.value()];
        connection.run(statement, &range).await.map_err(StoreError::driver(statement))?;
    }
    let entry = AuditEntry {
        at_us: clock(connection).await?,
        actor: if actor.is_empty() { "retention".to_owned() } else { actor.to_owned() },
        action: "month_removed".to_owned(),
        subject: format!("{month}: {} calls, {} decisions", touched.calls, touched.decisions),
        reason: "older than every rule lets records be".to_owned(),
    };
    audit::note(connection, &entry).await?;
    Ok(true)
}
