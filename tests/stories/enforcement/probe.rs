//! Packets all the time, from whom the filter knows and from a stranger.

use std::{
    io::ErrorKind,
    net::UdpSocket,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use laboratory::{networks::Ground, wait_until};

/// Whom the filter knows, in every set of every story; and somebody who is in none.
pub(super) const KNOWN: &str = "198.51.100.10";
pub(super) const STRANGER: &str = "203.0.113.250";

const SIP: u16 = 5060;
const PAUSE: Duration = Duration::from_micros(1500);
/// When nothing has come for so long after the last packet was sent, nothing comes any more.
const QUIET: Duration = Duration::from_secs(1);
const LIMIT: Duration = Duration::from_mins(1);

/// A packet of each every millisecond or two, until it is ended.
pub(super) struct Probe {
    stop: Arc<AtomicBool>,
    sent: [Arc<AtomicU64>; 2],
    senders: Vec<JoinHandle<()>>,
    reader: JoinHandle<[u64; 2]>,
}

/// What became of them.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Passed {
    pub(super) sent: u64,
    pub(super) lost: u64,
    pub(super) strangers_sent: u64,
    pub(super) of_strangers: u64,
}

impl Probe {
    pub(super) fn start(ground: &Ground) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let at_node = ground.node.udp(Ground::NODE, SIP);
        let sent = [Arc::default(), Arc::default()];
        let senders = [KNOWN, STRANGER].into_iter().zip(&sent).map(|(from, sent)| {
            let socket = ground.world.udp(from, SIP);
            socket.connect((Ground::NODE, SIP)).unwrap();
            let (stop, sent) = (Arc::clone(&stop), Arc::clone(sent));
            thread::spawn(move || send(&socket, &stop, &sent))
        });
        let senders = senders.collect();
        let stopped = Arc::clone(&stop);
        Self { sent, senders, reader: thread::spawn(move || read(&at_node, &stopped)), stop }
    }

    /// Waits until so many more of each have been sent.
    pub(super) fn goes_on(&self, more: u64) {
        let sent = || self.sent.iter().map(|sent| sent.load(Ordering::Relaxed)).min().unwrap();
        let before = sent();
        wait_until("packets are sent", LIMIT, || (sent() >= before + more).then_some(()));
    }

    pub(super) fn end(self) -> Passed {
        self.stop.store(true, Ordering::Relaxed);
        self.senders.into_iter().for_each(|sender| sender.join().unwrap());
        let [known, strangers] = self.reader.join().unwrap();
        let [sent, strangers_sent] = self.sent.map(|sent| sent.load(Ordering::Relaxed));
        Passed { sent, lost: sent - known, strangers_sent, of_strangers: strangers }
    }
}

fn send(socket: &UdpSocket, stop: &AtomicBool, sent: &AtomicU64) {
    while !stop.load(Ordering::Relaxed) {
        assert_eq!(socket.send(b"OPTIONS").unwrap(), 7);
        sent.fetch_add(1, Ordering::Relaxed);
        thread::sleep(PAUSE);
    }
}

/// How many came from whom is known, and from anybody else.
fn read(socket: &UdpSocket, stop: &AtomicBool) -> [u64; 2] {
    socket.set_read_timeout(Some(QUIET)).unwrap();
    let mut passed = [0; 2];
    loop {
        let was_stopped = stop.load(Ordering::Relaxed);
        match socket.recv_from(&mut [0; 64]) {
            Ok((_, from)) => passed[usize::from(from.ip().to_string() != KNOWN)] += 1,
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                if was_stopped {
                    return passed;
                }
            }
            Err(error) => panic!("{error}"),
        }
    }
}
