use std::{fs, path::Path, sync::Arc, time::Duration};

use activation::{Active, Folder, LoadError};
use client::{Answer, Client, ClientError};
use firewall::{AddressSet, Damaged, Question};
use runtime::chain;
use store::{GenerationHead, Store, StoreError};
use tokio::{task::spawn_blocking, time::timeout};
use tracing::warn;

use crate::Known;

/// How long the database may take to say which generation is its newest.
const PATIENCE: Duration = Duration::from_secs(5);

/// Where it is said what to let through.
#[derive(Debug)]
pub enum Source {
    Database(Database),
    Api(Api),
}

/// Why a source says nothing.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    #[error("the database cannot be read")]
    Store(#[from] StoreError),
    #[error("the database does not answer within {} s", PATIENCE.as_secs())]
    Silent,
    #[error(transparent)]
    Load(#[from] LoadError),
    #[error("no generation is active yet; `dialplane activate` makes the first one")]
    NoGeneration,
    #[error("the API was not asked with success")]
    Api(#[from] ClientError),
    #[error("what the API answers is no set of addresses")]
    Malformed(#[from] Damaged),
    #[error("what the API answers is no text")]
    NoText,
}

impl SourceError {
    /// Whether a guard over there forbids to send what there is.
    pub fn is_refused(&self) -> bool {
        matches!(self, Self::Api(error) if error.is_conflict())
    }

    /// Whether it may be otherwise in a while, with nothing changed here.
    pub fn is_unavailable(&self) -> bool {
        match self {
            Self::Store(error) | Self::Load(LoadError::Store(error)) => error.is_unavailable(),
            Self::Silent => true,
            Self::Load(error) => matches!(error, LoadError::TooSlow),
            Self::Api(error) => error.is_unavailable(),
            Self::NoGeneration | Self::Malformed(_) | Self::NoText => false,
        }
    }
}

impl Source {
    /// What is new since it was asked last.
    pub async fn look(&mut self) -> Result<Option<Known>, SourceError> {
        match self {
            Self::Database(database) => database.look().await,
            Self::Api(api) => api.look().await,
        }
    }

    /// What this machine has of it beside the packet filter.
    pub async fn kept(&self) -> Option<Known> {
        match self {
            Self::Database(database) => database.kept().await,
            Self::Api(_) => None,
        }
    }
}

/// The set that was loaded last.
pub(crate) fn kept_set(file: &Path) -> Option<AddressSet> {
    let text = fs::read_to_string(file).ok()?;
    match AddressSet::from_json(&text) {
        Ok(set) => Some(set),
        Err(error) => {
            warn!(file = %file.display(), error = %chain(&error), "a kept set cannot be used");
            None
        }
    }
}

/// The database of this installation.
#[derive(Debug)]
pub struct Database {
    store: Store,
    folder: Folder,
    question: Question,
    active: Option<(GenerationHead, Arc<Active>)>,
}

impl Database {
    /// `folder`: where this machine keeps generations, if it does.
    pub fn new(store: Store, folder: Folder, question: Question) -> Self {
        Self { store, folder, question, active: None }
    }

    async fn look(&mut self) -> Result<Option<Known>, SourceError> {
        let head =
            timeout(PATIENCE, self.store.latest_generation()).await.map_err(|_| SourceError::Silent)??;
        let head = head.ok_or(SourceError::NoGeneration)?;
        let (known, previous) = match &self.active {
            Some((known, active)) => (Some(*known), Some(Arc::clone(active))),
            None => (None, None),
        };
        if known == Some(head) {
            return Ok(None);
        }
        let active = Arc::new(Active::load(&self.store, head.number, previous).await?);
        self.active = Some((head, Arc::clone(&active)));
        Ok(Some(Known::Generation(active, self.question.clone())))
    }

    /// The newest good generation on disk. Unpacking takes a while.
    async fn kept(&self) -> Option<Known> {
        let folder = self.folder.clone();
        let kept = move || folder.newest_first().flatten().find_map(|file| Active::from_file(file).ok());
        let active = spawn_blocking(kept).await.ok().flatten()?;
        Some(Known::Generation(Arc::new(active), self.question.clone()))
    }
}

/// The API of an installation, for a node without a database.
#[derive(Debug)]
pub struct Api {
    client: Client,
    path: String,
    etag: Option<String>,
}

impl Api {
    pub fn new(client: Client, question: &Question) -> Self {
        Self { client, path: path(question), etag: None }
    }

    async fn look(&mut self) -> Result<Option<Known>, SourceError> {
        match self.client.get(&self.path, self.etag.as_deref()).await? {
            Answer::Known => Ok(None),
            Answer::Body { etag, bytes } => {
                let text = String::from_utf8(bytes).map_err(|_| SourceError::NoText)?;
                let set = AddressSet::from_json(&text)?;
                self.etag = etag;
                Ok(Some(Known::Set(Arc::new(set))))
            }
        }
    }
}

/// Where the API has the set as JSON.
fn path(question: &Question) -> String {
    let Question { server, direction, protocol, purpose } = question;
    let said = [
        ("server", server.as_ref().map(ToString::to_string)),
        ("direction", direction.map(|direction| direction.to_string())),
        ("protocol", protocol.map(|protocol| protocol.to_string())),
        ("purpose", purpose.map(|purpose| purpose.to_string())),
    ];
    let mut query = form_urlencoded::Serializer::new(String::new());
    for (name, value) in said {
        if let Some(value) = value {
            query.append_pair(name, &value);
        }
    }
    format!("/api/v1/firewall/json?{}", query.finish()).trim_end_matches('?').to_owned()
}

#[cfg(test)]
mod tests {
    use domain::Direction;

    use super::*;

    #[test]
    fn the_question_goes_into_the_query() {
        assert_eq!(path(&Question::default()), "/api/v1/firewall/json");
        let question = Question {
            server: Some("ast-1".parse().unwrap()),
            direction: Some(Direction::InOut),
            ..Question::default()
        };
        assert_eq!(path(&question), "/api/v1/firewall/json?server=ast-1&direction=IN%2FOUT");
    }
}
