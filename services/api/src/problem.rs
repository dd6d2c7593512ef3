//! Why a request was not answered, as RFC 9457 has it.

use std::error::Error;

use ::calls::CallId;
use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::ApiRole;
use firewall::Refused;
use records::{AskError, CarriersError};
use runtime::chain;
use serde::{Serialize, Serializer};
use store::{ListCallsError, StoreError, TrafficError};
use tracing::{error, warn};

/// After how many seconds it is worth trying again.
const RETRY_AFTER_S: u16 = 5;

/// A refusal. Nothing internal stands in it: that is logged.
#[derive(Debug, Serialize)]
pub(crate) struct Problem {
    /// `urn:dialplane:problem:…`, for programs; never changes its meaning. Metrics call it by its last word.
    #[serde(rename = "type", serialize_with = "urn")]
    reason: &'static str,
    title: &'static str,
    status: u16,
    detail: String,
    /// What in the request is to blame, and what could stand there instead.
    #[serde(skip_serializing_if = "Option::is_none")]
    parameter: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    allowed: Vec<String>,
    /// What in the tables is to blame.
    #[serde(flatten)]
    cell: Option<Box<Cell>>,
}

/// A cell of the tables, and the rule it breaks.
#[derive(Debug, Serialize)]
struct Cell {
    table: &'static str,
    row: i64,
    field: &'static str,
    rule: String,
}

fn urn<S: Serializer>(reason: &str, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&format_args!("urn:dialplane:problem:{}", reason.replace('_', "-")))
}

/// What metrics are told of a refused request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reason(pub(crate) &'static str);

impl Problem {
    fn new(status: StatusCode, reason: &'static str, title: &'static str, detail: impl Into<String>) -> Self {
        Self {
            reason,
            title,
            status: status.as_u16(),
            detail: detail.into(),
            parameter: None,
            allowed: Vec::new(),
            cell: None,
        }
    }

    pub(crate) fn no_token() -> Self {
        let detail = "send `Authorization: Bearer …` with a token of `dialplane token create --role analyst`";
        Self::new(StatusCode::UNAUTHORIZED, "no_token", "A token is needed", detail)
    }

    pub(crate) fn unknown_token() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "unknown_token",
            "The token is not valid",
            "it may have been revoked",
        )
    }

    pub(crate) fn not_for(role: ApiRole, what: &str) -> Self {
        let detail = format!("{what} is not for the role {role}");
        Self::new(StatusCode::FORBIDDEN, "forbidden", "The role may not do this", detail)
    }

    pub(crate) fn no_such_path() -> Self {
        let detail = "/api/v1/openapi.json tells what there is";
        Self::new(StatusCode::NOT_FOUND, "no_such_path", "There is nothing here", detail)
    }

    pub(crate) fn no_such_method() -> Self {
        let detail = "/api/v1/openapi.json tells what there is";
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "no_such_method", "The method is not allowed here", detail)
    }

    pub(crate) fn no_such_call(id: &CallId) -> Self {
        let detail = format!("no call of {} has this id", id.node);
        Self::new(StatusCode::NOT_FOUND, "no_such_call", "There is no such call", detail)
    }

    pub(crate) fn no_such_root() -> Self {
        Self::new(StatusCode::NOT_FOUND, "no_such_root", "There is no such call", "no call has this root")
    }

    pub(crate) fn no_such_export() -> Self {
        let detail =
            "it may have expired: exports are kept for some hours, and forgotten when the process ends";
        Self::new(StatusCode::NOT_FOUND, "no_such_export", "There is no such export", detail)
    }

    pub(crate) fn not_yours() -> Self {
        let detail = "the file of an export is for the token that ordered it";
        Self::new(StatusCode::FORBIDDEN, "forbidden", "The role may not do this", detail)
    }

    pub(crate) fn no_content(state: &str) -> Self {
        let detail = format!("the export is {state}");
        Self::new(StatusCode::CONFLICT, "no_content", "There is no file", detail)
    }

    pub(crate) fn no_such_range(bytes: u64) -> Self {
        let detail = format!("one part of {bytes} bytes can be asked for");
        Self::new(StatusCode::RANGE_NOT_SATISFIABLE, "no_such_range", "There is no such part", detail)
    }

    pub(crate) fn too_many_exports() -> Self {
        let detail = "wait for others to end, or remove those that are not needed";
        Self::new(StatusCode::TOO_MANY_REQUESTS, "too_many_exports", "There are too many exports", detail)
    }

    pub(crate) fn no_exports() -> Self {
        Self::away("no_exports", "the folder of exports cannot be used; the log of the process tells why")
    }

    pub(crate) fn no_audit() -> Self {
        Self::away("no_audit", "it cannot be noted who sees whole numbers, so nobody does")
    }

    pub(crate) fn long_body() -> Self {
        let detail = "16384 bytes are allowed";
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "long_body", "The body is too long", detail)
    }

    /// Something failed that is nobody's fault who asks.
    pub(crate) fn failed(cause: &(dyn Error + 'static)) -> Self {
        error!(error = %chain(cause), "a request failed");
        let status = StatusCode::INTERNAL_SERVER_ERROR;
        Self::new(status, "failed", "Something went wrong", "the log of the process tells what")
    }

    pub(crate) fn long_query() -> Self {
        Self::new(StatusCode::URI_TOO_LONG, "long_query", "The query is too long", "8192 bytes are allowed")
    }

    pub(crate) fn bad(parameter: &str, detail: impl Into<String>) -> Self {
        let problem =
            Self::new(StatusCode::BAD_REQUEST, "bad_parameter", "A parameter makes no sense", detail);
        Self { parameter: Some(parameter.to_owned()), ..problem }
    }

    /// The same of what should have been one of a few words.
    pub(crate) fn bad_word(
        parameter: &str,
        detail: String,
        allowed: impl IntoIterator<Item = &'static str>,
    ) -> Self {
        let allowed = allowed.into_iter().map(str::to_owned).collect();
        Self { allowed, ..Self::bad(parameter, detail) }
    }

    pub(crate) fn no_generation() -> Self {
        Self::away("no_generation", "no generation is active yet")
    }

    pub(crate) fn late() -> Self {
        Self::away("late", "the request took too long")
    }

    pub(crate) fn database_away() -> Self {
        Self::away("database_away", "the database does not answer")
    }

    /// Whether it is for want of a valid token.
    pub(crate) fn is_of_token(&self) -> bool {
        self.status == StatusCode::UNAUTHORIZED
    }

    fn away(reason: &'static str, detail: &str) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, reason, "Not now", detail)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let reason = Reason(self.reason);
        let mut response = (status, Json(self)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        match status {
            StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS => {
                _ = headers.insert(header::RETRY_AFTER, RETRY_AFTER_S.into());
            }
            StatusCode::UNAUTHORIZED => {
                headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            }
            _ => {}
        }
        response.extensions_mut().insert(reason);
        response
    }
}

impl From<AskError> for Problem {
    fn from(error: AskError) -> Self {
        let AskError { parameter, reason, allowed } = error;
        Self { allowed, ..Self::bad(&parameter, reason) }
    }
}

impl From<Refused> for Problem {
    fn from(refused: Refused) -> Self {
        let detail = refused.to_string();
        let problem = Self::new(StatusCode::CONFLICT, "refused", "A guard refuses the export", detail);
        let Refused::Network { origin, rule, .. } = refused else { return problem };
        let (table, field) = (origin.table.as_str(), origin.field.as_str());
        let cell = Cell { table, row: origin.id, field, rule: rule.to_string() };
        Self { cell: Some(Box::new(cell)), ..problem }
    }
}

impl From<CarriersError> for Problem {
    fn from(error: CarriersError) -> Self {
        match error {
            CarriersError::Ask(error) => error.into(),
            CarriersError::Store(error) => error.into(),
        }
    }
}

impl From<TrafficError> for Problem {
    fn from(error: TrafficError) -> Self {
        match error {
            TrafficError::Question(error) => Self::bad("by", error.to_string()),
            TrafficError::Store(error) => error.into(),
        }
    }
}

impl From<ListCallsError> for Problem {
    fn from(error: ListCallsError) -> Self {
        match error {
            ListCallsError::Cursor(error) => Self::bad("cursor", error.to_string()),
            ListCallsError::Store(error) => error.into(),
        }
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        if error.is_unavailable() {
            warn!(error = %chain(&error), "the API's database is away");
            return Self::database_away();
        }
        if error.is_overdue() {
            let detail = "the database took too long: ask for a shorter time, or for fewer calls by number, node or root";
            return Self::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "too_broad",
                "The question is too broad",
                detail,
            );
        }
        Self::failed(&error)
    }
}
