//! Every story Dialplane is tested with, told on real Asterisk nodes and real databases.
//!
//! `cargo test -p scenarios [FILTER]`; the laboratory itself is brought by `tests/provision`.

#![expect(clippy::unwrap_used, reason = "the crate is nothing but tests")]

use std::{process::ExitCode, time::Duration};

use laboratory::Run;
use libtest_mimic::{Arguments, Trial};

mod bus;
mod deployment;
mod store;
mod stories;

/// Whatever hangs, the tests do not.
const LIMIT: Duration = Duration::from_mins(20);
/// The same with the big counts.
const SLOW_LIMIT: Duration = Duration::from_hours(2);

fn main() -> ExitCode {
    let mut arguments = Arguments::from_args();
    if arguments.list {
        return libtest_mimic::run(&arguments, trials()).exit_code();
    }
    let run = laboratory::enter();
    let is_slow = std::env::var_os("DIALPLANE_SLOW").is_some();
    laboratory::end_after(if is_slow { SLOW_LIMIT } else { LIMIT });
    // Stories wait for telephones rather than for processors, but some start a dozen programs.
    arguments.test_threads = arguments.test_threads.or(Some(4));
    let conclusion = libtest_mimic::run(&arguments, trials());
    let complaints = laboratory::complaints();
    for complaint in &complaints {
        eprintln!("against the dialplan: {complaint}");
    }
    let failed = conclusion.has_failed() || !complaints.is_empty();
    tidy(&run, failed);
    if failed { ExitCode::from(101) } else { ExitCode::SUCCESS }
}

fn trials() -> Vec<Trial> {
    let rooms = [stories::all(), store::trials(), bus::trials(), deployment::trials()];
    rooms.into_iter().flatten().collect()
}

/// A failed run is kept for reading; so is any other with `DIALPLANE_LAB_KEEP` set.
fn tidy(run: &Run, failed: bool) {
    if failed || std::env::var_os("DIALPLANE_LAB_KEEP").is_some() {
        eprintln!("what the nodes, carriers and phones wrote is kept in {}", run.folder.display());
    } else {
        run.remove();
    }
}
