//! What a router's answers notice of an export beside it.

use std::{
    process::Command,
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

use laboratory::{
    asking::Line,
    fleet::{Fleet, Member, question},
    tables::{self, DECIDED},
};

use crate::{
    clock::{median, milliseconds, most},
    report::{Bound, Report},
    run::{self, export_command},
};

const PAIRS: usize = 7;
/// A question every millisecond.
const PACE: Duration = Duration::from_millis(1);
/// What is asked for.
const RATIO_MAX: f64 = 1.5;
const NODE: &str = "ast22";

/// The tables a router needs to answer.
pub(crate) fn import(fleet: &Fleet) {
    let imported = fleet.import(&tables::common());
    assert_eq!(imported.code, 0, "{imported:?}");
}

pub(crate) fn measure(fleet: &Fleet, report: &mut Report) {
    let router = fleet.router("router");
    // As if it were given on another machine.
    pairs("p99 of answers during an export", &router, Bound::AtMost(RATIO_MAX), report, &|| aside(fleet));
    pairs("p99 of answers during an export on the same cores", &router, Bound::None, report, &|| {
        export_command(fleet, "csv", "calls")
    });
    // What any work costs that stands back as far, on every core.
    pairs("p99 of answers beside bare loops that stand back", &router, Bound::None, report, &loops);
}

fn aside(fleet: &Fleet) -> Command {
    let command = export_command(fleet, "csv", "calls");
    let mut nice = Command::new("nice");
    nice.args(["-n", "19"]).arg(command.get_program()).args(command.get_args());
    if let Some(folder) = command.get_current_dir() {
        nice.current_dir(folder);
    }
    nice.env_remove("DIALPLANE_CONFIG");
    nice.envs(command.get_envs().filter_map(|(key, value)| Some((key, value?))));
    nice
}

fn loops() -> Command {
    let mut command = Command::new("nice");
    let each = "timeout 5 sh -c 'while :; do :; done' &";
    let cores = thread::available_parallelism().map_or(1, std::num::NonZero::get);
    command.args(["-n", "19", "sh", "-c", &format!("{} wait", each.repeat(cores))]);
    command
}

/// Answers while a command runs beside answers while none does, for as long, in turns.
fn pairs(what: &str, router: &Member, bound: Bound, report: &mut Report, command: &dyn Fn() -> Command) {
    let (mut ratios, mut idle_ms, mut busy_ms) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..PAIRS {
        let started = Instant::now();
        let busy = p99_ms(router.port, || run::drain(command()));
        let took = started.elapsed();
        let idle = p99_ms(router.port, || thread::sleep(took));
        ratios.push(busy / idle);
        idle_ms.push(idle);
        busy_ms.push(busy);
    }
    let remark = format!(
        "median of {PAIRS} pairs, most {:.2}; idle {:.2} ms, meanwhile {:.2} ms",
        most(&ratios),
        median(idle_ms),
        median(busy_ms)
    );
    report.figure(what, median(ratios), "×", bound, &remark);
}

/// What 99 of 100 answers took at most while something else is done, milliseconds.
fn p99_ms(port: u16, work: impl FnOnce()) -> f64 {
    let over = AtomicBool::new(false);
    let mut waited_ms = thread::scope(|scope| {
        let asker = scope.spawn(|| ask_until(port, &over));
        work();
        over.store(true, Ordering::Relaxed);
        asker.join().unwrap()
    });
    waited_ms.sort_by(f64::total_cmp);
    waited_ms[waited_ms.len() * 99 / 100]
}

fn ask_until(port: u16, over: &AtomicBool) -> Vec<f64> {
    let form = question(NODE, "1031", &DECIDED.number(NODE, 2));
    let (mut line, mut waited_ms, mut due) = (Line::open(port).unwrap(), Vec::new(), Instant::now());
    while !over.load(Ordering::Relaxed) {
        let started = Instant::now();
        assert_eq!(line.ask(&form).unwrap().get("status"), "ok");
        waited_ms.push(milliseconds(started));
        // Whoever is late does not hurry to catch up: the next question comes a pace after the answer.
        due = (due + PACE).max(Instant::now());
        thread::sleep(due.saturating_duration_since(Instant::now()));
    }
    waited_ms
}
