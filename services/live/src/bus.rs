use std::sync::Arc;

use bytes::Bytes;
use runtime::{BusConfig, Tasks};
use tokio::{
    sync::{
        broadcast::{self, error::RecvError},
        watch,
    },
    time::Instant,
};

use crate::{
    BusUrlError, Metrics, State, Topic, connection::Keeper, metrics::Dropped, queue::Queue, url::Servers,
};

/// Most bytes a hint may carry; what is longer is dropped and counted, whoever published it.
pub const PAYLOAD_BYTES_MAX: usize = 1024;

/// Most hints of one topic that wait for a subscriber; of more it hears the newest, after [`Hint::Missed`].
const BACKLOG_MAX: usize = 256;

/// What a subscriber hears.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hint {
    /// Something changed; at most [`PAYLOAD_BYTES_MAX`] bytes of whoever published it, to be believed as little as that.
    Message(Bytes),
    /// Hints may have been lost: read again what the topic is about.
    Missed,
}

/// One handle of the bus; clones are the same bus.
#[derive(Clone, Debug)]
pub struct Bus(Arc<Exchange>);

/// What the handles, the subscriptions and the connection share.
#[derive(Debug)]
pub(crate) struct Exchange {
    topics: [broadcast::Sender<Hint>; Topic::ALL.len()],
    state: watch::Sender<State>,
    /// Where hints wait for Redis; without it they are delivered at once.
    queue: Option<Arc<Queue>>,
    pub(crate) metrics: Metrics,
}

impl Bus {
    /// A bus for roles in one process.
    pub fn in_process() -> Self {
        let bus = Self(Arc::new(Exchange::new(None)));
        bus.0.now(State::Connected);
        bus
    }

    /// The bus the configuration names. It returns at once: the connection is a task that tries until it stands.
    pub fn connect(config: &BusConfig, tasks: &mut Tasks) -> Result<Self, BusUrlError> {
        let url = config.url.expose();
        if url.is_empty() {
            return Ok(Self::in_process());
        }
        let servers: Servers = url.parse()?;
        let queue = Arc::new(Queue::default());
        let bus = Self(Arc::new(Exchange::new(Some(Arc::clone(&queue)))));
        let keeper = Keeper::new(servers, config.prefix.clone(), Arc::clone(&bus.0), queue);
        tasks.spawn("bus", keeper.run(tasks.stop()));
        Ok(bus)
    }

    /// Tells everybody on the bus, this process included, that something changed. Never waits and never fails: what
    /// cannot be told is dropped and counted, and everybody polls too.
    pub fn publish(&self, topic: Topic, payload: impl Into<Bytes>) {
        let payload = payload.into();
        if payload.len() > PAYLOAD_BYTES_MAX {
            self.0.metrics.dropped(Dropped::TooLong, 1);
            return;
        }
        self.0.metrics.published.inc();
        match &self.0.queue {
            None => self.0.deliver(topic, payload),
            Some(queue) => {
                if queue.push(topic, payload) {
                    self.0.metrics.dropped(Dropped::QueueFull, 1);
                }
            }
        }
    }

    /// Hears every hint on a topic from now on.
    pub fn subscribe(&self, topic: Topic) -> Subscription {
        Subscription { hints: self.0.topic(topic).subscribe(), exchange: Arc::clone(&self.0) }
    }

    pub fn state(&self) -> State {
        *self.0.state.borrow()
    }

    /// The same to be waited for.
    pub fn states(&self) -> watch::Receiver<State> {
        self.0.state.subscribe()
    }

    pub fn metrics(&self) -> &Metrics {
        &self.0.metrics
    }
}

/// One subscriber's place at a topic; dropped, it leaves nothing behind.
#[derive(Debug)]
pub struct Subscription {
    hints: broadcast::Receiver<Hint>,
    exchange: Arc<Exchange>,
}

impl Subscription {
    /// The next hint. It may be dropped while waiting without losing one.
    pub async fn next(&mut self) -> Hint {
        match self.hints.recv().await {
            Ok(hint) => hint,
            Err(RecvError::Lagged(count)) => {
                self.exchange.metrics.dropped(Dropped::SlowSubscriber, count);
                Hint::Missed
            }
            // The exchange holds the sending side and lives as long as this subscription.
            Err(RecvError::Closed) => std::future::pending().await,
        }
    }
}

impl Exchange {
    fn new(queue: Option<Arc<Queue>>) -> Self {
        Self {
            topics: Topic::ALL.map(|_| broadcast::Sender::new(BACKLOG_MAX)),
            state: watch::Sender::new(State::Disconnected { since: Instant::now() }),
            queue,
            metrics: Metrics::new().expect("names and labels are constants that a test has made"),
        }
    }

    fn topic(&self, topic: Topic) -> &broadcast::Sender<Hint> {
        &self.topics[topic as usize]
    }

    /// Hands a hint to the subscribers of this process. Payloads may come from anybody with rights on the Redis.
    pub(crate) fn deliver(&self, topic: Topic, payload: Bytes) {
        if payload.len() > PAYLOAD_BYTES_MAX {
            self.metrics.dropped(Dropped::TooLong, 1);
            return;
        }
        self.metrics.received.inc();
        // Nobody listening is no error.
        let _ = self.topic(topic).send(Hint::Message(payload));
    }

    /// From here on hints arrive; what came before may have been missed.
    pub(crate) fn connected(&self) {
        for topic in &self.topics {
            let _ = topic.send(Hint::Missed);
        }
        self.now(State::Connected);
    }

    pub(crate) fn disconnected(&self) {
        if *self.state.borrow() == State::Connected {
            self.now(State::Disconnected { since: Instant::now() });
        }
    }

    fn now(&self, state: State) {
        self.metrics.connected.set(i64::from(state == State::Connected));
        self.state.send_replace(state);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_url_roles_meet_in_the_process() {
        let bus = Bus::connect(&BusConfig::default(), &mut Tasks::default()).unwrap();
        assert_eq!(bus.state(), State::Connected);
    }

    #[test]
    fn what_is_dropped_leaves_nothing_behind() {
        let bus = Bus::in_process();
        let subscriptions: Vec<_> = (0..1000).map(|_| bus.subscribe(Topic::Edits)).collect();
        assert_eq!(bus.0.topic(Topic::Edits).receiver_count(), 1000);
        drop(subscriptions);
        assert_eq!(bus.0.topic(Topic::Edits).receiver_count(), 0);
        let (last, exchange) = (bus.subscribe(Topic::Edits), Arc::downgrade(&bus.0));
        drop(bus);
        assert!(exchange.upgrade().is_some(), "a subscription keeps its bus");
        drop(last);
        assert!(exchange.upgrade().is_none());
    }

    #[tokio::test]
    async fn a_server_that_is_not_there_is_no_error() {
        let config = BusConfig { url: domain::Secret::new("redis://127.0.0.1:1"), ..BusConfig::default() };
        let bus = Bus::connect(&config, &mut Tasks::default()).unwrap();
        assert!(matches!(bus.state(), State::Disconnected { .. }));
        bus.publish(Topic::Edits, "nobody hears this yet");
    }
}
