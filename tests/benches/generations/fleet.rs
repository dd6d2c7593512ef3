//! Two routers on one database, as they run in production, and the commands of whoever administers them.

use std::{
    fs,
    path::PathBuf,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use laboratory::{Run, Running, router::binary, wait_until};

use crate::{
    clock::{cpu_ms, milliseconds},
    question::{Asker, arriving, asked},
};

const PORTS: [u16; 2] = [8060, 8061];
const START_LIMIT: Duration = Duration::from_mins(2);

pub(crate) struct Fleet {
    url: String,
    folder: PathBuf,
    pub(crate) routers: [Router; 2],
}

pub(crate) struct Router {
    pub(crate) port: u16,
    folder: PathBuf,
    process: Running,
    /// From the start of the process to its first answer.
    pub(crate) first_answer_ms: f64,
}

impl Fleet {
    /// Waits until both answer.
    pub(crate) fn start(database: &str, url: &str) -> Self {
        let folder = Run::current().folder.join(format!("fleet-{database}"));
        let routers = PORTS.map(|port| Router::start(port, folder.join(port.to_string()), url));
        Self { url: url.to_owned(), folder, routers }
    }

    /// `dialplane …` on this database; the generation that it made live.
    pub(crate) fn command(&self, arguments: &[&str]) -> String {
        self.told(dialplane(&self.url), arguments)
    }

    /// A command that takes no turn away from the routers, as if it were given on another machine.
    pub(crate) fn command_aside(&self, arguments: &[&str]) -> String {
        let mut command = Command::new("nice");
        command.args(["-n", "19"]).arg(binary());
        self.told(on(&self.url, command), arguments)
    }

    fn told(&self, mut command: Command, arguments: &[&str]) -> String {
        let output = command.current_dir(&self.folder).args(arguments).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "dialplane {arguments:?}: {said}");
        said.trim().rsplit(' ').next().unwrap_or_default().to_owned()
    }

    /// Whether a generation is on the disks of both, which is the last thing that happens to it.
    pub(crate) fn has_kept(&self, generation: &str) -> bool {
        let name = format!("-{generation}.generation");
        self.routers.iter().all(|router| {
            let entries = fs::read_dir(router.folder.join("generations")).into_iter().flatten().flatten();
            entries.into_iter().any(|entry| entry.file_name().to_string_lossy().ends_with(&name))
        })
    }

    /// Stops everything but one router's folder.
    pub(crate) fn end(self) -> (u16, PathBuf) {
        let [Router { port, folder, process, .. }, other] = self.routers;
        for mut process in [process, other.process] {
            process.signal("TERM");
            process.wait(START_LIMIT);
        }
        (port, folder)
    }
}

fn dialplane(url: &str) -> Command {
    on(url, Command::new(binary()))
}

fn on(url: &str, mut command: Command) -> Command {
    command.env_remove("DIALPLANE_CONFIG").env("DIALPLANE__STORE__URL", url).stdin(Stdio::null());
    command
}

impl Router {
    /// Everything as it is by default, but for where it listens and keeps its files.
    pub(crate) fn start(port: u16, folder: PathBuf, url: &str) -> Self {
        fs::create_dir_all(&folder).unwrap();
        let mut command = dialplane(url);
        command.arg("serve").current_dir(&folder);
        command.env("DIALPLANE__GENERATIONS__FOLDER", folder.join("generations"));
        command.env("DIALPLANE__DECISIONS__FOLDER", folder.join("decisions"));
        command.env("DIALPLANE__ROUTER__HTTP", format!("127.0.0.1:{port}"));
        command.env("DIALPLANE__ROUTER__AGI", "");
        command.env("DIALPLANE__METRICS__HTTP", format!("127.0.0.1:{}", port + 1000));
        command.env("DIALPLANE__API__HTTP", format!("127.0.0.1:{}", port + 2000));
        let started = Instant::now();
        let mut process = Running::start("dialplane", &mut command, &folder.join("log"));
        wait_until("the router answers", START_LIMIT, || {
            assert!(process.has_ended().is_none(), "dialplane ended; see {}", folder.join("log").display());
            let answer = Asker::connect(port).ok()?.ask(&arriving(asked(1))).ok()?;
            answer.starts_with("status=ok").then_some(())
        });
        Self { port, folder, process, first_answer_ms: milliseconds(started) }
    }

    pub(crate) fn cpu_ms(&self) -> f64 {
        cpu_ms(&self.process.id().to_string())
    }

    /// A figure of `/proc/…/status`, MB.
    pub(crate) fn memory_mb(&self, field: &str) -> f64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.process.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix(field)?.strip_prefix(':'));
        line.unwrap().trim().trim_end_matches(" kB").parse::<f64>().unwrap() / 1024.0
    }

    /// Begins a new `VmHWM`.
    pub(crate) fn forget_peak(&self) {
        fs::write(format!("/proc/{}/clear_refs", self.process.id()), "5").unwrap();
    }

    /// For the next start.
    pub(crate) fn stop(mut self) -> PathBuf {
        self.process.signal("TERM");
        self.process.wait(START_LIMIT);
        self.folder
    }
}
