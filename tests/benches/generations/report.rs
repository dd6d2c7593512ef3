//! The table that is printed: every figure as it comes, and all of them at the end.

use std::{fs, thread};

/// What a figure may be at most.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Bound {
    AtMost(f64),
    /// There for comparison.
    None,
}

#[derive(Debug)]
pub(crate) struct Report {
    database: &'static str,
    machine: String,
    lines: Vec<String>,
}

impl Report {
    pub(crate) fn begin() -> Self {
        Self {
            database: "",
            machine: format!("{}; load at the start {}", machine(), load()),
            lines: Vec::new(),
        }
    }

    /// What the figures from here on are about.
    pub(crate) fn about(&mut self, database: &'static str) {
        self.database = database;
    }

    /// One figure with its unit, what it may be, and what there is to say of it.
    pub(crate) fn figure(&mut self, what: &str, value: f64, unit: &str, bound: Bound, remark: &str) {
        let verdict = match bound {
            Bound::AtMost(most) if value <= most => format!("≤ {most} {unit}"),
            Bound::AtMost(most) => format!("MISSED: ≤ {most} {unit}"),
            Bound::None => "–".to_owned(),
        };
        let database = self.database;
        let line = format!("| {database} | {what} | {value:.2} {unit} | {verdict} | {remark} | {} |", load());
        println!("{line}");
        self.lines.push(line);
    }

    pub(crate) fn print(&self) {
        println!(
            "\n{}\n\n| database | what | figure | asked for | remark | load |\n|---|---|---|---|---|---|",
            self.machine
        );
        self.lines.iter().for_each(|line| println!("{line}"));
    }
}

fn machine() -> String {
    let processors = thread::available_parallelism().map_or(0, std::num::NonZero::get);
    let information = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = information.lines().find_map(|line| line.strip_prefix("model name")).unwrap_or("unknown");
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    format!("{processors} cores, {}, Linux {}", model.trim_start_matches(['\t', ' ', ':']), kernel.trim())
}

/// The one-minute average.
fn load() -> String {
    fs::read_to_string("/proc/loadavg").unwrap_or_default().split(' ').next().unwrap_or_default().to_owned()
}
