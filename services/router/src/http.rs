//! The HTTP listener: axum for the questions, hyper's own limits for the connections.

use std::{sync::Arc, time::Duration};

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::{Path, State},
    http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, header},
    routing::any,
};
use base64::{Engine, prelude::BASE64_STANDARD};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
    service::TowerToHyperService,
};
use runtime::{CancellationToken, RouterConfig};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{sleep, timeout},
};
use tokio_util::task::TaskTracker;
use tracing::{debug, warn};

use crate::{Credentials, Service, fields::MAX_QUESTION_BYTES, reply::Refusal, service::Answer};

/// Largest request head, bytes: the lines of a dialplan's question are short.
const MAX_HEAD_BYTES: usize = 16 * 1024;
/// How long connections in hand may take to finish at shutdown.
const DRAIN: Duration = Duration::from_secs(2);

/// Serves questions until the stop signal, then lets the connections in hand finish.
pub async fn serve(listener: TcpListener, service: Service, config: RouterConfig, stop: CancellationToken) {
    let acceptor = Acceptor::new(service, &config);
    while let Some(accepted) = stop.run_until_cancelled(listener.accept()).await {
        match accepted {
            Ok((stream, _)) => acceptor.take(stream),
            Err(error) => {
                // Out of descriptors, most likely: existing connections must end before new ones fit.
                warn!(%error, "cannot accept");
                sleep(Duration::from_millis(50)).await;
            }
        }
    }
    acceptor.drain().await;
}

struct Acceptor {
    app: Router,
    service: Service,
    keep_alive: Duration,
    places: Arc<Semaphore>,
    open: TaskTracker,
    graceful: GracefulShutdown,
}

impl Acceptor {
    fn new(service: Service, config: &RouterConfig) -> Self {
        Self {
            app: Router::new()
                .route("/v1/{verb}", any(question))
                .fallback(unknown)
                .with_state(service.clone()),
            service,
            keep_alive: Duration::from_secs(config.keep_alive_s),
            places: Arc::new(Semaphore::new(config.connections_max)),
            open: TaskTracker::new(),
            graceful: GracefulShutdown::new(),
        }
    }

    fn take(&self, stream: TcpStream) {
        match Arc::clone(&self.places).try_acquire_owned() {
            Ok(place) => self.converse(stream, place),
            Err(_) => self.service.metrics().connections_refused.inc(),
        }
    }

    fn converse(&self, stream: TcpStream, place: OwnedSemaphorePermit) {
        // Head and body go out in one write; without this a second segment would wait for a delayed ACK (40 ms).
        if let Err(error) = stream.set_nodelay(true) {
            debug!(%error, "connection ended before it began");
            return;
        }
        let mut http = hyper::server::conn::http1::Builder::new();
        // The time to read a head is also how long an idle connection is kept.
        http.timer(TokioTimer::new()).header_read_timeout(self.keep_alive).max_buf_size(MAX_HEAD_BYTES);
        let conversation =
            http.serve_connection(TokioIo::new(stream), TowerToHyperService::new(self.app.clone()));
        let conversation = self.graceful.watch(conversation);
        let connections = self.service.metrics().connections.clone();
        connections.inc();
        self.open.spawn(async move {
            if let Err(error) = conversation.await {
                debug!(%error, "connection failed");
            }
            connections.dec();
            drop(place);
        });
    }

    async fn drain(self) {
        self.open.close();
        let drained = timeout(DRAIN, async { tokio::join!(self.graceful.shutdown(), self.open.wait()) });
        if drained.await.is_err() {
            warn!("connections were cut at shutdown");
        }
    }
}

async fn question(
    State(service): State<Service>,
    Path(verb): Path<String>,
    request: Request<Body>,
) -> Response<Body> {
    let answer = match timeout(service.deadline(), read(request)).await {
        Ok(Ok(question)) => service.answer(&verb, question.fields(), question.credentials.as_ref()),
        Ok(Err(refusal)) => service.refuse("unknown", refusal),
        Err(_) => service.refuse("unknown", Refusal::NotReady("deadline")),
    };
    response(answer)
}

async fn unknown(State(service): State<Service>) -> Response<Body> {
    response(service.refuse("unknown", Refusal::BadRequest("unknown_path")))
}

struct Question {
    query: Option<String>,
    body: axum::body::Bytes,
    credentials: Option<Credentials>,
}

impl Question {
    fn fields(&self) -> &[u8] {
        self.query.as_ref().map_or(&self.body, |query| query.as_bytes())
    }
}

/// Fields come in the query of a GET or in the body of a POST, never in both.
async fn read(request: Request<Body>) -> Result<Question, Refusal> {
    let credentials = basic(request.headers());
    let query = match *request.method() {
        Method::GET => Some(request.uri().query().unwrap_or_default().to_owned()),
        Method::POST => None,
        _ => return Err(Refusal::BadRequest("bad_method")),
    };
    let body = to_bytes(request.into_body(), MAX_QUESTION_BYTES).await;
    let body = body.map_err(|_| Refusal::BadRequest("question_too_long"))?;
    if query.as_ref().is_some_and(|query| query.len() > MAX_QUESTION_BYTES) {
        return Err(Refusal::BadRequest("question_too_long"));
    }
    Ok(Question { query, body, credentials })
}

/// HTTP Basic (RFC 7617), as `CURLOPT(userpwd)=node:token` sends it.
fn basic(headers: &HeaderMap) -> Option<Credentials> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, encoded) = value.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let text = String::from_utf8(BASE64_STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (node, token) = text.split_once(':')?;
    Some(Credentials { node: node.to_owned(), token: token.to_owned() })
}

fn response(answer: Answer) -> Response<Body> {
    let mut response = Response::new(Body::from(answer.line));
    *response.status_mut() = StatusCode::from_u16(answer.http_status).unwrap_or(StatusCode::OK);
    let plain = HeaderValue::from_static("application/x-www-form-urlencoded");
    response.headers_mut().insert(header::CONTENT_TYPE, plain);
    response
}
