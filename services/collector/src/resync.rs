use std::{sync::Arc, time::Duration};

use ami::{AskError, Manager};
use asterisk::ami::{Action, ActionError, ActionId};
use domain::NodeName;
use journal::Journal;
use runtime::{Backoff, CancellationToken, now_us};
use tokio::{
    sync::Notify,
    time::{MissedTickBehavior, interval},
};
use tracing::warn;

use crate::{kept::Note, recorder::note};

/// How often the channels are listed without a reason: an end that was never announced is noticed by it.
const AUDIT_EVERY: Duration = Duration::from_mins(1);
/// A list that did not come is asked for again, sooner at first than later.
const PAUSES: [Duration; 2] = [Duration::from_secs(2), Duration::from_mins(1)];

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
        let mut backoff = Backoff::new(PAUSES[0], PAUSES[1]);
        loop {
            let asked = tokio::select! {
                () = self.opened.notified() => self.everything().await,
                () = self.must_list.notified() => self.channels().await,
                _ = audit.tick() => self.channels().await,
            };
            match asked {
                // Without a session: the next one lists anyhow.
                Ok(()) | Err(AskError::NotConnected | AskError::Closed) => backoff.connected(),
                Err(error) => {
                    warn!(node = %self.node, %error, "the node did not list its channels, it is asked again");
                    backoff.pause().await;
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
        self.ask(|id| Action::queue_status(id, None)).await
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

    /// What is answered, the journal has. What the account may not ask, the session has named already; to ask it again
    /// gives the same.
    async fn ask(
        &self,
        action: impl FnOnce(&ActionId) -> Result<Action, ActionError>,
    ) -> Result<(), AskError> {
        match self.manager.ask(action).await {
            // Too much for an answer is not too much for the journal.
            Err(AskError::TooLong | AskError::Refused { .. }) => Ok(()),
            asked => asked.map(drop),
        }
    }
}
