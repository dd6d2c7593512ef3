use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use asterisk::ami::{Action, ActionError, ActionId, Block, Response};
use tokio::{
    sync::{mpsc, oneshot, watch},
    time::timeout,
};

use crate::{Finding, Opened, answers::Answer};

/// Questions that may wait to be sent.
const WAITING_MAX: usize = 64;
/// How long the whole answer to a question may take.
const ANSWER_LIMIT: Duration = Duration::from_secs(15);

/// Asks the node over the session that [`crate::run`] keeps up.
#[derive(Clone, Debug)]
pub struct Manager {
    desk: Desk,
    states: watch::Receiver<LinkState>,
}

/// What goes from [`Manager`]s to the session; [`crate::run`] takes it.
#[derive(Debug)]
pub struct Requests {
    pub(crate) waiting: mpsc::Receiver<Request>,
    pub(crate) states: watch::Sender<LinkState>,
    pub(crate) ids: Arc<AtomicU64>,
}

/// How a session is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkState {
    /// Nothing was tried yet, or the first attempt is under way.
    Connecting,
    /// There is none, and another attempt is made soon.
    Away { why: Arc<str> },
    /// The node does not let us in; somebody must change a configuration. It is tried again, slowly.
    Refused { why: Arc<str> },
    /// It stands. `findings` are what the account lacks, as far as it could be found out.
    Listening { opened: Opened, findings: Arc<[Finding]> },
    /// It was told to stop.
    Stopped,
}

/// What a node answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    pub response: Response,
    /// Of a list: its items and the event that ends it. They share the memory the socket was read into.
    pub items: Vec<Block>,
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AskError {
    #[error("there is no session with the node")]
    NotConnected,
    #[error("the session ended before the answer")]
    Closed,
    #[error("no answer within {} s", limit.as_secs_f32())]
    TimedOut { limit: Duration },
    #[error("the node refuses: {message}")]
    Refused { message: String },
    #[error("too many questions are open")]
    TooMany,
    #[error("the list is too long")]
    TooLong,
    #[error("a part of the answer could not be read")]
    Damaged,
    #[error("there is no such action")]
    Action(#[from] ActionError),
}

/// A handle for asking, and its other end for [`crate::run`].
pub fn manager() -> (Manager, Requests) {
    let (queue, waiting) = mpsc::channel(WAITING_MAX);
    let (sender, states) = watch::channel(LinkState::Connecting);
    let ids = Arc::new(AtomicU64::new(1));
    let desk = Desk { queue, ids: Arc::clone(&ids) };
    (Manager { desk, states }, Requests { waiting, states: sender, ids })
}

impl Manager {
    /// Sends what `action` builds with the id it is given, and waits for the whole answer; at most 15 s.
    pub async fn ask(
        &self,
        action: impl FnOnce(&ActionId) -> Result<Action, ActionError>,
    ) -> Result<Reply, AskError> {
        self.ask_within(ANSWER_LIMIT, action).await
    }

    /// The same with a limit of one's own.
    pub async fn ask_within(
        &self,
        limit: Duration,
        action: impl FnOnce(&ActionId) -> Result<Action, ActionError>,
    ) -> Result<Reply, AskError> {
        if !matches!(*self.states.borrow(), LinkState::Listening { .. }) {
            return Err(AskError::NotConnected);
        }
        self.desk.ask(limit, action).await
    }

    /// How the session is, now and whenever that changes.
    pub fn states(&self) -> watch::Receiver<LinkState> {
        self.states.clone()
    }
}

/// One question, on its way.
pub(crate) struct Request {
    pub(crate) number: u64,
    pub(crate) action: Action,
    pub(crate) answer: Answer,
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Request").field(&self.action).finish()
    }
}

/// Where questions are handed in. Two may share the numbers that tell their questions apart.
#[derive(Clone, Debug)]
pub(crate) struct Desk {
    queue: mpsc::Sender<Request>,
    ids: Arc<AtomicU64>,
}

impl Desk {
    pub(crate) fn new(ids: &Arc<AtomicU64>) -> (Self, mpsc::Receiver<Request>) {
        let (queue, waiting) = mpsc::channel(WAITING_MAX);
        (Self { queue, ids: Arc::clone(ids) }, waiting)
    }

    pub(crate) async fn ask(
        &self,
        limit: Duration,
        action: impl FnOnce(&ActionId) -> Result<Action, ActionError>,
    ) -> Result<Reply, AskError> {
        let number = self.ids.fetch_add(1, Ordering::Relaxed);
        let action = action(&ActionId::from(number))?;
        let (answer, reply) = oneshot::channel();
        self.queue.try_send(Request { number, action, answer }).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => AskError::TooMany,
            mpsc::error::TrySendError::Closed(_) => AskError::NotConnected,
        })?;
        match timeout(limit, reply).await {
            Ok(Ok(reply)) => reply,
            Ok(Err(_)) => Err(AskError::Closed),
            Err(_) => Err(AskError::TimedOut { limit }),
        }
    }
}

impl Requests {
    /// Turns down whatever is asked; for as long as there is no session.
    pub(crate) async fn refuse(&mut self) -> std::convert::Infallible {
        while let Some(request) = self.waiting.recv().await {
            let _ = request.answer.send(Err(AskError::NotConnected));
        }
        std::future::pending().await
    }

    /// Turns down what waits already: it was asked of a session that is over.
    pub(crate) fn refuse_waiting(&mut self) {
        while let Ok(request) = self.waiting.try_recv() {
            let _ = request.answer.send(Err(AskError::NotConnected));
        }
    }

    pub(crate) fn now(&self, state: LinkState) {
        self.states.send_if_modified(|known| {
            let news = *known != state;
            *known = state;
            news
        });
    }
}
