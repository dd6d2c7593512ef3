//! Keeps a session with one node for as long as it may.

use std::sync::Arc;

use runtime::{Backoff, CancellationToken, chain, now_us};

use crate::{
    Closed, Finding, LinkState, Listener, Opened, Requests, Target,
    diary::Diary,
    metrics::NodeMetrics,
    open::{OpenError, open},
    session::Session,
    wire::Wire,
};

/// Connects, logs in and listens, and again, until it is told to stop; never returns earlier.
pub async fn run(target: Target, listener: impl Listener, mut requests: Requests, stop: CancellationToken) {
    let link = Link::new(target, listener);
    link.run(&mut requests, &stop).await;
    requests.now(LinkState::Stopped);
    requests.waiting.close();
    requests.refuse_waiting();
}

struct Link<L> {
    target: Target,
    listener: L,
    metrics: NodeMetrics,
    diary: Diary,
    backoff: Backoff,
    refused: Backoff,
    /// Findings that are in the log.
    told: Vec<Finding>,
}

impl<L: Listener> Link<L> {
    fn new(target: Target, listener: L) -> Self {
        let timings = &target.timings;
        Self {
            metrics: target.metrics.of(&target.node),
            diary: Diary::new(target.node.clone()),
            backoff: Backoff::new(timings.pause_first, timings.pause_longest),
            refused: Backoff::new(timings.refused_first, timings.refused_longest),
            told: Vec::new(),
            target,
            listener,
        }
    }

    async fn run(mut self, requests: &mut Requests, stop: &CancellationToken) {
        loop {
            let opened = unless_stopped(open(&self.target), requests, stop).await;
            let was_refused = match opened {
                None => return,
                Some(Ok((wire, opened))) => {
                    if let Closed::Stopped = self.attend(wire, opened, requests, stop).await {
                        return;
                    }
                    false
                }
                Some(Err(error)) => self.failed(&error, requests),
            };
            let backoff = if was_refused { &mut self.refused } else { &mut self.backoff };
            if unless_stopped(backoff.pause(), requests, stop).await.is_none() {
                return;
            }
        }
    }

    /// One session from its beginning to its end.
    async fn attend(
        &mut self,
        wire: Wire,
        opened: Opened,
        requests: &mut Requests,
        stop: &CancellationToken,
    ) -> Closed {
        self.began(&opened, requests);
        let session = Session::new(&self.target, &self.metrics, opened);
        let closed = session.attend(wire, &mut self.listener, requests, &mut self.told, stop).await;
        // What was found lacking in this session, and no more: what was mended since is news when it breaks again.
        self.told = session.witness().findings();
        drop(session);
        self.ended(&closed, requests);
        closed
    }

    fn began(&mut self, opened: &Opened, requests: &mut Requests) {
        self.backoff.connected();
        let timings = &self.target.timings;
        self.refused = Backoff::new(timings.refused_first, timings.refused_longest);
        self.metrics.connects.inc();
        self.metrics.connected.set(1);
        self.metrics.findings.set(0);
        self.diary.opened(opened);
        // Before the listener hears of it: it may have somebody ask at once.
        requests.now(LinkState::Listening { opened: opened.clone(), findings: Arc::default() });
        self.listener.opened(opened);
    }

    fn ended(&mut self, closed: &Closed, requests: &mut Requests) {
        requests.now(LinkState::Away { why: chain(closed).to_string().into() });
        requests.refuse_waiting();
        self.metrics.connected.set(0);
        self.metrics.closed(closed);
        self.listener.closed(closed, now_us());
        if !matches!(closed, Closed::Stopped) {
            self.diary.lost(closed, self.backoff.was_settled());
        }
    }

    /// True if there is no hurry to try again.
    fn failed(&mut self, error: &OpenError, requests: &Requests) -> bool {
        self.metrics.failed(error);
        self.diary.failed(error);
        let why = chain(error).to_string().into();
        let refused = error.is_refusal();
        requests.now(if refused { LinkState::Refused { why } } else { LinkState::Away { why } });
        refused
    }
}

/// Does something while there is no session: whatever is asked meanwhile is turned down. None: we were told to stop.
async fn unless_stopped<T>(
    work: impl Future<Output = T>,
    requests: &mut Requests,
    stop: &CancellationToken,
) -> Option<T> {
    tokio::select! {
        biased;
        () = stop.cancelled() => None,
        done = work => Some(done),
        never = requests.refuse() => match never {},
    }
}
