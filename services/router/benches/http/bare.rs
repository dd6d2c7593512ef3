//! The ceiling: what axum costs when the handler does nothing.

use axum::{Router, routing::any, serve::ListenerExt};
use tokio::net::TcpListener;

pub(crate) fn serve(address: &str, reply_bytes: usize) {
    crate::common::run(async {
        let reply = "x".repeat(reply_bytes);
        let listener = TcpListener::bind(address).await.unwrap().tap_io(|stream| {
            stream.set_nodelay(true).unwrap();
        });
        println!("ready");
        let app = Router::new().route("/v1/{verb}", any(move || async move { reply }));
        axum::serve(listener, app).await.unwrap();
    });
}
