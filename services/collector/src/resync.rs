use std::{sync::Arc, time::Duration};

use ami::{AskError, Manager};
use asterisk::ami::{Action, ActionError, ActionId};
use domain::NodeName;
use journal::Journal;
use runtime::CancellationToken;
use tokio::{
    sync::Notify,
    time::{MissedTickBehavior, interval},
};
use tracing::warn;

use crate::{clock::now_us, kept::Note, recorder::note};

/// How often the channels are listed without a reason: an end that was never announced is noticed by it.
const AUDIT_EVERY: Duration = Duration::from_mins(1);
/// A list that did not come is asked for again after this.
const AGAIN: Duration = Duration::from_secs(2);

/// Asks the node who is up, after every new session and whenever something was missing. What it answers goes the way of
/// all frames, into the journal, in its place among the events that happen meanwhile.
pub(crate) struct Resync {
    pub(crate) node: NodeName,
    pub(crate) manager: Manager,
    pub(crate) journal: Arc<Journal>,
    pub(crate) opened: Arc<Notify>,
    pub(crate) must_list: Arc<Notify>,
}

impl Resync {
    pub(crate) async fn run(self, stop: CancellationToken) {
        tokio::select! {
            () = self.forever() => {}
            () = stop.cancelled() => {}
        }
    }

    async fn forever(&self) {
        let mut audit = interval(AUDIT_EVERY);
        audit.set_missed_tick_behavior(MissedTickBehavior::Delay);
        // The first tick comes at once, and a session that just began lists by itself.
        audit.tick().await;
        loop {
            let asked = tokio::select! {
                () = self.opened.notified() => self.everything().await,
                () = self.must_list.notified() => self.channels().await,
                _ = audit.tick() => self.channels().await,
            };
            match asked {
                // Without a session: the next one lists anyhow.
                Ok(()) | Err(AskError::NotConnected | AskError::Closed) => {}
                Err(error) => {
                    warn!(node = %self.node, %error, "the node does not list its channels");
                    tokio::time::sleep(AGAIN).await;
                    self.must_list.notify_one();
                }
            }
        }
    }

    async fn everything(&self) -> Result<(), AskError> {
        // First, as channels of a process that is gone are no longer to be waited for.
        self.restart().await?;
        self.ask(|id| Action::status(id, None, &[])).await?;
        self.ask(Action::bridge_list).await?;
        self.channels().await?;
        match self.ask(|id| Action::queue_status(id, None)).await {
            // A node without queues.
            Err(AskError::Refused { .. }) => Ok(()),
            asked => asked,
        }
    }

    async fn channels(&self) -> Result<(), AskError> {
        self.ask(Action::core_show_channels).await
    }

    async fn restart(&self) -> Result<(), AskError> {
        let status = match self.manager.ask(Action::core_status).await {
            // FullyBooted tells too, to those who may read it.
            Err(AskError::Refused { .. }) => return Ok(()),
            status => status?,
        };
        let block = status.response.block();
        let [date, time] = ["CoreStartupDate", "CoreStartupTime"].map(|name| block.value(name));
        if let (Some(date), Some(time)) = (date, time) {
            let when = format!("{} {}", date.to_text(), time.to_text());
            note(&self.journal, &Note::Started { when: when.into() }, now_us());
        }
        Ok(())
    }

    /// Whether it was refused matters; what was answered, the journal has.
    async fn ask(
        &self,
        action: impl FnOnce(&ActionId) -> Result<Action, ActionError>,
    ) -> Result<(), AskError> {
        match self.manager.ask(action).await {
            // Too much for an answer; for the journal it is not.
            Err(AskError::TooLong) => Ok(()),
            asked => asked.map(drop),
        }
    }
}
