//! A name server that says what a story wants it to say, the truth or not.

use std::{
    collections::BTreeMap,
    net::{IpAddr, SocketAddr, UdpSocket},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

/// What is said of a name.
#[derive(Clone, Debug)]
pub enum Says {
    /// A and AAAA records that hold for so many seconds.
    Addresses(Vec<IpAddr>, u32),
    /// SRV records: port and host.
    Services(Vec<(u16, String)>, u32),
    ServerFailure,
    NoSuchName,
    Silence,
}

/// A server on loopback; gone when dropped.
#[derive(Debug)]
pub struct NameServer {
    address: SocketAddr,
    zone: Arc<Mutex<BTreeMap<String, Says>>>,
    stopped: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

const A: u16 = 1;
const AAAA: u16 = 28;
const SRV: u16 = 33;

impl NameServer {
    /// Knows no name yet.
    pub fn start() -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        socket.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
        let address = socket.local_addr().unwrap();
        let (zone, stopped) = (Arc::<Mutex<BTreeMap<String, Says>>>::default(), Arc::<AtomicBool>::default());
        let (known, stop) = (Arc::clone(&zone), Arc::clone(&stopped));
        let thread = thread::spawn(move || {
            let mut question = [0; 1500];
            while !stop.load(Ordering::Relaxed) {
                let Ok((length, asker)) = socket.recv_from(&mut question) else { continue };
                let reply = answer(&question[..length], &known.lock().unwrap());
                if let Some(reply) = reply {
                    socket.send_to(&reply, asker).ok();
                }
            }
        });
        Self { address, zone, stopped, thread: Some(thread) }
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// From now on.
    pub fn says(&self, name: &str, says: Says) {
        self.zone.lock().unwrap().insert(name.to_owned(), says);
    }

    /// These addresses, which hold for no time at all.
    pub fn has(&self, name: &str, addresses: &[&str]) {
        let addresses = addresses.iter().map(|address| address.parse().unwrap()).collect();
        self.says(name, Says::Addresses(addresses, 0));
    }
}

impl Drop for NameServer {
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::Relaxed);
        self.thread.take().map(JoinHandle::join);
    }
}

/// RFC 1035 §4: the head and the question come back, and records behind them.
fn answer(question: &[u8], zone: &BTreeMap<String, Says>) -> Option<Vec<u8>> {
    let (name, end) = name(question)?;
    let kind = u16::from_be_bytes(question.get(end..end + 2)?.try_into().ok()?);
    let says = zone.get(&name).cloned().unwrap_or(Says::NoSuchName);
    let (code, records) = match says {
        Says::Silence => return None,
        Says::ServerFailure => (2, Vec::new()),
        Says::NoSuchName => (3, Vec::new()),
        Says::Addresses(addresses, ttl) => {
            (0, addresses.iter().filter_map(|address| address_record(*address, kind, ttl)).collect())
        }
        Says::Services(services, ttl) if kind == SRV => {
            (0, services.iter().map(|(port, target)| service_record(*port, target, ttl)).collect())
        }
        Says::Services(..) => (0, Vec::new()),
    };
    let mut reply = question.get(..2)?.to_vec();
    reply.extend([0x81, 0x80 | code, 0, 1]);
    reply.extend(u16::try_from(records.len()).ok()?.to_be_bytes());
    reply.extend([0; 4]);
    reply.extend(question.get(12..end + 4)?);
    reply.extend(records.concat());
    Some(reply)
}

/// The name in question, and where it ends.
fn name(question: &[u8]) -> Option<(String, usize)> {
    let (mut labels, mut at) = (Vec::new(), 12);
    loop {
        let length = usize::from(*question.get(at)?);
        at += 1;
        if length == 0 {
            return Some((labels.join("."), at));
        }
        labels.push(String::from_utf8_lossy(question.get(at..at + length)?).to_lowercase());
        at += length;
    }
}

fn address_record(address: IpAddr, kind: u16, ttl: u32) -> Option<Vec<u8>> {
    match (address, kind) {
        (IpAddr::V4(v4), A) => Some(record(A, ttl, &v4.octets())),
        (IpAddr::V6(v6), AAAA) => Some(record(AAAA, ttl, &v6.octets())),
        _ => None,
    }
}

/// RFC 2782: priority, weight, port, target.
fn service_record(port: u16, target: &str, ttl: u32) -> Vec<u8> {
    let mut data = vec![0, 10, 0, 10];
    data.extend(port.to_be_bytes());
    for label in target.split('.').filter(|label| !label.is_empty()) {
        data.push(u8::try_from(label.len()).unwrap());
        data.extend(label.as_bytes());
    }
    data.push(0);
    record(SRV, ttl, &data)
}

/// Of the name in question.
fn record(kind: u16, ttl: u32, data: &[u8]) -> Vec<u8> {
    let mut record = vec![0xc0, 12];
    record.extend(kind.to_be_bytes());
    record.extend([0, 1]);
    record.extend(ttl.to_be_bytes());
    record.extend(u16::try_from(data.len()).unwrap().to_be_bytes());
    record.extend(data);
    record
}
