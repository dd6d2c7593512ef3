//! A pair of connections to one Redis: one that listens, one that speaks.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use redis::{
    AsyncConnectionConfig, Client, ConnectionInfo, PushInfo, PushKind, RedisError, Value,
    aio::MultiplexedConnection,
};
use tokio::{
    sync::Notify,
    time::{sleep, timeout},
};

use crate::{
    Topic,
    bus::Exchange,
    queue::{Batch, Queue},
    url::{Master, Servers},
};

/// How long a server may take to answer anything: after it, it counts as gone.
const ANSWER_LIMIT: Duration = Duration::from_secs(4);
/// How often a silent server is asked whether it is still there. With the limit above this is how late the end of a
/// server is noticed that does not close its connections: 9 s.
const ASK_EVERY: Duration = Duration::from_secs(5);
/// How long it may take until both connections stand.
const OPEN_LIMIT: Duration = Duration::from_secs(10);
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
}

#[derive(Debug)]
pub(crate) struct Session {
    listening: Connection,
    speaking: Connection,
    closed: Arc<Notify>,
    prefix: String,
}

/// One connection, and whether a master must be at its other end.
#[derive(Debug)]
struct Connection {
    to: MultiplexedConnection,
    server: String,
    must_be_master: bool,
}

impl Session {
    /// Connects to the `turn`th of the servers, or to the master they know, and subscribes to everything.
    pub(crate) async fn open(
        servers: &Servers,
        turn: usize,
        prefix: &str,
        exchange: &Arc<Exchange>,
    ) -> Result<Self, SessionError> {
        let opened = timeout(OPEN_LIMIT, Self::open_in_time(servers, turn, prefix, exchange)).await;
        opened.unwrap_or(Err(SessionError::TooSlow))
    }

    async fn open_in_time(
        servers: &Servers,
        turn: usize,
        prefix: &str,
        exchange: &Arc<Exchange>,
    ) -> Result<Self, SessionError> {
        let (server, must_be_master) = match &servers.master {
            None => (servers.listed[turn % servers.listed.len()].clone(), false),
            Some(master) => (ask_sentinels(servers, master, turn).await?, true),
        };
        let closed = Arc::new(Notify::new());
        let config = AsyncConnectionConfig::new().set_push_sender(receiver(prefix, exchange, &closed));
        let listening =
            Connection::open(server.clone(), config.clone(), ANSWER_LIMIT, must_be_master).await?;
        let speaking = Connection::open(server, config, ANSWER_LIMIT, must_be_master).await?;
        let mut session = Self { listening, speaking, closed, prefix: prefix.to_owned() };
        session.speaking.check().await?;
        let channels = Topic::ALL.map(|topic| topic.channel(prefix));
        let subscribed = session.listening.to.subscribe(&channels[..]).await;
        session.listening.understood(subscribed)?;
        Ok(session)
    }

    pub(crate) fn server(&self) -> &str {
        &self.speaking.server
    }

    /// Works until something ends it.
    pub(crate) async fn serve(&mut self, queue: &Queue) -> SessionError {
        let Self { listening, speaking, closed, prefix } = self;
        let mut asking = Connection { to: speaking.to.clone(), server: speaking.server.clone(), ..*speaking };
        let server = listening.server.clone();
        tokio::select! {
            () = closed.notified() => SessionError::Closed(server),
            error = listening.keep_asking() => error,
            error = asking.keep_asking() => error,
            error = speaking.send_all(queue, prefix) => error,
        }
    }
}

/// What is done with everything the server sends unasked. It runs inside the connection, so that nothing queues up
/// between Redis and the subscribers' own bounded queues.
fn receiver(
    prefix: &str,
    exchange: &Arc<Exchange>,
    closed: &Arc<Notify>,
) -> impl Fn(PushInfo) -> Result<(), ()> + Send + Sync + 'static {
    let channels = Topic::ALL.map(|topic| (topic, topic.channel(prefix)));
    let (exchange, closed) = (Arc::clone(exchange), Arc::clone(closed));
    move |push| {
        match push.kind {
            PushKind::Disconnection => closed.notify_one(),
            PushKind::Message => {
                if let Some((topic, payload)) = message(&channels, push.data) {
                    exchange.deliver(topic, payload);
                }
            }
            _ => {}
        }
        Ok(())
    }
}

fn message(channels: &[(Topic, String)], data: Vec<Value>) -> Option<(Topic, Bytes)> {
    let [Value::BulkString(channel), Value::BulkString(payload)] = <[Value; 2]>::try_from(data).ok()? else {
        return None;
    };
    let (topic, _) = channels.iter().find(|(_, name)| name.as_bytes() == channel)?;
    Some((*topic, payload.into()))
}

impl Connection {
    async fn open(
        to: ConnectionInfo,
        config: AsyncConnectionConfig,
        limit: Duration,
        must_be_master: bool,
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

    fn understood<T>(&self, answer: Result<T, RedisError>) -> Result<T, SessionError> {
        answer.map_err(|answer| SessionError::Redis { server: self.server.clone(), answer })
    }

    /// Whether the server is still there, and still the one to talk to: what is published on a replica stays on it.
    async fn check(&mut self) -> Result<(), SessionError> {
        let command = redis::cmd(if self.must_be_master { "ROLE" } else { "PING" });
        let answer = command.query_async(&mut self.to).await;
        let answer: Value = self.understood(answer)?;
        if self.must_be_master && !is_master(&answer) {
            return Err(SessionError::NoMaster(self.server.clone()));
        }
        Ok(())
    }

    async fn keep_asking(&mut self) -> SessionError {
        loop {
            sleep(ASK_EVERY).await;
            if let Err(error) = self.check().await {
                return error;
            }
        }
    }

    async fn send_all(&mut self, queue: &Queue, prefix: &str) -> SessionError {
        loop {
            let batch = queue.batch().await;
            if let Err(error) = self.send(&batch, prefix).await {
                return error;
            }
            queue.done(&batch);
        }
    }

    async fn send(&mut self, batch: &Batch, prefix: &str) -> Result<(), SessionError> {
        let mut pipe = redis::pipe();
        for (topic, payload) in &batch.hints {
            pipe.cmd("PUBLISH").arg(topic.channel(prefix)).arg(&payload[..]).ignore();
        }
        let sent = pipe.query_async(&mut self.to).await;
        self.understood(sent)
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
    let mut sentinel =
        Connection::open(sentinel, AsyncConnectionConfig::new(), SENTINEL_LIMIT, false).await?;
    let mut question = redis::cmd("SENTINEL");
    question.arg("GET-MASTER-ADDR-BY-NAME").arg(master);
    let answer = question.query_async(&mut sentinel.to).await;
    let address: Option<(String, u16)> = sentinel.understood(answer)?;
    address.ok_or(SessionError::UnknownMaster(sentinel.server))
}
