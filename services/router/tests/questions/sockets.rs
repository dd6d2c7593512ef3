//! Routers on real sockets: what the tests of both listeners share.

use std::{collections::BTreeMap, future::Future, net::SocketAddr};

use router::Service;
use runtime::{CancellationToken, RouterConfig};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinSet,
};

use crate::common::{Rig, article, read, serving};

pub(crate) struct Listening {
    pub(crate) address: SocketAddr,
    pub(crate) stop: CancellationToken,
    pub(crate) served: JoinSet<()>,
    pub(crate) rig: Rig,
}

/// Has `serve` (one of the router's listeners) answer from the article's tables.
pub(crate) async fn listening<S>(
    serve: impl FnOnce(TcpListener, Service, RouterConfig, CancellationToken) -> S,
    change: impl FnOnce(&mut RouterConfig),
) -> Listening
where
    S: Future<Output = ()> + Send + 'static,
{
    let mut config = RouterConfig { keep_alive_s: 1, ..RouterConfig::default() };
    change(&mut config);
    let rig = serving(&article());
    let (stop, mut served) = (CancellationToken::new(), JoinSet::new());
    let (listener, address) = anywhere().await;
    served.spawn(serve(listener, rig.service.clone(), config, stop.clone()));
    Listening { address, stop, served, rig }
}

async fn anywhere() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}

impl Listening {
    /// The address of an HTTP listener over the same tables.
    pub(crate) async fn http(&mut self) -> SocketAddr {
        let (listener, address) = anywhere().await;
        let (service, config) = (self.rig.service.clone(), RouterConfig::default());
        self.served.spawn(router::serve(listener, service, config, self.stop.clone()));
        address
    }
}

/// Sends bytes and reads until the router closes.
pub(crate) async fn say(address: SocketAddr, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(bytes).await.unwrap();
    let mut reply = String::new();
    stream.read_to_string(&mut reply).await.unwrap();
    reply
}

/// Posts a question over HTTP; the whole answer comes back.
pub(crate) async fn post(address: SocketAddr, verb: &str, fields: &str) -> String {
    let length = fields.len();
    let request = format!(
        "POST /v1/{verb} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{fields}"
    );
    say(address, request.as_bytes()).await
}

/// The fields in the body of an answer.
pub(crate) fn fields(answer: &str) -> BTreeMap<String, String> {
    read(answer.split_once("\r\n\r\n").unwrap().1)
}
