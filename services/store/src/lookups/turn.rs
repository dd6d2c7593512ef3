//! One process at a time asks DNS: two that do would each take the other's answers for changes.

use std::time::Duration;

use crate::{
    column::Column,
    driver::{Connection, Value},
    error::StoreError,
    lease::{in_transaction, on_connection},
    marks::clock,
    store::Store,
};

const TAKE: &str =
    "UPDATE resolver_turn SET holder = $1, until_us = $2 WHERE id = 1 AND (until_us < $3 OR holder = $4)";
const HOLD: &str =
    "UPDATE resolver_turn SET until_us = until_us + 1 WHERE id = 1 AND holder = $1 AND until_us >= $2";
const END: &str = "UPDATE resolver_turn SET holder = '', until_us = 0 WHERE id = 1 AND holder = $1";

pub(super) const STATEMENTS: [&str; 3] = [TAKE, HOLD, END];

impl Store {
    /// Takes the turn, for so long at most; `false`: it is somebody else's. `holder` (1 to 200 characters) must name this
    /// one process.
    pub async fn take_resolver_turn(&self, holder: &str, limit: Duration) -> Result<bool, StoreError> {
        in_transaction!(self, begin_write, connection => take(connection, holder, limit).await)
    }

    /// Ends the turn, so that the next who asks has it at once. Does nothing if it is somebody else's by now.
    pub async fn end_resolver_turn(&self, holder: &str) -> Result<(), StoreError> {
        let done = on_connection!(self, connection => connection.run(END, &[text(holder)]).await);
        done.map(|_| ()).map_err(StoreError::driver(END))
    }
}

async fn take<C: Connection>(connection: &mut C, holder: &str, limit: Duration) -> Result<bool, StoreError> {
    let now_us = clock(connection).await?;
    let until_us = now_us.saturating_add(i64::try_from(limit.as_micros()).unwrap_or(i64::MAX));
    let values = [text(holder), until_us.value(), now_us.value(), text(holder)];
    Ok(connection.run(TAKE, &values).await.map_err(StoreError::driver(TAKE))? > 0)
}

/// Keeps the turn to the end of the transaction. False: it is somebody else's.
pub(super) async fn hold<C: Connection>(connection: &mut C, holder: &str) -> Result<bool, StoreError> {
    let now_us = clock(connection).await?;
    let held = connection.run(HOLD, &[text(holder), now_us.value()]).await;
    Ok(held.map_err(StoreError::driver(HOLD))? > 0)
}

fn text(text: &str) -> Value<'_> {
    Value::Text(Some(text.into()))
}
