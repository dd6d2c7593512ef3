//! Recorded calls: a page of them, one of them, all that one first decision led to, and how they ended, counted.

use ::calls::CallId;
use activation::Explainer;
use axum::{
    Json, Router,
    extract::{Path, RawQuery, State},
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Response},
    routing::get,
};
use domain::ApiRole;
use records::{Ask, CallView, Numbers, ShowAsk, StatsView, Zone, carriers_by_id, explain, stats_question};
use runtime::now_us;
use serde::Serialize;
use serde_json::Value;
use store::{CallParts, StoredCall};

use crate::{
    App,
    door::Operator,
    numbers::{self, Sight},
    problem::Problem,
    words::Words,
};

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/calls", get(list))
        .route("/calls/stats", get(stats))
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
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let mut said = Words::of_query(query.as_deref());
    carriers_by_id(&app.store, said.named()).await?;
    let ask = Ask::of(said.pairs(), now_us())?;
    may_ask(&operator, &ask)?;
    let subject = said.subject("GET /api/v1/calls");
    let sight = Sight::of(&operator, ask.numbers, numbers::reason(&headers), subject)?;
    let found = app.store.list_calls(ask.question(CallParts::Row)).await?;
    sight.note(&app.store, Some(found.calls.len())).await?;
    let next = found.next.map(|cursor| link(&said, &ask, &cursor));
    let zone = &ask.conditions.zone;
    let view = |call: &StoredCall| CallView::of(call, CallParts::Row, zone, ask.numbers);
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
fn may_ask(operator: &Operator, ask: &Ask) -> Result<(), Problem> {
    let filter = &ask.conditions.filter;
    let asks_number = [&filter.caller, &filter.called, &filter.number].into_iter().any(Option::is_some);
    if asks_number { operator.require(ApiRole::Analyst, "looking for numbers") } else { Ok(()) }
}

/// The question as it was, with its time nailed down: `24h` would be another time by then.
fn link(said: &Words, ask: &Ask, cursor: &str) -> String {
    let kept = said.pairs().filter(|(name, _)| !["from", "to", "cursor"].contains(name));
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

/// Sums hold no numbers, so everybody may see them.
async fn stats(
    State(app): State<App>,
    _: Operator,
    RawQuery(query): RawQuery,
) -> Result<Json<Value>, Problem> {
    let mut said = Words::of_query(query.as_deref());
    carriers_by_id(&app.store, said.named()).await?;
    let question = stats_question(said.pairs(), now_us())?;
    let report = app.store.traffic(&question).await?;
    Ok(Json(StatsView { question: &question, report: &report }.json()))
}

async fn show(
    State(app): State<App>,
    operator: Operator,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Json<CallView>, Problem> {
    let said = Words::of_query(query.as_deref());
    let id: CallId = id.parse().map_err(|error: domain::Invalid| Problem::bad("id", error.to_string()))?;
    let glance = Glance::of(&operator, &said, &headers, &format!("GET /api/v1/calls/{id}"))?;
    let call = app.store.stored_call(&id).await?.ok_or_else(|| Problem::no_such_call(&id))?;
    let mut views = glance.at(&app, &[call]).await?;
    views.pop().map(Json).ok_or_else(|| Problem::no_such_call(&id))
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
    headers: HeaderMap,
) -> Result<Json<Root>, Problem> {
    let said = Words::of_query(query.as_deref());
    let glance = Glance::of(&operator, &said, &headers, &format!("GET /api/v1/roots/{root}"))?;
    let calls = app.store.calls_of_root(&root).await?;
    if calls.is_empty() {
        return Err(Problem::no_such_root());
    }
    Ok(Json(Root { calls: glance.at(&app, &calls).await?, root }))
}

/// How calls are looked at one by one.
struct Glance {
    ask: ShowAsk,
    sight: Sight,
}

impl Glance {
    fn of(operator: &Operator, said: &Words, headers: &HeaderMap, request: &str) -> Result<Self, Problem> {
        let ask = ShowAsk::of(said.pairs())?;
        if ask.explain {
            operator.require(ApiRole::Analyst, "explanations")?;
        }
        let sight = Sight::of(operator, ask.numbers, numbers::reason(headers), said.subject(request))?;
        Ok(Self { ask, sight })
    }

    async fn at(self, app: &App, calls: &[StoredCall]) -> Result<Vec<CallView>, Problem> {
        let Self { ask: ShowAsk { zone, numbers, explain }, sight } = self;
        let view = |call: &StoredCall| CallView::of(call, CallParts::Whole, &zone, numbers);
        let mut views: Vec<_> = calls.iter().map(view).collect();
        if explain {
            self::explained(app, calls, &mut views, numbers).await?;
        }
        sight.note(&app.store, Some(calls.len())).await?;
        Ok(views)
    }
}

async fn explained(
    app: &App,
    calls: &[StoredCall],
    views: &mut [CallView],
    numbers: Numbers,
) -> Result<(), Problem> {
    // Never closed, so there is always a turn.
    let _turn = app.explaining.acquire().await.map_err(|_| Problem::late())?;
    let mut explainer = Explainer::new(&app.store);
    for (call, view) in calls.iter().zip(views) {
        view.explanations = Some(explain(&app.store, &mut explainer, &call.record, numbers).await?);
    }
    Ok(())
}
