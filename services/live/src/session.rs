//! A pair of connections to one Redis: one that listens, one that speaks.

use std::sync::Arc;

use bytes::Bytes;
use redis::{AsyncConnectionConfig, PushInfo, PushKind, Value};
use tokio::{sync::Notify, time::timeout};

use crate::{
    Topic,
    bus::Exchange,
    queue::{Batch, Queue},
    server::{Connection, OPEN_LIMIT, SessionError, find},
    url::Servers,
};

#[derive(Debug)]
pub(crate) struct Session {
    listening: Connection,
    speaking: Connection,
    closed: Arc<Notify>,
    prefix: String,
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
        let destination = find(servers, turn).await?;
        let closed = Arc::new(Notify::new());
        let config = AsyncConnectionConfig::new().set_push_sender(receiver(prefix, exchange, &closed));
        let listening = Connection::open(&destination, config.clone()).await?;
        let speaking = Connection::open(&destination, config).await?;
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
        let mut asking = speaking.clone();
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
