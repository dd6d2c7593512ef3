//! One connection to one server, and how the right server is found.

use std::time::Duration;

use redis::{AsyncConnectionConfig, Client, ConnectionInfo, RedisError, Value, aio::MultiplexedConnection};
use tokio::time::sleep;

use crate::url::{Master, Servers};

/// How long a server may take to answer anything: after it, it counts as gone.
const ANSWER_LIMIT: Duration = Duration::from_secs(4);
/// How often a silent server is asked whether it is still there. With the limit above this is how late the end of a
/// server is noticed that does not close its connections: 9 s.
const ASK_EVERY: Duration = Duration::from_secs(5);
/// How long it may take until all connections to a server stand.
pub(crate) const OPEN_LIMIT: Duration = Duration::from_secs(10);
/// The same for one Sentinel: there are others to ask.
const SENTINEL_LIMIT: Duration = Duration::from_secs(2);

/// Why there is no connection, or no longer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SessionError {
    #[error("no answer within {} s", OPEN_LIMIT.as_secs())]
    TooSlow,
    /// The driver's error repeats itself as its own cause, so it is told here and not chained.
    #[error("redis at {server}: {answer}")]
    Redis { server: String, answer: RedisError },
    #[error("redis at {0} closed the connection")]
    Closed(String),
    #[error("redis at {0} is no master")]
    NoMaster(String),
    #[error("the sentinel at {0} knows no such master")]
    UnknownMaster(String),
    #[error("the servers of the cluster point at one another, at last to {0}")]
    Redirected(String),
}

/// Where to connect to, and whether a master must be there.
#[derive(Clone, Debug)]
pub(crate) struct Destination {
    pub(crate) at: ConnectionInfo,
    must_be_master: bool,
}

impl Destination {
    pub(crate) fn moved_to(&self, at: ConnectionInfo) -> Self {
        Self { at, ..*self }
    }
}

/// The `turn`th of the servers, or the master they know.
pub(crate) async fn find(servers: &Servers, turn: usize) -> Result<Destination, SessionError> {
    Ok(match &servers.master {
        None => {
            Destination { at: servers.listed[turn % servers.listed.len()].clone(), must_be_master: false }
        }
        Some(master) => Destination { at: ask_sentinels(servers, master, turn).await?, must_be_master: true },
    })
}

/// One connection; clones are the same one.
#[derive(Clone, Debug)]
pub(crate) struct Connection {
    pub(crate) to: MultiplexedConnection,
    pub(crate) server: String,
    must_be_master: bool,
}

impl Connection {
    pub(crate) async fn open(to: &Destination, config: AsyncConnectionConfig) -> Result<Self, SessionError> {
        Self::open_within(ANSWER_LIMIT, to.at.clone(), to.must_be_master, config).await
    }

    async fn open_within(
        limit: Duration,
        to: ConnectionInfo,
        must_be_master: bool,
        config: AsyncConnectionConfig,
    ) -> Result<Self, SessionError> {
        let server = to.addr().to_string();
        let config = config.set_connection_timeout(Some(limit)).set_response_timeout(Some(limit));
        let connected =
            async { Client::open(to)?.get_multiplexed_async_connection_with_config(&config).await };
        match connected.await {
            Ok(to) => Ok(Self { to, server, must_be_master }),
            Err(answer) => Err(SessionError::Redis { server, answer }),
        }
    }

    pub(crate) fn understood<T>(&self, answer: Result<T, RedisError>) -> Result<T, SessionError> {
        answer.map_err(|answer| SessionError::Redis { server: self.server.clone(), answer })
    }

    /// Whether the server is still there, and still the one to talk to: what is published on a replica stays on it.
    pub(crate) async fn check(&mut self) -> Result<(), SessionError> {
        let command = redis::cmd(if self.must_be_master { "ROLE" } else { "PING" });
        let answer = command.query_async(&mut self.to).await;
        let answer: Value = self.understood(answer)?;
        if self.must_be_master && !is_master(&answer) {
            return Err(SessionError::NoMaster(self.server.clone()));
        }
        Ok(())
    }

    pub(crate) async fn keep_asking(&mut self) -> SessionError {
        loop {
            sleep(ASK_EVERY).await;
            if let Err(error) = self.check().await {
                return error;
            }
        }
    }
}

fn is_master(role: &Value) -> bool {
    matches!(role, Value::Array(parts) if matches!(parts.first(), Some(Value::BulkString(name)) if name == b"master"))
}

/// The master as the first Sentinel knows it that answers, beginning with the `turn`th.
async fn ask_sentinels(
    servers: &Servers,
    master: &Master,
    turn: usize,
) -> Result<ConnectionInfo, SessionError> {
    let count = servers.listed.len();
    let mut answer = Err(SessionError::TooSlow);
    for sentinel in servers.listed.iter().cycle().skip(turn % count).take(count) {
        answer = ask_sentinel(sentinel.clone(), &master.name).await;
        if answer.is_ok() {
            break;
        }
    }
    let (host, port) = answer?;
    Ok(servers.master_at(master, host, port))
}

async fn ask_sentinel(sentinel: ConnectionInfo, master: &str) -> Result<(String, u16), SessionError> {
    let config = AsyncConnectionConfig::new();
    let mut sentinel = Connection::open_within(SENTINEL_LIMIT, sentinel, false, config).await?;
    let mut question = redis::cmd("SENTINEL");
    question.arg("GET-MASTER-ADDR-BY-NAME").arg(master);
    let answer = question.query_async(&mut sentinel.to).await;
    let address: Option<(String, u16)> = sentinel.understood(answer)?;
    address.ok_or(SessionError::UnknownMaster(sentinel.server))
}
