//! The tokens that nodes, people and programs prove themselves with. The store never sees a token, only its hash.

use std::fmt::Display;

use domain::{ApiRole, ApiTokenId, NodeName, NodeTokenId};
use futures_util::TryStreamExt;
use routing::{ChunkPlace, TableName, range_of};

use crate::{
    column::Column,
    driver::{Connection, Value},
    error::StoreError,
    marks::{self, Author},
    table::CellReader,
};

/// A node's token that is valid now, without its hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssuedToken {
    pub id: NodeTokenId,
    pub servername: NodeName,
    pub comment: Option<String>,
}

/// A token for the API that is valid now, without its hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssuedApiToken {
    pub id: ApiTokenId,
    pub role: ApiRole,
    pub comment: Option<String>,
}

/// What somebody who holds a token for the API is known by, valid now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiCredential {
    pub id: ApiTokenId,
    pub comment: Option<String>,
    pub role: ApiRole,
    /// The SHA-256 of the token.
    pub token_sha256: [u8; 32],
}

/// A kind of tokens: where they are kept, and for whom.
pub(crate) trait Issued: Sized {
    type Id: Column;
    type Holder: Column + Display;
    const ROWS: TableName;
    const TABLE: &'static str = Self::ROWS.as_str();
    /// Where a holder must exist.
    const HOLDERS: &'static str;
    const COLUMNS: &'static [&'static str];
    /// Hash, comment and holder; gives the id, or no row where there is no such holder.
    const ADD: &'static str;
    const LIST: &'static str;
    const REVOKE: &'static str;

    fn new(id: Self::Id, holder: Self::Holder, comment: Option<String>) -> Self;
}

impl Issued for IssuedToken {
    type Id = NodeTokenId;
    type Holder = NodeName;
    const ROWS: TableName = TableName::NodeToken;
    const HOLDERS: &'static str = "servers";
    const COLUMNS: &'static [&'static str] = &["id", "servername", "comment"];
    const ADD: &'static str = "INSERT INTO node_tokens (server_id, token_sha256, comment) \
         SELECT id, $1, $2 FROM servers WHERE servername = $3 RETURNING id";
    const LIST: &'static str = "SELECT node_tokens.id, servers.servername, node_tokens.comment \
         FROM node_tokens JOIN servers ON servers.id = node_tokens.server_id ORDER BY node_tokens.id";
    const REVOKE: &'static str = "DELETE FROM node_tokens WHERE id = $1";

    fn new(id: NodeTokenId, servername: NodeName, comment: Option<String>) -> Self {
        Self { id, servername, comment }
    }
}

impl Issued for IssuedApiToken {
    type Id = ApiTokenId;
    type Holder = ApiRole;
    const ROWS: TableName = TableName::ApiToken;
    // A role is no row of another table: the check of this one knows the words.
    const HOLDERS: &'static str = Self::TABLE;
    const COLUMNS: &'static [&'static str] = &["id", "role", "comment"];
    const ADD: &'static str =
        "INSERT INTO api_tokens (token_sha256, comment, role) VALUES ($1, $2, $3) RETURNING id";
    const LIST: &'static str = "SELECT id, role, comment FROM api_tokens ORDER BY id";
    const REVOKE: &'static str = "DELETE FROM api_tokens WHERE id = $1";

    fn new(id: ApiTokenId, role: ApiRole, comment: Option<String>) -> Self {
        Self { id, role, comment }
    }
}

const CREDENTIALS: &str = "SELECT id, comment, role, token_sha256 FROM api_tokens ORDER BY id";

pub(crate) const STATEMENTS: [&str; 7] = [
    CREDENTIALS,
    IssuedToken::ADD,
    IssuedToken::LIST,
    IssuedToken::REVOKE,
    IssuedApiToken::ADD,
    IssuedApiToken::LIST,
    IssuedApiToken::REVOKE,
];

pub(crate) async fn add<T: Issued, C: Connection>(
    connection: &mut C,
    holder: &T::Holder,
    token_sha256: &str,
    comment: Option<&str>,
    author: &Author,
) -> Result<T::Id, StoreError> {
    let values =
        [Value::Text(Some(token_sha256.into())), Value::Text(comment.map(Into::into)), holder.value()];
    // Read to the end: SQLite commits the statement only then.
    let rows: Vec<_> = connection
        .rows(T::ADD, &values)
        .try_collect()
        .await
        .map_err(|error| C::DIALECT.refusal(error, T::ADD, T::TABLE, format!("a token of {holder}")))?;
    let no_such = || StoreError::NoSuch { table: T::HOLDERS, row: holder.to_string() };
    let row = rows.first().ok_or_else(no_such)?;
    mark::<T, C>(connection, CellReader::new(row, T::TABLE, &["id"]).take()?, author).await?;
    CellReader::new(row, T::TABLE, &["id"]).take()
}

async fn mark<T: Issued, C: Connection>(
    connection: &mut C,
    key: i64,
    author: &Author,
) -> Result<(), StoreError> {
    marks::add(connection, &[ChunkPlace { table: T::ROWS, range: range_of(key) }].into(), author).await
}

pub(crate) async fn list<T: Issued, C: Connection>(connection: &mut C) -> Result<Vec<T>, StoreError> {
    let mut issued = Vec::new();
    let mut rows = connection.rows(T::LIST, &[]);
    while let Some(row) = rows.try_next().await.map_err(StoreError::driver(T::LIST))? {
        let mut cells = CellReader::new(&row, T::TABLE, T::COLUMNS);
        issued.push(T::new(cells.take()?, cells.take()?, cells.take()?));
    }
    Ok(issued)
}

pub(crate) async fn revoke<T: Issued, C: Connection>(
    connection: &mut C,
    id: T::Id,
    author: &Author,
) -> Result<bool, StoreError> {
    let revoked = connection.run(T::REVOKE, &[id.value()]).await.map_err(StoreError::driver(T::REVOKE))?;
    if revoked > 0
        && let Value::Key(Some(key)) = id.value()
    {
        mark::<T, C>(connection, key, author).await?;
    }
    Ok(revoked > 0)
}

pub(crate) async fn credentials(connection: &mut impl Connection) -> Result<Vec<ApiCredential>, StoreError> {
    let mut found = Vec::new();
    let mut rows = connection.rows(CREDENTIALS, &[]);
    while let Some(row) = rows.try_next().await.map_err(StoreError::driver(CREDENTIALS))? {
        let mut cells =
            CellReader::new(&row, IssuedApiToken::TABLE, &["id", "comment", "role", "token_sha256"]);
        found.push(ApiCredential {
            id: cells.take()?,
            comment: cells.take()?,
            role: cells.take()?,
            token_sha256: cells.take()?,
        });
    }
    Ok(found)
}
