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

/// A connection lives at most this many keep-alive times, however busy it is.
const LIFETIMES: u32 = 4;

/// Serves until the stop signal, then lets the connections in hand finish. A connection may be idle for `keep_alive`.
pub async fn serve_http(listener: Listener, app: Router, keep_alive: Duration, stop: CancellationToken) {
    let graceful = GracefulShutdown::new();
    let mut http = hyper::server::conn::http1::Builder::new();
    // The time to read a head is also how long an idle connection is kept.
    http.timer(TokioTimer::new()).header_read_timeout(keep_alive).max_buf_size(MAX_HEAD_BYTES);
    let app = TowerToHyperService::new(app);
    let converse = |stream| {
        let conversation = graceful.watch(http.serve_connection(TokioIo::new(stream), app.clone()));
        async move {
            // A client that asks and never reads would keep its place for ever.
            match timeout(LIFETIMES * keep_alive, conversation).await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => debug!(%error, "connection failed"),
                Err(_) => debug!("connection closed for its age"),
            }
        }
    };
    let open = listener.accept(&stop, converse).await;
    open.drain(graceful.shutdown()).await;
}
