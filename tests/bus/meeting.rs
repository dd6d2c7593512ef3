use std::{
    cell::RefCell,
    future::Future,
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use live::{Bus, Hint, State, Subscription, Topic};
use prometheus::{Registry, TextEncoder};
use runtime::{BusConfig, Tasks};
use tokio::time::timeout;

/// Whatever does not come, the clause fails and does not hang.
const LIMIT: Duration = Duration::from_mins(1);

/// A place where handles of one bus meet.
pub(crate) enum Meeting {
    InProcess(Bus),
    OverRedis { url: String, prefix: String, tasks: RefCell<Vec<Tasks>> },
}

impl Meeting {
    pub(crate) fn in_process() -> Self {
        Self::InProcess(Bus::in_process())
    }

    /// Under a prefix of its own: to hints, the databases of one Redis are one.
    pub(crate) fn over(url: String) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(1);
        let prefix = format!("clause-{}", NEXT.fetch_add(1, Ordering::Relaxed));
        Self::under(url, prefix)
    }

    pub(crate) fn under(url: String, prefix: String) -> Self {
        Self::OverRedis { url, prefix, tasks: RefCell::default() }
    }

    /// Another installation on the same Redis.
    pub(crate) fn elsewhere(&self) -> Self {
        match self {
            Self::InProcess(_) => Self::in_process(),
            Self::OverRedis { url, prefix, .. } => Self::under(url.clone(), format!("{prefix}x")),
        }
    }

    /// Another handle, as another process has it, connected or not.
    pub(crate) fn handle(&self) -> Bus {
        let (url, prefix, tasks) = match self {
            Self::InProcess(bus) => return bus.clone(),
            Self::OverRedis { url, prefix, tasks } => (url, prefix, tasks),
        };
        let config = BusConfig { url: domain::Secret::new(url), url_file: None, prefix: prefix.clone() };
        let mut own = Tasks::default();
        let bus = Bus::connect(&config, &mut own).expect("a URL of the laboratory");
        tasks.borrow_mut().push(own);
        bus
    }

    /// The same, once it is connected.
    pub(crate) async fn bus(&self) -> Bus {
        let bus = self.handle();
        connected(&bus).await;
        bus
    }
}

pub(crate) async fn in_time<T>(what: &str, coming: impl Future<Output = T>) -> T {
    timeout(LIMIT, coming).await.unwrap_or_else(|_| panic!("not within {LIMIT:?}: {what}"))
}

pub(crate) async fn connected(bus: &Bus) {
    let mut states = bus.states();
    let stands = states.wait_for(|state| *state == State::Connected);
    in_time("connected", stands).await.expect("the bus lives");
}

pub(crate) async fn disconnected(bus: &Bus) {
    let mut states = bus.states();
    let gone = states.wait_for(|state| matches!(state, State::Disconnected { .. }));
    in_time("disconnected", gone).await.expect("the bus lives");
}

pub(crate) async fn next(subscription: &mut Subscription) -> Hint {
    in_time("a hint", subscription.next()).await
}

/// The next message's text; fails on `Missed`.
pub(crate) async fn text(subscription: &mut Subscription) -> String {
    match next(subscription).await {
        Hint::Message(payload) => String::from_utf8(payload.to_vec()).expect("text"),
        Hint::Missed => panic!("missed something"),
    }
}

/// Listens until a certain message, and returns everything before it.
pub(crate) async fn until(subscription: &mut Subscription, last: &str) -> Vec<Hint> {
    let mut heard = Vec::new();
    loop {
        match next(subscription).await {
            Hint::Message(payload) if payload == last.as_bytes() => return heard,
            hint => heard.push(hint),
        }
    }
}

/// Publishes on one bus until a subscriber of another hears it: after a break, both have to be back.
pub(crate) async fn flows(from: &Bus, to: &mut Subscription) {
    static NEXT: AtomicU32 = AtomicU32::new(1);
    // Words not used before: old ones may still be under way.
    let words = format!("flows {}", NEXT.fetch_add(1, Ordering::Relaxed));
    let publishing = async {
        loop {
            from.publish(Topic::Generations, words.clone());
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::select! {
        _ = until(to, &words) => {}
        () = publishing => {}
    }
}

/// What a bus counted, by the name it has for those who watch, without `dialplane_bus_`.
pub(crate) fn count(bus: &Bus, name: &str) -> u64 {
    let registry = Registry::new();
    bus.metrics().register(&registry).expect("registered once");
    let text = TextEncoder::new().encode_to_string(&registry.gather()).expect("text");
    let name = format!("dialplane_bus_{name} ");
    let value = text.lines().find_map(|line| line.strip_prefix(&name));
    value.unwrap_or_else(|| panic!("no {name}in {text}")).parse().expect("a whole number")
}

pub(crate) const QUEUE_FULL: &str = "dropped_total{reason=\"queue_full\"}";
pub(crate) const SLOW_SUBSCRIBER: &str = "dropped_total{reason=\"slow_subscriber\"}";
pub(crate) const TOO_LONG: &str = "dropped_total{reason=\"too_long\"}";
