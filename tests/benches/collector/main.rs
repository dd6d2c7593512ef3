//! A collector of one node, in a process of its own on real databases: what 5,000 events a second cost it, nine of ten
//! of them noise, how soon a call that ended is in the tables, and how fast it catches up when the database was away.
//!
//! `cargo bench --package scenarios --bench collector [-- sqlite|postgres|mariadb …] [SECONDS]`

#![expect(clippy::unwrap_used, reason = "a measurement that cannot go on has failed")]
#![expect(clippy::disallowed_methods, reason = "measures real time")]

#[path = "../generations/clock.rs"]
mod clock;
mod node;
#[path = "../generations/report.rs"]
mod report;
mod watch;

use std::{
    fs, thread,
    time::{Duration, Instant},
};

use laboratory::{
    away::{Begin, Fault, Frail},
    feed::Feed,
    fleet::{Fleet, Member},
    wait_until,
};

use clock::{cpu_ms, median, most, timed};
use node::{NODE, Node};
use report::{Bound, Report};
use watch::Watch;

const DATABASES: [(&str, Begin); 3] = [
    ("sqlite", Frail::sqlite),
    ("postgres", || Frail::postgres(Fault::Hung)),
    ("mariadb", || Frail::mariadb(Fault::Hung)),
];

const EVENTS_PER_SECOND: usize = 5_000;
/// How long they are told, unless it is said.
const SECONDS: u64 = 15;
/// By then everything that grows once has grown.
const WARM: Duration = Duration::from_secs(10);
/// Calls that are told while the database is away; the first of them has this number.
const BACKLOG: u64 = 2_000;
const BACKLOG_FIRST: u64 = 1_000_000;
/// As many events a second, without noise.
const BACKLOG_APART_US: i64 = 8_400;
const LIMIT: Duration = Duration::from_mins(3);

fn main() {
    let run = laboratory::enter();
    let wanted: Vec<_> = std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    let seconds = wanted.iter().find_map(|wanted| wanted.parse().ok()).unwrap_or(SECONDS);
    let named = |name: &str| wanted.iter().any(|wanted| wanted == name);
    let all = !DATABASES.iter().any(|(name, _)| named(name));
    let mut report = Report::begin();
    for (name, begin) in DATABASES {
        if all || named(name) {
            report.about(name);
            let (url, database) = begin();
            measure(&url, database, seconds, &mut report);
        }
    }
    report.print();
    run.remove();
}

fn measure(url: &str, mut database: Frail, seconds: u64, report: &mut Report) {
    let fleet = Fleet::on(url);
    fleet.must(&["migrate"]);
    let node = Node::start();
    let mut collector = fleet.collector("one", NODE, &node.address(), &[]);
    collector.start();
    node.wait_listened();
    load(&fleet, &node, &collector, seconds, report);
    catch_up(&fleet, &node, &mut database, report);
}

fn load(fleet: &Fleet, node: &Node, collector: &Member, seconds: u64, report: &mut Report) {
    let feed = Feed::answered_after_failure(true);
    let apart_us = i64::try_from(feed.events() * 1_000_000 / EVENTS_PER_SECOND).unwrap();
    let calls = seconds * 1_000_000 / apart_us.unsigned_abs();
    let process = collector.process().to_string();
    let watch = Watch::over(&fleet.url);
    let (cpu, journal) = (cpu_ms(&process), journal_bytes(collector));
    let (early, told) = thread::scope(|scope| {
        let early = scope.spawn(|| {
            thread::sleep(WARM.min(Duration::from_secs(seconds)));
            resident_mb(&process)
        });
        let ((), told) = timed(|| node.tell(&feed, 0..calls, apart_us, |event| watch.told(event)));
        (early.join().unwrap(), told)
    });
    let resident = resident_mb(&process);
    let told_s = told.wall_ms / 1e3;
    let cores = (cpu_ms(&process) - cpu) / told.wall_ms;
    let events = count(calls) * count(feed.events() as u64);
    let remark = format!(
        "{:.0} events/s for {told_s:.0} s; who tells them takes {:.2}",
        events / told_s,
        told.cpu_ms / told.wall_ms
    );
    report.figure("processor", cores, "cores", Bound::AtMost(1.0), &remark);
    let remark = format!("after {} s {early:.1} MB", WARM.as_secs().min(seconds));
    report.figure("resident at the end", resident, "MB", Bound::None, &remark);
    let written = count(journal_bytes(collector) - journal) / told_s / 1e6;
    report.figure("journal", written, "MB/s", Bound::None, "");
    wait_rows(fleet, calls);
    let lags = watch.lags_ms();
    let remark = format!("median of {} calls, most {:.0} ms", lags.len(), most(&lags));
    report.figure("end told to row visible", median(lags), "ms", Bound::None, &remark);
}

fn catch_up(fleet: &Fleet, node: &Node, database: &mut Frail, report: &mut Report) {
    let feed = Feed::answered_after_failure(false);
    let before = rows(fleet);
    database.take_away();
    node.tell(&feed, BACKLOG_FIRST..BACKLOG_FIRST + BACKLOG, BACKLOG_APART_US, |_| {});
    database.bring_back();
    let back = Instant::now();
    wait_rows(fleet, before + BACKLOG);
    let took_s = back.elapsed().as_secs_f64();
    let remark = format!("{BACKLOG} calls, {took_s:.1} s after the database was back");
    report.figure("catching up", count(BACKLOG) / took_s, "calls/s", Bound::None, &remark);
}

fn wait_rows(fleet: &Fleet, wanted: u64) {
    wait_until(&format!("{wanted} calls in the tables"), LIMIT, || (rows(fleet) == wanted).then_some(()));
}

fn rows(fleet: &Fleet) -> u64 {
    fleet.by_hand("SELECT count(*) FROM calls").parse().unwrap()
}

fn journal_bytes(collector: &Member) -> u64 {
    let files = fs::read_dir(collector.journal(NODE)).unwrap().flatten();
    files.map(|file| file.metadata().map_or(0, |data| data.len())).sum()
}

fn resident_mb(process: &str) -> f64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<f64>().unwrap() / 1024.0
}

#[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
fn count(number: u64) -> f64 {
    number as f64
}
