//! Database servers of the laboratory: shared ones, and those of a story that stops them, hangs them and starts them again.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::PathBuf,
    process::Command,
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use crate::{
    namespace::Run,
    process::{Running, finish, succeeds, wait_until},
    redis::fresh_port,
    roots::{RUN_INSIDE, Root},
};

const START_LIMIT: Duration = Duration::from_mins(1);
const STOP_LIMIT: Duration = Duration::from_mins(1);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Postgres,
    MariaDb,
}

/// One running server; it ends when this value does.
#[derive(Debug)]
pub struct Server {
    kind: Kind,
    port: u16,
    running: Option<Running>,
}

impl Server {
    /// A Postgres of one story's own.
    pub fn postgres() -> Self {
        Self::postgres_at(fresh_port())
    }

    /// A MariaDB of one story's own.
    pub fn mariadb() -> Self {
        Self::mariadb_at(fresh_port())
    }

    pub(crate) fn postgres_at(port: u16) -> Self {
        Self::new(Kind::Postgres, port)
    }

    pub(crate) fn mariadb_at(port: u16) -> Self {
        Self::new(Kind::MariaDb, port)
    }

    fn new(kind: Kind, port: u16) -> Self {
        let mut server = Self { kind, port, running: None };
        fresh_folder(&server.name());
        match kind {
            Kind::Postgres => server.initialise_postgres(),
            Kind::MariaDb => server.initialise_mariadb(),
        }
        server.start_again();
        server
    }

    /// Starts it on the data it had, and waits until it answers.
    pub fn start_again(&mut self) {
        let mut command = match self.kind {
            Kind::Postgres => self.postgres_command(),
            Kind::MariaDb => self.mariadb_command(),
        };
        let name = self.name();
        let log = Run::current().folder.join(format!("{name}.log"));
        self.running = Some(Running::start(&name, &mut command, &log));
        wait_until(&format!("{name} answers"), START_LIMIT, || {
            succeeds(&mut self.client("SELECT 1")).then_some(())
        });
    }

    /// Ends it at once, with all its connections.
    pub fn stop(&mut self) {
        let mut running = self.running.take().expect("it runs");
        if self.kind == Kind::Postgres {
            // Killed, it would leave memory behind that keeps the next one from starting.
            running.signal("QUIT");
            running.wait(STOP_LIMIT);
        }
    }

    /// Stops it from doing anything, with all its connections open.
    pub fn hang(&self) {
        self.signal("STOP");
    }

    pub fn go_on(&self) {
        self.signal("CONT");
    }

    fn signal(&self, signal: &str) {
        self.running.as_ref().expect("it runs").signal_family(signal);
    }

    /// URL of a fresh, empty database.
    pub fn fresh(&self) -> String {
        let name = fresh_name();
        let (charset, scheme, user) = match self.kind {
            Kind::Postgres => ("", "postgres", "postgres"),
            Kind::MariaDb => (" CHARACTER SET utf8mb4", "mysql", "root"),
        };
        finish(&mut self.client(&format!("CREATE DATABASE {name}{charset}")));
        format!("{scheme}://{user}@127.0.0.1:{}/{name}", self.port)
    }

    fn name(&self) -> String {
        let kind = if self.kind == Kind::Postgres { "postgres" } else { "mariadb" };
        format!("{kind}-{}", self.port)
    }

    /// A file of the server, as programs in the root folder name it.
    fn inside(&self, file: &str) -> String {
        format!("{RUN_INSIDE}/{}/{file}", self.name())
    }

    fn client(&self, sql: &str) -> Command {
        match self.kind {
            Kind::Postgres => psql(self.port, "postgres", sql),
            Kind::MariaDb => mariadb(self.port, "mysql", sql),
        }
    }

    fn initialise_postgres(&self) {
        // Nothing of it is worth a write to the disk: no fsync.
        finish(Root::Tools.command_as("postgres", &format!("{}/initdb", postgres_programs())).args([
            &format!("--pgdata={}", self.inside("data")),
            "--username=postgres",
            "--auth=trust",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
            "--no-sync",
        ]));
    }

    fn postgres_command(&self) -> Command {
        let mut command = Root::Tools.command_as("postgres", &format!("{}/postgres", postgres_programs()));
        command.args(["-D", &self.inside("data"), "-p", &self.port.to_string()]);
        for setting in [
            "listen_addresses=127.0.0.1",
            "unix_socket_directories=",
            "fsync=off",
            "full_page_writes=off",
            // Hundreds of databases that live for seconds are not worth a visit.
            "autovacuum=off",
            "max_connections=200",
        ] {
            command.args(["-c", setting]);
        }
        command
    }

    fn initialise_mariadb(&self) {
        finish(Root::Tools.command("/usr/bin/mariadb-install-db").args([
            "--no-defaults",
            "--user=mysql",
            &format!("--datadir={}", self.inside("data")),
            "--auth-root-authentication-method=normal",
            "--skip-test-db",
            "--innodb-flush-log-at-trx-commit=0",
        ]));
    }

    fn mariadb_command(&self) -> Command {
        let mut command = Root::Tools.command("/usr/sbin/mariadbd");
        command.args([
            "--no-defaults",
            "--user=mysql",
            &format!("--datadir={}", self.inside("data")),
            &format!("--socket={}", self.inside("socket")),
            &format!("--pid-file={}", self.inside("pid")),
            "--bind-address=127.0.0.1",
            &format!("--port={}", self.port),
            // What was committed outlives the process, though not the machine.
            "--innodb-flush-log-at-trx-commit=2",
            "--innodb-flush-method=nosync",
        ]);
        command
    }
}

/// What a person's statement prints, given with the database's own client: one row a line.
pub fn by_hand(url: &str, sql: &str) -> String {
    let mut command = match url.split_once("://") {
        Some(("postgres", rest)) => {
            let (port, name) = port_and_name(rest);
            psql(port, name, sql)
        }
        Some(("mysql", rest)) => {
            let (port, name) = port_and_name(rest);
            mariadb(port, name, sql)
        }
        Some(("sqlite", file)) => sqlite3(file, sql),
        _ => panic!("no URL of a database: {url}"),
    };
    String::from_utf8(finish(&mut command).stdout).unwrap().trim().to_owned()
}

/// `user@127.0.0.1:port/name`
fn port_and_name(rest: &str) -> (u16, &str) {
    let (server, name) = rest.split_once('/').unwrap();
    (server.rsplit(':').next().unwrap().parse().unwrap(), name)
}

fn postgres_programs() -> String {
    let versions = Root::Tools.path().join("usr/lib/postgresql");
    let version = fs::read_dir(&versions).unwrap().flatten().next().expect("one Postgres").file_name();
    format!("/usr/lib/postgresql/{}/bin", version.display())
}

fn psql(port: u16, name: &str, sql: &str) -> Command {
    let mut command = Root::Tools.command(&format!("{}/psql", postgres_programs()));
    command.args(["--host=127.0.0.1", &format!("--port={port}"), "--username=postgres", "--quiet"]);
    command.args(["--no-psqlrc", "--tuples-only", "--no-align", "--set=ON_ERROR_STOP=1"]);
    command.args([&format!("--dbname={name}"), "-c", sql]);
    command
}

fn mariadb(port: u16, name: &str, sql: &str) -> Command {
    let mut command = Root::Tools.command("/usr/bin/mariadb");
    command.args(["--no-defaults", "--protocol=tcp", "--host=127.0.0.1", &format!("--port={port}")]);
    command.args(["--user=root", "--skip-column-names", "--batch", &format!("--database={name}")]);
    command.args(["-e", sql]);
    command
}

fn sqlite3(file: &str, sql: &str) -> Command {
    let mut command = sqlite3_on(file);
    command.arg(sql);
    command
}

/// The client that does what it reads.
pub(crate) fn sqlite3_on(file: &str) -> Command {
    let file = file.split('?').next().unwrap_or(file);
    let inside = file.strip_prefix(Run::current().folder.to_str().unwrap()).expect("a file of this run");
    let mut command = Root::Tools.command("/usr/bin/sqlite3");
    command.args(["-bail", "-cmd", ".timeout 60000", "-cmd", "PRAGMA foreign_keys = ON"]);
    command.arg(format!("{RUN_INSIDE}{inside}"));
    command
}

pub(crate) fn fresh_name() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(1);
    format!("fresh_{}", NEXT.fetch_add(1, Ordering::Relaxed))
}

/// A folder of this run any server may write to, whatever user it runs as.
pub(crate) fn fresh_folder(name: &str) -> PathBuf {
    let folder = Run::current().folder.join(name);
    fs::create_dir_all(&folder).unwrap();
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o777)).unwrap();
    folder
}
