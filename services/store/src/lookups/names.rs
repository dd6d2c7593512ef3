//! What DNS said of each name.

use std::{collections::BTreeSet, net::IpAddr};

use domain::{Invalid, Network, ProviderAddressId};
use futures_util::TryStreamExt;
use names::{Found, Sight, State, Suspicion};
use routing::{ChunkPlace, Row, TableName, range_of, tables::ResolvedAddress};
use serde_json::{Map, Value as Json};

use super::{quarantine, turn};
use crate::{
    column::{Column, Scalar},
    dialect::Dialect,
    driver::{Cells, Connection, Value},
    error::{Impossible, StoreError},
    lease::{in_transaction, on_connection},
    marks::{self, Author},
    store::Store,
    table::{self, CellReader, Table},
};

/// A name as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptName {
    pub address: ProviderAddressId,
    /// What is asked; another question is another name.
    pub question: String,
    pub state: State,
}

/// What an answer led to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeardName {
    pub kept: KeptName,
    pub suspects: Vec<(IpAddr, Suspicion)>,
}

const TABLE: &str = "address_lookups";
const COLUMNS: &[&str] = &[
    "provider_address_id",
    "question",
    "sights",
    "asked_us",
    "good_us",
    "changed_us",
    "next_us",
    "failures",
    "failure",
];
const NOTE: &str = "INSERT INTO address_lookups (provider_address_id, question, sights, asked_us, good_us, \
     changed_us, next_us, failures, failure)";
const LIST: &str = "SELECT provider_address_id, question, sights, asked_us, good_us, changed_us, next_us, failures, \
     failure FROM address_lookups ORDER BY provider_address_id";
const FORGET: &str = "DELETE FROM address_lookups WHERE provider_address_id = $1";
const ASK_NOW: &str = "UPDATE address_lookups SET next_us = 0";
const RESOLVED: &str = "SELECT id, provider_address_id, network, port FROM resolved_addresses \
     WHERE provider_address_id = $1 ORDER BY id";

pub(super) const STATEMENTS: [&str; 4] = [LIST, FORGET, ASK_NOW, RESOLVED];

pub(super) fn note_statement(dialect: Dialect) -> (&'static str, String) {
    (NOTE, dialect.upsert(NOTE, COLUMNS))
}

impl Store {
    /// All names that were ever asked about and not forgotten since.
    pub async fn kept_names(&self) -> Result<Vec<KeptName>, StoreError> {
        on_connection!(self, connection => list(connection).await)
    }

    /// What names stand for in the working copy, by id.
    pub async fn resolved_addresses(&self) -> Result<Vec<ResolvedAddress>, StoreError> {
        on_connection!(self, connection => resolved(connection).await)
    }

    /// Keeps what DNS said, together with what names stand for now and what waits for a person: all of it or, on any
    /// error, nothing. `false`, and nothing is kept, if the turn is somebody else's by now.
    pub async fn keep_names(
        &self,
        holder: &str,
        heard: &[HeardName],
        now_us: i64,
    ) -> Result<bool, StoreError> {
        in_transaction!(self, begin_write, connection => {
            keep(connection, holder, heard, now_us, &self.author).await
        })
    }

    /// Forgets names, and what they stood for.
    pub async fn forget_names(&self, holder: &str, names: &[ProviderAddressId]) -> Result<bool, StoreError> {
        in_transaction!(self, begin_write, connection => forget(connection, holder, names, &self.author).await)
    }

    /// Has every name asked about at the next turn.
    pub async fn ask_names_now(&self) -> Result<(), StoreError> {
        let done = on_connection!(self, connection => connection.run(ASK_NOW, &[]).await);
        done.map(|_| ()).map_err(StoreError::driver(ASK_NOW))
    }
}

async fn list<C: Connection>(connection: &mut C) -> Result<Vec<KeptName>, StoreError> {
    let mut names = Vec::new();
    let mut rows = connection.rows(LIST, &[]);
    while let Some(row) = rows.try_next().await.map_err(StoreError::driver(LIST))? {
        let mut cells = CellReader::new(&row, TABLE, COLUMNS);
        let (address, question) = (cells.take()?, cells.take()?);
        let Sights(sights) = cells.take()?;
        let state = State {
            sights,
            asked_us: cells.take()?,
            good_us: cells.take()?,
            changed_us: cells.take()?,
            next_us: cells.take()?,
            failures: cells.take()?,
            failure: cells.take()?,
        };
        names.push(KeptName { address, question, state });
    }
    Ok(names)
}

async fn resolved<C: Connection>(connection: &mut C) -> Result<Vec<ResolvedAddress>, StoreError> {
    let mut found = Vec::new();
    let mut rows = connection.rows(ResolvedAddress::SELECT, &[]);
    while let Some(row) = rows.try_next().await.map_err(StoreError::driver(ResolvedAddress::SELECT))? {
        found.push(ResolvedAddress::read(&row)?);
    }
    Ok(found)
}

async fn keep<C: Connection>(
    connection: &mut C,
    holder: &str,
    heard: &[HeardName],
    now_us: i64,
    author: &Author,
) -> Result<bool, StoreError> {
    if !turn::hold(connection, holder).await? {
        return Ok(false);
    }
    let mut places = BTreeSet::new();
    for HeardName { kept, suspects } in heard {
        note(connection, kept).await?;
        // Until the first good answer what was there stays there: nothing better is known.
        if kept.state.good_us.is_some() {
            places.extend(replace(connection, kept.address, kept.state.in_use()).await?);
        }
        for (address, suspicion) in suspects {
            quarantine::saw(connection, kept.address, *address, *suspicion, now_us).await?;
        }
    }
    marks::add(connection, &places, author).await?;
    Ok(true)
}

async fn forget<C: Connection>(
    connection: &mut C,
    holder: &str,
    names: &[ProviderAddressId],
    author: &Author,
) -> Result<bool, StoreError> {
    if !turn::hold(connection, holder).await? {
        return Ok(false);
    }
    let mut places = BTreeSet::new();
    for name in names {
        places.extend(replace(connection, *name, std::iter::empty()).await?);
        connection.run(FORGET, &[name.value()]).await.map_err(StoreError::driver(FORGET))?;
        quarantine::forget(connection, *name).await?;
    }
    marks::add(connection, &places, author).await?;
    Ok(true)
}

async fn note<C: Connection>(connection: &mut C, kept: &KeptName) -> Result<(), StoreError> {
    let KeptName { address, question, state } = kept;
    let sights = Sights(state.sights.clone());
    let values = [
        address.value(),
        question.value(),
        sights.value(),
        state.asked_us.value(),
        state.good_us.value(),
        state.changed_us.value(),
        state.next_us.value(),
        state.failures.value(),
        state.failure.value(),
    ];
    let (statement, sql) = note_statement(C::DIALECT);
    connection.run_built(sql, &values).await.map(|_| ()).map_err(StoreError::driver(statement))
}

/// Makes the rows of a name those it stands for; the chunks in which anything changed.
async fn replace<C: Connection>(
    connection: &mut C,
    name: ProviderAddressId,
    wanted: impl Iterator<Item = Found>,
) -> Result<BTreeSet<ChunkPlace>, StoreError> {
    let mut wanted: BTreeSet<_> =
        wanted.filter_map(|found| Some((Network::try_from(found.address).ok()?, found.port))).collect();
    let mut places = BTreeSet::new();
    let mut place =
        |key| places.insert(ChunkPlace { table: TableName::ResolvedAddress, range: range_of(key) });
    for row in rows_of(connection, name).await? {
        // What is wanted and there is no more wanted; a second row of it is too many.
        if !wanted.remove(&(row.network, row.port)) {
            table::remove_row(connection, TableName::ResolvedAddress, row.key()).await?;
            place(row.key());
        }
    }
    for (network, port) in wanted {
        let cells: Map<String, Json> = [
            ("provider_address_id".to_owned(), name.0.into()),
            ("network".to_owned(), network.to_string().into()),
            ("port".to_owned(), port.into()),
        ]
        .into_iter()
        .collect();
        place(table::insert_row(connection, TableName::ResolvedAddress, &cells).await?);
    }
    Ok(places)
}

async fn rows_of<C: Connection>(
    connection: &mut C,
    name: ProviderAddressId,
) -> Result<Vec<ResolvedAddress>, StoreError> {
    let values = [name.value()];
    let mut found = Vec::new();
    let mut rows = connection.rows(RESOLVED, &values);
    while let Some(row) = rows.try_next().await.map_err(StoreError::driver(RESOLVED))? {
        found.push(ResolvedAddress::read(&row)?);
    }
    Ok(found)
}

/// Addresses in use and addresses that were seen, as JSON.
struct Sights(Vec<Sight>);

impl Scalar for Sights {
    fn value(scalar: Option<&Self>) -> Value<'_> {
        let json = |Sights(sights): &Self| {
            serde_json::to_string(sights).expect("addresses and numbers can always be written")
        };
        Value::Text(scalar.map(|sights| json(sights).into()))
    }

    fn read(row: &impl Cells, at: usize) -> Result<Option<Self>, Impossible> {
        let invalid = |_| Invalid::new("what was seen", "JSON as the resolver writes it", "");
        Ok(row.text(at)?.map(|text| serde_json::from_str(text).map(Self).map_err(invalid)).transpose()?)
    }
}
