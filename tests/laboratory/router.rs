//! The program under test.

use std::{
    env, fs,
    io::{Read, Write},
    net::TcpStream,
    path::PathBuf,
    process::Command,
    time::Duration,
};

use crate::{
    namespace::{Run, profile_folder},
    process::{Running, finish, wait_until},
    tables::{self, View},
};

/// Where the nodes expect their router.
pub const PORT: u16 = 8060;
/// How far a router's FastAGI port is from its HTTP port.
const AGI_BELOW: u16 = PORT - 4573;

/// The secret a node proves itself with.
pub(crate) fn token(node: &str) -> String {
    format!("token-of-{node}")
}

/// A running `dialplane serve` with the laboratory's data.
#[derive(Debug)]
pub struct Router {
    pub port: u16,
    pub process: Running,
}

impl Router {
    /// A router with the data of all others.
    pub fn start(port: u16) -> Self {
        Data::import(port, View::Common).serve()
    }

    /// The URL of its database.
    pub fn url(&self) -> String {
        Data::of(self.port).url()
    }

    /// What it has logged.
    pub fn log(&self) -> String {
        fs::read_to_string(Data::of(self.port).folder.join("log")).unwrap_or_default()
    }

    /// The sum of a counter's lines that have this label, 0 if it has not counted yet.
    pub fn counted(&self, counter: &str, label: &str) -> u64 {
        let metrics = get(self.port + 1000, "/metrics").expect("the router shows its metrics");
        let name = format!("dialplane_router_{counter}");
        let lines = metrics.lines().filter(|line| line.starts_with(&name) && line.contains(label));
        lines.map(|line| line.rsplit(' ').next().unwrap().parse::<u64>().unwrap()).sum()
    }
}

/// The tables of a router, before and while it runs.
#[derive(Debug)]
pub(crate) struct Data {
    port: u16,
    folder: PathBuf,
}

impl Data {
    fn of(port: u16) -> Self {
        Self { port, folder: Run::current().folder.join(format!("router-{port}")) }
    }

    fn url(&self) -> String {
        format!("sqlite://{}/tables.sqlite", self.folder.display())
    }

    pub(crate) fn import(port: u16, view: View) -> Self {
        let data = Self::of(port);
        fs::create_dir_all(&data.folder).unwrap();
        let tables = data.folder.join("tables.toml");
        fs::write(&tables, tables::toml(view)).unwrap();
        finish(data.dialplane().arg("import").arg(&tables));
        data
    }

    /// What a command of the program prints.
    pub(crate) fn print(&self, arguments: &[&str]) -> String {
        String::from_utf8(finish(self.dialplane().args(arguments)).stdout).unwrap()
    }

    fn dialplane(&self) -> Command {
        let Self { port, folder } = self;
        let mut command = Command::new(binary());
        command.current_dir(folder).env_remove("DIALPLANE_CONFIG");
        command.env("DIALPLANE__STORE__URL", self.url());
        command.env("DIALPLANE__ROUTER__HTTP", format!("127.0.0.1:{port}"));
        command.env("DIALPLANE__ROUTER__AGI", format!("127.0.0.1:{}", port - AGI_BELOW));
        command.env("DIALPLANE__RESOLVER__ENABLED", "false");
        command.env("DIALPLANE__METRICS__HTTP", format!("127.0.0.1:{}", port + 1000));
        command.env("DIALPLANE__API__HTTP", format!("127.0.0.1:{}", port + 2000));
        command
    }

    pub(crate) fn serve(&self) -> Router {
        let Self { port, folder } = self;
        let port = *port;
        let mut process = Running::start("dialplane", self.dialplane().arg("serve"), &folder.join("log"));
        wait_until("the router is ready", Duration::from_secs(10), || {
            assert!(process.has_ended().is_none(), "dialplane ended; see {}", folder.join("log").display());
            get(port + 1000, "/readyz").is_some_and(|answer| answer.starts_with("HTTP/1.1 200")).then_some(())
        });
        Router { port, process }
    }
}

/// The program built together with this one, unless another one is named.
pub fn binary() -> PathBuf {
    let binary =
        env::var_os("DIALPLANE_BIN").map_or_else(|| profile_folder().join("dialplane"), PathBuf::from);
    let profile = if profile_folder().ends_with("release") { " --release" } else { "" };
    assert!(binary.exists(), "no {}; build it: cargo build -p dialplane{profile}", binary.display());
    binary
}

pub(crate) fn get(port: u16, path: &str) -> Option<String> {
    exchange(port, &format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"))
}

/// Posts a form to the router as a dialplan does, and returns the whole answer.
pub fn post(port: u16, path: &str, form: &str) -> String {
    let request = format!(
        "POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n{form}",
        form.len()
    );
    say(port, &request)
}

/// Sends the router bytes that may be no question, and returns whatever it answers.
pub fn say(port: u16, request: &str) -> String {
    exchange(port, request).expect("the router answers")
}

fn exchange(port: u16, request: &str) -> Option<String> {
    let mut connection = TcpStream::connect(("127.0.0.1", port)).ok()?;
    connection.set_read_timeout(Some(Duration::from_secs(5))).ok()?;
    connection.write_all(request.as_bytes()).ok()?;
    let mut answer = String::new();
    connection.read_to_string(&mut answer).ok()?;
    Some(answer)
}
