//! Who comes in, how many at once, and for how long.

use std::{sync::Arc, time::Duration};

use axum::{
    extract::{FromRequestParts, MatchedPath, Request, State},
    http::{HeaderMap, header, request::Parts},
    middleware::Next,
    response::{IntoResponse, Response},
};
use domain::{ApiRole, ApiTokenId};
use store::ApiCredential;
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
#[derive(Clone, Debug)]
pub(crate) struct Operator {
    pub(crate) id: ApiTokenId,
    pub(crate) role: ApiRole,
    comment: Option<Arc<str>>,
}

/// Characters of a name the audit has room for.
const ACTOR_CHARS_MAX: usize = 100;

impl Operator {
    pub(crate) fn of(credential: &ApiCredential) -> Self {
        let comment = credential.comment.as_deref().map(Into::into);
        Self { id: credential.id, role: credential.role, comment }
    }

    /// Refuses whoever has a lesser role.
    pub(crate) fn require(&self, least: ApiRole, what: &str) -> Result<(), Problem> {
        if self.role < least { Err(Problem::not_for(self.role, what)) } else { Ok(()) }
    }

    /// What the audit calls whoever it is: the token, as `dialplane token list` has it.
    pub(crate) fn actor(&self) -> String {
        let comment = self.comment.as_ref().map(|comment| format!(", {comment}")).unwrap_or_default();
        format!("api-{}{comment}", self.id.0).chars().take(ACTOR_CHARS_MAX).collect()
    }
}

impl FromRequestParts<App> for Operator {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Problem> {
        parts.extensions.get::<Self>().cloned().ok_or_else(Problem::no_token)
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
    app.tokens.holder(token).await?.ok_or_else(Problem::unknown_token)
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
