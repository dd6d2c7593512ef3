//! The article's configuration, and a short way to ask it.

use domain::{Class, NodeName, Presentation};
use routing::{
    Attempt, Decision, Generation, NoTrace, Outcome, Request, Snapshot, Then, Verb, decide, tables::Tables,
};

pub(crate) fn article() -> Tables {
    toml::from_str(include_str!("../../../store/example/article.toml"))
        .expect("the article's rows are well formed")
}

pub(crate) fn compiled(tables: &Tables) -> Snapshot {
    Snapshot::compile(tables.clone().into(), Generation::of_working_copy(tables.fingerprint())).unwrap()
}

/// A question with everything a test does not care about filled in: phone 1000 on asterisk-macomnet.
#[derive(Clone, Debug)]
pub(crate) struct Question {
    pub(crate) verb: Verb,
    pub(crate) node: NodeName,
    pub(crate) call: String,
    pub(crate) endpoint: String,
    pub(crate) source: Option<std::net::IpAddr>,
    pub(crate) to: String,
    pub(crate) from: String,
    pub(crate) hops: Option<u8>,
    pub(crate) cli: Option<String>,
    pub(crate) presentation: Presentation,
    pub(crate) class: Option<Class>,
    pub(crate) asked_us: Option<i64>,
}

impl Question {
    pub(crate) fn to(to: &str) -> Self {
        Self {
            verb: Verb::Outbound,
            source: None,
            from: String::new(),
            hops: None,
            node: "asterisk-macomnet".parse().unwrap(),
            call: "1".into(),
            endpoint: "1000".into(),
            to: to.into(),
            cli: None,
            presentation: Presentation::Allowed,
            class: None,
            asked_us: None,
        }
    }

    pub(crate) fn request(&self) -> Request<'_> {
        Request {
            verb: self.verb,
            source: self.source,
            from: &self.from,
            hops: self.hops,
            node: &self.node,
            call: &self.call,
            endpoint: &self.endpoint,
            to: &self.to,
            cli: self.cli.as_deref(),
            presentation: self.presentation,
            class: self.class,
            asked_us: self.asked_us,
        }
    }

    pub(crate) fn ask<'s>(&self, snapshot: &'s Snapshot) -> Decision<'s> {
        decide(snapshot, &self.request(), &mut NoTrace)
    }

    /// Dial strings with the number each shows and what follows them, or the verdict.
    pub(crate) fn answer(&self, snapshot: &Snapshot) -> Vec<String> {
        match self.ask(snapshot).outcome {
            Outcome::Dial { attempts, then } => {
                let then = match then {
                    Then::Hangup => None,
                    Then::Goto(place) => Some(format!("then {},{}", place.context, place.exten)),
                };
                attempts.iter().map(line).chain(then).collect()
            }
            Outcome::Goto(place) => vec![format!("goto {},{}", place.context, place.exten)],
            Outcome::Redirect(attempt) => vec![format!("redirect {}", line(&attempt))],
            other => vec![format!("{}: {}", other.status(), other.reason().unwrap_or_default())],
        }
    }
}

fn line(attempt: &Attempt<'_>) -> String {
    format!("{} as {}", attempt.dial, attempt.caller_id)
}
