//! The article's configuration, and a short way to ask it.

use domain::{Class, NodeName, Presentation};
use routing::{
    Attempt, CallerId, Decision, Generation, NoTrace, Outcome, Request, Snapshot, decide, tables::Tables,
};

pub(crate) fn article() -> Tables {
    toml::from_str(include_str!("../../../store/example/article.toml"))
        .expect("the article's rows are well formed")
}

pub(crate) fn compiled(tables: &Tables) -> Snapshot {
    Snapshot::compile(tables, Generation::of_working_copy(tables.fingerprint())).unwrap()
}

/// A question with everything a test does not care about filled in: phone 1000 on asterisk-macomnet.
#[derive(Clone, Debug)]
pub(crate) struct Question {
    pub(crate) node: NodeName,
    pub(crate) call: String,
    pub(crate) endpoint: String,
    pub(crate) to: String,
    pub(crate) cli: Option<String>,
    pub(crate) presentation: Presentation,
    pub(crate) class: Option<Class>,
}

impl Question {
    pub(crate) fn to(to: &str) -> Self {
        Self {
            node: "asterisk-macomnet".parse().unwrap(),
            call: "1".into(),
            endpoint: "1000".into(),
            to: to.into(),
            cli: None,
            presentation: Presentation::Allowed,
            class: None,
        }
    }

    pub(crate) fn request(&self) -> Request<'_> {
        Request {
            node: &self.node,
            call: &self.call,
            endpoint: &self.endpoint,
            to: &self.to,
            cli: self.cli.as_deref(),
            presentation: self.presentation,
            class: self.class,
        }
    }

    pub(crate) fn ask<'s>(&self, snapshot: &'s Snapshot) -> Decision<'s> {
        decide(snapshot, &self.request(), &mut NoTrace)
    }

    /// Dial strings with the number each shows, or the refusal.
    pub(crate) fn answer(&self, snapshot: &Snapshot) -> Vec<String> {
        match self.ask(snapshot).outcome {
            Outcome::Dial(attempts) => attempts.iter().map(line).collect(),
            other => vec![format!("{}: {}", other.status(), other.reason().unwrap_or_default())],
        }
    }
}

fn line(attempt: &Attempt<'_>) -> String {
    match attempt.caller_id {
        CallerId::Number(number) => format!("{} as {number}", attempt.dial),
        CallerId::Extension(digits) => format!("{} as {digits}", attempt.dial),
    }
}
