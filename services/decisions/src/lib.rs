//! Keeps what a router decides: each decision onto the disk first, and from there into the tables.
//!
//! ```text
//! router ──► queue ──► journal ──► writer ──► decisions, decision_attempts
//!             memory     disk
//! ```
//!
//! The path of a question puts a record into the queue and is done. What reaches the journal, a tenth of a second later at
//! most, outlives the process; the database takes it when it can. A restart goes on at the last checkpoint and writes
//! some decisions again, which the tables have once.

mod intake;
mod metrics;
mod tail;
mod writer;

use std::{sync::Arc, time::Duration};

use journal::{Journal, JournalError, Options};
use routing::DecisionRecord;
use runtime::{CancellationToken, DecisionsConfig, Health, chain};
use store::Store;
use tokio::{
    sync::{mpsc, watch},
    time::sleep,
};
use tracing::{error, info};

use crate::{intake::Intake, tail::CONSUMER, writer::Writer};
pub use metrics::Metrics;

/// Everything that is needed from the process.
#[derive(Debug)]
pub struct DecisionsContext {
    pub config: DecisionsConfig,
    /// What the router is called.
    pub router: Box<str>,
    pub store: Store,
    pub health: Health,
    pub metrics: Arc<Metrics>,
}

/// What the readiness calls the way to the disk.
const PART: &str = "journal of decisions";
/// How long a journal that cannot be opened or read is left alone. The queue keeps what it has room for.
const TROUBLE: Duration = Duration::from_secs(5);
/// How long the database may take for the last decisions; what is not written then is after the next start.
const LAST_WRITE: Duration = Duration::from_secs(1);
/// Keeps decisions until the stop signal, and for a moment after it: the router's last questions are answered then. A
/// router that cannot keep its decisions answers nevertheless; readiness and metrics tell.
pub async fn run(
    context: DecisionsContext,
    mut decisions: mpsc::Receiver<DecisionRecord>,
    stop: CancellationToken,
) {
    while let Some(journal) = stop.run_until_cancelled(opened(&context)).await {
        context.health.remark(PART, None);
        let kept = Box::pin(keep(&context, &Arc::new(journal), &mut decisions, &stop)).await;
        let Err(error) = kept else { return };
        trouble(&context, &error).await;
    }
}

/// The journal, as soon as it can be opened.
async fn opened(context: &DecisionsContext) -> Journal {
    loop {
        let config = context.config.clone();
        match tokio::task::spawn_blocking(move || open(config)).await {
            Ok(Ok(journal)) => return journal,
            Ok(Err(error)) => trouble(context, &error).await,
            Err(panicked) => {
                error!(error = %panicked, "the journal of decisions cannot be opened");
                sleep(TROUBLE).await;
            }
        }
    }
}

fn open(config: DecisionsConfig) -> Result<Journal, JournalError> {
    let mut options = Options::new(config.folder);
    options.total_bytes = config.journal_mib << 20;
    options.keep_for = Duration::from_secs(config.journal_keep_s);
    options.consumers = vec![CONSUMER.into()];
    Journal::open(options)
}

async fn trouble(context: &DecisionsContext, error: &JournalError) {
    error!(error = %chain(error), "decisions are not kept");
    context.health.remark(PART, Some(format!("decisions are not kept: {}", chain(error))));
    sleep(TROUBLE).await;
}

/// From the queue onto the disk and from there into the tables, until the router is gone; fails where the disk cannot be
/// read.
async fn keep(
    context: &DecisionsContext,
    journal: &Arc<Journal>,
    decisions: &mut mpsc::Receiver<DecisionRecord>,
    stop: &CancellationToken,
) -> Result<(), JournalError> {
    info!(journal = %context.config.folder.display(), "decisions are kept");
    let (until, ends) = watch::channel(None);
    let intake = Intake { context, journal, stop };
    let writer = Writer { context, journal };
    let take_in = async {
        until.send_replace(Some(intake.run(decisions).await));
        // The writer ends by itself when it has come so far, unless the database keeps it waiting.
        sleep(LAST_WRITE).await;
    };
    tokio::select! {
        written = writer.run(ends) => written,
        () = take_in => Ok(()),
        () = writer.prepare_months() => Ok(()),
    }
}
