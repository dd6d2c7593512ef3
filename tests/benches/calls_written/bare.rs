//! The rows of calls as somebody would insert them who knows that they are new.

use calls::{AttemptRecord, CallRecord, HangupBy, LegRecord, Party};
use sqlx::{
    Connection as _, Executor as _, MySql, MySqlConnection, PgConnection, Postgres, QueryBuilder, Sqlite,
    SqliteConnection,
};

pub(crate) enum Connection {
    Postgres(PgConnection),
    MariaDb(MySqlConnection),
    Sqlite(SqliteConnection),
}

/// As many as the store brings in one statement.
const VALUES_PER_STATEMENT: usize = 20_000;

const CALLS: &str = "INSERT INTO calls (node, created_us, unique_id, revision, complete, flaws, root, decision, \
     generation, direction, caller_raw, caller_e164, called_raw, called_e164, start_us, first_ring_us, answer_us, \
     end_us, wait_us, ring_us, talk_us, disposition, cause, sip, hangup_by) ";
const LEGS: &str = "INSERT INTO call_legs (node, call_created_us, call_unique_id, position, unique_id, linked_id, \
     channel, start_us, answer_us, end_us, cause, sip, hangup_by) ";
const ATTEMPTS: &str = "INSERT INTO call_attempts (node, call_created_us, call_unique_id, position, dial, leg, \
     caller_leg, decision, decision_attempt, start_us, ring_us, answer_us, end_us, cause, sip, dialstatus) ";

/// Inserts rows in statements of one size.
macro_rules! rows {
    ($database:ty, $transaction:expr, $insert:expr, $columns:literal, $rows:expr, $row:ident => [$($value:expr),+ $(,)?]) => {
        for rows in $rows.chunks(VALUES_PER_STATEMENT / $columns) {
            let mut insert = QueryBuilder::<$database>::new($insert);
            insert.push_values(rows, |mut values, $row| {
                $(values.push_bind($value);)+
            });
            insert.build().persistent(false).execute(&mut *$transaction).await.unwrap();
        }
    };
}

macro_rules! transaction {
    ($database:ty, $connection:expr, $records:expr) => {{
        let mut transaction = $connection.begin().await.unwrap();
        rows!($database, transaction, CALLS, 25, $records, call => [
            call.id.node.as_str(), call.id.created_us, &*call.id.unique_id, i64::from(call.revision),
            call.is_complete(), "", call.root.as_deref(), call.decision.as_deref(),
            call.generation.map(|number| number.cast_signed()), call.direction.map(|_| "outbound"),
            call.caller.as_ref().map(|party| &*party.raw), digits(call.caller.as_ref()),
            call.called.as_ref().map(|party| &*party.raw), digits(call.called.as_ref()), call.start_us,
            call.first_ring_us, call.answer_us, call.end_us, call.wait_us, call.ring_us, call.talk_us,
            call.disposition.map(|_| "answered"), call.cause.map(i32::from), call.sip.map(i32::from),
            hangup_by(call.hangup_by),
        ]);
        let legs = legs($records);
        rows!($database, transaction, LEGS, 13, legs, of => [
            of.0.id.node.as_str(), of.0.id.created_us, &*of.0.id.unique_id, of.1, &*of.2.unique_id,
            of.2.linked_id.as_deref(), &*of.2.channel, of.2.start_us, of.2.answer_us, of.2.end_us,
            of.2.cause.map(i32::from), of.2.sip.map(i32::from), hangup_by(of.2.hangup_by),
        ]);
        let attempts = attempts($records);
        rows!($database, transaction, ATTEMPTS, 16, attempts, of => [
            of.0.id.node.as_str(), of.0.id.created_us, &*of.0.id.unique_id, i64::from(of.1.position),
            of.1.dial.as_deref(), &*of.1.leg, of.1.caller_leg.as_deref(), of.1.decision.as_deref(),
            of.1.decision_attempt.map(i64::from), of.1.start_us, of.1.ring_us, of.1.answer_us, of.1.end_us,
            of.1.cause.map(i32::from), of.1.sip.map(i32::from), of.1.dialstatus.as_deref(),
        ]);
        transaction.commit().await.unwrap();
    }};
}

impl Connection {
    /// SQLite holds so much of the file in memory.
    pub(crate) async fn open(url: &str, sqlite_cache_kb: u32) -> Self {
        match url.split(':').next() {
            Some("postgres") => Self::Postgres(PgConnection::connect(url).await.unwrap()),
            Some("mysql") => Self::MariaDb(MySqlConnection::connect(url).await.unwrap()),
            _ => {
                let mut connection = SqliteConnection::connect(url).await.unwrap();
                // As the store has it.
                connection.execute("PRAGMA synchronous = NORMAL").await.unwrap();
                let kilobytes = format!("PRAGMA cache_size = -{sqlite_cache_kb}");
                connection.execute(&*kilobytes).await.unwrap();
                Self::Sqlite(connection)
            }
        }
    }

    /// Inserts calls with their legs and attempts in one transaction.
    pub(crate) async fn insert(&mut self, records: &[CallRecord]) {
        match self {
            Self::Postgres(connection) => transaction!(Postgres, connection, records),
            Self::MariaDb(connection) => transaction!(MySql, connection, records),
            Self::Sqlite(connection) => transaction!(Sqlite, connection, records),
        }
    }
}

fn digits(party: Option<&Party>) -> Option<String> {
    party.and_then(|party| party.e164).map(|e164| e164.to_string())
}

fn hangup_by(by: Option<HangupBy>) -> Option<&'static str> {
    by.map(|_| "caller")
}

fn legs(records: &[CallRecord]) -> Vec<(&CallRecord, i64, &LegRecord)> {
    records
        .iter()
        .flat_map(|record| (1..).zip(&record.legs).map(move |(at, leg)| (record, at, leg)))
        .collect()
}

fn attempts(records: &[CallRecord]) -> Vec<(&CallRecord, &AttemptRecord)> {
    records.iter().flat_map(|record| record.attempts.iter().map(move |attempt| (record, attempt))).collect()
}
