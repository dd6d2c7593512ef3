//! The other side of a session, by script, and what a listener heard of it.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use ami::{Closed, LinkState, Listener, Manager, Metrics, Opened, Target, Timings, Watch, manager};
use asterisk::ami::{Block, Frame, challenge_key};
use domain::Secret;
use runtime::CancellationToken;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinSet,
    time::timeout,
};

/// Whatever does not come about within this, does not come about.
pub(crate) const LIMIT: Duration = Duration::from_mins(1);
pub(crate) const SECRET: &str = "only-for-us";
const BANNER: &str = "Asterisk Call Manager/11.0.0\r\n";

/// What a listener heard, one line each.
#[derive(Clone, Default)]
pub(crate) struct Heard(Arc<Mutex<Vec<String>>>);

impl Heard {
    fn note(&self, line: String) {
        self.0.lock().unwrap().push(line);
    }

    pub(crate) fn lines(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }

    /// Waits until a line like this was heard so many times.
    pub(crate) async fn wait(&self, line: &str, times: usize) {
        let seen = || self.lines().iter().filter(|heard| *heard == line).count();
        let waiting = async {
            while seen() < times {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        assert!(timeout(LIMIT, waiting).await.is_ok(), "{times} × {line}: {:?}", self.lines());
    }
}

impl Listener for Heard {
    fn opened(&mut self, opened: &Opened) {
        self.note(format!("opened {}", opened.protocol));
    }

    fn frame(&mut self, frame: &Frame, received_us: i64) {
        assert!(received_us > 0);
        let name = |block: &Block| block.name().unwrap_or_default().to_text().into_owned();
        self.note(match frame {
            Frame::Event(block) => name(block),
            Frame::Response(response) => format!("response {}", name(response.block())),
            Frame::Damaged(damaged) => format!("damaged: {}", damaged.fault),
            Frame::Banner(_) => "banner".into(),
        });
    }

    fn closed(&mut self, why: &Closed, _: i64) {
        self.note(format!("closed {}", why.kind()));
    }
}

/// A session that runs beside the test.
pub(crate) struct Watched {
    pub(crate) heard: Heard,
    pub(crate) manager: Manager,
    pub(crate) metrics: Metrics,
    pub(crate) stop: CancellationToken,
    running: JoinSet<()>,
}

pub(crate) fn watch(listener: &TcpListener) -> Watched {
    let address = listener.local_addr().unwrap().to_string().parse().unwrap();
    let metrics = Metrics::new().unwrap();
    let mut target =
        Target::new("ast-a".parse().unwrap(), address, "dialplane", Secret::new(SECRET), metrics.clone());
    target.timings = Timings { pause_first: Duration::from_millis(1), ..Timings::default() };
    // Nothing is asked for but by the tests.
    target.watch = Watch { classes: vec![], without: vec![], variables: vec![] };
    let (manager, requests) = manager();
    let (heard, stop) = (Heard::default(), CancellationToken::new());
    let mut running = JoinSet::new();
    running.spawn(ami::run(target, heard.clone(), requests, stop.clone()));
    Watched { heard, manager, metrics, stop, running }
}

impl Watched {
    /// Waits for a state.
    pub(crate) async fn until(&self, wanted: impl FnMut(&LinkState) -> bool) -> LinkState {
        let mut states = self.manager.states();
        let state = timeout(LIMIT, states.wait_for(wanted)).await;
        state.expect("the state comes").unwrap().clone()
    }

    /// Tells it to stop, and returns when it has.
    pub(crate) async fn end(mut self) -> Heard {
        self.stop.cancel();
        timeout(LIMIT, self.running.join_next()).await.unwrap().unwrap().unwrap();
        assert_eq!(*self.manager.states().borrow(), LinkState::Stopped);
        self.heard
    }

    /// The line of a metric that begins like this.
    pub(crate) fn metric(&self, beginning: &str) -> String {
        let registry = prometheus::Registry::new();
        self.metrics.register(&registry).unwrap();
        let text = prometheus::TextEncoder::new().encode_to_string(&registry.gather()).unwrap();
        text.lines().find(|line| line.starts_with(beginning)).unwrap_or_default().to_owned()
    }
}

pub(crate) async fn listen() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").await.unwrap()
}

/// One connection, with everything the other side has sent on it.
pub(crate) struct Connection {
    pub(crate) line: TcpStream,
    pub(crate) sent: String,
}

impl Connection {
    /// The next one, greeted.
    pub(crate) async fn greeted(listener: &TcpListener) -> Self {
        let mut connection = Self::accepted(listener).await;
        connection.say(BANNER).await;
        connection
    }

    /// The next one.
    pub(crate) async fn accepted(listener: &TcpListener) -> Self {
        let (line, _) = timeout(LIMIT, listener.accept()).await.unwrap().unwrap();
        Self { line, sent: String::new() }
    }

    /// The next one, logged in by challenge.
    pub(crate) async fn welcomed(listener: &TcpListener) -> Self {
        let mut connection = Self::greeted(listener).await;
        connection.challenge("4711").await;
        let login = connection.asked().await;
        assert!(login.contains(&format!("Key: {}\r\n", challenge_key("4711", SECRET))), "{login}");
        connection.answer(&login, "Success", "Message: Authentication accepted").await;
        connection
    }

    pub(crate) async fn challenge(&mut self, challenge: &str) {
        let asked = self.asked().await;
        assert!(asked.starts_with("Action: Challenge\r\n"), "{asked}");
        self.answer(&asked, "Success", &format!("Challenge: {challenge}")).await;
    }

    pub(crate) async fn say(&mut self, text: &str) {
        self.line.write_all(text.as_bytes()).await.unwrap();
    }

    /// The next action.
    pub(crate) async fn asked(&mut self) -> String {
        let mut action = String::new();
        while !action.ends_with("\r\n\r\n") {
            action.push(char::from(timeout(LIMIT, self.line.read_u8()).await.unwrap().unwrap()));
        }
        self.sent += &action;
        action
    }

    pub(crate) async fn answer(&mut self, action: &str, verdict: &str, line: &str) {
        let id = action.lines().find_map(|line| line.strip_prefix("ActionID: ")).unwrap();
        self.say(&format!("Response: {verdict}\r\nActionID: {id}\r\n{line}\r\n\r\n")).await;
    }
}
