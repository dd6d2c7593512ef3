//! Several routers on one database, and the commands people give beside them.

use std::{
    fs,
    path::PathBuf,
    process::{Command, Output, Stdio},
    sync::atomic::{AtomicU16, Ordering},
    time::Duration,
};

use crate::{
    asking::{Answer, Line},
    namespace::Run,
    process::{Running, wait_until},
    router::{binary, get, token},
    tables::sha256,
};

/// Whatever does not come about within this, does not come about.
pub const LIMIT: Duration = Duration::from_mins(1);
/// Of these ports is taken each only once in a run; the metrics of a router are 1000 above it.
static NEXT_PORT: AtomicU16 = AtomicU16::new(8200);

/// An installation: one database, and what the programs on it are set to.
#[derive(Debug)]
pub struct Fleet {
    pub url: String,
    folder: PathBuf,
    settings: Vec<(String, String)>,
}

/// What a command said, and how it ended.
#[derive(Debug)]
pub struct Said {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Fleet {
    /// On a database that may be empty.
    pub fn on(url: &str) -> Self {
        static NEXT: AtomicU16 = AtomicU16::new(1);
        let name = format!("fleet-{}", NEXT.fetch_add(1, Ordering::Relaxed));
        let folder = Run::current().folder.join(name);
        fs::create_dir_all(&folder).unwrap();
        Self { url: url.to_owned(), folder, settings: Vec::new() }
    }

    /// The same with a setting, named as in the environment: `GENERATIONS__SCAN_S`.
    #[must_use]
    pub fn with(mut self, key: &str, value: &str) -> Self {
        self.settings.push((key.to_owned(), value.to_owned()));
        self
    }

    /// Puts rows into the tables, and sees them go live.
    pub fn import(&self, tables: &str) -> Said {
        self.write("tables.toml", tables);
        self.run(&["import", "tables.toml"])
    }

    /// Writes a file where commands are given.
    pub fn write(&self, name: &str, text: &str) {
        fs::write(self.folder.join(name), text).unwrap();
    }

    /// A command as somebody gives it.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(binary());
        command.current_dir(&self.folder).env_remove("DIALPLANE_CONFIG").env("USER", "somebody");
        command.env("DIALPLANE__STORE__URL", &self.url);
        command.envs(self.settings.iter().map(|(key, value)| (format!("DIALPLANE__{key}"), value)));
        command.args(arguments).stdin(Stdio::null());
        command
    }

    /// Gives it again when it found no connection: where a dozen stories share two processors, ten seconds may pass
    /// before a server, or the command itself, has its turn. Such a command has changed nothing.
    pub fn run(&self, arguments: &[&str]) -> Said {
        wait_until(&format!("a connection for {arguments:?}"), LIMIT, || {
            let said = Said::of(self.command(arguments).output().unwrap());
            let starved = said.code == 3 && said.out.is_empty() && said.err.contains("pool timed out");
            (!starved).then_some(said)
        })
    }

    /// What a command prints that has to succeed.
    pub fn must(&self, arguments: &[&str]) -> String {
        let said = self.run(arguments);
        assert_eq!(said.code, 0, "{arguments:?}: {said:?}");
        said.out
    }

    /// What somebody does with the database's own client.
    pub fn by_hand(&self, sql: &str) -> String {
        crate::by_hand(&self.url, sql)
    }

    /// Starts a router and waits until it answers questions.
    pub fn router(&self, name: &str) -> Member {
        self.router_with(name, &[])
    }

    /// The same with settings of its own.
    pub fn router_with(&self, name: &str, own: &[(&str, &str)]) -> Member {
        let mut member = self.member(name, Self::fresh_port());
        member.settings.extend(own.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())));
        member.start();
        member.wait_ready();
        member
    }

    /// A router that is not started yet.
    pub fn member(&self, name: &str, port: u16) -> Member {
        let folder = self.folder.join(name);
        fs::create_dir_all(&folder).unwrap();
        let mut settings = self.settings.clone();
        let mut set = |key: &str, value: String| settings.push((key.to_owned(), value));
        set("STORE__URL", self.url.clone());
        set("ROUTER__NAME", name.to_owned());
        set("ROUTER__HTTP", format!("127.0.0.1:{port}"));
        set("ROUTER__AGI", String::new());
        set("RESOLVER__ENABLED", "false".to_owned());
        set("METRICS__HTTP", format!("127.0.0.1:{}", port + 1000));
        Member { name: name.to_owned(), port, folder, settings, roles: "router", starts: 0, running: None }
    }

    /// A collector of this node that listens at this address of it; with settings of its own. It is not started yet.
    pub fn collector(&self, name: &str, node: &str, address: &str, own: &[(&str, &str)]) -> Member {
        let mut member = self.member(name, Self::fresh_port());
        member.roles = "collector";
        let node = format!("COLLECTOR__NODES__{}", node.to_ascii_uppercase());
        member.settings.extend([
            ("COLLECTOR__NAME".to_owned(), name.to_owned()),
            (format!("{node}__ADDRESS"), address.to_owned()),
            (format!("{node}__SECRET"), "change-me".to_owned()),
        ]);
        member.settings.extend(own.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())));
        member
    }

    /// Starts an API and waits until it listens; it does so on [`Member::api_port`].
    pub fn api(&self, name: &str, own: &[(&str, &str)]) -> Member {
        let mut member = self.member(name, Self::fresh_port());
        member.roles = "api";
        member.settings.push(("API__HTTP".to_owned(), format!("127.0.0.1:{}", member.api_port())));
        member.settings.extend(own.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())));
        member.start();
        member.wait_ready();
        member
    }

    /// A port for a router that is told where to listen.
    pub fn fresh_port() -> u16 {
        NEXT_PORT.fetch_add(1, Ordering::Relaxed)
    }
}

impl Said {
    pub fn of(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Self { code: output.status.code().unwrap_or(-1), out: text(output.stdout), err: text(output.stderr) }
    }
}

/// One router of a fleet, running or not.
#[derive(Debug)]
pub struct Member {
    pub name: String,
    pub port: u16,
    folder: PathBuf,
    settings: Vec<(String, String)>,
    roles: &'static str,
    starts: u32,
    running: Option<Running>,
}

impl Member {
    /// Starts it with whatever is in its folder.
    pub fn start(&mut self) {
        let mut command = Command::new(binary());
        command
            .current_dir(&self.folder)
            .env_remove("DIALPLANE_CONFIG")
            .args(["serve", "--roles", self.roles]);
        command.envs(self.settings.iter().map(|(key, value)| (format!("DIALPLANE__{key}"), value)));
        self.starts += 1;
        self.running = Some(Running::start(&self.name, &mut command, &self.log_file()));
    }

    /// Asks it to end, and waits until it has.
    pub fn stop(&mut self) {
        if let Some(mut running) = self.running.take() {
            running.signal("TERM");
            running.wait(LIMIT);
        }
    }

    /// Ends it without a word to anybody.
    pub fn kill(&mut self) {
        self.running = None;
    }

    pub fn wait_ready(&mut self) {
        let log = self.log_file();
        wait_until(&format!("{} is ready", self.name), LIMIT, || {
            let ended = self.running.as_mut().expect("it was started").has_ended();
            assert!(ended.is_none(), "dialplane ended; see {}", log.display());
            self.readyz().filter(|(code, _)| *code == 200).map(drop)
        });
    }

    /// Where its API listens, if it has one.
    pub fn api_port(&self) -> u16 {
        self.port + 2000
    }

    /// What it counts.
    pub fn metrics(&self) -> String {
        self.status("/metrics").map(|(_, text)| text).unwrap_or_default()
    }

    /// The status and the text of `/readyz`, if it answers.
    pub fn readyz(&self) -> Option<(u16, String)> {
        self.status("/readyz")
    }

    /// The same of `/livez`.
    pub fn livez(&self) -> Option<(u16, String)> {
        self.status("/livez")
    }

    fn status(&self, path: &str) -> Option<(u16, String)> {
        let answer = get(self.port + 1000, path)?;
        let (head, text) = answer.split_once("\r\n\r\n")?;
        Some((head.split(' ').nth(1)?.parse().ok()?, text.to_owned()))
    }

    /// Waits until `/readyz` says this.
    pub fn wait_says(&self, words: &str) {
        wait_until(&format!("{} says {words:?}", self.name), LIMIT, || {
            self.readyz().filter(|(_, text)| text.contains(words)).map(drop)
        });
    }

    /// Waits until `/readyz` says this no more.
    pub fn wait_silent(&self, words: &str) {
        wait_until(&format!("{} says {words:?} no more", self.name), LIMIT, || {
            self.readyz().filter(|(_, text)| !text.contains(words)).map(drop)
        });
    }

    /// Waits until `/readyz` has nothing to say.
    pub fn wait_content(&self) {
        wait_until(&format!("{} misses nothing", self.name), LIMIT, || {
            self.readyz().filter(|(code, text)| *code == 200 && text == "ready\n").map(drop)
        });
    }

    /// Its answer to a question.
    pub fn ask(&self, form: &str) -> Answer {
        Line::open(self.port).and_then(|mut line| line.ask(form)).expect("the router answers")
    }

    /// Asks until the answer is the wanted one, and gives that.
    pub fn wait_answers(&self, form: &str, what: &str, wanted: impl Fn(&Answer) -> bool) -> Answer {
        let mut last = None;
        wait_until(&format!("{} answers {what}", self.name), LIMIT, || {
            last = Some(self.ask(form));
            last.clone().filter(&wanted)
        })
    }

    /// What it has logged since it was last started.
    pub fn log(&self) -> String {
        fs::read_to_string(self.log_file()).unwrap_or_default()
    }

    fn log_file(&self) -> PathBuf {
        self.folder.join(format!("log-{}", self.starts))
    }

    /// The id of its process.
    pub fn process(&self) -> u32 {
        self.running.as_ref().expect("it was started").id()
    }

    /// The folder of its journal of a node.
    pub fn journal(&self, node: &str) -> PathBuf {
        self.folder.join("var/journal").join(node)
    }

    /// The folder of its journal of decisions.
    pub fn decisions(&self) -> PathBuf {
        self.folder.join("var/decisions")
    }

    /// The generations it keeps on disk, newest first.
    pub fn kept(&self) -> Vec<PathBuf> {
        let files = fs::read_dir(self.folder.join("var/generations")).into_iter().flatten().flatten();
        let mut files: Vec<_> = files.map(|entry| entry.path()).collect();
        files.sort();
        files.reverse();
        files
    }
}

/// A row for the file of tables: the token by which a node of the laboratory proves itself.
pub fn token_row(id: usize, server: usize, node: &str) -> String {
    let hash = sha256(&token(node));
    format!("\n[[node_tokens]]\nid = {id}\nserver_id = {server}\ntoken_sha256 = \"{hash}\"\n")
}

/// A question by that node.
pub fn question(node: &str, endpoint: &str, to: &str) -> String {
    format!("node={node}&token={}&endpoint={endpoint}&to={to}", token(node))
}
