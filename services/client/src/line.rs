//! One connection, one question at a time.

use std::{
    future::{Future, poll_fn},
    path::Path,
    pin::{Pin, pin},
};

use hyper::{
    Request, Response,
    body::{Body, Incoming},
    client::conn::http1::{SendRequest, handshake},
    header,
};
use hyper_util::rt::TokioIo;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
};

use crate::{BODY_BYTES_MAX, Base, ClientError, Reply};

/// Moved on by whoever waits for an answer: nothing runs beside it.
pub(crate) struct Line {
    sender: SendRequest<String>,
    /// Nothing once it has ended.
    connection: Option<Pin<Box<dyn Future<Output = hyper::Result<()>> + Send + Sync>>>,
}

impl Line {
    pub(crate) async fn open(base: &Base, ca_file: Option<&Path>) -> Result<Self, ClientError> {
        let unreachable = |source| ClientError::Unreachable { address: base.to_string(), source };
        let connection = TcpStream::connect((&*base.host, base.port)).await.map_err(unreachable)?;
        connection.set_nodelay(true).map_err(unreachable)?;
        if base.is_encrypted {
            let encrypted = tls::encrypt(ca_file, &base.host, connection).await;
            let tls = |source| ClientError::Tls { address: base.to_string(), source };
            return Self::over(encrypted.map_err(tls)?).await;
        }
        let peer = connection.peer_addr().map_err(unreachable)?;
        if !peer.ip().to_canonical().is_loopback() {
            return Err(ClientError::WouldShowToken { peer });
        }
        Self::over(connection).await
    }

    async fn over(
        connection: impl AsyncRead + AsyncWrite + Unpin + Send + Sync + 'static,
    ) -> Result<Self, ClientError> {
        let (sender, connection) = handshake(TokioIo::new(connection)).await.map_err(ClientError::Broken)?;
        Ok(Self { sender, connection: Some(Box::pin(connection)) })
    }

    pub(crate) async fn exchange(&mut self, request: Request<String>) -> Result<Reply, ClientError> {
        let Self { sender, connection } = self;
        let mut reply = pin!(async {
            sender.ready().await.map_err(ClientError::Broken)?;
            receive(sender.send_request(request).await.map_err(ClientError::Broken)?).await
        });
        if let Some(running) = connection {
            tokio::select! {
                biased;
                reply = &mut reply => return reply,
                _ = running => *connection = None,
            }
        }
        // What came before the end is still to be read.
        reply.await
    }
}

async fn receive(response: Response<Incoming>) -> Result<Reply, ClientError> {
    let status = response.status();
    let etag = response.headers().get(header::ETAG).and_then(|etag| etag.to_str().ok()).map(str::to_owned);
    let mut body = response.into_body();
    let mut bytes = Vec::new();
    while let Some(frame) = poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await {
        let frame = frame.map_err(ClientError::Broken)?;
        bytes.extend_from_slice(frame.data_ref().map(AsRef::as_ref).unwrap_or_default());
        if bytes.len() > BODY_BYTES_MAX {
            return Err(ClientError::TooLong);
        }
    }
    Ok(Reply { status, etag, bytes })
}
