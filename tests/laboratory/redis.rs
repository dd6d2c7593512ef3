//! Redis servers of a test's own, to be killed, hung and started again: one, a master with Sentinels, or a cluster.

use std::{
    fs,
    net::{Ipv4Addr, TcpStream},
    process::Stdio,
    sync::atomic::{AtomicU16, Ordering},
    time::Duration,
};

use crate::{
    namespace::Run,
    process::{Running, finish, wait_until},
    roots::{RUN_INSIDE, Root},
};

const START_LIMIT: Duration = Duration::from_mins(1);
/// How long a master may be silent before its Sentinels take it for dead.
const DOWN_AFTER_MS: &str = "1000";
/// Of these ports is taken each only once in a run; a cluster's servers take the one 10000 above it too.
static NEXT_PORT: AtomicU16 = AtomicU16::new(7400);

/// A port nobody listens at, for a server to come.
pub fn fresh_port() -> u16 {
    NEXT_PORT.fetch_add(1, Ordering::Relaxed)
}

/// One `redis-server`.
#[derive(Debug)]
pub struct Server {
    pub port: u16,
    arguments: Vec<String>,
    running: Option<Running>,
}

impl Server {
    /// Starts one on a port of its own.
    pub fn start(arguments: &[&str]) -> Self {
        Self::start_at(fresh_port(), arguments)
    }

    pub fn start_at(port: u16, arguments: &[&str]) -> Self {
        let arguments = arguments.iter().map(ToString::to_string).collect();
        let mut server = Self { port, arguments, running: None };
        server.start_again();
        server
    }

    pub fn start_again(&mut self) {
        let mut command = Root::Tools.command("/usr/bin/redis-server");
        command.args(&self.arguments).args(["--bind", "127.0.0.1", "--port", &self.port.to_string()]);
        let log = Run::current().folder.join(format!("redis-{}.log", self.port));
        self.running = Some(Running::start("redis-server", &mut command, &log));
        wait_until(&format!("Redis listens on {}", self.port), START_LIMIT, || {
            TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).ok()
        });
    }

    /// Ends it without a word to anybody.
    pub fn kill(&mut self) {
        self.running = None;
    }

    /// Stops it from doing anything, with all its connections open.
    pub fn hang(&self) {
        self.signal("STOP");
    }

    pub fn go_on(&self) {
        self.signal("CONT");
    }

    fn signal(&self, signal: &str) {
        self.running.as_ref().expect("it runs").signal(signal);
    }

    /// What it answers to a command.
    pub fn command(&self, words: &[&str]) -> String {
        let mut cli = Root::Tools.command("/usr/bin/redis-cli");
        cli.args(["-e", "-h", "127.0.0.1", "-p", &self.port.to_string()]).args(words).stderr(Stdio::null());
        String::from_utf8_lossy(&finish(&mut cli).stdout).trim().to_owned()
    }
}

/// Nothing is worth a write to the disk.
const MEMORY_ONLY: [&str; 4] = ["--save", "", "--appendonly", "no"];

/// One server that keeps nothing.
pub fn single() -> Server {
    Server::start(&MEMORY_ONLY)
}

/// A master, its replica and three Sentinels that watch them under a name.
#[derive(Debug)]
pub struct Watched {
    pub master: Server,
    pub replica: Server,
    pub sentinels: Vec<Server>,
}

/// Starts them, and waits until the Sentinels know of each other and of the replica.
pub fn watched(name: &str) -> Watched {
    let master = single();
    let of = format!("127.0.0.1 {}", master.port);
    let replica = Server::start(&[&MEMORY_ONLY[..], &["--replicaof", &of]].concat());
    let sentinels: Vec<_> = (0..3).map(|_| sentinel(name, master.port)).collect();
    for sentinel in &sentinels {
        wait_until("the Sentinels know each other", START_LIMIT, || {
            let known = sentinel.command(&["SENTINEL", "MASTER", name]);
            let value =
                |key: &str| known.lines().skip_while(|line| *line != key).nth(1).map(ToOwned::to_owned);
            let all = value("num-slaves")? == "1" && value("num-other-sentinels")? == "2";
            all.then_some(())
        });
    }
    Watched { master, replica, sentinels }
}

fn sentinel(name: &str, master: u16) -> Server {
    let port = fresh_port();
    let file = format!("sentinel-{port}.conf");
    let text = format!(
        "sentinel monitor {name} 127.0.0.1 {master} 2\n\
         sentinel down-after-milliseconds {name} {DOWN_AFTER_MS}\n\
         sentinel failover-timeout {name} 5000\n"
    );
    fs::write(Run::current().folder.join(&file), text).unwrap();
    Server::start_at(port, &[&format!("{RUN_INSIDE}/{file}"), "--sentinel"])
}

/// Three servers that share the slots of one cluster.
pub fn cluster() -> Vec<Server> {
    let servers: Vec<_> = (0..3).map(|_| cluster_server()).collect();
    let addresses: Vec<_> = servers.iter().map(|server| format!("127.0.0.1:{}", server.port)).collect();
    let mut create = Root::Tools.command("/usr/bin/redis-cli");
    finish(create.args(["--cluster", "create"]).args(&addresses).arg("--cluster-yes"));
    for server in &servers {
        wait_until("the cluster stands", START_LIMIT, || {
            let info = server.command(&["CLUSTER", "INFO"]);
            (info.contains("cluster_state:ok") && info.contains("cluster_known_nodes:3")).then_some(())
        });
    }
    servers
}

fn cluster_server() -> Server {
    let port = fresh_port();
    let nodes = format!("{RUN_INSIDE}/cluster-{port}.conf");
    let own = ["--cluster-enabled", "yes", "--cluster-node-timeout", "1000", "--cluster-config-file", &nodes];
    Server::start_at(port, &[&MEMORY_ONLY[..], &own].concat())
}

/// One server that takes TLS too, with a certificate nobody knows, and the port for it.
pub fn tls() -> (Server, u16) {
    let port = fresh_port();
    let file = |kind: &str| format!("{RUN_INSIDE}/redis-{port}.{kind}");
    let (key, certificate) = (file("key"), file("crt"));
    let mut make = Root::Tools.command("/usr/bin/openssl");
    make.args(["req", "-x509", "-nodes", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"]);
    make.args(["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]);
    finish(make.args(["-keyout", &key, "-out", &certificate]));
    let port_text = port.to_string();
    let own = ["--tls-port", &port_text, "--tls-key-file", &key, "--tls-cert-file", &certificate];
    let server = Server::start(&[&MEMORY_ONLY[..], &own, &["--tls-auth-clients", "no"]].concat());
    // It answers only once it listens everywhere.
    server.command(&["PING"]);
    (server, port)
}
