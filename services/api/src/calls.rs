//! Recorded calls: a page of them, one of them, and all that one first decision led to.

use ::calls::CallId;
use axum::{
    Json, Router,
    extract::{Path, RawQuery, State},
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
    routing::get,
};
use domain::ApiRole;
use records::{Ask, CallView, Zone};
use runtime::now_us;
use serde::Serialize;
use store::{CallParts, StoredCall};

use crate::{App, door::Operator, problem::Problem};

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/calls", get(list))
        .route("/calls/{*id}", get(show))
        .route("/roots/{*root}", get(root))
}

/// A page of calls, and the question as it was understood.
#[derive(Serialize)]
struct Page {
    calls: Vec<CallView>,
    /// The time that was looked at.
    from: Option<String>,
    to: Option<String>,
    /// What was done to ends of the time that were left open.
    capped: Option<&'static str>,
    zone: String,
    sort: &'static str,
    limit: u32,
    /// The same question for the next page; null: there is none.
    next: Option<String>,
}

async fn list(
    State(app): State<App>,
    operator: Operator,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let said = pairs(query.as_deref());
    let ask = Ask::of(said.iter().map(|(name, text)| (name.as_str(), text.as_str())), now_us())?;
    may_ask(operator.role, &ask)?;
    let found = app.store.list_calls(ask.question(CallParts::Row)).await?;
    let next = found.next.map(|cursor| link(&said, &ask, &cursor));
    let zone = &ask.conditions.zone;
    let view = |call: &StoredCall| CallView::of(call, CallParts::Row, zone, operator.numbers());
    let page = Page {
        calls: found.calls.iter().map(view).collect(),
        from: ask.conditions.range.and_then(|range| zone.show(range.from_us)),
        to: ask.conditions.range.and_then(|range| zone.show(range.to_us)),
        capped: ask.conditions.capped(),
        zone: zone.name().to_owned(),
        sort: ask.sort.as_str(),
        limit: ask.limit,
        next,
    };
    let relation =
        page.next.as_ref().and_then(|next| HeaderValue::try_from(format!("<{next}>; rel=\"next\"")).ok());
    let mut response = Json(page).into_response();
    response.headers_mut().extend(relation.map(|relation| (header::LINK, relation)));
    Ok(response)
}

/// Whoever may not see numbers may not look for them either: by trying, they would be found digit by digit.
fn may_ask(role: ApiRole, ask: &Ask) -> Result<(), Problem> {
    let filter = &ask.conditions.filter;
    let asks_number = [filter.caller, filter.called, filter.number].iter().any(Option::is_some);
    if asks_number && role < ApiRole::Analyst {
        return Err(Problem::not_for(role, "looking for numbers"));
    }
    Ok(())
}

fn pairs(query: Option<&str>) -> Vec<(String, String)> {
    form_urlencoded::parse(query.unwrap_or_default().as_bytes()).into_owned().collect()
}

/// The question as it was, with its time nailed down: `24h` would be another time by then.
fn link(said: &[(String, String)], ask: &Ask, cursor: &str) -> String {
    let kept = said.iter().filter(|(name, _)| !["from", "to", "cursor"].contains(&name.as_str()));
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(kept);
    if let Some(range) = ask.conditions.range {
        for (name, us) in [("from", range.from_us), ("to", range.to_us)] {
            if let Some(instant) = Zone::UTC.show(us) {
                query.append_pair(name, &instant);
            }
        }
    }
    query.append_pair("cursor", cursor);
    format!("/api/v1/calls?{}", query.finish())
}

async fn show(
    State(app): State<App>,
    operator: Operator,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Json<CallView>, Problem> {
    let zone = zone(query.as_deref())?;
    let id: CallId = id.parse().map_err(|error: domain::Invalid| Problem::bad("id", error.to_string()))?;
    let call = app.store.stored_call(&id).await?.ok_or_else(|| Problem::no_such_call(&id))?;
    Ok(Json(CallView::of(&call, CallParts::Whole, &zone, operator.numbers())))
}

/// The calls of all nodes that one first decision led to, the one that made it first.
#[derive(Serialize)]
struct Root {
    root: String,
    calls: Vec<CallView>,
}

async fn root(
    State(app): State<App>,
    operator: Operator,
    Path(root): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Json<Root>, Problem> {
    let zone = zone(query.as_deref())?;
    let calls = app.store.calls_of_root(&root).await?;
    if calls.is_empty() {
        return Err(Problem::no_such_root());
    }
    let view = |call: &StoredCall| CallView::of(call, CallParts::Whole, &zone, operator.numbers());
    Ok(Json(Root { calls: calls.iter().map(view).collect(), root }))
}

/// Where one thing is shown, only its times can be asked for otherwise.
fn zone(query: Option<&str>) -> Result<Zone, Problem> {
    Ok(records::zone_of(pairs(query).iter().map(|(name, text)| (name.as_str(), text.as_str())))?)
}
