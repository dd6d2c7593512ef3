//! From the queue to rows, on an embedded database.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::{
    fs,
    path::{Path, PathBuf},
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use decisions::{DecisionsContext, Metrics};
use domain::{Presentation, ProviderId};
use prometheus::{Registry, TextEncoder};
use routing::{Decided, DecidedAttempt, DecisionRecord, Question, Verb};
use runtime::{CancellationToken, DecisionsConfig, Health};
use store::{DecisionFilter, Options, Store};
use tokio::{
    sync::mpsc,
    task::JoinSet,
    time::{sleep, timeout},
};

/// Whatever does not come about within this, does not come about.
const LIMIT: Duration = Duration::from_mins(1);

/// A folder with a database and a journal, of this test alone.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name =
            format!("dialplane-decisions-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let folder = std::env::temp_dir().join(name);
        fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    fn journal(&self) -> PathBuf {
        self.0.join("decisions")
    }

    async fn store(&self) -> Store {
        Store::connect(&format!("sqlite:{}", self.0.join("tables.sqlite").display()), Options::default())
            .await
            .unwrap()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// What keeps decisions, running.
struct Keeping {
    queue: mpsc::Sender<DecisionRecord>,
    stop: CancellationToken,
    health: Health,
    registry: Registry,
    running: JoinSet<()>,
}

impl Keeping {
    fn start(store: &Store, folder: &Path) -> Self {
        let (queue, decided) = mpsc::channel(4_096);
        let (registry, health, stop) = (Registry::new(), Health::default(), CancellationToken::new());
        let context = DecisionsContext {
            config: DecisionsConfig { folder: folder.to_owned(), journal_mib: 64 },
            router: "router".into(),
            store: store.clone(),
            health: health.clone(),
            metrics: Metrics::new(&registry).unwrap(),
        };
        let mut running = JoinSet::new();
        running.spawn(decisions::run(context, decided, stop.clone()));
        Self { queue, stop, health, registry, running }
    }

    async fn decide(&self, numbers: std::ops::Range<i64>) {
        for number in numbers {
            self.queue.send(record(number)).await.unwrap();
        }
    }

    /// As a router ends: no more questions, and then nobody to decide.
    async fn end(self) {
        let Self { queue, stop, mut running, .. } = self;
        stop.cancel();
        drop(queue);
        timeout(LIMIT, running.join_next()).await.unwrap().unwrap().unwrap();
    }

    /// As a process ends that is killed.
    async fn kill(mut self) {
        self.running.shutdown().await;
    }

    fn shows(&self, line: &str) -> bool {
        TextEncoder::new().encode_to_string(&self.registry.gather()).unwrap().contains(line)
    }

    async fn wait_says(&self, words: &str) {
        until(|| async { self.health.remarks().contains(words) }).await;
    }

    async fn wait_silent(&self) {
        until(|| async { self.health.remarks().is_empty() }).await;
    }
}

async fn until<F: Future<Output = bool>>(is_so: impl Fn() -> F) {
    let waited = async {
        while !is_so().await {
            sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(LIMIT, waited).await.expect("it comes about");
}

fn record(number: i64) -> DecisionRecord {
    let id: Box<str> = format!("1-a-{number:x}").into();
    let attempt = |position| DecidedAttempt {
        kind: "carrier".into(),
        provider: Some(ProviderId(position)),
        prefix: "1202".parse().ok(),
        gate: None,
        shown: "12025550101".parse().ok(),
        dial: "PJSIP/12025550100@carrier".into(),
    };
    DecisionRecord {
        root: id.clone(),
        id,
        decided_us: 1_795_269_600_000_000 + number,
        question: Question {
            verb: Verb::Outbound,
            node: "msk".parse().unwrap(),
            call: format!("msk-{number}").into(),
            endpoint: "1000".into(),
            source: None,
            to: "12025550100".into(),
            from: "\0hostile\r\n\"".into(),
            cli: None,
            presentation: Presentation::Allowed,
            class: None,
            hops: None,
            asked_us: None,
        },
        decided: Decided {
            generation: Some(1),
            hopped: false,
            status: "ok".into(),
            reason: None,
            cause: None,
            class: None,
            caller: None,
            called: "12025550100".parse().ok(),
            country: None,
            provider_in: None,
            attempts: vec![attempt(1), attempt(2)],
        },
    }
}

async fn stored(store: &Store) -> Vec<DecisionRecord> {
    let filter = DecisionFilter { from_us: 0, to_us: i64::MAX, node: None, status: None, limit: 100_000 };
    let mut found: Vec<_> = store.decisions(&filter).await.unwrap();
    assert!(found.iter().all(|one| &*one.router == "router"));
    found.reverse();
    found.into_iter().map(|one| one.record).collect()
}

async fn wait_stored(store: &Store, numbers: std::ops::Range<i64>) {
    let wanted: Vec<_> = numbers.map(record).collect();
    until(|| async { stored(store).await.len() >= wanted.len() }).await;
    assert!(stored(store).await == wanted, "each once, as it was decided");
}

#[tokio::test(flavor = "multi_thread")]
async fn decisions_become_rows_and_a_restart_doubles_none() {
    let scratch = Scratch::new();
    let store = scratch.store().await;
    store.migrate().await.unwrap();
    let keeping = Keeping::start(&store, &scratch.journal());
    keeping.decide(0..3_000).await;
    wait_stored(&store, 0..3_000).await;
    assert!(keeping.shows("dialplane_decisions_total{outcome=\"written\"} 3000"));
    keeping.decide(3_000..3_010).await;
    keeping.end().await;
    wait_stored(&store, 0..3_010).await;

    let keeping = Keeping::start(&store, &scratch.journal());
    keeping.decide(3_010..3_020).await;
    wait_stored(&store, 0..3_020).await;
    keeping.kill().await;
    // What the last checkpoint does not say is written again, and there once.
    let keeping = Keeping::start(&store, &scratch.journal());
    keeping.decide(3_020..3_030).await;
    wait_stored(&store, 0..3_030).await;
    assert!(!keeping.shows("dialplane_decisions_lost_total{why=\"damaged\""));
    keeping.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_tables_they_wait_and_come_later() {
    let scratch = Scratch::new();
    let store = scratch.store().await;
    let keeping = Keeping::start(&store, &scratch.journal());
    keeping.decide(0..500).await;
    keeping.wait_says("decisions: decisions wait in the journal").await;
    assert!(!keeping.health.remarks().contains("12025550100"), "{}", keeping.health.remarks());
    keeping.decide(500..1_000).await;
    // Neither a stop nor a start without a database costs any.
    keeping.end().await;
    let keeping = Keeping::start(&store, &scratch.journal());
    keeping.decide(1_000..1_100).await;
    keeping.wait_says("decisions: decisions wait in the journal").await;
    store.migrate().await.unwrap();
    wait_stored(&store, 0..1_100).await;
    keeping.wait_silent().await;
    keeping.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_journal_that_is_in_use_is_said_and_waited_for() {
    let scratch = Scratch::new();
    let store = scratch.store().await;
    store.migrate().await.unwrap();
    let first = Keeping::start(&store, &scratch.journal());
    first.decide(0..10).await;
    wait_stored(&store, 0..10).await;
    let second = Keeping::start(&store, &scratch.journal());
    second.wait_says("journal of decisions: decisions are not kept: the journal in").await;
    second.decide(10..20).await;
    first.end().await;
    wait_stored(&store, 0..20).await;
    second.wait_silent().await;
    second.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_unreadable_is_counted_and_passed_over() {
    let scratch = Scratch::new();
    let store = scratch.store().await;
    store.migrate().await.unwrap();
    let mut options = journal::Options::new(scratch.journal());
    options.consumers = vec!["decisions".into()];
    let strange = journal::Journal::open(options).unwrap();
    for payload in [&b"{"[..], b"{\"router\":\"x\"}", b"\xff\0", b"null", b""] {
        strange.append(journal::Class::Keep, 1, 0, payload).unwrap();
    }
    strange.append(journal::Class::Keep, 77, 0, b"of a kind that comes later").unwrap();
    strange.flush().await.unwrap();
    drop(strange);
    let keeping = Keeping::start(&store, &scratch.journal());
    keeping.decide(0..10).await;
    wait_stored(&store, 0..10).await;
    assert!(keeping.shows("dialplane_decisions_lost_total{why=\"unreadable\"} 6"));
    keeping.end().await;
}
