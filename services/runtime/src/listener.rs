//! What listeners for many share: accepting, the cap on connections, and how they end.

use std::{future::Future, sync::Arc, time::Duration};

use prometheus::{IntCounter, IntGauge};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Semaphore,
    time::{sleep, timeout},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tracing::{debug, warn};

/// How long connections in hand may take to finish at shutdown.
const DRAIN: Duration = Duration::from_secs(2);

/// Takes connections, as many at once as there are places.
#[derive(Debug)]
pub struct Listener {
    socket: TcpListener,
    places: Arc<Semaphore>,
    open_now: IntGauge,
    refused: IntCounter,
}

impl Listener {
    /// A listener with places of its own. Open connections are shown by the one metric, those that found no place are
    /// counted by the other.
    pub fn new(socket: TcpListener, places: usize, open_now: IntGauge, refused: IntCounter) -> Self {
        Self { socket, places: Arc::new(Semaphore::new(places)), open_now, refused }
    }

    /// Starts a conversation on every connection until the stop signal; the ones still going on are returned.
    pub async fn accept<C>(self, stop: &CancellationToken, converse: impl Fn(TcpStream) -> C) -> Open
    where
        C: Future<Output = ()> + Send + 'static,
    {
        let open = TaskTracker::new();
        while let Some(accepted) = stop.run_until_cancelled(self.socket.accept()).await {
            match accepted {
                Ok((stream, _)) => self.take(stream, &open, &converse),
                Err(error) => {
                    // Out of descriptors, most likely: existing connections must end before new ones fit.
                    warn!(%error, "cannot accept");
                    sleep(Duration::from_millis(50)).await;
                }
            }
        }
        Open(open)
    }

    fn take<C>(&self, stream: TcpStream, open: &TaskTracker, converse: impl Fn(TcpStream) -> C)
    where
        C: Future<Output = ()> + Send + 'static,
    {
        let Ok(place) = Arc::clone(&self.places).try_acquire_owned() else {
            self.refused.inc();
            return;
        };
        // Every answer goes out in one write; without this a second segment would wait for a delayed ACK (40 ms).
        if let Err(error) = stream.set_nodelay(true) {
            debug!(%error, "connection ended before it began");
            return;
        }
        let conversation = converse(stream);
        let open_now = self.open_now.clone();
        open_now.inc();
        open.spawn(async move {
            conversation.await;
            open_now.dec();
            drop(place);
        });
    }
}

/// Connections in hand after the last one was accepted.
#[derive(Debug)]
pub struct Open(TaskTracker);

impl Open {
    /// Lets them finish for a while, `besides` with them, then gives them up.
    pub async fn drain(self, besides: impl Future<Output = ()>) {
        self.0.close();
        if timeout(DRAIN, async { tokio::join!(besides, self.0.wait()) }).await.is_err() {
            warn!("connections were cut at shutdown");
        }
    }
}
