//! Node tokens: 256 random bits, of which the database keeps only a hash.

use std::fmt::Write;

use sha2::{Digest, Sha256};

use crate::failure::Failure;

/// Makes a token. The prefix lets people and secret scanners see what it is.
pub(crate) fn make() -> Result<String, Failure> {
    let mut random = [0u8; 32];
    getrandom::fill(&mut random)
        .map_err(|error| Failure::unavailable(anyhow::anyhow!("no randomness: {error}")))?;
    Ok(format!("dpn_{}", hex(&random)))
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
