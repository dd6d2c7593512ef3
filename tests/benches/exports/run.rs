//! One export through a pipe, watched.

use std::{
    fs,
    io::{self, Read},
    process::{Command, Stdio},
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

use laboratory::fleet::Fleet;

/// Between two looks at its memory; what the kernel remembers is the most there ever was.
const LOOK_EVERY: Duration = Duration::from_millis(20);

#[derive(Debug)]
pub(crate) struct Exported {
    /// From the start of the command to the first row, or to the first row group.
    pub(crate) first_s: f64,
    pub(crate) whole_s: f64,
    pub(crate) peak_mb: f64,
    pub(crate) megabytes: f64,
}

/// The command that exports everything.
pub(crate) fn export_command(fleet: &Fleet, format: &str, what: &str) -> Command {
    let period = ["--from", "2000-01-01", "--to", "2200-01-01"];
    fleet.command(&[&["calls", "export", "--format", format, "--what", what][..], &period].concat())
}

/// Runs a command to its end and reads what it says.
pub(crate) fn drain(mut command: Command) {
    let mut child =
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    io::copy(&mut child.stdout.take().unwrap(), &mut io::sink()).unwrap();
    assert!(child.wait().unwrap().success());
}

pub(crate) fn export(fleet: &Fleet, format: &str, what: &str) -> Exported {
    let started = Instant::now();
    let mut command = export_command(fleet, format, what);
    let mut child =
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let (ended, process) = (AtomicBool::new(false), child.id());
    let mut output = child.stdout.take().unwrap();
    let (first_s, bytes, peak_mb) = thread::scope(|scope| {
        let peak = scope.spawn(|| peak_mb(process, &ended));
        let (first_s, bytes) = read(&mut output, started, format);
        ended.store(true, Ordering::Relaxed);
        (first_s, bytes, peak.join().unwrap())
    });
    assert!(child.wait().unwrap().success());
    Exported { first_s, whole_s: started.elapsed().as_secs_f64(), peak_mb, megabytes: bytes / 1e6 }
}

/// When there was more than what comes before any row, and how many bytes there were.
#[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
fn read(output: &mut impl Read, started: Instant, format: &str) -> (f64, f64) {
    let (mut first_s, mut bytes, mut lines) = (None, 0, 0);
    let mut buffer = vec![0; 1 << 16];
    loop {
        let length = output.read(&mut buffer).unwrap();
        if length == 0 {
            return (first_s.unwrap(), bytes as f64);
        }
        bytes += length;
        lines += buffer[..length].split(|byte| *byte == b'\n').count() - 1;
        let is_there = match format {
            "csv" => lines > 1,
            "ndjson" => lines > 0,
            _ => bytes > b"PAR1".len(),
        };
        if is_there && first_s.is_none() {
            first_s = Some(started.elapsed().as_secs_f64());
        }
    }
}

/// The most memory that was resident.
fn peak_mb(process: u32, ended: &AtomicBool) -> f64 {
    let mut peak = 0.0;
    while !ended.load(Ordering::Relaxed) {
        let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        if let Some(kilobytes) = line.and_then(|line| line.trim().strip_suffix(" kB")) {
            peak = kilobytes.parse::<f64>().unwrap() / 1024.0;
        }
        thread::sleep(LOOK_EVERY);
    }
    peak
}
