//! What DNS said and nobody believes until a person does.

use std::net::IpAddr;

use domain::{Invalid, ProviderAddressId};
use futures_util::TryStreamExt;
use names::Suspicion;

use crate::{
    column::{Column, Scalar},
    dialect::Dialect,
    driver::{Cells, Connection, Value},
    error::{Impossible, StoreError},
    lease::{in_transaction, on_connection},
    marks::clock,
    privacy::{AuditEntry, note},
    store::Store,
    table::CellReader,
};

/// What became of an address in quarantine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QuarantineState {
    Waiting,
    Approved,
    Rejected,
}

/// An address that a name was said to stand for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuarantinedAddress {
    pub id: i64,
    pub provider_address: ProviderAddressId,
    pub address: IpAddr,
    pub suspicion: Suspicion,
    /// When an answer held it first, and last, microseconds of UTC.
    pub first_us: i64,
    pub last_us: i64,
    pub state: QuarantineState,
    pub decided_us: Option<i64>,
}

const TABLE: &str = "quarantined_addresses";
const COLUMNS: &[&str] =
    &["id", "provider_address_id", "address", "suspicion", "first_us", "last_us", "state", "decided_us"];
const LIST: &str = "SELECT id, provider_address_id, address, suspicion, first_us, last_us, state, decided_us \
     FROM quarantined_addresses ORDER BY id";
const SEEN: &str = "UPDATE quarantined_addresses SET last_us = $1, suspicion = $2 \
     WHERE provider_address_id = $3 AND address = $4";
const ADD: &str = "INSERT INTO quarantined_addresses \
     (provider_address_id, address, suspicion, first_us, last_us, state)";
const DECIDE: &str = "UPDATE quarantined_addresses SET state = $1, decided_us = $2 WHERE id = $3";
const ASK_AGAIN: &str = "UPDATE address_lookups SET next_us = 0 WHERE provider_address_id = $1";
const FORGET: &str = "DELETE FROM quarantined_addresses WHERE provider_address_id = $1";
const FORGET_WAITING: &str = "DELETE FROM quarantined_addresses WHERE state = 'waiting' AND last_us < $1";

pub(super) const STATEMENTS: [&str; 6] = [LIST, SEEN, DECIDE, ASK_AGAIN, FORGET, FORGET_WAITING];

pub(super) fn add_statement(dialect: Dialect) -> (&'static str, String) {
    (ADD, dialect.bulk(ADD, 6, 1))
}

impl Store {
    /// All addresses that wait or waited for a person, by id.
    pub async fn quarantined_addresses(&self) -> Result<Vec<QuarantinedAddress>, StoreError> {
        on_connection!(self, connection => list(connection).await)
    }

    /// Approves or rejects an address, signed by this handle's author, for a reason (up to 200 characters), notes it in the
    /// audit and has DNS asked about its name at once. Nothing if there is none with this id.
    pub async fn decide_quarantined(
        &self,
        id: i64,
        state: QuarantineState,
        reason: &str,
    ) -> Result<Option<QuarantinedAddress>, StoreError> {
        let actor = &self.author.actor;
        in_transaction!(self, begin_write, connection => decide(connection, id, state, actor, reason).await)
    }

    /// Forgets what waits and has not been seen since then.
    pub async fn forget_quarantined(&self, before_us: i64) -> Result<(), StoreError> {
        let done =
            on_connection!(self, connection => connection.run(FORGET_WAITING, &[before_us.value()]).await);
        done.map(|_| ()).map_err(StoreError::driver(FORGET_WAITING))
    }
}

async fn list<C: Connection>(connection: &mut C) -> Result<Vec<QuarantinedAddress>, StoreError> {
    let mut found = Vec::new();
    let mut rows = connection.rows(LIST, &[]);
    while let Some(row) = rows.try_next().await.map_err(StoreError::driver(LIST))? {
        let mut cells = CellReader::new(&row, TABLE, COLUMNS);
        found.push(QuarantinedAddress {
            id: cells.take()?,
            provider_address: cells.take()?,
            address: cells.take()?,
            suspicion: cells.take()?,
            first_us: cells.take()?,
            last_us: cells.take()?,
            state: cells.take()?,
            decided_us: cells.take()?,
        });
    }
    Ok(found)
}

/// Notes that an answer held an address.
pub(super) async fn saw<C: Connection>(
    connection: &mut C,
    name: ProviderAddressId,
    address: IpAddr,
    suspicion: Suspicion,
    now_us: i64,
) -> Result<(), StoreError> {
    let values = [now_us.value(), suspicion.value(), name.value(), address.value()];
    if connection.run(SEEN, &values).await.map_err(StoreError::driver(SEEN))? > 0 {
        return Ok(());
    }
    let waiting = QuarantineState::Waiting;
    let values =
        [name.value(), address.value(), suspicion.value(), now_us.value(), now_us.value(), waiting.value()];
    let (statement, sql) = add_statement(C::DIALECT);
    connection.run_built(sql, &values).await.map(|_| ()).map_err(StoreError::driver(statement))
}

pub(super) async fn forget<C: Connection>(
    connection: &mut C,
    name: ProviderAddressId,
) -> Result<(), StoreError> {
    connection.run(FORGET, &[name.value()]).await.map(|_| ()).map_err(StoreError::driver(FORGET))
}

async fn decide<C: Connection>(
    connection: &mut C,
    id: i64,
    state: QuarantineState,
    actor: &str,
    reason: &str,
) -> Result<Option<QuarantinedAddress>, StoreError> {
    let now_us = clock(connection).await?;
    connection
        .run(DECIDE, &[state.value(), now_us.value(), id.value()])
        .await
        .map_err(StoreError::driver(DECIDE))?;
    let Some(found) = list(connection).await?.into_iter().find(|row| row.id == id) else { return Ok(None) };
    let again = connection.run(ASK_AGAIN, &[found.provider_address.value()]).await;
    again.map_err(StoreError::driver(ASK_AGAIN))?;
    let entry = AuditEntry {
        at_us: now_us,
        actor: actor.to_owned(),
        action: format!("address_{}", state.as_str()),
        subject: format!("{} of provider_addresses {}", found.address, found.provider_address),
        reason: reason.to_owned(),
    };
    note(connection, &entry).await?;
    Ok(Some(found))
}

impl QuarantineState {
    const ALL: [Self; 3] = [Self::Waiting, Self::Approved, Self::Rejected];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Approved => "approved",
            Self::Rejected => "rejected",
        }
    }
}

/// Closed sets of words that others declare.
macro_rules! words {
    ($($type:ty: $what:literal),+ $(,)?) => {$(
        impl Scalar for $type {
            fn value(scalar: Option<&Self>) -> Value<'_> {
                Value::Text(scalar.map(|word| word.as_str().into()))
            }

            fn read(row: &impl Cells, at: usize) -> Result<Option<Self>, Impossible> {
                let found = |text: &str| Self::ALL.into_iter().find(|word| word.as_str() == text);
                let invalid = |text: &str| Invalid::new($what, "one of its words", text);
                let text = row.text(at)?;
                Ok(text.map(|text| found(text).ok_or_else(|| invalid(text))).transpose()?)
            }
        }
    )+};
}

words!(QuarantineState: "a state", Suspicion: "a suspicion", names::Failure: "a failure");

impl Scalar for IpAddr {
    fn value(scalar: Option<&Self>) -> Value<'_> {
        Value::Text(scalar.map(|address| address.to_string().into()))
    }

    fn read(row: &impl Cells, at: usize) -> Result<Option<Self>, Impossible> {
        let invalid = |text: &str| Invalid::new("an address", "an IP address", text);
        let text = row.text(at)?;
        Ok(text.map(|text| text.parse().map_err(|_| invalid(text))).transpose()?)
    }
}
