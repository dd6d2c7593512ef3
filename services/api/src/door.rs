//! Who comes in, how many at once, and for how long.

use std::time::Duration;

use axum::{
    extract::{FromRequestParts, MatchedPath, Request, State},
    http::{HeaderMap, header, request::Parts},
    middleware::Next,
    response::{IntoResponse, Response},
};
use domain::ApiRole;
use records::Numbers;
use tokio::time::{Instant, timeout};
use tracing::warn;

use crate::{App, problem::Problem};

/// Longest path and query, bytes: a cursor and every condition fit.
const URI_BYTES_MAX: usize = 8 * 1024;
/// Longest token; those we make are shorter.
const TOKEN_BYTES_MAX: usize = 256;
/// How often refused tokens are logged at most: whoever guesses must not fill the disk.
const WARN_EVERY: Duration = Duration::from_mins(1);

/// Whoever asks, known by a token.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Operator {
    pub(crate) role: ApiRole,
}

impl Operator {
    pub(crate) fn numbers(self) -> Numbers {
        Numbers::of(self.role)
    }
}

impl FromRequestParts<App> for Operator {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Problem> {
        parts.extensions.get::<Self>().copied().ok_or_else(Problem::no_token)
    }
}

/// Lets a request through to its noun, and counts what became of it.
pub(crate) async fn pass(
    State(app): State<App>,
    path: MatchedPath,
    request: Request,
    next: Next,
) -> Response {
    let started = Instant::now();
    let admitted = timeout(app.deadline, admit(&app, request, next)).await;
    let response = admitted.unwrap_or_else(|_| Err(Problem::late())).unwrap_or_else(Problem::into_response);
    app.metrics.answered(path.as_str(), &response, started.elapsed());
    response
}

async fn admit(app: &App, mut request: Request, next: Next) -> Result<Response, Problem> {
    let uri = request.uri();
    if uri.path().len() + uri.query().unwrap_or_default().len() > URI_BYTES_MAX {
        return Err(Problem::long_query());
    }
    let operator = operator(app, request.headers()).await.inspect_err(|problem| refused(app, problem))?;
    request.extensions_mut().insert(operator);
    // Never closed, so there is always a turn.
    let _turn = app.turns.acquire().await.map_err(|_| Problem::late())?;
    Ok(next.run(request).await)
}

async fn operator(app: &App, headers: &HeaderMap) -> Result<Operator, Problem> {
    let token = bearer(headers).ok_or_else(Problem::no_token)?;
    let role = app.tokens.role(token).await?.ok_or_else(Problem::unknown_token)?;
    Ok(Operator { role })
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    let token = Some(token.trim()).filter(|token| (1..=TOKEN_BYTES_MAX).contains(&token.len()))?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token)
}

fn refused(app: &App, problem: &Problem) {
    if let Some(refused) = problem.is_of_token().then(|| app.metrics.refused_token(WARN_EVERY)).flatten() {
        warn!(refused, "requests came without a valid token");
    }
}
