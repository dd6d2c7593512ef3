//! Asks the API of an installation over HTTP: with a token, within limits on time and size, over one connection that is
//! kept. The token goes over TLS, or to this very machine; redirects are answers like any other.

mod base;
mod line;

use std::{fmt, io, net::SocketAddr, path::PathBuf, time::Duration};

use domain::Secret;
use hyper::{Request, StatusCode, header};
use serde::Deserialize;
use tls::TlsError;
use tokio::time::timeout;

use crate::line::Line;
pub use base::{Base, MalformedBase};

/// How long one question may take, with its connection.
const LIMIT: Duration = Duration::from_secs(20);
/// Most that an answer may hold.
const BODY_BYTES_MAX: usize = 64 * 1024 * 1024;
/// Most characters that are told of why somebody refuses.
const SAID_CHARS_MAX: usize = 300;

/// Somebody to ask.
pub struct Client {
    base: Base,
    token: Secret,
    ca_file: Option<PathBuf>,
    line: Option<Line>,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("base", &self.base).finish_non_exhaustive()
    }
}

/// What is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// What is known already.
    Known,
    Body {
        /// By which it is known from then on.
        etag: Option<String>,
        bytes: Vec<u8>,
    },
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    #[error("no connection to {address}")]
    Unreachable {
        address: String,
        #[source]
        source: io::Error,
    },
    #[error("no connection over TLS to {address}")]
    Tls {
        address: String,
        #[source]
        source: TlsError,
    },
    #[error("{peer} is another machine: a token goes there over https only")]
    WouldShowToken { peer: SocketAddr },
    #[error("the question cannot be put")]
    Malformed(#[source] hyper::http::Error),
    #[error("the connection broke")]
    Broken(#[source] hyper::Error),
    #[error("no answer within {} s", LIMIT.as_secs())]
    Late,
    #[error("the answer has more than {} MiB", BODY_BYTES_MAX >> 20)]
    TooLong,
    #[error("the answer is {status}{}", behind_colon(.said))]
    Refused { status: StatusCode, said: String },
}

fn behind_colon(said: &str) -> String {
    if said.is_empty() { String::new() } else { format!(": {said}") }
}

impl ClientError {
    /// Whether what there is speaks against the answer (RFC 9110 §15.5.10).
    pub fn is_conflict(&self) -> bool {
        matches!(self, Self::Refused { status: StatusCode::CONFLICT, .. })
    }

    /// Whether it may be otherwise in a while, with nothing changed here.
    pub fn is_unavailable(&self) -> bool {
        match self {
            Self::Unreachable { .. } | Self::Tls { .. } | Self::Broken(_) | Self::Late => true,
            Self::Refused { status, .. } => status.is_server_error(),
            Self::WouldShowToken { .. } | Self::Malformed(_) | Self::TooLong => false,
        }
    }
}

impl Client {
    /// `ca_file`: the certificates of those who may vouch for the API, PEM; without it those this machine trusts.
    pub fn new(base: Base, token: Secret, ca_file: Option<PathBuf>) -> Self {
        Self { base, token, ca_file, line: None }
    }

    /// What stands under a path, unless it is what is known by this tag. May be dropped at any point.
    pub async fn get(&mut self, path: &str, known: Option<&str>) -> Result<Answer, ClientError> {
        timeout(LIMIT, self.ask(path, known)).await.unwrap_or(Err(ClientError::Late))
    }

    async fn ask(&mut self, path: &str, known: Option<&str>) -> Result<Answer, ClientError> {
        // Given back only with all of an answer read: what is left of one must not be taken for the next.
        if let Some(mut line) = self.line.take() {
            match line.exchange(request(&self.base, &self.token, path, known)?).await {
                // Whoever was not asked for a while may have hung up.
                Err(ClientError::Broken(_)) => {}
                reply => return self.understand(line, reply?),
            }
        }
        let mut line = Line::open(&self.base, self.ca_file.as_deref()).await?;
        let reply = line.exchange(request(&self.base, &self.token, path, known)?).await?;
        self.understand(line, reply)
    }

    fn understand(&mut self, line: Line, reply: Reply) -> Result<Answer, ClientError> {
        self.line = Some(line);
        let Reply { status, etag, bytes } = reply;
        match status {
            StatusCode::OK => Ok(Answer::Body { etag, bytes }),
            StatusCode::NOT_MODIFIED => Ok(Answer::Known),
            status => Err(ClientError::Refused { status, said: problem(&bytes) }),
        }
    }
}

fn request(
    base: &Base,
    token: &Secret,
    path: &str,
    known: Option<&str>,
) -> Result<Request<String>, ClientError> {
    let mut request = Request::get(base.path(path))
        .header(header::HOST, base.authority())
        .header(header::AUTHORIZATION, format!("Bearer {}", token.expose()))
        .header(header::USER_AGENT, concat!("dialplane/", env!("CARGO_PKG_VERSION")));
    if let Some(known) = known {
        request = request.header(header::IF_NONE_MATCH, known);
    }
    request.body(String::new()).map_err(ClientError::Malformed)
}

/// What came, before anybody looked at it.
#[derive(Debug)]
struct Reply {
    status: StatusCode,
    etag: Option<String>,
    bytes: Vec<u8>,
}

/// What a problem (RFC 9457) says, fit for a log.
fn problem(bytes: &[u8]) -> String {
    #[derive(Deserialize)]
    struct Problem {
        title: Option<String>,
        detail: Option<String>,
    }
    let problem = serde_json::from_slice::<Problem>(bytes).ok();
    let said = problem.and_then(|problem| problem.detail.or(problem.title)).unwrap_or_default();
    said.chars().take(SAID_CHARS_MAX).flat_map(char::escape_debug).collect()
}
