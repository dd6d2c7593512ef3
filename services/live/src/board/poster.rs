use std::{sync::Arc, time::Duration};

use runtime::{Backoff, CancellationToken};
use tracing::{debug, info, warn};

use super::{Note, Wall};
use crate::{Topic, bus::Exchange, connection::reason, server::SessionError};

const PAUSE_FIRST: Duration = Duration::from_millis(100);
/// A board lives for 15 s: after a break it is up again before anybody could take the silence for news.
const PAUSE_LONGEST: Duration = Duration::from_secs(5);

/// The task that brings this process's boards to Redis. It has a connection of its own, made when there is something to
/// post: boards that cannot be posted delay no hint.
pub(crate) struct Poster {
    exchange: Arc<Exchange>,
    wall: Arc<Wall>,
    backoff: Backoff,
    /// Why it does not work, as it was logged.
    trouble: Option<String>,
}

impl Poster {
    pub(crate) fn new(exchange: Arc<Exchange>, wall: Arc<Wall>) -> Self {
        let backoff = Backoff::new(PAUSE_FIRST, PAUSE_LONGEST);
        Self { exchange, wall, backoff, trouble: None }
    }

    /// Posts until the stop signal.
    pub(crate) async fn run(mut self, stop: CancellationToken) {
        stop.run_until_cancelled(self.work()).await;
    }

    async fn work(&mut self) {
        loop {
            for note in self.exchange.shelf.waiting().await {
                match self.wall.hang(&note).await {
                    Ok(()) => self.hung(&note),
                    Err(error) => {
                        self.failed(&error);
                        self.backoff.pause().await;
                        // Newer ones may be waiting by now.
                        break;
                    }
                }
            }
        }
    }

    fn hung(&mut self, note: &Note) {
        if !self.exchange.boards_are_up(true) {
            self.backoff.connected();
        }
        if self.trouble.take().is_some() {
            info!("boards posted again");
        }
        self.exchange.shelf.done(note);
        self.exchange.metrics.boards_posted.inc();
        if note.is_news {
            self.exchange.publish(Topic::Calls, note.node.to_string().into());
        }
    }

    fn failed(&mut self, error: &SessionError) {
        self.exchange.boards_are_up(false);
        let reason = reason(error);
        if self.trouble.as_ref() == Some(&reason) {
            debug!(error = reason, "boards still not posted");
        } else {
            warn!(error = reason, "boards not posted to the bus");
            self.trouble = Some(reason);
        }
    }
}
