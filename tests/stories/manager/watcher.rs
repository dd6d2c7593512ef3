//! A session as a collector keeps it, beside a story.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use ami::{
    AskError, Closed, Finding, LinkState, Listener, Manager, Metrics, Opened, Reply, Target, Timings, manager,
};
use asterisk::ami::{Action, ActionError, ActionId, Block, Frame};
use domain::Secret;
use laboratory::{solo::Solo, wait_until};
use runtime::CancellationToken;
use tokio::runtime::Runtime;

pub(super) const LIMIT: Duration = Duration::from_mins(1);

/// What was heard, in order.
#[derive(Clone, Default)]
struct Heard {
    events: Arc<Mutex<Vec<Block>>>,
    ends: Arc<Mutex<Vec<&'static str>>>,
}

impl Listener for Heard {
    fn opened(&mut self, _: &Opened) {}

    fn frame(&mut self, frame: &Frame, _: i64) {
        if let Frame::Event(block) = frame {
            self.events.lock().unwrap().push(block.clone());
        }
    }

    fn closed(&mut self, why: &Closed, _: i64) {
        self.ends.lock().unwrap().push(why.kind());
    }
}

pub(super) struct Watcher {
    manager: Manager,
    heard: Heard,
    stop: CancellationToken,
    runtime: Runtime,
}

/// Everything as it is shipped, but in a hurry.
pub(super) fn target(solo: &Solo, account: &str) -> Target {
    let address = solo.address.parse().unwrap();
    let metrics = Metrics::new().unwrap();
    let mut target =
        Target::new(solo.name.parse().unwrap(), address, account, Secret::new("change-me"), metrics);
    let soon = Duration::from_millis(500);
    target.timings = Timings { booted: soon, inspect: soon, ..Timings::default() };
    target
}

impl Watcher {
    pub(super) fn start(target: Target) -> Self {
        let runtime = Runtime::new().unwrap();
        let (manager, requests) = manager();
        let (heard, stop) = (Heard::default(), CancellationToken::new());
        runtime.spawn(ami::run(target, heard.clone(), requests, stop.clone()));
        Self { manager, heard, stop, runtime }
    }

    /// The same, once the node has let it in.
    pub(super) fn listening(target: Target) -> Self {
        let watcher = Self::start(target);
        watcher.until("it listens", |state| matches!(state, LinkState::Listening { .. }));
        watcher
    }

    pub(super) fn state(&self) -> LinkState {
        self.manager.states().borrow().clone()
    }

    pub(super) fn until(&self, what: &str, wanted: impl Fn(&LinkState) -> bool) -> LinkState {
        wait_until(what, LIMIT, || Some(self.state()).filter(&wanted))
    }

    pub(super) fn until_found(&self, finding: &Finding) {
        self.until(
            &format!("{finding:?}"),
            |state| matches!(state, LinkState::Listening { findings, .. } if findings.contains(finding)),
        );
    }

    pub(super) fn findings(&self) -> Vec<Finding> {
        match self.state() {
            LinkState::Listening { findings, .. } => findings.to_vec(),
            _ => vec![],
        }
    }

    pub(super) fn ask(
        &self,
        action: impl FnOnce(&ActionId) -> Result<Action, ActionError>,
    ) -> Result<Reply, AskError> {
        self.runtime.block_on(self.manager.ask(action))
    }

    /// What was heard from the first event on that is skipped to.
    pub(super) fn heard_from(&self, first: usize) -> Vec<Block> {
        self.heard.events.lock().unwrap()[first..].to_vec()
    }

    pub(super) fn count(&self) -> usize {
        self.heard.events.lock().unwrap().len()
    }

    /// Waits for an event of this name that shows this, and gives it.
    pub(super) fn until_heard(&self, name: &str, header: &str, value: &str) -> Block {
        let wanted = |event: &Block| {
            event.name().is_some_and(|found| found.is(name))
                && event.value(header).is_some_and(|found| found.as_bytes() == value.as_bytes())
        };
        wait_until(&format!("{name} with {header}: {value}"), LIMIT, || {
            self.heard_from(0).into_iter().find(wanted)
        })
    }

    /// How the sessions ended so far.
    pub(super) fn ends(&self) -> Vec<&'static str> {
        self.heard.ends.lock().unwrap().clone()
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}
