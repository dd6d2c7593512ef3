//! A manager port that tells of as many calls as a story wants, breaks lines and loses its channels on demand. What the
//! events are is recorded from the real one; that a real one gets along with the collector is for other stories.

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader, Write},
    net::{Shutdown, SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread,
    time::Duration,
};

/// Asterisk drops a manager who does not read for 100 ms.
const PATIENCE: Duration = Duration::from_millis(100);

/// The port, and what it says.
#[derive(Clone, Debug)]
pub struct ManagerNode {
    pub address: SocketAddr,
    node: Arc<Node>,
}

#[derive(Debug, Default)]
struct Node {
    said: Mutex<Said>,
    is_closed: AtomicBool,
    is_refusing: AtomicBool,
    refused: AtomicU64,
    too_slow: AtomicU64,
}

#[derive(Debug, Default)]
struct Said {
    clients: Vec<(u64, TcpStream)>,
    logins: u64,
    /// The channels that are up: what `CoreShowChannels` says of each.
    up: BTreeMap<String, String>,
    starts: u64,
}

impl ManagerNode {
    /// Listens on a port of its own.
    pub fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let node = Arc::new(Node::default());
        let serving = Arc::clone(&node);
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let node = Arc::clone(&serving);
                if !node.is_closed.load(Ordering::Relaxed) {
                    thread::spawn(move || node.converse(&client));
                }
            }
        });
        Self { address, node }
    }

    /// Says an event to everybody who is logged in.
    pub fn say(&self, event: &str) {
        let mut said = self.node.said();
        said.remember(event);
        said.tell(event, &self.node.too_slow);
    }

    /// Breaks every line and closes new ones at once, or lets them in again.
    pub fn close(&self, is_closed: bool) {
        self.node.is_closed.store(is_closed, Ordering::Relaxed);
        if is_closed {
            self.node.said().cut();
        }
    }

    /// Lets nobody in from now on: the password is another one.
    pub fn refuse(&self) {
        self.node.is_refusing.store(true, Ordering::Relaxed);
    }

    /// How many it did not let in.
    pub fn refused(&self) -> u64 {
        self.node.refused.load(Ordering::Relaxed)
    }

    /// What `core restart now` does: every line breaks, every channel is gone, and no event says so.
    pub fn restart(&self) {
        let mut said = self.node.said();
        said.cut();
        said.up.clear();
        said.starts += 1;
    }

    /// Those who are logged in.
    pub fn listeners(&self) -> usize {
        self.node.said().clients.len()
    }

    /// How many were dropped because they did not read.
    pub fn too_slow(&self) -> u64 {
        self.node.too_slow.load(Ordering::Relaxed)
    }
}

impl Said {
    fn remember(&mut self, event: &str) {
        let Some(id) = value(event, "Uniqueid") else { return };
        match value(event, "Event") {
            Some("Hangup") => _ = self.up.remove(id),
            Some("Newchannel" | "Newstate" | "BridgeEnter" | "BridgeLeave") => {
                let header = |line: &&str| CHANNEL.iter().any(|name| line.starts_with(name));
                let channel: Vec<_> = event.lines().filter(header).collect();
                let left = value(event, "Event") == Some("BridgeLeave");
                let bridge = value(event, "BridgeUniqueid").filter(|_| !left).unwrap_or_default();
                let item =
                    format!("{}\r\nBridgeId: {bridge}\r\nDuration: 00:00:01\r\n", channel.join("\r\n"));
                self.up.insert(id.to_owned(), item);
            }
            _ => {}
        }
    }

    fn tell(&mut self, text: &str, too_slow: &AtomicU64) {
        self.clients.retain_mut(|(_, client)| {
            let told = client.write_all(text.as_bytes()).is_ok();
            if !told {
                let _ = client.shutdown(Shutdown::Both);
                too_slow.fetch_add(1, Ordering::Relaxed);
            }
            told
        });
    }

    fn cut(&mut self) {
        for (_, client) in self.clients.drain(..) {
            let _ = client.shutdown(Shutdown::Both);
        }
    }
}

/// The headers of a channel in any event.
const CHANNEL: [&str; 12] = [
    "Channel: ",
    "ChannelState",
    "CallerID",
    "ConnectedLine",
    "Language: ",
    "AccountCode: ",
    "Context: ",
    "Exten: ",
    "Priority: ",
    "Uniqueid: ",
    "Linkedid: ",
    "ChanVariable: ",
];

impl Node {
    fn said(&self) -> MutexGuard<'_, Said> {
        self.said.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn converse(&self, mut client: &TcpStream) {
        client.set_write_timeout(Some(PATIENCE)).unwrap();
        let _ = client.write_all(b"Asterisk Call Manager/11.0.0\r\n");
        let mut lines = BufReader::new(client.try_clone().unwrap()).lines();
        let mut login = None;
        loop {
            let mut action = String::new();
            loop {
                match lines.next() {
                    Some(Ok(line)) if line.is_empty() => break,
                    Some(Ok(line)) => action.extend([line.as_str(), "\r\n"]),
                    _ => return self.said().clients.retain(|(other, _)| Some(*other) != login),
                }
            }
            if value(&action, "Action") == Some("Login") && self.is_refusing.load(Ordering::Relaxed) {
                let _ = client.write_all(refusal(&action).as_bytes());
                self.refused.fetch_add(1, Ordering::Relaxed);
                return;
            }
            let mut said = self.said();
            let answer = said.answer(&action);
            if client.write_all(answer.as_bytes()).is_err() {
                return;
            }
            if value(&action, "Action") == Some("Login") {
                let _ = client.write_all(
                    b"Event: FullyBooted\r\nPrivilege: system,all\r\nStatus: Fully Booted\r\n\r\n",
                );
                said.logins += 1;
                login = Some(said.logins);
                let client = (said.logins, client.try_clone().unwrap());
                said.clients.push(client);
            }
        }
    }
}

impl Said {
    fn answer(&self, action: &str) -> String {
        let id = value(action, "ActionID").unwrap_or_default();
        let success = |rest: &str| format!("Response: Success\r\nActionID: {id}\r\n{rest}\r\n");
        let list = |items: &mut dyn Iterator<Item = String>, end: &str| {
            let items: Vec<_> = items.collect();
            let end_of_item = format!("ActionID: {id}\r\n\r\n");
            let listed: String = items.iter().flat_map(|item| [item.as_str(), &end_of_item]).collect();
            let start = success("EventList: start\r\nMessage: will follow\r\n");
            let count = items.len();
            format!(
                "{start}{listed}Event: {end}\r\nActionID: {id}\r\nEventList: Complete\r\nListItems: {count}\r\n\r\n"
            )
        };
        match value(action, "Action").unwrap_or_default() {
            "Challenge" => success("Challenge: 123456789\r\n"),
            "CoreStatus" => success(&format!(
                "CoreStartupDate: 2026-11-21\r\nCoreStartupTime: 06:{:02}:00\r\nCoreReloadDate: 2026-11-21\r\n",
                self.starts % 60
            )),
            "CoreSettings" => success("AMIversion: 11.0.0\r\nAsteriskVersion: 22.10.1\r\n"),
            "Ping" => success("Ping: Pong\r\nTimestamp: 1795244001.000000\r\n"),
            "CoreShowChannels" => list(
                &mut self.up.values().map(|channel| format!("Event: CoreShowChannel\r\n{channel}")),
                "CoreShowChannelsComplete",
            ),
            "Status" => list(
                &mut self.up.values().map(|channel| format!("Event: Status\r\n{channel}")),
                "StatusComplete",
            ),
            "BridgeList" => list(&mut std::iter::empty(), "BridgeListComplete"),
            "QueueStatus" => list(&mut std::iter::empty(), "QueueStatusComplete"),
            "Login" => success("Message: Authentication accepted\r\n"),
            "Logoff" => format!("Response: Goodbye\r\nActionID: {id}\r\n\r\n"),
            "Filter" | "Events" => success(""),
            _ => format!("Response: Error\r\nActionID: {id}\r\nMessage: Invalid/unknown command\r\n\r\n"),
        }
    }
}

fn refusal(action: &str) -> String {
    let id = value(action, "ActionID").unwrap_or_default();
    format!("Response: Error\r\nActionID: {id}\r\nMessage: Authentication failed\r\n\r\n")
}

fn value<'t>(block: &'t str, name: &str) -> Option<&'t str> {
    block.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
}
