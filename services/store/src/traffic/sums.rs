//! The sums of a quarter, over those that were there.

use traffic::{CauseKey, Key, RollUp, Sums};

use super::{
    Place, layers,
    marks::{key, text},
    rows::Missing,
};
use crate::{
    column::Column,
    dialect::Dialect,
    driver::{Connection, Value},
    error::StoreError,
    write::VALUES_PER_STATEMENT,
};

/// A table of a quarter's sums.
struct Table {
    delete: &'static str,
    insert: &'static str,
    columns: &'static [&'static str],
    /// Whether the columns of [`Sums`] follow.
    sums: bool,
}

const KEYS: &[&str] = &["quarter_us", "node", "direction", "kind", "provider", "country", "prefix"];
const ATTEMPTS: Table = Table {
    delete: "DELETE FROM traffic_attempts WHERE quarter_us = $1 AND node = $2",
    insert: "INSERT INTO traffic_attempts",
    columns: KEYS,
    sums: true,
};
const CALLS: Table = Table {
    delete: "DELETE FROM traffic_calls WHERE quarter_us = $1 AND node = $2",
    insert: "INSERT INTO traffic_calls",
    columns: KEYS,
    sums: true,
};
const CAUSES: Table = Table {
    delete: "DELETE FROM traffic_causes WHERE quarter_us = $1 AND node = $2",
    insert: "INSERT INTO traffic_causes",
    columns: &["quarter_us", "node", "kind", "provider", "cause", "sip", "dialstatus", "outcome", "attempts"],
    sums: false,
};
const AWAITED: Table = Table {
    delete: "DELETE FROM traffic_awaited WHERE quarter_us = $1 AND node = $2",
    insert: "INSERT INTO traffic_awaited",
    columns: &["quarter_us", "node", "decision"],
    sums: false,
};
const TABLES: [&Table; 4] = [&ATTEMPTS, &CALLS, &CAUSES, &AWAITED];

const REMOVE_REFUSALS: &str = "DELETE FROM traffic_refusals WHERE quarter_us = $1 AND node = $2";
const ADD_REFUSALS: &str = "INSERT INTO traffic_refusals (quarter_us, node, verb, status, reason, refusals) \
     SELECT decided_us - decided_us % 900000000, node, verb, status, COALESCE(reason, ''), COUNT(*) FROM decisions \
     WHERE node = $1 AND decided_us BETWEEN $2 AND $3 AND status NOT IN ('ok', 'goto', 'redirect', 'echo') \
     GROUP BY decided_us - decided_us % 900000000, node, verb, status, COALESCE(reason, '')";

pub(super) const STATEMENTS: [&str; 6] =
    [ATTEMPTS.delete, CALLS.delete, CAUSES.delete, AWAITED.delete, REMOVE_REFUSALS, ADD_REFUSALS];

/// Longest id of a decision, characters.
const DECISION_CHARS_MAX: usize = 64;

pub(super) fn built_statements(dialect: Dialect) -> Vec<(&'static str, String)> {
    TABLES.iter().map(|table| (table.insert, table.statement(dialect, 1))).collect()
}

impl Table {
    fn columns(&self) -> Vec<&'static str> {
        let sums: &[&str] = if self.sums { &Sums::COLUMNS } else { &[] };
        self.columns.iter().chain(sums).copied().collect()
    }

    fn statement(&self, dialect: Dialect, rows: usize) -> String {
        let columns = self.columns();
        dialect.bulk(&format!("{} ({})", self.insert, columns.join(", ")), columns.len(), rows)
    }

    /// Replaces what stands there of a quarter by rows, given as the values of all of them.
    async fn replace<C: Connection>(
        &self,
        connection: &mut C,
        place: &Place,
        values: &[Value<'_>],
    ) -> Result<(), StoreError> {
        connection.run(self.delete, &key(place)).await.map_err(StoreError::driver(self.delete))?;
        let columns = self.columns().len();
        for part in values.chunks(VALUES_PER_STATEMENT / columns * columns) {
            let sql = self.statement(C::DIALECT, part.len() / columns);
            connection.run_built(sql, part).await.map_err(StoreError::driver(self.insert))?;
        }
        Ok(())
    }
}

pub(super) async fn replace<C: Connection>(
    connection: &mut C,
    place: &Place,
    roll_up: &RollUp,
    missing: &Missing,
) -> Result<(), StoreError> {
    for (table, sums) in [(&ATTEMPTS, &roll_up.attempts), (&CALLS, &roll_up.calls)] {
        let mut values = Vec::new();
        for (at, sums) in sums {
            push(place, at, sums, &mut values);
        }
        table.replace(connection, place, &values).await?;
    }
    layers::follow(connection, place).await?;
    let mut values = Vec::new();
    for (at, attempts) in &roll_up.causes {
        push_cause(place, at, *attempts, &mut values);
    }
    CAUSES.replace(connection, place, &values).await?;
    let mut values = Vec::new();
    let fitting = missing.iter().filter(|decision| decision.chars().count() <= DECISION_CHARS_MAX);
    for decision in fitting {
        values.extend(key(place));
        values.push(decision.value());
    }
    AWAITED.replace(connection, place, &values).await?;
    replace_refusals(connection, place).await
}

fn push<'v>(place: &'v Place, at: &'v Key, sums: &Sums, values: &mut Vec<Value<'v>>) {
    values.extend(key(place));
    values.extend([
        text(at.direction.map_or("", traffic::Direction::word)),
        text(at.kind.word()),
        at.provider.value(),
        at.country.value(),
        at.prefix.value(),
    ]);
    values.extend(sums.values().map(|value| Value::Key(Some(value))));
}

fn push_cause<'v>(place: &'v Place, at: &'v CauseKey, attempts: i64, values: &mut Vec<Value<'v>>) {
    values.extend(key(place));
    values.extend([
        text(at.kind.word()),
        at.provider.value(),
        at.cause.value(),
        at.sip.value(),
        at.dialstatus.value(),
        at.outcome.value(),
        Value::Key(Some(attempts)),
    ]);
}

async fn replace_refusals<C: Connection>(connection: &mut C, place: &Place) -> Result<(), StoreError> {
    connection.run(REMOVE_REFUSALS, &key(place)).await.map_err(StoreError::driver(REMOVE_REFUSALS))?;
    let range = place.quarter.range_us();
    // The remainder of a time before 1970 is another one on each database.
    if *range.start() < 0 {
        return Ok(());
    }
    let values =
        [text(place.node.as_str()), Value::Key(Some(*range.start())), Value::Key(Some(*range.end()))];
    connection.run(ADD_REFUSALS, &values).await.map(|_| ()).map_err(StoreError::driver(ADD_REFUSALS))
}
