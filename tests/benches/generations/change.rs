//! One row of a million changes: how soon both routers answer by it, and what the others notice.

use std::{
    process::Command,
    thread,
    time::{Duration, Instant},
};

use laboratory::wait_until;

use crate::{
    clock::{median, milliseconds, most},
    fleet::{Fleet, Router},
    load, operator,
    question::{Asker, arriving, key, unasked},
    report::{Bound, Report},
};

const CHANGES: i64 = 11;
const PAIRS: i64 = 9;
const LIMIT: Duration = Duration::from_mins(1);
const POLL: Duration = Duration::from_millis(2);
/// A number that nobody changes.
const LOOKED_AT: i64 = CHANGES + 2 * PAIRS;
/// About as long as a change takes.
const NOTHING_TAKES: Duration = Duration::from_millis(300);

pub(crate) fn measure(fleet: &Fleet, report: &mut Report) {
    let starts = fleet.routers.iter().map(|router| router.first_answer_ms).collect();
    report.figure(
        "start from the database to the first answer",
        median(starts) / 1e3,
        "s",
        Bound::None,
        "empty disk",
    );
    soon(fleet, report);
    unnoticed(fleet, report);
    let resident = fleet.routers.each_ref().map(|router| router.memory_mb("VmRSS"));
    report.figure("resident at the end", most(&resident), "MB", Bound::AtMost(200.0), "the larger router");
}

fn soon(fleet: &Fleet, report: &mut Report) {
    let (mut live, mut peaks, mut cpu) = (Vec::new(), Vec::new(), Vec::new());
    let mut resident = [0.0; 2];
    for at in 0..CHANGES {
        // Routers look every so often: people's changes meet that at any moment, not right after the last one.
        thread::sleep(Duration::from_millis(operator::scattered(at) % 500));
        fleet.routers.iter().for_each(Router::forget_peak);
        resident = fleet.routers.each_ref().map(|router| router.memory_mb("VmRSS"));
        let cpu_before = fleet.routers.iter().map(Router::cpu_ms).sum::<f64>();
        live.push(change(fleet, at));
        cpu.push(fleet.routers.iter().map(Router::cpu_ms).sum::<f64>() - cpu_before);
        let ratio = |(router, before): (&Router, f64)| router.memory_mb("VmHWM") / before;
        peaks.push(most(&fleet.routers.iter().zip(resident).map(ratio).collect::<Vec<_>>()));
    }
    let remark = format!(
        "median of {CHANGES}, most {:.2} s; CPU of both routers {:.0} ms, files on disk included",
        most(&live) / 1e3,
        median(cpu)
    );
    report.figure("one changed row live in both", median(live) / 1e3, "s", Bound::AtMost(1.0), &remark);
    let remark = format!("after {CHANGES} changes, the larger router");
    report.figure("resident", most(&resident), "MB", Bound::AtMost(200.0), &remark);
    let remark = format!("of what was resident before; median of {CHANGES}, most {:.2}", most(&peaks));
    report.figure("peak during a change", median(peaks), "×", Bound::AtMost(1.3), &remark);
}

/// Changes a row through the command line; from the start of the command to the later router's first answer by it, ms.
fn change(fleet: &Fleet, at: i64) -> f64 {
    changed_by(fleet, at, Fleet::command)
}

fn changed_by(fleet: &Fleet, at: i64, command: impl FnOnce(&Fleet, &[&str]) -> String) -> f64 {
    let number = unasked(at);
    let row = key(number).to_string();
    let started = Instant::now();
    let (generation, live) = thread::scope(|scope| {
        let watched = fleet.routers.each_ref().map(|router| {
            let port = router.port;
            scope.spawn(move || seen(port, number, started))
        });
        let generation =
            command(fleet, &["rows", "set", "numbers", &row, "echotest=true", "--comment", "bench"]);
        (generation, watched.map(|watcher| watcher.join().unwrap()))
    });
    wait_until("both have kept the generation", LIMIT, || fleet.has_kept(&generation).then_some(()));
    most(&live)
}

fn seen(port: u16, number: i64, started: Instant) -> f64 {
    let mut asker = Asker::connect(port).unwrap();
    while !asker.ask(&arriving(number)).unwrap().starts_with("status=echo") {
        assert!(started.elapsed() < LIMIT, "the change does not arrive");
        thread::sleep(POLL);
    }
    milliseconds(started)
}

/// Looks as often as whoever waits for a change, and sees none.
fn look_on(fleet: &Fleet, at: i64, how_long: Duration) {
    let number = unasked(at);
    thread::scope(|scope| {
        for router in &fleet.routers {
            scope.spawn(move || {
                let started = Instant::now();
                let mut asker = Asker::connect(router.port).unwrap();
                while started.elapsed() < how_long {
                    asker.ask(&arriving(number)).unwrap();
                    thread::sleep(POLL);
                }
            });
        }
    });
}

/// Keeps a core busy, as urgently as a router keeps its generations.
fn loop_aside(how_long: Duration) {
    let seconds = how_long.as_secs_f64().to_string();
    let mut command = Command::new("timeout");
    command.args([&seconds, "nice", "-n", "10", "sh", "-c", "while :; do :; done"]);
    command.status().unwrap();
}

/// Answers while something happens beside answers while nothing does, for as long and to as many, in turns.
fn unnoticed(fleet: &Fleet, report: &mut Report) {
    let (mut questions, mut errors) = (0, 0);
    let mut pairs = |what: &str, bound: Bound, deed: &dyn Fn(i64)| {
        let (mut ratios, mut idle_ms, mut busy_ms) = (Vec::new(), Vec::new(), Vec::new());
        for at in 0..PAIRS {
            let started = Instant::now();
            let ((), mut busy) = load::during(fleet, || deed(at));
            let took = started.elapsed();
            let ((), mut idle) = load::during(fleet, || look_on(fleet, LOOKED_AT, took));
            ratios.push(busy.p99_ms() / idle.p99_ms());
            idle_ms.push(idle.p99_ms());
            busy_ms.push(busy.p99_ms());
            questions += busy.count() + idle.count();
            errors += busy.errors + idle.errors;
        }
        let remark = format!(
            "median of {PAIRS} pairs, most {:.2}; idle {:.2} ms, meanwhile {:.2} ms",
            most(&ratios),
            median(idle_ms),
            median(busy_ms)
        );
        report.figure(what, median(ratios), "×", bound, &remark);
    };
    pairs("p99 of answers during a change", Bound::AtMost(1.5), &|at| {
        changed_by(fleet, CHANGES + at, Fleet::command_aside);
    });
    // What any program of ours costs that runs on the routers' own cores.
    pairs("p99 of answers during a change commanded on the same cores", Bound::None, &|at| {
        change(fleet, CHANGES + PAIRS + at);
    });
    pairs("p99 of answers during a command that changes nothing", Bound::None, &|_| {
        thread::scope(|scope| {
            scope.spawn(|| look_on(fleet, LOOKED_AT, NOTHING_TAKES));
            fleet.command(&["rows", "list", "providers"]);
        });
    });
    // And what any work costs that stands back as far as theirs, on every core.
    pairs("p99 of answers beside bare loops that stand back", Bound::None, &|_| {
        thread::scope(|scope| {
            for _ in &fleet.routers {
                scope.spawn(|| loop_aside(NOTHING_TAKES));
            }
            look_on(fleet, LOOKED_AT, NOTHING_TAKES);
        });
    });
    let remark = format!("of {questions} questions");
    #[expect(clippy::cast_precision_loss, reason = "a count of errors that is hoped to be 0")]
    report.figure("answers that failed", errors as f64, "", Bound::AtMost(0.0), &remark);
}
