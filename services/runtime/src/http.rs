//! An HTTP server whose connections have limits: hyper's own, which axum's does not reach.

use std::time::Duration;

use axum::Router;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
    service::TowerToHyperService,
};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tracing::debug;

use crate::listener::Listener;

/// Largest request head, bytes: the requests of dialplans and of the API are short.
const MAX_HEAD_BYTES: usize = 16 * 1024;

/// A connection lives at most this many idle times, however busy it is, unless somebody says otherwise.
const LIFETIMES: u32 = 4;

/// How long connections may last.
#[derive(Clone, Copy, Debug)]
pub struct ConnectionLimits {
    /// How long one may be idle.
    pub idle: Duration,
    /// How long one lives, however busy it is.
    pub age: Duration,
}

impl ConnectionLimits {
    /// Of answers that take no time.
    pub fn of_short_answers(idle: Duration) -> Self {
        Self { idle, age: LIFETIMES * idle }
    }
}

/// Serves until the stop signal, then lets the connections in hand finish.
pub async fn serve_http(listener: Listener, app: Router, limits: ConnectionLimits, stop: CancellationToken) {
    let graceful = GracefulShutdown::new();
    let mut http = hyper::server::conn::http1::Builder::new();
    // The time to read a head is also how long an idle connection is kept.
    http.timer(TokioTimer::new()).header_read_timeout(limits.idle).max_buf_size(MAX_HEAD_BYTES);
    let app = TowerToHyperService::new(app);
    let converse = |stream| {
        let conversation = graceful.watch(http.serve_connection(TokioIo::new(stream), app.clone()));
        async move {
            // A client that asks and never reads would keep its place for ever.
            match timeout(limits.age, conversation).await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => debug!(%error, "connection failed"),
                Err(_) => debug!("connection closed for its age"),
            }
        }
    };
    let open = listener.accept(&stop, converse).await;
    open.drain(graceful.shutdown()).await;
}
