//! Networks of a story's own, with cables between them: where packet filters meet packets.

use std::{
    fs::{self, File},
    net::UdpSocket,
    os::{
        fd::{AsFd, AsRawFd},
        unix::fs::PermissionsExt,
    },
    panic,
    path::PathBuf,
    process::{self, Command},
    sync::{
        OnceLock,
        atomic::{AtomicU16, Ordering},
    },
    thread,
};

use rustix::thread::{LinkNameSpaceType, UnshareFlags, move_into_link_name_space};
use socket2::SockRef;

use crate::{namespace::Run, process::finish, roots::Root};

/// What the stories call of the packet filters' own tools.
const TOOLS: [&str; 5] = ["nft", "ipset", "iptables", "iptables-restore", "ip6tables-restore"];
/// Room for everything a probe sends while its reader has no turn.
const RECEIVE_BYTES: usize = 8 * 1024 * 1024;

/// A network name space. What is started within it stays there; the name space ends with the last of it.
#[derive(Debug)]
pub struct Network {
    name_space: File,
}

impl Network {
    /// One with nothing but a loopback device.
    pub fn new() -> Self {
        let network = Self { name_space: elsewhere(apart) };
        network.ip("link set lo up");
        network
    }

    /// The laboratory's own.
    pub fn of_laboratory() -> Self {
        Self { name_space: File::open("/proc/self/ns/net").unwrap() }
    }

    /// Does something on a thread that is in this network, as is every program it starts.
    pub fn within<T: Send>(&self, act: impl FnOnce() -> T + Send) -> T {
        elsewhere(|| {
            move_into_link_name_space(self.name_space.as_fd(), Some(LinkNameSpaceType::Network)).unwrap();
            act()
        })
    }

    /// A socket at this address; a reader of it misses nothing because it was slow.
    pub fn udp(&self, address: &str, port: u16) -> UdpSocket {
        let socket = self.within(|| UdpSocket::bind((address, port)).unwrap());
        // Beyond the limit for everybody where the laboratory may; as much as it may otherwise.
        let _ = SockRef::from(&socket).set_recv_buffer_size(RECEIVE_BYTES);
        socket
    }

    /// `ip`, with its words between blanks.
    pub fn ip(&self, words: &str) {
        self.within(|| finish(Command::new("ip").args(words.split(' '))));
    }

    /// What a packet filter's tool prints.
    pub fn tool(&self, name: &str, words: &str) -> String {
        let output = self.within(|| finish(Command::new(tools().join(name)).args(words.split(' '))));
        String::from_utf8(output.stdout).unwrap()
    }

    /// The same of a tool that reads a file.
    pub fn feed(&self, name: &str, words: &str, text: &str) {
        static NEXT: AtomicU16 = AtomicU16::new(0);
        let file = tools().join(format!("input-{}", NEXT.fetch_add(1, Ordering::Relaxed)));
        fs::write(&file, text).unwrap();
        let command = format!("exec {} {words} <{}", tools().join(name).display(), file.display());
        self.within(|| finish(Command::new("sh").args(["-c", &command])));
    }

    /// Lays a cable to another one; what its end here and its end there are called.
    pub fn cable(&self, other: &Self) -> [String; 2] {
        static NEXT: AtomicU16 = AtomicU16::new(0);
        let ends = ["a", "b"].map(|end| format!("cable{}{end}", NEXT.fetch_add(1, Ordering::Relaxed)));
        let [here, there] = &ends;
        let place = format!("/proc/{}/fd/{}", process::id(), other.name_space.as_raw_fd());
        self.ip(&format!("link add {here} type veth peer name {there} netns {place}"));
        self.ip(&format!("link set {here} up"));
        other.ip(&format!("link set {there} up"));
        ends
    }
}

impl Default for Network {
    fn default() -> Self {
        Self::new()
    }
}

/// Leaves the network this thread is in for a fresh one.
#[expect(deprecated, reason = "what may be unsafe is to leave files or memory, not a network")]
fn apart() -> File {
    rustix::thread::unshare(UnshareFlags::NEWNET).unwrap();
    File::open("/proc/thread-self/ns/net").unwrap()
}

/// On a thread of its own, whose place in the world may change.
fn elsewhere<T: Send>(act: impl FnOnce() -> T + Send) -> T {
    thread::scope(|scope| scope.spawn(act).join().unwrap_or_else(|panic| panic::resume_unwind(panic)))
}

/// A folder with the packet filters' tools, for a `PATH`.
pub fn tools() -> PathBuf {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    let make = || {
        let folder = Run::current().folder.join("packet-filters");
        fs::create_dir_all(&folder).unwrap();
        for name in TOOLS {
            let root = Root::Tools.path();
            let script = format!("#!/bin/sh\nexec chroot {} /usr/sbin/{name} \"$@\"\n", root.display());
            let file = folder.join(name);
            fs::write(&file, script).unwrap();
            fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
        }
        folder
    };
    FOLDER.get_or_init(make).clone()
}

/// A node and the world beyond it, with a cable between them.
#[derive(Debug)]
pub struct Ground {
    pub node: Network,
    pub world: Network,
}

impl Ground {
    /// Where the node is.
    pub const NODE: &str = "192.0.2.10";
    pub const NODE_V6: &str = "2001:db8::10";

    /// Everything of the other documentation networks is out in the world.
    pub fn new() -> Self {
        let ground = Self { node: Network::new(), world: Network::new() };
        let [node, world] = ground.node.cable(&ground.world);
        ground.node.ip(&format!("address add {}/24 dev {node}", Self::NODE));
        ground.node.ip(&format!("-6 address add {}/64 dev {node} nodad", Self::NODE_V6));
        ground.world.ip(&format!("address add 192.0.2.1/24 dev {world}"));
        ground.world.ip(&format!("-6 address add 2001:db8::1/64 dev {world} nodad"));
        ground.node.ip("route add default via 192.0.2.1");
        ground.node.ip("-6 route add default via 2001:db8::1");
        for beyond in ["198.51.100.1/24", "203.0.113.1/24"] {
            // On the loopback device a network makes every address of it local.
            ground.world.ip(&format!("address add {beyond} dev lo"));
        }
        ground
    }
}

impl Default for Ground {
    fn default() -> Self {
        Self::new()
    }
}
