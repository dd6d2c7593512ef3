use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use bytes::Bytes;
use domain::NodeName;
use runtime::{BusConfig, Tasks};
use tokio::{
    sync::{
        broadcast::{self, error::RecvError},
        watch,
    },
    time::{Instant, timeout},
};

use crate::{
    Board, BoardError, BusUrlError, LiveCalls, Metrics, Shelf, State, Topic,
    board::{Poster, Wall},
    connection::{Keeper, reason},
    metrics::{Dropped, Refused},
    queue::Queue,
    url::Servers,
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
pub struct Bus {
    exchange: Arc<Exchange>,
    /// Where all processes' boards are; without Redis they stay with the exchange.
    wall: Option<Arc<Wall>>,
}

/// What the handles, the subscriptions and the connection share.
#[derive(Debug)]
pub(crate) struct Exchange {
    topics: [broadcast::Sender<Hint>; Topic::ALL.len()],
    state: watch::Sender<State>,
    /// Where hints wait for Redis; without it they are delivered at once.
    queue: Option<Arc<Queue>>,
    /// What this process posted: all there is without Redis, and what is on its way to it otherwise.
    pub(crate) shelf: Shelf,
    /// Whether the last board that was sent arrived where other processes see it.
    boards_are_up: AtomicBool,
    pub(crate) metrics: Metrics,
}

impl Bus {
    /// A bus for roles in one process.
    pub fn in_process() -> Self {
        let exchange = Arc::new(Exchange::new(None));
        exchange.now(State::Connected);
        Self { exchange, wall: None }
    }

    /// The bus the configuration names. It returns at once: the connection is a task that tries until it stands.
    pub fn connect(config: &BusConfig, tasks: &mut Tasks) -> Result<Self, BusUrlError> {
        let url = config.url.expose();
        if url.is_empty() {
            return Ok(Self::in_process());
        }
        let servers: Servers = url.parse()?;
        provide_tls();
        let queue = Arc::new(Queue::default());
        let exchange = Arc::new(Exchange::new(Some(Arc::clone(&queue))));
        let wall = Wall::new(servers.clone(), config.prefix.clone(), exchange.metrics.clone());
        let wall = Arc::new(wall);
        let keeper = Keeper::new(servers, config.prefix.clone(), Arc::clone(&exchange), queue);
        tasks.spawn("bus", keeper.run(tasks.stop()));
        tasks.spawn("boards", Poster::new(Arc::clone(&exchange), Arc::clone(&wall)).run(tasks.stop()));
        Ok(Self { exchange, wall: Some(wall) })
    }

    /// Tells everybody on the bus, this process included, that something changed. Never waits and never fails: what
    /// cannot be told is dropped and counted, and everybody polls too.
    pub fn publish(&self, topic: Topic, payload: impl Into<Bytes>) {
        self.exchange.publish(topic, payload.into());
    }

    /// Hears every hint on a topic from now on.
    pub fn subscribe(&self, topic: Topic) -> Subscription {
        Subscription { hints: self.exchange.topic(topic).subscribe(), exchange: Arc::clone(&self.exchange) }
    }

    /// Puts up what a node's collector knows of the calls that are up. To be said again every second or so, changed or
    /// not: after [`crate::BOARD_LIFE`] of silence it is gone. Never waits and never fails; of each node only the newest
    /// waits to be sent.
    pub fn post(&self, live: LiveCalls) {
        let node = live.node.clone();
        let Some(is_news) = self.exchange.shelf.put(live) else {
            self.exchange.metrics.refused(Refused::TooMany);
            return;
        };
        if self.wall.is_none() {
            self.exchange.metrics.boards_posted.inc();
            self.told(is_news, &node);
        }
    }

    /// Takes a node's board down, as far as that reaches Redis; otherwise it is gone a little later by itself.
    pub fn withdraw(&self, node: &NodeName) {
        let is_news = self.exchange.shelf.withdraw(node);
        if self.wall.is_none() {
            self.told(is_news, node);
        }
    }

    /// Whoever is on a bus within the process reads what was posted at once.
    fn told(&self, is_news: bool, node: &NodeName) {
        self.exchange.shelf.settle(node);
        if is_news {
            self.exchange.publish(Topic::Calls, node.to_string().into());
        }
    }

    /// The boards of all nodes, sorted by node, each with its age. What is no board is left out and counted.
    pub async fn board(&self) -> Result<Vec<Board>, BoardError> {
        let Some(wall) = &self.wall else { return Ok(self.exchange.shelf.boards()) };
        // Opening a connection is a large future, and a rare one.
        let read = timeout(BoardError::READ_LIMIT, Box::pin(wall.read())).await;
        let read = read.map_err(|_| BoardError::TooSlow)?;
        read.map_err(|error| BoardError::Unavailable(reason(&error)))
    }

    /// Whether other processes may be on this bus.
    pub fn is_shared(&self) -> bool {
        self.wall.is_some()
    }

    /// Whether other processes see the boards of this one: the last that was sent arrived.
    pub fn shows_boards(&self) -> bool {
        self.exchange.boards_are_up.load(Ordering::Relaxed)
    }

    pub fn state(&self) -> State {
        *self.exchange.state.borrow()
    }

    /// The same to be waited for.
    pub fn states(&self) -> watch::Receiver<State> {
        self.exchange.state.subscribe()
    }

    pub fn metrics(&self) -> &Metrics {
        &self.exchange.metrics
    }
}

/// The driver panics over TLS where no provider of cryptography was chosen for the process; a second choice is refused,
/// and that is fine.
fn provide_tls() {
    let _ = rustls::crypto::ring::default_provider().install_default();
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
            shelf: Shelf::default(),
            boards_are_up: AtomicBool::new(false),
            metrics: Metrics::new().expect("names and labels are constants that a test has made"),
        }
    }

    fn topic(&self, topic: Topic) -> &broadcast::Sender<Hint> {
        &self.topics[topic as usize]
    }

    pub(crate) fn publish(&self, topic: Topic, payload: Bytes) {
        if payload.len() > PAYLOAD_BYTES_MAX {
            self.metrics.dropped(Dropped::TooLong, 1);
            return;
        }
        self.metrics.published.inc();
        match &self.queue {
            None => self.deliver(topic, payload),
            Some(queue) => {
                if queue.push(topic, payload) {
                    self.metrics.dropped(Dropped::QueueFull, 1);
                }
            }
        }
    }

    /// Notes how sending a board ended, and says how it ended before.
    pub(crate) fn boards_are_up(&self, up: bool) -> bool {
        self.boards_are_up.swap(up, Ordering::Relaxed)
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
        assert_eq!(bus.exchange.topic(Topic::Edits).receiver_count(), 1000);
        drop(subscriptions);
        assert_eq!(bus.exchange.topic(Topic::Edits).receiver_count(), 0);
        let (last, exchange) = (bus.subscribe(Topic::Edits), Arc::downgrade(&bus.exchange));
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
