//! What the API says of itself: OpenAPI 3.1 for programs, a page for people. Parameters are those questions are read by;
//! a test compares the paths with the routes and the schemas with what is sent.

use std::fmt::Write;

use axum::{
    Json,
    http::{StatusCode, header},
    response::{Html, IntoResponse},
};
use records::{CONDITIONS, EXPLAIN, EXPORT, NUMBERS, PAGING, Parameter, STATS, ZONE};
use serde_json::{Map, Value, json};

use crate::firewall;

/// Something that can be asked, beside those of other nouns.
struct Operation {
    method: &'static str,
    template: &'static str,
    about: &'static str,
    /// What stands in the path.
    id: Option<(&'static str, &'static str)>,
    parameters: &'static [&'static [Parameter]],
    /// Whether whole numbers can be asked for, and so a reason given.
    is_reasoned: bool,
    /// What is sent with it.
    body: Option<&'static str>,
    answer: Answer,
    problems: &'static [StatusCode],
}

/// What is answered if nothing is in the way.
enum Answer {
    Json(StatusCode, &'static str),
    /// A file of one of the formats of exports.
    File,
    /// A file for another program, with a tag by which it can be asked for again.
    TaggedFile,
    Nothing,
}

const ALWAYS: [StatusCode; 3] =
    [StatusCode::BAD_REQUEST, StatusCode::UNAUTHORIZED, StatusCode::SERVICE_UNAVAILABLE];

const GET: Operation = Operation {
    method: "get",
    template: "",
    about: "",
    id: None,
    parameters: &[],
    is_reasoned: false,
    body: None,
    answer: Answer::Nothing,
    problems: &[],
};

const EXPORT_ID: Option<(&str, &str)> = Some(("id", "as the order was answered"));

const OPERATIONS: [Operation; 11] = [
    Operation {
        template: "/api/v1/calls",
        about: "A page of recorded calls, the newest first unless asked otherwise.",
        parameters: &[CONDITIONS, NUMBERS, PAGING],
        is_reasoned: true,
        answer: Answer::Json(StatusCode::OK, "Page"),
        problems: &[StatusCode::FORBIDDEN, StatusCode::URI_TOO_LONG, StatusCode::UNPROCESSABLE_ENTITY],
        ..GET
    },
    Operation {
        template: "/api/v1/calls/{id}",
        about: "One call with its legs and attempts, by its id or one it was known under.",
        id: Some((
            "id",
            "as a list shows it, slashes and all; also node/unique_id where Asterisk chose that",
        )),
        parameters: &[ZONE, NUMBERS, EXPLAIN],
        is_reasoned: true,
        answer: Answer::Json(StatusCode::OK, "Call"),
        problems: &[StatusCode::FORBIDDEN, StatusCode::NOT_FOUND],
        ..GET
    },
    Operation {
        template: "/api/v1/calls/stats",
        about: "How attempts and calls ended, counted: ASR, NER, ACD, PDD and what they follow from.",
        parameters: &[STATS],
        answer: Answer::Json(StatusCode::OK, "Stats"),
        problems: &[StatusCode::URI_TOO_LONG, StatusCode::UNPROCESSABLE_ENTITY],
        ..GET
    },
    Operation {
        template: "/api/v1/calls/export",
        about: "All calls that meet the conditions, the oldest first, written while they are read.",
        parameters: &[EXPORT, CONDITIONS, NUMBERS],
        is_reasoned: true,
        answer: Answer::File,
        problems: &[StatusCode::FORBIDDEN, StatusCode::URI_TOO_LONG, StatusCode::TOO_MANY_REQUESTS],
        ..GET
    },
    Operation {
        template: "/api/v1/roots/{root}",
        about: "The calls of all nodes that one first decision led to.",
        id: Some(("root", "the id of that decision")),
        parameters: &[ZONE, NUMBERS, EXPLAIN],
        is_reasoned: true,
        answer: Answer::Json(StatusCode::OK, "Root"),
        problems: &[StatusCode::FORBIDDEN, StatusCode::NOT_FOUND],
        ..GET
    },
    Operation {
        template: "/api/v1/exports",
        about: "The exports that were ordered with this token, the newest first; for an admin those of all.",
        answer: Answer::Json(StatusCode::OK, "Exports"),
        problems: &[StatusCode::FORBIDDEN],
        ..GET
    },
    Operation {
        method: "post",
        template: "/api/v1/exports",
        about: "Orders an export: a file that is made aside, and kept for some hours.",
        is_reasoned: true,
        body: Some("Order"),
        answer: Answer::Json(StatusCode::ACCEPTED, "Export"),
        problems: &[StatusCode::FORBIDDEN, StatusCode::PAYLOAD_TOO_LARGE, StatusCode::TOO_MANY_REQUESTS],
        ..GET
    },
    Operation {
        template: "/api/v1/exports/{id}",
        about: "An export that was ordered, and how far it is.",
        id: EXPORT_ID,
        answer: Answer::Json(StatusCode::OK, "Export"),
        problems: &[StatusCode::FORBIDDEN, StatusCode::NOT_FOUND],
        ..GET
    },
    Operation {
        method: "delete",
        template: "/api/v1/exports/{id}",
        about: "Cancels an export that is not over; forgets one that is, and removes its file.",
        id: EXPORT_ID,
        problems: &[StatusCode::FORBIDDEN, StatusCode::NOT_FOUND],
        ..GET
    },
    Operation {
        template: "/api/v1/exports/{id}/content",
        about: "The file of an export that is done, or a part of it (Range), for the token that ordered it.",
        id: EXPORT_ID,
        answer: Answer::File,
        problems: &[
            StatusCode::FORBIDDEN,
            StatusCode::NOT_FOUND,
            StatusCode::CONFLICT,
            StatusCode::RANGE_NOT_SATISFIABLE,
        ],
        ..GET
    },
    Operation {
        template: "/api/v1/firewall/{format}",
        about: "The addresses carriers use, as a file for a packet filter or a proxy. For operators and admins.",
        id: Some((
            "format",
            "nftables, ipset, iptables, pf, mikrotik, freepbx, pjsip, kamailio, opensips, fail2ban, aws, terraform, json, \
             csv or plain",
        )),
        parameters: &[firewall::PARAMETERS],
        answer: Answer::TaggedFile,
        problems: &[StatusCode::FORBIDDEN, StatusCode::CONFLICT],
        ..GET
    },
];

const SCHEMAS: &str = include_str!("schemas.json");

pub(crate) async fn document() -> Json<Value> {
    Json(openapi())
}

fn openapi() -> Value {
    let mut paths = Map::new();
    for operation in &OPERATIONS {
        let path = paths.entry(operation.template).or_insert_with(|| json!({}));
        path[operation.method] = operation.described();
    }
    // Checked by a test; were it broken, only the schemas would be missing.
    let schemas: Value = serde_json::from_str(SCHEMAS).unwrap_or_default();
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Dialplane",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Recorded calls, and files for firewalls. Of numbers the first seven digits are shown, and never the last four. The roles \
                analyst, operator and admin see them whole where they ask for that and give a reason, which is noted.",
        },
        "security": [{ "token": [] }],
        "paths": paths,
        "components": {
            "securitySchemes": { "token": { "type": "http", "scheme": "bearer" } },
            "schemas": schemas,
        },
    })
}

impl Operation {
    fn described(&self) -> Value {
        let id = self.id.map(|(name, about)| {
            json!({ "name": name, "in": "path", "required": true, "description": about, "schema": { "type": "string" } })
        });
        let reason = self.is_reasoned.then(|| {
            json!({ "name": "Dialplane-Reason", "in": "header", "description": REASON, "schema": { "type": "string" } })
        });
        let parameters = self.parameters.iter().copied().flatten().map(query_parameter);
        let mut described = json!({
            "summary": self.about,
            "parameters": id.into_iter().chain(parameters).chain(reason).collect::<Vec<_>>(),
            "responses": self.responses(),
        });
        if let Some(schema) = self.body {
            described["requestBody"] = response("What is ordered.", &["application/json"], Some(schema));
        }
        described
    }

    fn responses(&self) -> Map<String, Value> {
        let mut responses = Map::new();
        let (status, answer) = match self.answer {
            Answer::Json(status, schema) => {
                (status, response(self.about, &["application/json"], Some(schema)))
            }
            Answer::File => (StatusCode::OK, response(self.about, &FILES, None)),
            Answer::TaggedFile => {
                let same = "The file is the one whose ETag stands in If-None-Match.";
                responses.insert("304".to_owned(), json!({ "description": same }));
                (StatusCode::OK, tagged_file(self.about))
            }
            Answer::Nothing => (StatusCode::NO_CONTENT, json!({ "description": self.about })),
        };
        responses.insert(status.as_str().to_owned(), answer);
        for status in ALWAYS.iter().chain(self.problems) {
            let reason = status.canonical_reason().unwrap_or_default();
            let problem = response(reason, &["application/problem+json"], Some("Problem"));
            responses.insert(status.as_str().to_owned(), problem);
        }
        responses
    }
}

const REASON: &str =
    "Why whole numbers are asked for, 3 to 200 characters; it is noted with who asked for what.";

const FILES: [&str; 3] = ["text/csv", "application/x-ndjson", "application/vnd.apache.parquet"];

fn query_parameter(parameter: &Parameter) -> Value {
    let mut value = json!({ "type": "string" });
    if !parameter.values.is_empty() {
        value = json!({ "enum": parameter.values });
    }
    let mut described =
        json!({ "name": parameter.name, "in": "query", "description": parameter.about, "schema": value });
    if parameter.is_list {
        described["schema"] = json!({ "type": "array", "items": described["schema"] });
        // Once with commas; several times is understood too.
        described["explode"] = json!(false);
    }
    described
}

fn response(about: &str, content_types: &[&str], schema: Option<&str>) -> Value {
    let schema = schema.map(|schema| json!({ "$ref": format!("#/components/schemas/{schema}") }));
    let content = content_types.iter().map(|content_type| {
        let content = schema.as_ref().map_or_else(|| json!({}), |schema| json!({ "schema": schema }));
        ((*content_type).to_owned(), content)
    });
    json!({ "description": about, "content": content.collect::<Map<_, _>>() })
}

/// Text of some kind.
fn tagged_file(about: &str) -> Value {
    let mut file = response(about, &["text/plain", "text/csv", "application/json"], None);
    let tag = json!({ "description": "Changes with the file.", "schema": { "type": "string" } });
    file["headers"] = json!({ "ETag": tag });
    file
}

/// The same for people: nothing in it comes from anybody else.
pub(crate) async fn page() -> impl IntoResponse {
    let mut body = String::from(HEAD);
    for operation in &OPERATIONS {
        let Operation { method, template, about, .. } = operation;
        let parameters = operation.parameters.iter().copied().flatten();
        let method = method.to_ascii_uppercase();
        // Writing into a String does not fail.
        let _ = write!(body, "<h2><code>{method} {template}</code></h2><p>{about}</p><table>");
        for (name, about) in operation.id.into_iter().chain(parameters.map(|known| (known.name, known.about)))
        {
            let _ = write!(body, "<tr><td><code>{name}</code></td><td>{about}</td></tr>");
        }
        body.push_str("</table>");
    }
    ([(header::CONTENT_SECURITY_POLICY, "default-src 'none'; style-src 'unsafe-inline'")], Html(body))
}

const HEAD: &str = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Dialplane</title>\
    <style>body{font:16px sans-serif;max-width:60em;margin:2em auto;padding:0 1em}td{padding:.2em 1em .2em 0;\
    vertical-align:top}</style><h1>Dialplane</h1><p>Every request needs <code>Authorization: Bearer …</code> with a token \
    of <code>dialplane token create --role analyst</code>. For programs: <a href=\"/api/v1/openapi.json\">openapi.json</a>.</p>";

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_document_points_at_nothing_that_is_missing() {
        let document = openapi();
        let text = document.to_string();
        let schemas = document["components"]["schemas"].as_object().unwrap();
        let named: BTreeSet<_> =
            text.split("#/components/schemas/").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
        let known: BTreeSet<_> = schemas.keys().map(String::as_str).collect();
        assert_eq!(named, known);
        for operation in &OPERATIONS {
            assert!(!operation.about.is_empty() && operation.template.starts_with("/api/v1/"));
        }
        for (name, schema) in schemas {
            let properties = schema["properties"].as_object().unwrap();
            let required = schema["required"].as_array().unwrap();
            assert!(required.iter().all(|key| properties.contains_key(key.as_str().unwrap())), "{name}");
        }
    }

    #[test]
    fn parameters_are_those_of_questions() {
        let document = openapi();
        let parameters = document["paths"]["/api/v1/calls"]["get"]["parameters"].as_array().unwrap();
        // The last is the header with the reason.
        assert_eq!(parameters.len(), CONDITIONS.len() + NUMBERS.len() + PAGING.len() + 1);
        let sort = parameters.iter().find(|parameter| parameter["name"] == "sort").unwrap();
        assert!(sort["schema"]["enum"].as_array().unwrap().contains(&"-start".into()));
        let node = parameters.iter().find(|parameter| parameter["name"] == "node").unwrap();
        assert_eq!(node["schema"]["type"], "array");
    }
}
