//! The addresses carriers use, as files that firewalls and proxies load.

use std::str::FromStr;

use ::firewall::{AddressSet, Family, Format, Question, Rules, render, select};
use activation::Active;
use axum::{
    Router,
    extract::{Path, RawQuery, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use domain::{ApiRole, Direction, Invalid, Protocol, Purpose};
use records::Parameter;
use runtime::{FirewallConfig, now_us};
use sha2::{Digest, Sha256};
use tokio::task::spawn_blocking;

use crate::{App, door::Operator, problem::Problem};

/// What chooses addresses, and how they are written.
pub(crate) const PARAMETERS: &[Parameter] = &[
    parameter("server", "for this node, as in servers.servername: its carriers and the other servers", &[]),
    parameter("direction", "those calls come from, go to, or both", &["IN", "OUT", "IN/OUT"]),
    parameter("protocol", "those that speak it", &["SIP", "IAX2", "H323"]),
    parameter("purpose", "those signalling comes from, media, or both", &["SIGNALLING", "MEDIA", "BOTH"]),
    parameter("family", "of iptables and freepbx, which have a tool for each; 4 unless said", &["4", "6"]),
    parameter(
        "rules",
        "whether nftables, pf and pjsip keep strangers out by themselves; included unless said",
        &[INCLUDED, SETS_ONLY],
    ),
];

const INCLUDED: &str = "included";
const SETS_ONLY: &str = "sets_only";

const fn parameter(name: &'static str, about: &'static str, values: &'static [&'static str]) -> Parameter {
    Parameter { name, about, values, is_list: false }
}

pub(crate) fn routes() -> Router<App> {
    Router::new().route("/firewall/{format}", get(export))
}

async fn export(
    State(app): State<App>,
    operator: Operator,
    Path(format): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    if operator.role < ApiRole::Operator {
        return Err(Problem::not_for(operator.role, "exporting addresses"));
    }
    let format = format.parse().map_err(|error: Invalid| {
        Problem::bad_word("format", error.to_string(), Format::ALL.map(Format::as_str))
    })?;
    let asked = Asked::read(format, query.as_deref())?;
    let active = app.active.get().await?;
    let config = app.firewall.clone();
    // Many networks take a while, and others ask meanwhile.
    let written = spawn_blocking(move || asked.write(&active, &config)).await;
    let text = written.map_err(|error| Problem::failed(&error))??;
    Ok(answer(format, text, &headers))
}

/// A request as it was understood.
struct Asked {
    format: Format,
    question: Question,
    family: Family,
    rules: Rules,
}

impl Asked {
    fn read(format: Format, query: Option<&str>) -> Result<Self, Problem> {
        let mut asked = Self {
            format,
            question: Question::default(),
            family: Family::default(),
            rules: Rules::default(),
        };
        for (name, text) in form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
            asked.take(&name, &text)?;
        }
        Ok(asked)
    }

    fn take(&mut self, name: &str, text: &str) -> Result<(), Problem> {
        match name {
            "server" => self.question.server = Some(word(name, text)?),
            "direction" => self.question.direction = Some(word::<Direction>(name, text)?),
            "protocol" => self.question.protocol = Some(word::<Protocol>(name, text)?),
            "purpose" => self.question.purpose = Some(word::<Purpose>(name, text)?),
            "family" => self.family = word(name, text)?,
            "rules" if text == INCLUDED => self.rules = Rules::Included,
            "rules" if text == SETS_ONLY => self.rules = Rules::SetsOnly,
            "rules" => {
                let invalid = Invalid::new("rules", "included or sets_only", text);
                return Err(Problem::bad_word(name, invalid.to_string(), [INCLUDED, SETS_ONLY]));
            }
            _ => {
                let known = PARAMETERS.iter().map(|parameter| parameter.name);
                let invalid = Invalid::new("a parameter", "one of those that are listed", name);
                return Err(Problem::bad_word("parameter", invalid.to_string(), known));
            }
        }
        Ok(())
    }

    fn write(&self, active: &Active, config: &FirewallConfig) -> Result<String, Problem> {
        let selection = select(active.tables(), now_us(), &self.question)
            .map_err(|error| Problem::bad("server", error.to_string()))?;
        let set = AddressSet::new(active.record().number, selection.entries, config.floors())?;
        Ok(render(&set, self.format, &config.options(self.rules, self.family))?)
    }
}

fn word<T: FromStr<Err = Invalid>>(name: &str, text: &str) -> Result<T, Problem> {
    text.parse().map_err(|error: Invalid| {
        let known = PARAMETERS.iter().find(|parameter| parameter.name == name);
        Problem::bad_word(
            name,
            error.to_string(),
            known.into_iter().flat_map(|known| known.values.iter().copied()),
        )
    })
}

/// The file, or that it is still the one the asker has.
fn answer(format: Format, text: String, headers: &HeaderMap) -> Response {
    let tag = tag(&text);
    let known = headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    let is_known = known.flat_map(|value| value.split(',')).any(|known| matches(known.trim(), &tag));
    let mut response = if is_known {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        ([(header::CONTENT_TYPE, format.media_type())], text).into_response()
    };
    let headers = response.headers_mut();
    // Digits and letters between quotes.
    headers.extend(HeaderValue::try_from(tag).ok().map(|tag| (header::ETAG, tag)));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    response
}

fn tag(text: &str) -> String {
    let hash = Sha256::digest(text.as_bytes());
    let hex: Vec<_> = hash.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    format!("\"{}\"", hex.concat())
}

/// If-None-Match compares weakly (RFC 9110 §13.1.2).
fn matches(known: &str, tag: &str) -> bool {
    known == "*" || known.strip_prefix("W/").unwrap_or(known) == tag
}
