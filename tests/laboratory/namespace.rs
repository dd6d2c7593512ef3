use std::{
    env,
    fs::{self, File},
    path::{Path, PathBuf},
    process::{self, Command},
    thread,
    time::Duration,
};

use crate::{
    process::finish,
    roots::{RUN_INSIDE, Root},
};

/// Set in the inner process to the folder of the run.
const INSIDE: &str = "DIALPLANE_LAB_RUN";

/// Networks of RFC 5737: ours, the callers', the carriers'.
const NETWORKS: [&str; 3] = ["192.0.2.1/24", "198.51.100.1/24", "203.0.113.1/24"];

/// Addresses of RFC 3849: two nodes, a carrier, and strangers near it and far from it.
const IPV6_ADDRESSES: [&str; 5] =
    ["2001:db8::22", "2001:db8::17", "2001:db8:53::10", "2001:db8:53:1::10", "2001:db8:54::10"];

/// Folders of failed runs that are kept for reading.
const KEPT_RUNS: usize = 4;

/// The folder of this run, outside of the root folders.
#[derive(Clone, Debug)]
pub struct Run {
    pub folder: PathBuf,
}

impl Run {
    pub fn current() -> Self {
        Self { folder: env::var_os(INSIDE).expect("enter() was called first").into() }
    }

    /// A file of this run, and the name the programs in the root folders know it by.
    pub(crate) fn file(&self, relative: &str) -> (PathBuf, String) {
        (self.folder.join(relative), format!("{RUN_INSIDE}/{relative}"))
    }

    /// Runs the rest of a command line in the namespaces of this run, from outside.
    pub fn nsenter(&self) -> String {
        let pid = fs::read_to_string(self.folder.join(UNSHARE_PID)).unwrap();
        format!("nsenter --target {} --net --mount", pid.trim())
    }

    pub fn remove(&self) {
        // Root folders see it through a mount of this namespace, so emptying is all that can be done from here.
        for entry in fs::read_dir(&self.folder).unwrap().flatten() {
            let path = entry.path();
            let _ = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
        }
        let _ = fs::remove_dir(&self.folder);
    }
}

/// Moves this program into namespaces of its own: starts it again inside and never returns from outside.
pub fn enter() -> Run {
    if env::var_os(INSIDE).is_none() {
        process::exit(run_inside());
    }
    let run = Run::current();
    bring_up_network();
    mount_run_folder(&run);
    end_with_the_outside(&run);
    run
}

/// The outside holds a lock as long as it lives. However it ends, by a signal, a closed terminal or a crash, also
/// with sudo in between, the inside notices and takes everything it started with it.
const ALIVE: &str = "outside-is-alive";
const UNSHARE_PID: &str = "unshare.pid";

fn run_inside() -> i32 {
    Root::require_all();
    let folder = new_run_folder();
    let alive = File::create(folder.join(ALIVE)).unwrap();
    alive.lock().unwrap();
    let mut command = as_root();
    command.args(["sh", "-c", "echo $$ >\"$0\"; exec \"$@\""]).arg(folder.join(UNSHARE_PID));
    command.args(["unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "env"]);
    command.arg(format!("{INSIDE}={}", folder.display())).arg(env::current_exe().unwrap());
    let status = command.args(env::args_os().skip(1)).status();
    status.unwrap_or_else(|error| panic!("cannot start {command:?}: {error}")).code().unwrap_or(1)
}

fn end_with_the_outside(run: &Run) {
    let run = run.clone();
    thread::spawn(move || {
        let alive = File::open(run.folder.join(ALIVE)).unwrap();
        alive.lock().unwrap();
        run.remove();
        process::exit(130);
    });
}

/// Ends this program, and with it everything it started, when it takes too long.
pub fn end_after(limit: Duration) {
    thread::spawn(move || {
        thread::sleep(limit);
        eprintln!("laboratory: stopped after {limit:?}");
        process::exit(124);
    });
}

/// A command prefix that runs the rest as root, with what the laboratory reads from the environment.
fn as_root() -> Command {
    let wanted = |name: &str| name.starts_with("DIALPLANE_") || name.starts_with("RUST_") || name == "PATH";
    let user = finish(Command::new("id").arg("-u")).stdout;
    if user.trim_ascii() == b"0" {
        return Command::new("env");
    }
    let sudo = Command::new("sudo").arg("--version").output();
    assert!(sudo.is_ok(), "the laboratory needs namespaces: run it as root, or install sudo");
    let mut command = Command::new("sudo");
    command.args(["--", "env"]);
    command.args(env::vars().filter(|(name, _)| wanted(name)).map(|(name, value)| format!("{name}={value}")));
    command
}

/// `target/<profile>/lab-runs/<process id>`; what earlier runs left is swept up to the last few.
fn new_run_folder() -> PathBuf {
    let runs = profile_folder().join("lab-runs");
    fs::create_dir_all(&runs).unwrap();
    let mut old: Vec<_> = fs::read_dir(&runs).unwrap().flatten().filter(|entry| !is_running(entry)).collect();
    old.sort_by_key(|entry| entry.metadata().and_then(|data| data.modified()).ok());
    for entry in old.iter().rev().skip(KEPT_RUNS) {
        let _ = fs::remove_dir_all(entry.path());
    }
    let folder = runs.join(process::id().to_string());
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir(&folder).unwrap();
    folder
}

fn is_running(run: &fs::DirEntry) -> bool {
    File::open(run.path().join(ALIVE)).is_ok_and(|alive| alive.try_lock().is_err())
}

/// Where cargo put the binaries of this build.
pub(crate) fn profile_folder() -> PathBuf {
    let exe = env::current_exe().unwrap();
    let folder = exe.parent().unwrap();
    if folder.ends_with("deps") { folder.parent().unwrap().into() } else { folder.into() }
}

fn bring_up_network() {
    finish(Command::new("ip").args(["link", "set", "lo", "up"]));
    for network in NETWORKS {
        // On the loopback device a network makes every address of it local.
        finish(Command::new("ip").args(["address", "add", network, "dev", "lo"]));
    }
    for address in IPV6_ADDRESSES {
        let address = format!("{address}/128");
        // Without looking whether somebody else has it: it can be bound at once.
        finish(Command::new("ip").args(["-6", "address", "add", &address, "dev", "lo", "nodad"]));
    }
}

/// The run's folder appears in every root folder as `/lab`, for this mount namespace only: two runs never meet.
fn mount_run_folder(run: &Run) {
    let kamailio = Some(Root::Kamailio.path()).filter(|root| root.exists());
    for root in Root::ALL.map(Root::path).into_iter().chain(kamailio) {
        let inside = root.join(RUN_INSIDE.trim_start_matches('/'));
        fs::create_dir_all(&inside).unwrap();
        let mount = |arguments: &[&str], at: &Path| finish(Command::new("mount").args(arguments).arg(at));
        mount(&["--bind", run.folder.to_str().unwrap()], &inside);
        mount(&["--rbind", "/dev"], &root.join("dev"));
        mount(&["-t", "proc", "proc"], &root.join("proc"));
    }
}
