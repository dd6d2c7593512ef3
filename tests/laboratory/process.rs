use std::{
    fs::{self, File},
    path::Path,
    process::{Child, Command, ExitStatus, Output, Stdio},
    thread,
    time::Duration,
};

/// A program of ours; it ends when this value does.
#[derive(Debug)]
pub struct Running {
    name: String,
    child: Child,
}

impl Running {
    /// Starts a program that writes what it says into `log`.
    pub fn start(name: &str, command: &mut Command, log: &Path) -> Self {
        let log = File::create(log).unwrap();
        let errors = log.try_clone().unwrap();
        let child = command.stdin(Stdio::null()).stdout(log).stderr(errors).spawn();
        Self { name: name.to_owned(), child: child.unwrap_or_else(|error| panic!("{name}: {error}")) }
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    pub fn has_ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().unwrap()
    }

    /// Sends this very process a signal, by its id.
    pub fn signal(&self, signal: &str) {
        assert!(send(signal, self.child.id()), "{signal} to {}", self.name);
    }

    /// The same to the process and to those it started.
    pub(crate) fn signal_family(&self, signal: &str) {
        // First itself, that there be no more of them; of the others some may just have ended.
        self.signal(signal);
        for child in children(self.child.id()) {
            send(signal, child);
        }
    }

    pub fn wait(&mut self, limit: Duration) -> ExitStatus {
        let name = self.name.clone();
        wait_until(&format!("{name} ends"), limit, || self.has_ended())
    }
}

fn send(signal: &str, process: u32) -> bool {
    let sent = Command::new("kill")
        .arg(format!("-{signal}"))
        .arg(process.to_string())
        .stderr(Stdio::null())
        .status();
    sent.is_ok_and(|status| status.success())
}

fn children(parent: u32) -> Vec<u32> {
    let processes = fs::read_dir("/proc").unwrap().flatten();
    let ids = processes.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    ids.filter(|id| parent_of(*id) == Some(parent)).collect()
}

/// `id (name) state parent …`, where a name may hold anything.
fn parent_of(process: u32) -> Option<u32> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    stat.rsplit_once(')')?.1.split_whitespace().nth(1)?.parse().ok()
}

impl Drop for Running {
    fn drop(&mut self) {
        // Already ended is as good as killed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Polls until there is something, and fails by name when there is nothing for too long.
pub fn wait_until<T>(what: &str, limit: Duration, mut look: impl FnMut() -> Option<T>) -> T {
    const PAUSE: Duration = Duration::from_millis(15);
    let mut left = limit;
    loop {
        if let Some(found) = look() {
            return found;
        }
        left = left.checked_sub(PAUSE).unwrap_or_else(|| panic!("not within {limit:?}: {what}"));
        thread::sleep(PAUSE);
    }
}

/// Runs a short program to its end and returns what it said, or fails with it.
pub(crate) fn finish(command: &mut Command) -> Output {
    let output = command.stdin(Stdio::null()).output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(
        output.status.success(),
        "{command:?}: {}\n{}{}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    output
}

pub(crate) fn succeeds(command: &mut Command) -> bool {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|s| s.success())
}
