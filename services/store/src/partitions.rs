//! Months of rows, each in a part of its table of its own, so that a month that is too old goes at once and questions
//! about a time read no other. What belongs to no month that was made is in a part for the rest, and loses nothing but
//! that. SQLite has no such parts.

mod past;

use futures_util::TryStreamExt;
use time::{Date, OffsetDateTime};

use crate::{
    connect::Pool,
    dialect::Dialect,
    driver::{Connection, Value},
    error::StoreError,
    lease::{Lease, in_transaction},
    store::Store,
    table::{CellReader, first_row},
};

pub use past::Month;
pub(crate) use past::{drop_parts, drop_parts_at_once, part, parts};

/// A table that consists of months.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Parted {
    pub(crate) table: &'static str,
    /// The column with microseconds of UTC that says which month a row is of.
    pub(crate) time: &'static str,
}

/// Months that are made beyond the one we are in.
const MONTHS_AHEAD: usize = 2;

/// Microseconds of UTC at which a month begins, and how its part is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Start {
    month: Date,
}

impl Start {
    fn of(now_us: i64) -> Option<Self> {
        let now = OffsetDateTime::from_unix_timestamp(now_us.div_euclid(1_000_000)).ok()?;
        Some(Self { month: now.date().replace_day(1).ok()? })
    }

    fn next(self) -> Option<Self> {
        let year = self.month.year() + i32::from(self.month.month() == time::Month::December);
        Date::from_calendar_date(year, self.month.month().next(), 1).ok().map(|month| Self { month })
    }

    /// The month of a name.
    fn named(name: &str) -> Option<Self> {
        let (year, month) = name.split_once('_')?;
        let month = month.parse::<u8>().ok()?.try_into().ok()?;
        Date::from_calendar_date(year.parse().ok()?, month, 1).ok().map(|month| Self { month })
    }

    fn us(self) -> i64 {
        self.month.midnight().assume_utc().unix_timestamp() * 1_000_000
    }

    fn name(self) -> String {
        format!("{}_{:02}", self.month.year(), u8::from(self.month.month()))
    }
}

/// The months from `now_us` on, each with the next; none where no calendar goes.
fn months(now_us: i64) -> Vec<[Start; 2]> {
    let starts = std::iter::successors(Start::of(now_us), |start| start.next());
    let starts: Vec<_> = starts.take(MONTHS_AHEAD + 2).collect();
    starts.windows(2).map(|pair| [pair[0], pair[1]]).collect()
}

const MADE: &str = "SELECT CAST(COUNT(*) AS BIGINT) FROM pg_class WHERE oid = to_regclass($1)";
const BOUNDS: &str = "SELECT partition_description FROM information_schema.partitions \
     WHERE table_schema = DATABASE() AND table_name = ? AND partition_description <> 'MAXVALUE'";
const LOCK: &str = "SELECT GET_LOCK(CONCAT('dialplane months ', DATABASE()), 60)";
const UNLOCK: &str = "DO RELEASE_LOCK(CONCAT('dialplane months ', DATABASE()))";
const MAKE: &str = "the parts of the coming months";

pub(crate) fn built_statements(dialect: Dialect) -> Vec<(&'static str, String)> {
    match dialect {
        Dialect::Postgres => vec![(MADE, MADE.to_owned()), past::built_statement()],
        Dialect::MariaDb => vec![(BOUNDS, BOUNDS.to_owned()), (LOCK, LOCK.to_owned())],
        Dialect::Sqlite => Vec::new(),
    }
}

impl Store {
    /// Makes the parts of tables for the month of `now_us` and the two after it, and tells how many it made: to be
    /// called now and then, a day apart or a week. Rows of such a month that came before it move there. Writers wait
    /// while a part is made; whoever has to wait for them for longer than ten seconds gives up.
    pub(crate) async fn prepare_partitions(&self, tables: &[Parted], now_us: i64) -> Result<u32, StoreError> {
        let months = months(now_us);
        let mut made = 0;
        for &parted in tables {
            made += match &self.pool {
                Pool::Postgres(_) => self.attach_months(parted, &months).await?,
                Pool::MariaDb(_) => self.split_rest(parted, &months).await?,
                Pool::Sqlite(_) => 0,
            };
        }
        Ok(made)
    }

    async fn attach_months(&self, parted: Parted, months: &[[Start; 2]]) -> Result<u32, StoreError> {
        let mut made = 0;
        for &month in months {
            made +=
                in_transaction!(self, begin_write, connection => attach(connection, parted, month).await)?;
        }
        Ok(made)
    }

    async fn split_rest(&self, parted: Parted, months: &[[Start; 2]]) -> Result<u32, StoreError> {
        let Pool::MariaDb(pool) = &self.pool else { return Ok(0) };
        let mut lease = Lease::take(pool).await.map_err(|source| self.unavailable(source))?;
        let connection = &mut *lease.connection;
        let made = match locked(connection).await {
            Ok(()) => {
                let made = split(connection, parted, months).await;
                connection.command(UNLOCK).await.map_err(StoreError::driver(UNLOCK))?;
                made
            }
            Err(error) => Err(error),
        };
        lease.give_back();
        made
    }
}

/// Postgres. The month is made beside the table, takes its rows out of the rest, and becomes a part of the table then:
/// this way nobody waits who does not write to the rest.
async fn attach<C: Connection>(
    connection: &mut C,
    Parted { table, time }: Parted,
    [start, end]: [Start; 2],
) -> Result<u32, StoreError> {
    let part = format!("{table}_{}", start.name());
    if is_made(connection, &part).await? {
        return Ok(0);
    }
    let (from_us, to_us) = (start.us(), end.us());
    let rest = format!("{table}_default");
    // Whoever waited for the lock looks again.
    run(connection, "SET LOCAL lock_timeout = '10s'".to_owned()).await?;
    run(connection, format!("LOCK TABLE {rest} IN ACCESS EXCLUSIVE MODE")).await?;
    if is_made(connection, &part).await? {
        return Ok(0);
    }
    let its_rows = format!("{time} >= {from_us} AND {time} < {to_us}");
    for sql in [
        format!("CREATE TABLE {part} (LIKE {table} INCLUDING ALL)"),
        format!("INSERT INTO {part} SELECT * FROM {rest} WHERE {its_rows}"),
        format!("DELETE FROM {rest} WHERE {its_rows}"),
        format!("ALTER TABLE {table} ATTACH PARTITION {part} FOR VALUES FROM ({from_us}) TO ({to_us})"),
    ] {
        run(connection, sql).await?;
    }
    Ok(1)
}

async fn is_made<C: Connection>(connection: &mut C, part: &str) -> Result<bool, StoreError> {
    let row = first_row(connection, MADE, &[Value::Text(Some(part.into()))]).await?;
    let row = row.ok_or(sqlx::Error::RowNotFound).map_err(StoreError::driver(MADE))?;
    Ok(CellReader::new(&row, "pg_class", &["count"]).take::<i64>()? > 0)
}

async fn locked<C: Connection>(connection: &mut C) -> Result<(), StoreError> {
    let row = first_row(connection, LOCK, &[]).await?;
    let row = row.ok_or(sqlx::Error::RowNotFound).map_err(StoreError::driver(LOCK))?;
    match CellReader::new(&row, "the lock", &["taken"]).take::<Option<i64>>()? {
        Some(1) => Ok(()),
        _ => Err(StoreError::Driver { statement: LOCK, source: sqlx::Error::PoolTimedOut }),
    }
}

/// MariaDB. Parts follow each other without a hole, each named after its end: what lies before the first month, and
/// months nobody prepared, are in the part that ends after them.
async fn split<C: Connection>(
    connection: &mut C,
    Parted { table, .. }: Parted,
    months: &[[Start; 2]],
) -> Result<u32, StoreError> {
    let last_us = bounds(connection, table).await?.into_iter().max().unwrap_or(i64::MIN);
    let first = months.first().map(|[start, _]| *start);
    let ends: Vec<_> = first.into_iter().chain(months.iter().map(|[_, end]| *end)).collect();
    let new: Vec<_> = ends.into_iter().filter(|end| end.us() > last_us).collect();
    if new.is_empty() {
        return Ok(0);
    }
    let part = |end: &Start| format!("PARTITION before_{} VALUES LESS THAN ({})", end.name(), end.us());
    let parts = new.iter().map(part).collect::<Vec<_>>().join(", ");
    let sql = format!(
        "SET STATEMENT lock_wait_timeout = 10 FOR ALTER TABLE {table} REORGANIZE PARTITION later INTO \
         ({parts}, PARTITION later VALUES LESS THAN MAXVALUE)"
    );
    run(connection, sql).await?;
    Ok(u32::try_from(new.len()).unwrap_or(u32::MAX))
}

/// Where the parts of a table end.
async fn bounds<C: Connection>(connection: &mut C, table: &str) -> Result<Vec<i64>, StoreError> {
    let values = [Value::Text(Some(table.into()))];
    let rows: Vec<_> = connection
        .rows_built(BOUNDS.to_owned(), &values)
        .try_collect()
        .await
        .map_err(StoreError::driver(BOUNDS))?;
    let text = |row| CellReader::new(row, "partitions", &["partition_description"]).take::<String>();
    let texts = rows.iter().map(text).collect::<Result<Vec<_>, _>>()?;
    Ok(texts.iter().filter_map(|bound| bound.parse().ok()).collect())
}

async fn run<C: Connection>(connection: &mut C, sql: String) -> Result<(), StoreError> {
    connection.run_built(sql, &[]).await.map(|_| ()).map_err(StoreError::driver(MAKE))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spelled(now_us: i64) -> Vec<(String, i64, i64)> {
        months(now_us).iter().map(|[start, end]| (start.name(), start.us(), end.us())).collect()
    }

    #[test]
    fn months_follow_each_other_over_the_year() {
        // 2026-11-21 14:00:00 UTC.
        let spelled = spelled(1_795_269_600_000_000);
        let names: Vec<_> = spelled.iter().map(|(name, ..)| name.as_str()).collect();
        assert_eq!(names, ["2026_11", "2026_12", "2027_01"]);
        assert_eq!(spelled[0].1, 1_793_491_200_000_000);
        assert!(spelled.windows(2).all(|pair| pair[0].2 == pair[1].1));
    }

    #[test]
    fn a_month_begins_with_its_first_microsecond() {
        let first_us = 1_793_491_200_000_000;
        assert_eq!(spelled(first_us)[0].0, "2026_11");
        assert_eq!(spelled(first_us - 1)[0].0, "2026_10");
        assert_eq!(spelled(-1)[0].0, "1969_12");
        assert_eq!(spelled(i64::MAX), []);
    }

    #[test]
    fn a_name_tells_its_month() {
        for month in months(1_795_269_600_000_000).concat() {
            assert_eq!(Start::named(&month.name()), Some(month));
        }
        for name in ["default", "2026_13", "2026", "_11", "2026_11_old", "99999999999_01"] {
            assert_eq!(Start::named(name), None, "{name}");
        }
    }
}
