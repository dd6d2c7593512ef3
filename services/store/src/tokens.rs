//! The tokens nodes prove themselves with. The store never sees a token, only its hash.

use domain::{NodeName, NodeTokenId};
use futures_util::TryStreamExt;

use crate::{
    column::Column,
    driver::{Connection, Value},
    error::StoreError,
    table::CellReader,
};

pub(crate) const ADD: &str = "INSERT INTO node_tokens (server_id, token_sha256, comment) \
     SELECT id, $1, $2 FROM servers WHERE servername = $3 RETURNING id";
pub(crate) const LIST: &str = "SELECT node_tokens.id, servers.servername, node_tokens.comment \
     FROM node_tokens JOIN servers ON servers.id = node_tokens.server_id ORDER BY node_tokens.id";
pub(crate) const REVOKE: &str = "DELETE FROM node_tokens WHERE id = $1";

/// A token that is valid now, without its hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssuedToken {
    pub id: NodeTokenId,
    pub servername: NodeName,
    pub comment: Option<String>,
}

pub(crate) async fn add<C: Connection>(
    connection: &mut C,
    server: &NodeName,
    token_sha256: &str,
    comment: Option<&str>,
) -> Result<NodeTokenId, StoreError> {
    let values = [
        Value::Text(Some(token_sha256.into())),
        Value::Text(comment.map(Into::into)),
        Value::Text(Some(server.as_str().into())),
    ];
    // Read to the end: SQLite commits the statement only then.
    let rows: Vec<_> = connection
        .rows(ADD, &values)
        .try_collect()
        .await
        .map_err(|error| C::DIALECT.refusal(error, ADD, "node_tokens", format!("a token of {server}")))?;
    match rows.first() {
        Some(row) => CellReader::new(row, "node_tokens", &["id"]).take(),
        None => Err(StoreError::NoSuch { table: "servers", row: server.to_string() }),
    }
}

pub(crate) async fn list(connection: &mut impl Connection) -> Result<Vec<IssuedToken>, StoreError> {
    let mut issued = Vec::new();
    let mut rows = connection.rows(LIST, &[]);
    while let Some(row) = rows.try_next().await.map_err(StoreError::driver(LIST))? {
        let mut cells = CellReader::new(&row, "node_tokens", &["id", "servername", "comment"]);
        issued.push(IssuedToken { id: cells.take()?, servername: cells.take()?, comment: cells.take()? });
    }
    Ok(issued)
}

pub(crate) async fn revoke(connection: &mut impl Connection, id: NodeTokenId) -> Result<bool, StoreError> {
    let revoked = connection.run(REVOKE, &[id.value()]).await.map_err(StoreError::driver(REVOKE))?;
    Ok(revoked > 0)
}
