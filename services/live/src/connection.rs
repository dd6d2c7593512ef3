//! Keeps a session with Redis for as long as the process lives.

use std::{sync::Arc, time::Duration};

use runtime::{Backoff, CancellationToken, chain};
use tracing::{debug, info, warn};

use crate::{bus::Exchange, queue::Queue, server::SessionError, session::Session, url::Servers};

const PAUSE_FIRST: Duration = Duration::from_millis(100);
const PAUSE_LONGEST: Duration = Duration::from_secs(10);
/// Most characters of a reason that are logged: some of it is the server's own words.
const REASON_CHARS_MAX: usize = 200;

/// The task behind a bus on Redis.
pub(crate) struct Keeper {
    servers: Servers,
    prefix: String,
    exchange: Arc<Exchange>,
    queue: Arc<Queue>,
    backoff: Backoff,
    diary: Diary,
    connected_before: bool,
}

impl Keeper {
    pub(crate) fn new(servers: Servers, prefix: String, exchange: Arc<Exchange>, queue: Arc<Queue>) -> Self {
        let backoff = Backoff::new(PAUSE_FIRST, PAUSE_LONGEST);
        Self { servers, prefix, exchange, queue, backoff, diary: Diary::default(), connected_before: false }
    }

    /// Connects, and connects again, until the stop signal.
    pub(crate) async fn run(mut self, stop: CancellationToken) {
        stop.run_until_cancelled(self.work()).await;
    }

    async fn work(&mut self) {
        // Each attempt begins with the next server, so that a dead one is not asked twice in a row.
        for turn in 0.. {
            let error = match Session::open(&self.servers, turn, &self.prefix, &self.exchange).await {
                Ok(session) => self.attend(session).await,
                Err(error) => error,
            };
            self.exchange.disconnected();
            self.diary.lost(&error, self.backoff.was_settled());
            self.backoff.pause().await;
        }
    }

    /// One session to its end.
    async fn attend(&mut self, mut session: Session) -> SessionError {
        self.backoff.connected();
        self.exchange.metrics.reconnects.inc_by(u64::from(self.connected_before));
        self.connected_before = true;
        self.diary.connected(session.server());
        self.exchange.connected();
        session.serve(&self.queue).await
    }
}

/// Logs what is news: neither the hundredth refusal nor each round with a server that accepts and closes.
#[derive(Debug, Default)]
struct Diary {
    loss: Option<String>,
    told_of_connection: bool,
}

impl Diary {
    fn connected(&mut self, server: &str) {
        if self.told_of_connection {
            debug!(bus.server = server, "bus connected again");
        } else {
            info!(bus.server = server, "bus connected");
            self.told_of_connection = true;
        }
    }

    fn lost(&mut self, error: &SessionError, was_settled: bool) {
        let reason = reason(error);
        if self.loss.as_ref() == Some(&reason) && !was_settled {
            debug!(error = reason, "bus still not connected");
        } else {
            warn!(error = reason, "bus not connected; changes are found by polling until it is");
            self.loss = Some(reason);
            self.told_of_connection = false;
        }
    }
}

/// What is told of an error.
pub(crate) fn reason(error: &SessionError) -> String {
    let text = chain(error).to_string();
    text.chars().take(REASON_CHARS_MAX).flat_map(char::escape_debug).collect()
}
