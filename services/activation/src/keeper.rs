//! What keeps a router's configuration the active one: beside the calls, never in their way.

mod edits;
mod presence;

use std::{fmt, future::Future, sync::Arc, time::Duration};

use live::{Bus, Subscription, Topic};
use routing::Snapshot;
use runtime::{CancellationToken, GenerationsConfig, Health, chain};
use store::{GenerationHead, Store, StoreError};
use tokio::time::{Instant, MissedTickBehavior, interval, timeout};
use tracing::{error, info, warn};

use crate::{Active, Folder, LoadError, Metrics, Refusal, aside::aside};
use edits::Edits;
use presence::Presence;

/// How long one small question to the database may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// What is said of a database that is away or hangs.
const NO_ANSWER: &str = "does not answer";
/// How long a generation that cannot be used is left alone before it is tried again.
const SECOND_TRY: Duration = Duration::from_secs(10);
/// How long a router that has a generation already looks for a newer one before it starts with what it has.
const GLANCE: Duration = Duration::from_millis(500);
/// How long hints are taken for one.
const DEBOUNCE: Duration = Duration::from_millis(20);

/// Takes a snapshot into use and gives back the one before.
pub type Publish = Box<dyn FnMut(Arc<Snapshot>) -> Option<Arc<Snapshot>> + Send + Sync>;

/// What a keeper works with.
pub struct KeeperContext {
    pub store: Store,
    pub bus: Bus,
    pub config: GenerationsConfig,
    /// What the other routers know this one as.
    pub router: String,
    pub publish: Publish,
    pub health: Health,
    pub metrics: Metrics,
}

impl fmt::Debug for KeeperContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeeperContext").field("router", &self.router).finish_non_exhaustive()
    }
}

/// Follows the active generation; where edits are activated automatically, one keeper of the fleet does that too.
#[derive(Debug)]
pub struct Keeper {
    context: KeeperContext,
    folder: Folder,
    active: Option<Arc<Active>>,
    /// The database's newest generation, if it could not be used, and when.
    unusable: Option<(GenerationHead, Instant)>,
    database_fails: bool,
    /// Whether the generation in use is the database's newest: on another one nothing is built.
    is_newest: bool,
    edits: Edits,
    presence: Presence,
}

/// Why a turn ended early.
#[derive(Debug, thiserror::Error)]
enum TurnError {
    #[error("the database cannot be read")]
    Store(#[from] StoreError),
    #[error("the database does not answer within {} s", PATIENCE.as_secs())]
    Silent,
    #[error(transparent)]
    Load(#[from] LoadError),
    #[error(transparent)]
    Refused(#[from] Refusal),
    #[error(transparent)]
    Draft(#[from] crate::DraftError),
}

/// Waits for a hint, and takes those that come right behind it for the same one.
async fn heard(hints: &mut Subscription) {
    hints.next().await;
    let more = async {
        loop {
            hints.next().await;
        }
    };
    let _ = timeout(DEBOUNCE, more).await;
}

/// Asks the database a small question.
async fn asked<T>(answer: impl Future<Output = Result<T, StoreError>>) -> Result<T, TurnError> {
    Ok(timeout(PATIENCE, answer).await.map_err(|_| TurnError::Silent)??)
}

impl Keeper {
    /// Takes the newest good generation on disk into use, if there is one.
    pub async fn start(context: KeeperContext) -> Self {
        let folder = Folder::new(&context.config.folder);
        let edits = Edits::new(&context.config);
        let mut keeper = Self {
            folder,
            active: None,
            unusable: None,
            database_fails: false,
            is_newest: false,
            edits,
            presence: Presence::default(),
            context,
        };
        let folder = keeper.folder.clone();
        if let Some(active) = aside(move || from_disk(&folder)).await {
            info!(generation = active.record().number, "answering from the generation kept on disk");
            keeper.publish(active);
        }
        keeper
    }

    /// One look at the database, for at most `limit`, and shorter where the disk had a generation to start with: a
    /// router starts with what there is by then.
    pub async fn first_look(&mut self, limit: Duration) {
        let limit = if self.active.is_some() { limit.min(GLANCE) } else { limit };
        if timeout(limit, self.turn()).await.is_err() {
            self.database_is(Some(NO_ANSWER));
        }
    }

    /// Follows until the stop signal. Whatever goes wrong, the last good generation stays in use.
    pub async fn run(mut self, stop: CancellationToken) {
        let mut tick = interval(Duration::from_millis(self.context.config.poll_ms));
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut activated = self.context.bus.subscribe(Topic::Generations);
        let mut edited = self.context.bus.subscribe(Topic::Edits);
        loop {
            tokio::select! {
                _ = tick.tick() => {}
                () = heard(&mut activated) => {}
                () = heard(&mut edited) => {}
                () = stop.cancelled() => return,
            }
            if stop.run_until_cancelled(Box::pin(self.turn())).await.is_none() {
                return;
            }
        }
    }

    async fn turn(&mut self) {
        let done = self.look().await;
        self.look_at_bus();
        match &done {
            Ok(()) => self.database_is(None),
            Err(TurnError::Store(error)) if error.is_unavailable() => self.database_fails(NO_ANSWER, error),
            Err(TurnError::Store(error)) => self.database_fails("cannot be used", error),
            Err(error @ TurnError::Silent) => self.database_fails(NO_ANSWER, error),
            Err(error) => trouble(error),
        }
    }

    async fn look(&mut self) -> Result<(), TurnError> {
        self.catch_up().await?;
        self.show_presence().await?;
        self.activate_edits().await
    }

    /// Takes the database's newest generation into use.
    async fn catch_up(&mut self) -> Result<(), TurnError> {
        let head = asked(self.context.store.latest_generation()).await?;
        self.is_newest = self.active.as_deref().map(Active::head) == head;
        let Some(head) = head else {
            self.without_generation();
            return Ok(());
        };
        if self.is_newest {
            self.unusable = None;
            self.context.health.remark("generation", None);
            return Ok(());
        }
        if self.is_unusable(head) {
            return Ok(());
        }
        let started = Instant::now();
        match Active::load(&self.context.store, head.number, self.active.clone()).await {
            Ok(active) => {
                self.context.metrics.loaded("database", started.elapsed());
                info!(generation = head.number, "configuration published");
                self.adopt(active).await;
                self.accepted();
                Ok(())
            }
            Err(error) => {
                self.context.metrics.failed("load");
                self.unusable = Some((head, Instant::now()));
                let remark = format!("generation {} cannot be used", head.number);
                self.context.health.remark("generation", Some(remark));
                Err(error.into())
            }
        }
    }

    /// A database that lost its generations is no reason to stop routing, and none to route by emptied tables.
    fn without_generation(&self) {
        if let Some(active) = &self.active {
            let number = active.record().number;
            let remark = format!(
                "the database has none any more, {number} stays in use; `dialplane activate` makes a new first one"
            );
            self.context.health.remark("generation", Some(remark));
        }
    }

    fn is_unusable(&self, head: GenerationHead) -> bool {
        self.unusable.is_some_and(|(known, since)| known == head && since.elapsed() < SECOND_TRY)
    }

    /// Takes a generation into use, tells the others, and keeps it on disk.
    async fn adopt(&mut self, active: Active) {
        let number = active.record().number;
        if let Some(newer) = self.active.as_deref().filter(|before| before.record().number > number) {
            warn!(
                from = newer.record().number,
                to = number,
                "the database's newest generation is an older one"
            );
        }
        self.publish(active);
        self.context.bus.publish(Topic::Generations, number.to_string());
        self.unusable = None;
        self.is_newest = true;
        self.context.health.remark("generation", None);
        self.keep().await;
    }

    fn publish(&mut self, active: Active) {
        self.context.metrics.publish(active.record());
        let active = Arc::new(active);
        let snapshot = (self.context.publish)(Arc::clone(active.snapshot()));
        let before = self.active.replace(active);
        // Freeing a million numbers takes a while: not on a thread that answers questions.
        drop(tokio::task::spawn_blocking(move || drop((before, snapshot))));
    }

    async fn keep(&self) {
        let Some(active) = self.active.clone() else { return };
        let folder = self.folder.clone();
        let kept = aside(move || folder.keep(&active.to_file())).await;
        self.context.health.remark("disk", kept.as_ref().err().map(ToString::to_string));
        if let Err(error) = kept {
            self.context.metrics.failed("keep");
            error!(error = %chain(&error), "the generation is not kept on disk; a start without database would miss it");
        }
    }

    /// Said in the log once, however often it is tried.
    fn database_fails(&mut self, remark: &str, error: &(dyn std::error::Error + 'static)) {
        if !self.database_fails {
            warn!(error = %chain(error), "the database {remark}; the generation in use stays");
        }
        self.database_is(Some(remark));
    }

    fn look_at_bus(&self) {
        let remark = match self.context.bus.state() {
            live::State::Connected => None,
            live::State::Disconnected { .. } => Some("no connection; news come by polling only".to_owned()),
        };
        self.context.health.remark("bus", remark);
    }

    fn database_is(&mut self, remark: Option<&str>) {
        if self.database_fails && remark.is_none() {
            info!("the database answers again");
        }
        self.database_fails = remark.is_some();
        self.context.metrics.database_up(remark.is_none());
        self.context.health.remark("database", remark.map(str::to_owned));
    }
}

fn trouble(error: &(dyn std::error::Error + 'static)) {
    warn!(error = %chain(error), "the generation in use stays");
}

fn from_disk(folder: &Folder) -> Option<Active> {
    for file in folder.newest_first() {
        match file.map_err(|error| chain(&error).to_string()).map(Active::from_file) {
            Ok(Ok(active)) => return Some(active),
            Ok(Err(error)) => unusable(&chain(&error).to_string()),
            Err(error) => unusable(&error),
        }
    }
    None
}

fn unusable(error: &str) {
    error!(error, "a kept generation cannot be used; trying the one before");
}
