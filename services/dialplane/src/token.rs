//! Tokens of nodes and of people: 256 random bits, of which the database keeps only a hash.

use std::{
    fmt::{self, Write},
    str::FromStr,
};

use domain::{ApiTokenId, NodeTokenId};
use sha2::{Digest, Sha256};

use crate::failure::Failure;

/// A token by the name `token list` gives it.
#[derive(Clone, Copy, Debug)]
pub(crate) enum TokenId {
    Node(NodeTokenId),
    Api(ApiTokenId),
}

impl FromStr for TokenId {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let id = |digits: &str| digits.parse().map_err(|_| format!("`{digits}` is no id"));
        match text.split_once('-') {
            Some(("node", digits)) => id(digits).map(|id| Self::Node(NodeTokenId(id))),
            Some(("api", digits)) => id(digits).map(|id| Self::Api(ApiTokenId(id))),
            _ => Err("a token's id starts with node- or api-".to_owned()),
        }
    }
}

impl fmt::Display for TokenId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Node(id) => write!(f, "node-{id}"),
            Self::Api(id) => write!(f, "api-{id}"),
        }
    }
}

/// Makes a token. The prefix (`dpn` for nodes, `dpa` for the API) lets people and secret scanners see what it is.
pub(crate) fn make(prefix: &str) -> Result<String, Failure> {
    let mut random = [0u8; 32];
    getrandom::fill(&mut random)
        .map_err(|error| Failure::unavailable(anyhow::anyhow!("no randomness: {error}")))?;
    Ok(format!("{prefix}_{}", hex(&random)))
}

/// What the database keeps of a token.
pub(crate) fn hash(token: &str) -> String {
    hex(&Sha256::digest(token.as_bytes()))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        // Writing to a String does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
