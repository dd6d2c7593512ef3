//! The HTTP listener: axum for the questions, hyper's own limits for the connections.

use std::time::Duration;

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
use tokio::{net::TcpListener, time::timeout};
use tracing::debug;

use crate::{
    Credentials, Service, fields::MAX_QUESTION_BYTES, listener::Listener, reply::Refusal, service::Answer,
};

/// Largest request head, bytes: the lines of a dialplan's question are short.
const MAX_HEAD_BYTES: usize = 16 * 1024;
/// Serves questions until the stop signal, then lets the connections in hand finish.
pub async fn serve(socket: TcpListener, service: Service, config: RouterConfig, stop: CancellationToken) {
    let listener = Listener::new(socket, &config, service.metrics(), "http");
    let graceful = GracefulShutdown::new();
    let mut http = hyper::server::conn::http1::Builder::new();
    // The time to read a head is also how long an idle connection is kept.
    let keep_alive = Duration::from_secs(config.keep_alive_s);
    http.timer(TokioTimer::new()).header_read_timeout(keep_alive).max_buf_size(MAX_HEAD_BYTES);
    let app = TowerToHyperService::new(app(service));
    let converse = |stream| {
        let conversation = graceful.watch(http.serve_connection(TokioIo::new(stream), app.clone()));
        async move {
            if let Err(error) = conversation.await {
                debug!(%error, "connection failed");
            }
        }
    };
    let open = listener.accept(&stop, converse).await;
    open.drain(graceful.shutdown()).await;
}

fn app(service: Service) -> Router {
    Router::new().route("/v1/{verb}", any(question)).fallback(unknown).with_state(service)
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
