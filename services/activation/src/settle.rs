//! For programs that edit and want to know what became of it.

use std::time::Duration;

use store::{Store, StoreError};
use tokio::time::{Instant, sleep};

use crate::{Active, Draft, Look, Order, Part, Refusal, SILENT, activate};

/// How long the routers are waited for before the edits are activated here.
const PATIENCE: Duration = Duration::from_secs(5);
/// How often others may be faster.
const TRIES: u32 = 5;
const POLL: Duration = Duration::from_millis(50);

/// What became of edits.
#[derive(Debug)]
pub enum Settled {
    /// They are live in this generation, or were no change.
    Live(Option<u64>),
    /// They stand in the tables and are not live; the findings as JSON.
    Refused(String),
}

/// Sees edits that were just made go live: a router that is there does it fastest, as it holds everything in memory;
/// without one, or when none does it, it is done here. Edits of tables outside of `part` wait for `dialplane activate`.
pub async fn settle(store: &Store, part: Part, order: Order<'_>) -> Result<Settled, Refusal> {
    let Some(newest) = store.edited_in(part.tables()).await?.newest() else { return live(store).await };
    if somebody_is_there(store).await? {
        let until = Instant::now() + PATIENCE;
        while Instant::now() < until {
            let marks = store.edited_in(part.tables()).await?;
            if marks.oldest().is_none_or(|oldest| oldest > newest) {
                return live(store).await;
            }
            let refusal = store.last_refusal().await?;
            if let Some(refusal) =
                refusal.filter(|refusal| refusal.last_mark.is_some_and(|mark| mark >= newest))
            {
                return Ok(Settled::Refused(refusal.findings));
            }
            sleep(POLL).await;
        }
    }
    for _ in 0..TRIES {
        match here(store, part, order).await {
            // A router was about to do it: what it left over is done at the next try.
            Err(Refusal::Overtaken) => sleep(POLL).await,
            done => return done,
        }
    }
    Err(Refusal::Overtaken)
}

async fn somebody_is_there(store: &Store) -> Result<bool, StoreError> {
    let routers = store.routers().await?;
    Ok(routers.iter().any(|router| Duration::from_micros(router.age_us.unsigned_abs()) < SILENT))
}

async fn live(store: &Store) -> Result<Settled, Refusal> {
    Ok(Settled::Live(store.latest_generation().await?.map(|head| head.number)))
}

async fn here(store: &Store, part: Part, order: Order<'_>) -> Result<Settled, Refusal> {
    let base = Active::newest(store).await?;
    let draft = Draft::read(store, Look::Marked, part, base).await?;
    let marks = draft.marks().clone();
    match activate(store, draft, order).await {
        Ok(active) => Ok(Settled::Live(Some(active.record().number))),
        Err(Refusal::Unchanged) => {
            store.forget(&marks).await?;
            live(store).await
        }
        Err(refusal @ (Refusal::Errors(_) | Refusal::Shrunk(_))) => {
            Ok(Settled::Refused(refusal.to_json(usize::MAX)))
        }
        Err(refusal) => Err(refusal),
    }
}
