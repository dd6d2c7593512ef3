//! Where exports are ordered, waited for and fetched. One is made at a time, on a connection of its own, and nobody waits
//! for it: routing and recording do not notice.

use std::{
    collections::BTreeMap,
    io::{self, ErrorKind},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use domain::ApiRole;
use exports::{Attempt, Call, ExportError, Leg, Row, What};
use records::{ExportAsk, Writing, about, export};
use retention::plans;
use runtime::{CancellationToken, ExportsConfig, chain, now_us};
use store::{Store, StoreError};
use tokio::{
    sync::Notify,
    time::{MissedTickBehavior, interval},
};
use tracing::{info, warn};

use super::{
    folder::{Folder, NoRoom, Output},
    job::{Job, JobId, State, Why, parts},
};
use crate::{door::Operator, metrics::Metrics, problem::Problem};

const HOUR_US: i64 = 3_600 * 1_000_000;
/// How often it is looked for what has to go.
const SWEEP_EVERY: Duration = Duration::from_secs(10);
/// Most jobs that are known at once, whoever ordered them.
const JOBS_MAX: usize = 1_000;

/// All jobs of a process, as long as they are kept.
#[derive(Debug)]
pub(crate) struct Desk {
    /// None: it cannot be used, and the log says why.
    folder: Option<Arc<Folder>>,
    config: ExportsConfig,
    jobs: Mutex<BTreeMap<JobId, Arc<Job>>>,
    ordered: Notify,
    metrics: Arc<Metrics>,
}

impl Desk {
    pub(crate) fn new(config: ExportsConfig, metrics: Arc<Metrics>) -> Self {
        let folder = Folder::take(&config.folder, config.total_mib, config.free_mib);
        let folder = folder.inspect_err(|error| {
            warn!(api.exports.folder = %config.folder.display(), error = %chain(error), "no exports are made here");
        });
        let folder = folder.ok().map(Arc::new);
        Self { folder, config, jobs: Mutex::default(), ordered: Notify::new(), metrics }
    }

    fn jobs(&self) -> MutexGuard<'_, BTreeMap<JobId, Arc<Job>>> {
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether somebody may order one more.
    pub(super) fn may_order(&self, operator: &Operator) -> Result<(), Problem> {
        if self.folder.is_none() {
            return Err(Problem::no_exports());
        }
        let jobs = self.jobs();
        let own = jobs.values().filter(|job| job.owner == operator.id).count();
        let own_max = usize::try_from(self.config.jobs_per_token).unwrap_or(usize::MAX);
        if own >= own_max || jobs.len() >= JOBS_MAX {
            return Err(Problem::too_many_exports());
        }
        Ok(())
    }

    /// Takes an order.
    pub(super) fn order(&self, operator: &Operator, ask: ExportAsk) -> Result<Arc<Job>, Problem> {
        self.may_order(operator)?;
        let id = JobId::make().map_err(|error| Problem::failed(&error))?;
        let now_us = now_us();
        let kept_us = i64::try_from(self.config.kept_h).unwrap_or(i64::MAX).saturating_mul(HOUR_US);
        let job = Arc::new(Job::new(id.clone(), operator.id, ask, now_us, now_us.saturating_add(kept_us)));
        self.jobs().insert(id, Arc::clone(&job));
        self.ordered.notify_one();
        Ok(job)
    }

    /// Those somebody may see, the newest first: the own ones, an admin all.
    pub(super) fn list(&self, operator: &Operator) -> Vec<Arc<Job>> {
        let mut jobs: Vec<_> = self.jobs().values().filter(|job| may_see(operator, job)).cloned().collect();
        jobs.sort_by(|one, other| (other.created_us, &other.id).cmp(&(one.created_us, &one.id)));
        jobs
    }

    /// One that somebody may see. To others it is not there.
    pub(super) fn find(&self, operator: &Operator, id: &str) -> Result<Arc<Job>, Problem> {
        let job = JobId::read(id).and_then(|id| self.jobs().get(&id).cloned());
        job.filter(|job| may_see(operator, job)).ok_or_else(Problem::no_such_export)
    }

    /// The file of a job that is done, for whoever ordered it and nobody else.
    pub(super) fn content(
        &self,
        operator: &Operator,
        id: &str,
    ) -> Result<(Arc<Job>, std::fs::File), Problem> {
        let job = self.find(operator, id)?;
        if job.owner != operator.id {
            return Err(Problem::not_yours());
        }
        if !matches!(job.state(), State::Done(_)) {
            return Err(Problem::no_content(job.state().word()));
        }
        let folder = self.folder.as_ref().ok_or_else(Problem::no_exports)?;
        let file = folder.open(&job.id).map_err(|_| Problem::no_such_export())?;
        Ok((job, file))
    }

    /// Stops a job that is not over yet, which stays in the list; forgets one that is, and removes its file.
    pub(super) fn remove(&self, job: &Arc<Job>) -> Result<(), Problem> {
        if job.enter(State::Cancelled) {
            job.stop.cancel();
            self.metrics.export_ended("cancelled");
            return Ok(());
        }
        self.forget(job).map_err(|error| Problem::failed(&error))
    }

    fn forget(&self, job: &Job) -> io::Result<()> {
        if let Some(folder) = &self.folder {
            folder.remove(job)?;
            self.metrics.export_bytes(folder.used());
        }
        self.jobs().remove(&job.id);
        Ok(())
    }

    /// Makes what was ordered, one after the other, until the stop signal.
    pub(crate) async fn work(&self, store: &Store, stop: &CancellationToken) {
        let Some(folder) = &self.folder else { return };
        loop {
            let next = self.next();
            match next {
                None => {
                    if stop.run_until_cancelled(self.ordered.notified()).await.is_none() {
                        return;
                    }
                }
                Some(job) => {
                    let made = Box::pin(self.make(folder, store, &job));
                    if stop.run_until_cancelled(made).await.is_none() {
                        job.stop.cancel();
                        return;
                    }
                }
            }
        }
    }

    /// The one that waits for the longest.
    fn next(&self) -> Option<Arc<Job>> {
        let jobs = self.jobs();
        let waiting = jobs.values().filter(|job| job.state() == State::Waiting);
        waiting.min_by_key(|job| job.created_us).cloned()
    }

    async fn make(&self, folder: &Arc<Folder>, store: &Store, job: &Arc<Job>) {
        if !job.enter(State::Running) {
            return;
        }
        let ended = match carry_out(folder, store, job).await {
            Ok(sha256) => State::Done(sha256),
            Err(why) => State::Failed(why),
        };
        let word = ended.word();
        let is_kept = matches!(ended, State::Done(_)) && !job.state().is_over();
        if !is_kept {
            let removed = folder.remove(job);
            let _ = removed.inspect_err(|error| warn!(error = %chain(error), "a file of an export stays"));
        }
        self.metrics.export_bytes(folder.used());
        if job.enter(ended) {
            self.metrics.export_ended(word);
        }
        info!(export.state = job.state().word(), export.bytes = job.bytes(), "an export ended");
    }

    /// Forgets all of them, and leaves no file.
    pub(crate) fn close(&self) {
        for job in self.jobs().values() {
            job.stop.cancel();
        }
        if let Some(Err(error)) = self.folder.as_ref().map(|folder| folder.clear()) {
            warn!(error = %chain(&error), "files of exports stay until the next start");
        }
    }

    /// Removes again and again what is too old, or holds numbers whose time has come.
    pub(crate) async fn sweep(&self, store: &Store, stop: &CancellationToken) {
        let mut ticks = interval(SWEEP_EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut rules = Rules::default();
        while stop.run_until_cancelled(ticks.tick()).await.is_some() {
            if self.jobs().is_empty() {
                continue;
            }
            let read = stop.run_until_cancelled(rules.read(store)).await;
            if let Some(Err(error)) = read {
                // Those that were read before go on to hold.
                warn!(error = %chain(&error), "exports are kept by the rules of retention that were last read");
            }
            self.sweep_at(&rules, now_us());
        }
    }

    fn sweep_at(&self, rules: &Rules, now_us: i64) {
        let plans = plans(&rules.nodes, &rules.rules, now_us);
        let jobs: Vec<_> = self.jobs().values().cloned().collect();
        for job in jobs {
            if now_us < job.expires_us && !job.is_overdue(&plans) {
                continue;
            }
            if job.enter(State::Cancelled) {
                // Whoever makes it removes what there is; it is forgotten the next time.
                job.stop.cancel();
                continue;
            }
            if let Err(error) = self.forget(&job) {
                warn!(error = %chain(&error), "an export whose time has come stays for now");
            }
        }
    }
}

/// How long numbers stay whole, as it was last read.
#[derive(Debug, Default)]
struct Rules {
    nodes: Vec<store::RecordedNode>,
    rules: Vec<store::RetentionRule>,
}

impl Rules {
    async fn read(&mut self, store: &Store) -> Result<(), StoreError> {
        (self.nodes, self.rules) = (store.recorded_nodes().await?, store.retention_rules().await?);
        Ok(())
    }
}

fn may_see(operator: &Operator, job: &Job) -> bool {
    job.owner == operator.id || operator.role == ApiRole::Admin
}

async fn carry_out(folder: &Arc<Folder>, store: &Store, job: &Arc<Job>) -> Result<Box<str>, Why> {
    let output = folder.begin(job).map_err(|error| why(&error))?;
    let output = match job.ask.what {
        What::Calls => write::<Call>(store, job, output).await,
        What::Legs => write::<Leg>(store, job, output).await,
        What::Attempts => write::<Attempt>(store, job, output).await,
    }?;
    output.keep().map_err(|error| why(&error))
}

async fn write<R: Row + Send + 'static>(store: &Store, job: &Job, output: Output) -> Result<Output, Why> {
    let ExportAsk { conditions, what, format, numbers } = &job.ask;
    let about = about(&conditions.filter, now_us()).map_err(|_| Why::Output)?;
    let mut writing = Writing::<R, _>::begin(*format, output, about).map_err(|error| why(&error))?;
    let calls = store.all_calls(conditions.filter.clone(), parts(*what));
    let ended = tokio::select! {
        ended = export(calls, *numbers, &mut writing, job) => ended,
        () = job.stop.cancelled() => {
            writing.cut().await;
            return Err(Why::Cancelled);
        }
    };
    match ended {
        Ok(Ok(output)) => Ok(output),
        Ok(Err(ExportError::Output(error))) => Err(why(&error)),
        Ok(Err(error)) => {
            warn!(error = %chain(&error), "an export cannot be written");
            Err(Why::Output)
        }
        Err(error) => {
            warn!(error = %chain(&error), "an export cannot be read");
            // What is left of it need not be written.
            job.stop.cancel();
            writing.cut().await;
            Err(Why::Database)
        }
    }
}

fn why(error: &io::Error) -> Why {
    if let Some(NoRoom::Cancelled) = error.get_ref().and_then(|error| error.downcast_ref()) {
        return Why::Cancelled;
    }
    warn!(error = %chain(error), "an export cannot be written");
    match error.kind() {
        ErrorKind::QuotaExceeded => Why::Quota,
        ErrorKind::StorageFull => Why::DiskFull,
        _ => Why::Output,
    }
}
