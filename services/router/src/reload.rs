//! Keeps the snapshot up to date with the tables. This is the seam at which activated generations will be fetched.

use std::{sync::Arc, time::Duration};

use routing::{Generation, Snapshot, TableFaults, tables::Tables};
use runtime::{CancellationToken, chain};
use store::{Store, StoreError};
use tokio::time::{MissedTickBehavior, interval, timeout};
use tracing::{info, warn};

use crate::Publisher;

/// Why there is no new snapshot.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    #[error("the tables cannot be read")]
    Store(#[from] StoreError),
    #[error(transparent)]
    Faults(#[from] TableFaults),
    #[error("the database did not finish within {} s", LIMIT.as_secs())]
    TooSlow,
}

/// How long one look at the tables may take: a database that hangs must not be the last one ever asked.
const LIMIT: Duration = Duration::from_mins(1);

/// Reads and compiles the working copy.
pub async fn load(store: &Store) -> Result<Snapshot, LoadError> {
    compile(read(store).await?)
}

/// The same, with the tables it was compiled from.
pub async fn load_with_tables(store: &Store) -> Result<(Tables, Snapshot), LoadError> {
    let tables = read(store).await?;
    let snapshot = compile(tables.clone())?;
    Ok((tables, snapshot))
}

async fn read(store: &Store) -> Result<Tables, LoadError> {
    Ok(timeout(LIMIT, store.tables()).await.map_err(|_| LoadError::TooSlow)??)
}

fn compile(tables: Tables) -> Result<Snapshot, LoadError> {
    let generation = Generation::of_working_copy(tables.fingerprint());
    Ok(Snapshot::compile(tables.into(), generation)?)
}

/// Reads the tables again and again until the stop signal. Whatever goes wrong, the last good snapshot stays.
pub(crate) async fn run(store: Store, mut publisher: Publisher, every: Duration, stop: CancellationToken) {
    let mut tick = interval(every);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    tick.tick().await;
    while stop.run_until_cancelled(tick.tick()).await.is_some() {
        if stop.run_until_cancelled(reload(&store, &mut publisher)).await.is_none() {
            return;
        }
    }
}

/// Publishes what the tables say now, if that is something new and something valid.
pub(crate) async fn reload(store: &Store, publisher: &mut Publisher) {
    match refreshed(store, publisher.current()).await {
        Ok(Some(snapshot)) => {
            info!(generation = %snapshot.generation(), "configuration published");
            let old = publisher.publish(snapshot);
            // Freeing a million numbers takes a while: not on a thread that answers questions.
            tokio::task::spawn_blocking(move || drop(old));
        }
        Ok(None) => publisher.metrics().reload("unchanged"),
        Err(error) => {
            publisher.metrics().reload("failed");
            warn!(error = %chain(&error), "keeping the previous configuration");
        }
    }
}

async fn refreshed(store: &Store, current: Option<Arc<Snapshot>>) -> Result<Option<Snapshot>, LoadError> {
    let tables = read(store).await?;
    let compiled = tokio::task::spawn_blocking(move || {
        let Some(current) = current else { return compile(tables).map(Some) };
        let generation = Generation::of_working_copy(tables.fingerprint());
        if *current.generation() == generation {
            return Ok(None);
        }
        Ok(Some(current.advance(tables.into(), generation)?))
    });
    compiled.await.expect("compiling does not panic, and is not cancelled")
}
