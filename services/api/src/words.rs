//! What was said in a request, as names and texts.

use std::fmt::Write;

use records::shown_of_question;
use serde_json::{Map, Value};

use crate::problem::Problem;

/// Names and texts, in the order they were said.
#[derive(Clone, Debug)]
pub(crate) struct Words(Vec<(String, String)>);

impl Words {
    pub(crate) fn of_query(query: Option<&str>) -> Self {
        Self(form_urlencoded::parse(query.unwrap_or_default().as_bytes()).into_owned().collect())
    }

    /// Those of an object of JSON.
    pub(crate) fn of_json(body: &[u8]) -> Result<Self, Problem> {
        match serde_json::from_slice(body) {
            Ok(Value::Object(object)) => words_of(object).map(Self),
            Ok(_) | Err(_) => Err(Problem::bad("body", "is an object of JSON")),
        }
    }

    pub(crate) fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, text)| (name.as_str(), text.as_str()))
    }

    /// The texts, to be put otherwise.
    pub(crate) fn named(&mut self) -> impl Iterator<Item = (&str, &mut String)> {
        self.0.iter_mut().map(|(name, text)| (name.as_str(), text))
    }

    /// Takes out what was said of this, the last if it was said several times.
    pub(crate) fn take(&mut self, name: &str) -> Option<String> {
        let mut taken = None;
        self.0.retain_mut(|(known, text)| {
            let is_it = known == name;
            if is_it {
                taken = Some(std::mem::take(text));
            }
            !is_it
        });
        taken
    }

    /// How the audit calls a request: numbers that were looked for are masked there.
    pub(crate) fn subject(&self, request: &str) -> String {
        let mut subject = request.to_owned();
        for (at, (name, text)) in self.pairs().enumerate() {
            // Writing into a String does not fail.
            let _ = write!(
                subject,
                "{}{name}={}",
                if at == 0 { '?' } else { '&' },
                shown_of_question(name, text)
            );
        }
        subject
    }
}

/// An object of JSON as names and texts, as a query has them.
fn words_of(object: Map<String, Value>) -> Result<Vec<(String, String)>, Problem> {
    let mut words = Vec::new();
    for (name, value) in object {
        let values = match value {
            Value::Array(values) => values,
            value => vec![value],
        };
        for value in values {
            let text = match value {
                Value::String(text) => text,
                Value::Number(number) => number.to_string(),
                Value::Bool(flag) => flag.to_string(),
                Value::Null => continue,
                Value::Array(_) | Value::Object(_) => {
                    return Err(Problem::bad(
                        &domain::shortened(&name),
                        "is a text, a number, a flag or a list of them",
                    ));
                }
            };
            words.push((name.clone(), text));
        }
    }
    Ok(words)
}
