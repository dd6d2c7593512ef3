//! From the bytes of a question to the bytes of its reply, whatever carried them here.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use domain::{Class, DialStatus, NodeName, Presentation};
use routing::{
    Decided, Decision, DecisionRecord, DecisionView, Parties, Question, Request, Snapshot, TokenHash, Verb,
    decide,
};
use runtime::now_us;
use sha2::{Digest, Sha256};
use tokio::time::Instant;

use crate::{
    DecisionSink, Metrics, Snapshots,
    fields::Fields,
    hop::Hop,
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
    sink: Option<DecisionSink>,
    /// Tells the ids of this process from those of every other.
    instance: u64,
    decisions: AtomicU64,
}

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ask {
    Route(Verb),
    /// Takes note of how an attempt ended.
    Hangup,
}

impl Ask {
    fn parse(text: &str) -> Option<Self> {
        match text {
            "hangup" => Some(Self::Hangup),
            _ => verb(text).map(Self::Route),
        }
    }

    fn as_str(self) -> &'static str {
        match self {
            Self::Route(verb) => verb.as_str(),
            Self::Hangup => "hangup",
        }
    }
}

/// A verb as metrics name it: whatever was asked for, the set is closed.
fn label(verb: &str) -> &'static str {
    let known = Ask::parse(verb).map(Ask::as_str);
    known.unwrap_or(if verb == EXPLAIN { EXPLAIN } else { "unknown" })
}

/// What operators ask for.
pub(crate) const EXPLAIN: &str = "explain";

fn verb(text: &str) -> Option<Verb> {
    [Verb::Outbound, Verb::Inbound].into_iter().find(|verb| verb.as_str() == text)
}

impl Service {
    /// With a sink, every decision goes there too.
    pub fn new(
        snapshots: Snapshots,
        metrics: Arc<Metrics>,
        deadline: Duration,
        sink: Option<DecisionSink>,
    ) -> Self {
        // Without randomness the ids of two replicas could meet, nothing worse.
        let instance = getrandom::u64().unwrap_or_default() >> 24;
        let decisions = AtomicU64::new(1);
        Self { shared: Arc::new(Shared { snapshots, metrics, deadline, sink, instance, decisions }) }
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
        let Some(ask) = Ask::parse(verb) else {
            return self.refuse(verb, Refusal::BadRequest("unknown_verb"));
        };
        let current = self.shared.snapshots.current();
        let reply = self.reply(ask, current.as_deref(), question, credentials);
        let answer = self.encode(ask.as_str(), &reply.unwrap_or_else(Reply::refused));
        self.shared.metrics.answer_seconds.observe(started.elapsed().as_secs_f64());
        answer
    }

    /// Explains the decision a question would get, as JSON; for operators, about any node. Off the call path: the
    /// answer may take as long as it takes.
    pub fn explain(&self, question: &[u8], bearer: Option<&str>) -> Answer {
        let current = self.shared.snapshots.current();
        match explained(current.as_deref(), question, bearer) {
            Ok(line) => Answer { http_status: 200, line },
            Err(refusal) => self.refuse(EXPLAIN, refusal),
        }
    }

    /// The answer to a question that did not arrive whole or in time. The verb is as it was written, or empty.
    pub(crate) fn refuse(&self, verb: &str, refusal: Refusal) -> Answer {
        self.encode(label(verb), &Reply::refused(refusal))
    }

    fn reply<'s>(
        &self,
        ask: Ask,
        snapshot: Option<&'s Snapshot>,
        question: &[u8],
        credentials: Option<&Credentials>,
    ) -> Result<Reply<'s>, Refusal> {
        let fields = Fields::parse(question).map_err(|error| Refusal::BadRequest(error.reason()))?;
        let snapshot = snapshot.ok_or(Refusal::NotReady("no_configuration"))?;
        let node = authenticate(snapshot, &fields, credentials)?;
        match ask {
            Ask::Route(verb) => self.route(verb, snapshot, node, &fields),
            Ask::Hangup => Ok(self.hangup(&fields)),
        }
    }

    fn route<'s>(
        &self,
        verb: Verb,
        snapshot: &'s Snapshot,
        node: &NodeName,
        fields: &Fields<'_>,
    ) -> Result<Reply<'s>, Refusal> {
        self.shared.metrics.dialplans.seen(node, &fields.dp);
        let hop = fields.hop.parse::<Hop>().ok();
        let request = request(verb, node, fields, hop.as_ref())?;
        let mut parties = Parties::default();
        let decision = decide(snapshot, &request, &mut parties);
        let believed = hop.filter(|_| decision.hopped);
        if believed.is_none() && !fields.hop.is_empty() {
            self.shared.metrics.hops_ignored.inc();
        }
        let id = self.next_id(&decision);
        let root = believed.map(|hop| hop.root);
        if let Some(sink) = &self.shared.sink {
            let (id, root) = (id.as_str(), root.as_ref().unwrap_or(&id).as_str());
            sink.put(DecisionRecord {
                id: id.into(),
                root: root.into(),
                decided_us: request.asked_us.unwrap_or_else(now_us),
                question: Question::of(&request),
                decided: Decided::of(snapshot, &decision, &parties),
            });
        }
        Ok(Reply { verdict: Verdict::Decided(decision), id: Some(id), root })
    }

    fn hangup<'s>(&self, fields: &Fields<'_>) -> Reply<'s> {
        let dialstatus = fields.dialstatus.parse::<DialStatus>().map_or("other", DialStatus::as_str);
        self.shared.metrics.hangups.with_label_values(&[dialstatus]).inc();
        Reply { verdict: Verdict::Noted, id: None, root: None }
    }

    fn encode(&self, verb: &'static str, reply: &Reply<'_>) -> Answer {
        let metrics = &self.shared.metrics;
        let verdict = &reply.verdict;
        metrics.answers.with_label_values(&[verb, verdict.status()]).inc();
        if let Some(reason) = verdict.reason() {
            metrics.refusals.with_label_values(&[reason]).inc();
        }
        let Encoded { line, attempts_cut } = reply.encode();
        if attempts_cut > 0 {
            metrics.attempts_cut.inc();
        }
        Answer { http_status: http_status(verdict), line }
    }

    fn next_id(&self, decision: &Decision<'_>) -> String {
        let generation = &decision.generation;
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

fn explained(snapshot: Option<&Snapshot>, question: &[u8], bearer: Option<&str>) -> Result<String, Refusal> {
    let fields = Fields::parse(question).map_err(|error| Refusal::BadRequest(error.reason()))?;
    let snapshot = snapshot.ok_or(Refusal::NotReady("no_configuration"))?;
    let token = bearer.unwrap_or(&fields.token);
    if !snapshot.may_explain(&token_hash(token)) {
        return Err(Refusal::Unauthorized);
    }
    let verb = verb(&fields.verb).ok_or(Refusal::BadRequest("unknown_verb"))?;
    let node: NodeName = fields.node.parse().map_err(|_| Refusal::BadRequest("bad_node"))?;
    let hop = fields.hop.parse().ok();
    let view = DecisionView::explained(snapshot, &request(verb, &node, &fields, hop.as_ref())?);
    serde_json::to_string(&view).map_err(|_| Refusal::NotReady("unwritable"))
}

/// Makes a request of the fields, whoever asks.
fn request<'f>(
    verb: Verb,
    node: &'f NodeName,
    fields: &'f Fields<'_>,
    hop: Option<&Hop>,
) -> Result<Request<'f>, Refusal> {
    let class = match &*fields.class {
        "" => None,
        text => Some(text.parse::<Class>().map_err(|_| Refusal::BadRequest("bad_class"))?),
    };
    Ok(Request {
        verb,
        node,
        call: &fields.call,
        endpoint: &fields.endpoint,
        // An address that is none is like no address: nobody is recognised by it.
        source: fields.source.parse().ok(),
        to: &fields.to,
        from: &fields.from,
        cli: fields.cli.as_deref(),
        presentation: Presentation::from_asterisk(&fields.pres),
        class,
        hops: hop.map(|hop| hop.count),
        asked_us: Some(now_us()),
    })
}
