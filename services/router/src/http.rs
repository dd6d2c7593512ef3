//! The HTTP listener: axum for the questions, the runtime's limits for the connections.

use std::time::Duration;

use axum::{
    Router,
    body::{Body, Bytes, to_bytes},
    extract::{Path, State, rejection::PathRejection},
    http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, header},
    routing::any,
};
use base64::{Engine, prelude::BASE64_STANDARD};
use runtime::{CancellationToken, ConnectionLimits, RouterConfig, serve_http};
use tokio::{net::TcpListener, time::timeout};

use crate::{
    Credentials, Service,
    fields::MAX_QUESTION_BYTES,
    reply::Refusal,
    service::{Answer, EXPLAIN},
};

/// Serves questions until the stop signal, then lets the connections in hand finish.
pub async fn serve(socket: TcpListener, service: Service, config: RouterConfig, stop: CancellationToken) {
    let listener = service.metrics().listener(socket, config.connections_max, "http");
    let limits = ConnectionLimits::of_short_answers(Duration::from_secs(config.keep_alive_s));
    serve_http(listener, app(service), limits, stop).await;
}

fn app(service: Service) -> Router {
    Router::new()
        .route("/v1/explain", any(explain))
        .route("/v1/{verb}", any(question))
        .fallback(unknown)
        .with_state(service)
}

async fn question(
    State(service): State<Service>,
    verb: Result<Path<String>, PathRejection>,
    request: Request<Body>,
) -> Response<Body> {
    let Ok(Path(verb)) = verb else { return unknown(State(service)).await };
    let answer = match timeout(service.deadline(), read(request)).await {
        Ok(Ok(question)) => service.answer(&verb, question.fields(), question.credentials.as_ref()),
        Ok(Err(refusal)) => service.refuse(&verb, refusal),
        Err(_) => service.refuse(&verb, Refusal::NotReady("deadline")),
    };
    response(answer, FORM)
}

/// The same fields with `verb` beside them, from an operator; the answer is JSON, or a refusal like any other.
async fn explain(State(service): State<Service>, request: Request<Body>) -> Response<Body> {
    let bearer = authorization(request.headers(), "bearer").map(str::to_owned);
    let answer = match timeout(service.deadline(), read(request)).await {
        Ok(Ok(question)) => service.explain(question.fields(), bearer.as_deref()),
        Ok(Err(refusal)) => service.refuse(EXPLAIN, refusal),
        Err(_) => service.refuse(EXPLAIN, Refusal::NotReady("deadline")),
    };
    let content_type = if answer.http_status == 200 { "application/json" } else { FORM };
    response(answer, content_type)
}

async fn unknown(State(service): State<Service>) -> Response<Body> {
    response(service.refuse("", Refusal::BadRequest("unknown_path")), FORM)
}

struct Question {
    query: Option<String>,
    body: Bytes,
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
    let encoded = authorization(headers, "basic")?;
    let text = String::from_utf8(BASE64_STANDARD.decode(encoded).ok()?).ok()?;
    let (node, token) = text.split_once(':')?;
    Some(Credentials { node: node.to_owned(), token: token.to_owned() })
}

fn authorization<'h>(headers: &'h HeaderMap, wanted: &str) -> Option<&'h str> {
    let (scheme, rest) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case(wanted).then(|| rest.trim())
}

const FORM: &str = "application/x-www-form-urlencoded";

fn response(answer: Answer, content_type: &'static str) -> Response<Body> {
    let mut response = Response::new(Body::from(answer.line));
    *response.status_mut() = StatusCode::from_u16(answer.http_status).unwrap_or(StatusCode::OK);
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}
