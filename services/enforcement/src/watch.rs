//! Follows the source, the clock and the packet filter itself.

use std::{path::PathBuf, sync::Arc, time::Duration};

use firewall::{Checksum, Entry};
use packetfilter::{ApplyError, Ruleset, deviations};
use runtime::{Backoff, CancellationToken, Health, Tasks, chain, now_us};
use tokio::{
    sync::watch::{Receiver, Sender, channel},
    time::{Instant, MissedTickBehavior, interval, sleep},
};
use tracing::{error, info, warn};

use crate::{EnforceError, Enforcer, Guard, Known, Meant, Metrics, Source, SourceError, source::kept_set};

/// How often the source is asked for news.
const POLL: Duration = Duration::from_millis(500);
/// How often the clock is looked at: what is valid from or up to a moment.
const EVERY: Duration = Duration::from_secs(1);
/// How often the filter is read, in case somebody changed it.
const READ_EVERY: Duration = Duration::from_secs(5);
/// How long a source that fails, or a set that cannot be loaded, is left alone.
const PAUSES: [Duration; 2] = [POLL, Duration::from_secs(30)];

/// What a watch needs.
#[derive(Debug)]
pub struct Watch {
    pub source: Source,
    pub enforcer: Enforcer,
    pub metrics: Metrics,
    pub health: Health,
}

/// Starts following, until the stop signal; what is loaded then stays.
pub fn watch(watch: Watch, tasks: &mut Tasks) {
    let Watch { source, enforcer, metrics, health } = watch;
    let (told, known) = channel(None);
    let follower = Follower {
        source,
        set_file: enforcer.set_file.clone(),
        told,
        metrics: metrics.clone(),
        health: health.clone(),
        fails: false,
    };
    let stop = tasks.stop();
    tasks.spawn("source", async move {
        stop.run_until_cancelled(follower.run()).await;
    });
    let keeper = Keeper { enforcer, known, metrics, health, seen: None, loaded: None, trouble: None };
    tasks.spawn("packet filter", keeper.run(tasks.stop()));
}

/// Asks the source again and again.
struct Follower {
    source: Source,
    set_file: PathBuf,
    told: Sender<Option<Known>>,
    metrics: Metrics,
    health: Health,
    fails: bool,
}

impl Follower {
    async fn run(mut self) {
        let mut backoff = Backoff::new(PAUSES[0], PAUSES[1]);
        loop {
            match self.source.look().await {
                Ok(news) => {
                    self.answers();
                    backoff = Backoff::new(PAUSES[0], PAUSES[1]);
                    if news.is_some() {
                        self.told.send_replace(news);
                    }
                    sleep(POLL).await;
                }
                Err(error) => {
                    self.fails(&error).await;
                    backoff.pause().await;
                }
            }
        }
    }

    fn answers(&mut self) {
        if std::mem::take(&mut self.fails) {
            info!("the source answers again");
        }
        self.metrics.source_up.set(1);
        self.health.remark("source", None);
    }

    /// Said in the log once, however often it is tried.
    async fn fails(&mut self, error: &SourceError) {
        self.metrics.source_up.set(0);
        self.health.remark("source", Some(format!("what is loaded stays: {}", chain(error))));
        if std::mem::replace(&mut self.fails, true) {
            return;
        }
        warn!(error = %chain(error), "the source says nothing; what is loaded stays");
        if self.told.borrow().is_none() {
            let kept = match self.source.kept().await {
                None => kept_set(&self.set_file).map(|set| Known::Set(Arc::new(set))),
                kept => kept,
            };
            if let Some(known) = &kept {
                info!(generation = known.generation(), "going by what this machine kept");
            }
            self.told.send_replace(kept);
        }
    }
}

/// Keeps the filter what is meant.
struct Keeper {
    enforcer: Enforcer,
    known: Receiver<Option<Known>>,
    metrics: Metrics,
    health: Health,
    /// What is valid of what is known, and the file of it: most looks at the clock change nothing.
    seen: Option<(Vec<Entry>, Arc<Meant>)>,
    /// What was loaded last, and what the filter read like then.
    loaded: Option<(Arc<Meant>, Ruleset)>,
    trouble: Option<Trouble>,
}

/// What could not be loaded, and until when it is left alone.
struct Trouble {
    checksum: Option<Checksum>,
    said: String,
    until: Instant,
    pause: Duration,
}

impl Keeper {
    async fn run(mut self, stop: CancellationToken) {
        let [mut clock, mut reading] = [EVERY, READ_EVERY].map(interval);
        clock.set_missed_tick_behavior(MissedTickBehavior::Delay);
        reading.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let read = tokio::select! {
                Ok(()) = self.known.changed() => false,
                _ = clock.tick() => false,
                _ = reading.tick() => true,
                () = stop.cancelled() => return,
            };
            // Not dropped at the stop signal: what is begun comes to its end in the time there is. What is cut off even so
            // is checked again at the next start.
            self.turn(read).await;
        }
    }

    async fn turn(&mut self, read: bool) {
        let Some(known) = self.known.borrow_and_update().clone() else { return };
        self.metrics.meant.set(signed(known.generation()));
        let meant = self.meant(&known);
        let checksum = meant.as_ref().ok().map(|meant| meant.set.checksum());
        let done = match meant {
            Ok(meant) => self.see_to(meant, read).await,
            Err(error) => Err(error),
        };
        if let Err(error) = done {
            self.fails(checksum, &error);
        }
    }

    fn meant(&mut self, known: &Known) -> Result<Arc<Meant>, EnforceError> {
        let entries = known.entries(now_us())?;
        let is_seen = |(seen, meant): &&(Vec<Entry>, Arc<Meant>)| {
            *seen == entries && meant.set.generation() == known.generation()
        };
        if let Some((_, meant)) = self.seen.as_ref().filter(is_seen) {
            return Ok(Arc::clone(meant));
        }
        let meant = Arc::new(self.enforcer.meant(known.generation(), entries.clone())?);
        self.seen = Some((entries, Arc::clone(&meant)));
        Ok(meant)
    }

    async fn see_to(&mut self, meant: Arc<Meant>, read: bool) -> Result<(), EnforceError> {
        let checksum = meant.set.checksum();
        let worded = self.loaded.as_ref().filter(|(loaded, _)| loaded.set.checksum() == checksum);
        let worded = worded.map(|(_, ruleset)| ruleset.clone());
        if worded.is_some() && !read || self.is_left_alone(checksum) {
            return Ok(());
        }
        let loaded = self.enforcer.applier.loaded().await?;
        let found = deviations(worded.as_ref().unwrap_or(&meant.ruleset), &loaded);
        let has_drifted = worded.is_some() || loaded.checksum() == meant.ruleset.checksum();
        if found.is_empty() && !self.enforcer.applier.was_interrupted() {
            self.good(meant, loaded);
            return Ok(());
        }
        let guard = if has_drifted { Guard::Open } else { Guard::Closed };
        if has_drifted && !found.is_empty() {
            self.metrics.drifts.inc();
            let first = found[0].to_string();
            warn!(
                deviations = found.len(),
                first, "the packet filter was changed by other hands; it is mended"
            );
        }
        let loaded = self.enforcer.load(&meant, &loaded, guard).await?;
        self.metrics.applied.with_label_values(&["loaded"]).inc();
        info!(
            generation = meant.set.generation(),
            entries = meant.set.entries().len(),
            "packet filter loaded"
        );
        self.good(meant, loaded);
        Ok(())
    }

    fn good(&mut self, meant: Arc<Meant>, loaded: Ruleset) {
        self.metrics.loaded.set(signed(loaded.generation().unwrap_or_default()));
        self.metrics.networks.set(signed(meant.set.networks().len() as u64));
        self.loaded = Some((meant, loaded));
        self.trouble = None;
        self.health.remark("packet filter", None);
        self.health.set_ready(true);
    }

    fn is_left_alone(&self, checksum: Checksum) -> bool {
        let trouble = self.trouble.as_ref().filter(|trouble| trouble.checksum == Some(checksum));
        trouble.is_some_and(|trouble| Instant::now() < trouble.until)
    }

    /// Said in the log once, however often it is tried.
    fn fails(&mut self, checksum: Option<Checksum>, error: &EnforceError) {
        let said = chain(error).to_string();
        let before = self.trouble.take().filter(|before| before.checksum == checksum);
        let is_news = before.as_ref().is_none_or(|before| before.said != said);
        let pause = before.map_or(PAUSES[0], |before| (before.pause * 2).min(PAUSES[1]));
        if is_news || checksum.is_some() {
            self.metrics.applied.with_label_values(&[outcome(error)]).inc();
        }
        if is_news {
            error!(error = said, "what is loaded stays");
            self.health.remark("packet filter", Some(format!("what is loaded stays: {said}")));
        }
        self.trouble = Some(Trouble { checksum, said, until: Instant::now() + pause, pause });
    }
}

fn outcome(error: &EnforceError) -> &'static str {
    match error {
        EnforceError::Refused(_) => "refused",
        EnforceError::Apply(ApplyError::RolledBack(_)) => "rolled_back",
        _ => "failed",
    }
}

fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
