//! Exports: ordered and fetched later, or streamed at once.

mod desk;
mod folder;
mod job;
mod range;
mod stream;

use axum::{
    Json, Router,
    body::{Body, Bytes},
    extract::{DefaultBodyLimit, Path, RawQuery, State, rejection::BytesRejection},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use domain::ApiRole;
use records::{ExportAsk, carriers_by_id};
use runtime::now_us;
use serde::Serialize;

use crate::{
    App,
    door::Operator,
    numbers::{self, Sight},
    problem::Problem,
    words::Words,
};

pub(crate) use desk::Desk;
use job::JobView;
pub(crate) use stream::Streams;

/// Largest order, bytes.
const ORDER_BYTES_MAX: usize = 16 * 1024;

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/calls/export", get(stream))
        .route("/exports", get(list).post(order))
        .route("/exports/{id}", get(show).delete(remove))
        .route("/exports/{id}/content", get(content))
        .layer(DefaultBodyLimit::max(ORDER_BYTES_MAX))
}

/// Exports are for those who may look for numbers.
fn may_export(operator: &Operator) -> Result<(), Problem> {
    operator.require(ApiRole::Analyst, "exports")
}

/// All calls that meet the conditions, while the client reads.
async fn stream(
    State(app): State<App>,
    operator: Operator,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    may_export(&operator)?;
    let mut said = Words::of_query(query.as_deref());
    carriers_by_id(&app.store, said.named()).await?;
    let ask = ExportAsk::of(said.pairs(), now_us())?;
    let subject = said.subject("GET /api/v1/calls/export");
    let sight = Sight::of(&operator, ask.numbers, numbers::reason(&headers), subject)?;
    let place = app.streams.place()?;
    sight.note(&app.store, None).await?;
    app.streams.begin(&app.store, ask, place)
}

#[derive(Serialize)]
struct Jobs {
    exports: Vec<JobView>,
}

async fn list(State(app): State<App>, operator: Operator) -> Result<Json<Jobs>, Problem> {
    may_export(&operator)?;
    Ok(Json(Jobs { exports: app.desk.list(&operator).iter().map(|job| job.view()).collect() }))
}

async fn order(
    State(app): State<App>,
    operator: Operator,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Problem> {
    may_export(&operator)?;
    let mut said = Words::of_json(&body.map_err(|_| Problem::long_body())?)?;
    let reason = said.take("reason").or_else(|| numbers::reason(&headers));
    carriers_by_id(&app.store, said.named()).await?;
    let ask = ExportAsk::of(said.pairs(), now_us())?;
    let sight = Sight::of(&operator, ask.numbers, reason, said.subject("POST /api/v1/exports"))?;
    app.desk.may_order(&operator)?;
    sight.note(&app.store, None).await?;
    let job = app.desk.order(&operator, ask)?;
    let view = job.view();
    let mut response = (StatusCode::ACCEPTED, Json(view)).into_response();
    let location = HeaderValue::try_from(format!("/api/v1/exports/{}", job.id.as_str()));
    response.headers_mut().extend(location.ok().map(|location| (header::LOCATION, location)));
    Ok(response)
}

async fn show(
    State(app): State<App>,
    operator: Operator,
    Path(id): Path<String>,
) -> Result<Json<JobView>, Problem> {
    may_export(&operator)?;
    Ok(Json(app.desk.find(&operator, &id)?.view()))
}

async fn remove(
    State(app): State<App>,
    operator: Operator,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    may_export(&operator)?;
    app.desk.remove(&app.desk.find(&operator, &id)?)?;
    Ok(StatusCode::NO_CONTENT)
}

/// The file, or the part of it that is asked for.
async fn content(
    State(app): State<App>,
    operator: Operator,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    may_export(&operator)?;
    let (job, file) = app.desk.content(&operator, &id)?;
    let bytes = job.bytes();
    let job::State::Done(sha256) = job.state() else { return Err(Problem::no_such_export()) };
    let asked = headers.get(header::RANGE).and_then(|asked| asked.to_str().ok());
    let part = range::of(asked, bytes).ok_or_else(|| Problem::no_such_range(bytes))?;
    let mut response = Response::new(Body::from_stream(range::read(file, part)));
    let mut set = |name, value: String| {
        response.headers_mut().extend(HeaderValue::try_from(value).ok().map(|value| (name, value)));
    };
    set(header::CONTENT_TYPE, job.content_type().to_owned());
    set(header::CONTENT_DISPOSITION, format!("attachment; filename=\"{}\"", job.file_name()));
    set(header::CONTENT_LENGTH, (part.to - part.from).to_string());
    set(header::ACCEPT_RANGES, "bytes".to_owned());
    set(header::ETAG, format!("\"{sha256}\""));
    set(header::CACHE_CONTROL, "no-store".to_owned());
    if asked.is_some() {
        set(header::CONTENT_RANGE, format!("bytes {}-{}/{bytes}", part.from, part.to.saturating_sub(1)));
        *response.status_mut() = StatusCode::PARTIAL_CONTENT;
    }
    Ok(response)
}
