//! Files for the Asterisk nodes: peers between servers, and the fallback dialplan. Pure: tables in, text out.

mod fallback;
mod peers;

use domain::{NodeName, ServerId};
use routing::tables::{Server, Tables};

pub use fallback::{FALLBACK_NUMBERS_MAX, fallback};
pub use peers::{HopKey, PeerFormat, peers};

/// Why there is no file for a node.
#[derive(Debug, thiserror::Error)]
pub enum NodesError {
    #[error("there is no enabled server `{0}`")]
    NoSuchNode(NodeName),
    #[error("server `{node}` has no {field}, so that the others cannot name it")]
    NoPath { node: NodeName, field: &'static str },
    #[error("server `{0}` has no ipaddress")]
    NoAddress(NodeName),
}

fn server<'t>(tables: &'t Tables, node: &NodeName) -> Result<&'t Server, NodesError> {
    let found = tables.servers.iter().find(|server| server.servername == *node && server.enabled);
    found.ok_or_else(|| NodesError::NoSuchNode(node.clone()))
}

fn others(tables: &Tables, me: ServerId) -> impl Iterator<Item = &Server> {
    tables.servers.iter().filter(move |server| server.id != me && server.enabled)
}
