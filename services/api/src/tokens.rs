//! Who holds which token.

use std::time::Duration;

use sha2::{Digest, Sha256};
use store::{ApiCredential, Store};
use subtle::ConstantTimeEq;
use tokio::{sync::Mutex, time::Instant};

use crate::{door::Operator, problem::Problem};

/// How long what was read is believed: so long a revoked token may still work.
const FRESH: Duration = Duration::from_secs(1);

/// The tokens that are valid now. Whoever guesses costs the database nothing: it is asked once a second at most.
#[derive(Debug)]
pub(crate) struct Tokens {
    store: Store,
    known: Mutex<Option<Known>>,
}

#[derive(Debug)]
struct Known {
    read: Instant,
    /// None: the database did not answer.
    credentials: Option<Vec<ApiCredential>>,
}

impl Tokens {
    pub(crate) fn new(store: Store) -> Self {
        Self { store, known: Mutex::new(None) }
    }

    /// Whoever holds a token; none if nobody does.
    pub(crate) async fn holder(&self, token: &str) -> Result<Option<Operator>, Problem> {
        let hash: [u8; 32] = Sha256::digest(token.as_bytes()).into();
        let mut known = self.known.lock().await;
        if known.as_ref().is_none_or(|known| known.read.elapsed() > FRESH) {
            let credentials = self.store.api_credentials().await;
            let read = Instant::now();
            *known = Some(Known { read, credentials: None });
            *known = Some(Known { read, credentials: Some(credentials?) });
        }
        let credentials = known.as_ref().and_then(|known| known.credentials.as_deref());
        credentials.map(|credentials| holder(credentials, &hash)).ok_or_else(Problem::database_away)
    }
}

/// Compares with every one, each to its end: how long it takes tells nothing about any of them.
fn holder(credentials: &[ApiCredential], hash: &[u8; 32]) -> Option<Operator> {
    let mut found = None;
    for credential in credentials {
        if bool::from(credential.token_sha256.ct_eq(hash)) {
            found = Some(credential);
        }
    }
    found.map(Operator::of)
}
