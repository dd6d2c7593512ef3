//! Wall time and, as the machine is shared, the processor time beside it.

use std::{fs, time::Instant};

/// What something took, milliseconds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Took {
    pub(crate) wall_ms: f64,
    pub(crate) cpu_ms: f64,
}

/// Times what this process does.
pub(crate) fn timed<T>(work: impl FnOnce() -> T) -> (T, Took) {
    let (started, cpu_ms) = (Instant::now(), cpu_ms("self"));
    let done = work();
    (done, Took { wall_ms: milliseconds(started), cpu_ms: self::cpu_ms("self") - cpu_ms })
}

pub(crate) fn milliseconds(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1e3
}

/// Processor time of a process so far, threads that ended included. The kernel counts it in ticks of 10 ms.
pub(crate) fn cpu_ms(process: &str) -> f64 {
    const TICK_MS: f64 = 10.0;
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).unwrap();
    let (_, fields) = stat.rsplit_once(") ").unwrap();
    let ticks = |field: usize| fields.split(' ').nth(field).unwrap().parse::<f64>().unwrap();
    // User and system time are fields 14 and 15 of proc(5); the first two are cut off here.
    (ticks(11) + ticks(12)) * TICK_MS
}

/// The value in the middle; of an even count the upper one.
pub(crate) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

pub(crate) fn most(values: &[f64]) -> f64 {
    values.iter().copied().fold(0.0, f64::max)
}
