//! From the bytes of a question to the bytes of its reply, whatever carried them here.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use domain::{Class, DialStatus, NodeName, Presentation};
use routing::{NoTrace, Request, Snapshot, TokenHash, decide};
use sha2::{Digest, Sha256};
use tokio::time::Instant;

use crate::{
    Metrics, Snapshots,
    fields::Fields,
    reply::{Encoded, Refusal, Reply, Verdict},
};

/// What a node proves itself with outside of the fields (HTTP Basic).
#[derive(Debug)]
pub struct Credentials {
    pub node: String,
    pub token: String,
}

/// Answers questions. Cheap to clone: all clones share one state.
#[derive(Clone, Debug)]
pub struct Service {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    snapshots: Snapshots,
    metrics: Arc<Metrics>,
    deadline: Duration,
    /// Tells the ids of this process from those of every other.
    instance: u64,
    decisions: AtomicU64,
}

/// A question's verb.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verb {
    Outbound,
    Hangup,
}

impl Verb {
    fn parse(text: &str) -> Option<Self> {
        match text {
            "outbound" => Some(Self::Outbound),
            "hangup" => Some(Self::Hangup),
            _ => None,
        }
    }

    fn as_str(self) -> &'static str {
        match self {
            Self::Outbound => "outbound",
            Self::Hangup => "hangup",
        }
    }
}

impl Service {
    pub fn new(snapshots: Snapshots, metrics: Arc<Metrics>, deadline: Duration) -> Self {
        // Without randomness the ids of two replicas could meet, nothing worse.
        let instance = getrandom::u64().unwrap_or_default() >> 24;
        let decisions = AtomicU64::new(1);
        Self { shared: Arc::new(Shared { snapshots, metrics, deadline, instance, decisions }) }
    }

    pub(crate) fn metrics(&self) -> &Arc<Metrics> {
        &self.shared.metrics
    }

    /// How long a question may take from its first byte to its answer.
    pub(crate) fn deadline(&self) -> Duration {
        self.shared.deadline
    }

    /// Answers one question; every failure becomes a status the dialplan has a branch for.
    pub fn answer(&self, verb: &str, question: &[u8], credentials: Option<&Credentials>) -> Answer {
        let started = Instant::now();
        let Some(verb) = Verb::parse(verb) else {
            return self.refuse("unknown", Refusal::BadRequest("unknown_verb"));
        };
        let current = self.shared.snapshots.current();
        let verdict = self.verdict(verb, current.as_deref(), question, credentials);
        let answer = self.encode(verb.as_str(), verdict.unwrap_or_else(Verdict::Refused));
        self.shared.metrics.answer_seconds.observe(started.elapsed().as_secs_f64());
        answer
    }

    /// The answer to a question that did not arrive whole or in time.
    pub(crate) fn refuse(&self, verb: &'static str, refusal: Refusal) -> Answer {
        self.encode(verb, Verdict::Refused(refusal))
    }

    fn verdict<'s>(
        &self,
        verb: Verb,
        snapshot: Option<&'s Snapshot>,
        question: &[u8],
        credentials: Option<&Credentials>,
    ) -> Result<Verdict<'s>, Refusal> {
        let fields = Fields::parse(question).map_err(|error| Refusal::BadRequest(error.reason()))?;
        let snapshot = snapshot.ok_or(Refusal::NotReady("no_configuration"))?;
        let node = authenticate(snapshot, &fields, credentials)?;
        match verb {
            Verb::Outbound => outbound(snapshot, node, &fields),
            Verb::Hangup => Ok(self.hangup(&fields)),
        }
    }

    fn hangup<'s>(&self, fields: &Fields<'_>) -> Verdict<'s> {
        let dialstatus = fields.dialstatus.parse::<DialStatus>().map_or("other", DialStatus::as_str);
        self.shared.metrics.hangups.with_label_values(&[dialstatus]).inc();
        Verdict::Noted
    }

    fn encode(&self, verb: &'static str, verdict: Verdict<'_>) -> Answer {
        let metrics = &self.shared.metrics;
        metrics.answers.with_label_values(&[verb, verdict.status()]).inc();
        if let Some(reason) = verdict.reason() {
            metrics.refusals.with_label_values(&[reason]).inc();
        }
        let http_status = http_status(&verdict);
        let id = matches!(verdict, Verdict::Decided(_)).then(|| self.next_id(&verdict));
        let Encoded { line, attempts_cut } = Reply { verdict, id }.encode();
        if attempts_cut > 0 {
            metrics.attempts_cut.inc();
        }
        Answer { http_status, line }
    }

    fn next_id(&self, verdict: &Verdict<'_>) -> String {
        let generation = match verdict {
            Verdict::Decided(decision) => decision.generation.as_str(),
            _ => "",
        };
        let sequence = self.shared.decisions.fetch_add(1, Ordering::Relaxed);
        format!("{generation}-{:x}-{sequence:x}", self.shared.instance)
    }
}

/// A reply line and the HTTP status that goes with it (which Asterisk does not look at).
#[derive(Debug)]
pub struct Answer {
    pub http_status: u16,
    pub line: String,
}

fn http_status(verdict: &Verdict<'_>) -> u16 {
    match verdict {
        Verdict::Decided(_) | Verdict::Noted => 200,
        Verdict::Refused(Refusal::BadRequest(_)) => 400,
        Verdict::Refused(Refusal::Unauthorized) => 401,
        Verdict::Refused(Refusal::NotReady(_)) => 503,
    }
}

/// A node can ask only for itself: the token names the node, and the node that is named must be that one.
fn authenticate<'s>(
    snapshot: &'s Snapshot,
    fields: &Fields<'_>,
    credentials: Option<&Credentials>,
) -> Result<&'s NodeName, Refusal> {
    let token = credentials.map_or(&*fields.token, |credentials| &credentials.token);
    let owner = snapshot.node_of_token(&token_hash(token)).ok_or(Refusal::Unauthorized)?;
    let named = [&*fields.node, credentials.map_or("", |credentials| &credentials.node)];
    let itself = named.iter().all(|name| name.is_empty() || *name == owner.as_str());
    if itself { Ok(owner) } else { Err(Refusal::Unauthorized) }
}

/// Tokens are looked up by their hash: equal time for every wrong one, and nothing worth stealing in the tables.
fn token_hash(token: &str) -> TokenHash {
    Sha256::digest(token.as_bytes()).into()
}

fn outbound<'s>(
    snapshot: &'s Snapshot,
    node: &NodeName,
    fields: &Fields<'_>,
) -> Result<Verdict<'s>, Refusal> {
    let class = match &*fields.class {
        "" => None,
        text => Some(text.parse::<Class>().map_err(|_| Refusal::BadRequest("bad_class"))?),
    };
    let request = Request {
        node,
        call: &fields.call,
        endpoint: &fields.endpoint,
        to: &fields.to,
        cli: fields.cli.as_deref(),
        presentation: Presentation::from_asterisk(&fields.pres),
        class,
    };
    Ok(Verdict::Decided(decide(snapshot, &request, &mut NoTrace)))
}
