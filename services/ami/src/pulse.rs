//! Whether the node is still there: a line that broke without a word looks like a quiet node.

use asterisk::ami::Action;
use tokio::time::{Instant, sleep, sleep_until};

use crate::{AskError, Closed, manager::Desk, session::Session};

pub(crate) struct Pulse<'a> {
    session: &'a Session<'a>,
    desk: Desk,
    /// Up to when the time of the session is counted.
    counted: Instant,
}

impl<'a> Pulse<'a> {
    pub(crate) fn new(session: &'a Session<'a>, desk: Desk) -> Self {
        Self { session, desk, counted: Instant::now() }
    }

    /// Asks a silent node now and then, until it was silent for too long. Whatever it says is a sign of life.
    pub(crate) async fn beat(mut self) -> Closed {
        let timings = &self.session.target.timings;
        loop {
            let heard = self.session.heard();
            sleep_until(heard + timings.ping).await;
            self.count();
            if self.session.heard() != heard {
                continue;
            }
            let left = timings.silence.saturating_sub(heard.elapsed());
            if left.is_zero() {
                return Closed::Silent { limit: timings.silence };
            }
            let limit = left.min(timings.ping);
            match self.desk.ask(limit, Action::ping).await {
                Ok(_) | Err(AskError::TimedOut { .. }) => {}
                // It was not even sent.
                Err(_) => sleep(limit).await,
            }
            if self.session.heard() == heard {
                self.session.metrics.pings_lost.inc();
            }
        }
    }

    fn count(&mut self) {
        let now = Instant::now();
        self.session.metrics.connected_seconds.inc_by((now - self.counted).as_secs_f64());
        self.counted = now;
    }
}

/// However the session ends, its last seconds count.
impl Drop for Pulse<'_> {
    fn drop(&mut self) {
        self.count();
    }
}
