//! What the API says of itself: OpenAPI 3.1 for programs, a page for people. Parameters are those questions are read by;
//! a test compares the paths with the routes and the schemas with what is sent.

use std::fmt::Write;

use axum::{
    Json,
    http::{StatusCode, header},
    response::{Html, IntoResponse},
};
use records::{CONDITIONS, PAGING, Parameter, ZONE};
use serde_json::{Map, Value, json};

use crate::firewall;

/// A path, beside those of other nouns.
struct Path {
    template: &'static str,
    about: &'static str,
    /// What stands in the path.
    id: Option<(&'static str, &'static str)>,
    parameters: &'static [&'static [Parameter]],
    answer: Answer,
    problems: &'static [StatusCode],
}

/// What a path answers with.
enum Answer {
    /// JSON of this schema.
    Json(&'static str),
    /// A file for another program, with a tag by which it can be asked for again.
    File,
}

const ALWAYS: [StatusCode; 3] =
    [StatusCode::BAD_REQUEST, StatusCode::UNAUTHORIZED, StatusCode::SERVICE_UNAVAILABLE];

const PATHS: [Path; 4] = [
    Path {
        template: "/api/v1/calls",
        about: "A page of recorded calls, the newest first unless asked otherwise.",
        id: None,
        parameters: &[CONDITIONS, PAGING],
        answer: Answer::Json("Page"),
        problems: &[StatusCode::FORBIDDEN, StatusCode::URI_TOO_LONG, StatusCode::UNPROCESSABLE_ENTITY],
    },
    Path {
        template: "/api/v1/calls/{id}",
        about: "One call with its legs and attempts, by its id or one it was known under.",
        id: Some((
            "id",
            "as a list shows it, slashes and all; also node/unique_id where Asterisk chose that",
        )),
        parameters: &[ZONE],
        answer: Answer::Json("Call"),
        problems: &[StatusCode::NOT_FOUND],
    },
    Path {
        template: "/api/v1/roots/{root}",
        about: "The calls of all nodes that one first decision led to.",
        id: Some(("root", "the id of that decision")),
        parameters: &[ZONE],
        answer: Answer::Json("Root"),
        problems: &[StatusCode::NOT_FOUND],
    },
    Path {
        template: "/api/v1/firewall/{format}",
        about: "The addresses carriers use, as a file for a packet filter or a proxy. For operators and admins.",
        id: Some((
            "format",
            "nftables, ipset, iptables, pf, mikrotik, freepbx, pjsip, kamailio, opensips, fail2ban, aws, terraform, json, \
             csv or plain",
        )),
        parameters: &[firewall::PARAMETERS],
        answer: Answer::File,
        problems: &[StatusCode::FORBIDDEN, StatusCode::CONFLICT],
    },
];

const SCHEMAS: &str = include_str!("schemas.json");

pub(crate) async fn document() -> Json<Value> {
    Json(openapi())
}

fn openapi() -> Value {
    let paths: Map<_, _> =
        PATHS.iter().map(|path| (path.template.to_owned(), json!({ "get": path.operation() }))).collect();
    // Checked by a test; were it broken, only the schemas would be missing.
    let schemas: Value = serde_json::from_str(SCHEMAS).unwrap_or_default();
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Dialplane",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Recorded calls, and files for firewalls. Numbers are shown to the roles analyst, operator and admin; to a viewer all but \
                their first seven digits, and at least the last four, are hidden.",
        },
        "security": [{ "token": [] }],
        "paths": paths,
        "components": {
            "securitySchemes": { "token": { "type": "http", "scheme": "bearer" } },
            "schemas": schemas,
        },
    })
}

impl Path {
    fn operation(&self) -> Value {
        let id = self.id.map(|(name, about)| {
            json!({ "name": name, "in": "path", "required": true, "description": about, "schema": { "type": "string" } })
        });
        let parameters = self.parameters.iter().copied().flatten().map(query_parameter);
        let mut responses = Map::new();
        match self.answer {
            Answer::Json(schema) => {
                responses.insert("200".to_owned(), response(self.about, "application/json", schema));
            }
            Answer::File => {
                responses.insert("200".to_owned(), file(self.about));
                let same = "The file is the one whose ETag stands in If-None-Match.";
                responses.insert("304".to_owned(), json!({ "description": same }));
            }
        }
        for status in ALWAYS.iter().chain(self.problems) {
            let reason = status.canonical_reason().unwrap_or_default();
            responses
                .insert(status.as_str().to_owned(), response(reason, "application/problem+json", "Problem"));
        }
        json!({
            "summary": self.about,
            "parameters": id.into_iter().chain(parameters).collect::<Vec<_>>(),
            "responses": responses,
        })
    }
}

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

fn response(about: &str, content_type: &str, schema: &str) -> Value {
    let schema = json!({ "$ref": format!("#/components/schemas/{schema}") });
    json!({ "description": about, "content": { content_type: { "schema": schema } } })
}

/// Text of some kind.
fn file(about: &str) -> Value {
    let kinds = ["text/plain", "text/csv", "application/json"];
    let content: Map<_, _> = kinds.into_iter().map(|kind| (kind.to_owned(), json!({}))).collect();
    let tag = json!({ "description": "Changes with the file.", "schema": { "type": "string" } });
    json!({ "description": about, "headers": { "ETag": tag }, "content": content })
}

/// The same for people: nothing in it comes from anybody else.
pub(crate) async fn page() -> impl IntoResponse {
    let mut body = String::from(HEAD);
    for path in &PATHS {
        let parameters = path.parameters.iter().copied().flatten();
        // Writing into a String does not fail.
        let _ = write!(body, "<h2><code>GET {}</code></h2><p>{}</p><table>", path.template, path.about);
        for (name, about) in path.id.into_iter().chain(parameters.map(|known| (known.name, known.about))) {
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
        assert_eq!(parameters.len(), CONDITIONS.len() + PAGING.len());
        let sort = parameters.iter().find(|parameter| parameter["name"] == "sort").unwrap();
        assert!(sort["schema"]["enum"].as_array().unwrap().contains(&"-start".into()));
        let node = parameters.iter().find(|parameter| parameter["name"] == "node").unwrap();
        assert_eq!(node["schema"]["type"], "array");
    }
}
