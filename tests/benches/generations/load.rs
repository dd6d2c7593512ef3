//! Questions at a steady pace to every router, and how long each one waited for its answer.

use std::{
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
    thread,
    time::{Duration, Instant},
};

use crate::{
    clock::milliseconds,
    fleet::Fleet,
    question::{Asker, arriving, asked, leaving},
};

/// A question every millisecond per router.
const PACE: Duration = Duration::from_millis(1);

/// What questions met.
#[derive(Default)]
pub(crate) struct Met {
    waited_ms: Vec<f64>,
    pub(crate) errors: usize,
}

impl Met {
    pub(crate) fn count(&self) -> usize {
        self.waited_ms.len()
    }

    /// What 99 of 100 waited at most.
    pub(crate) fn p99_ms(&mut self) -> f64 {
        self.waited_ms.sort_by(f64::total_cmp);
        self.waited_ms[self.waited_ms.len() * 99 / 100]
    }
}

/// Asks for as long as something else takes.
pub(crate) fn during<T>(fleet: &Fleet, work: impl FnOnce() -> T) -> (T, Met) {
    let over = AtomicBool::new(false);
    thread::scope(|scope| {
        let askers: Vec<_> = fleet
            .routers
            .iter()
            .map(|router| {
                let (port, over) = (router.port, &over);
                scope.spawn(move || ask_until(port, over))
            })
            .collect();
        let done = work();
        over.store(true, Ordering::Relaxed);
        let mut met = Met::default();
        for part in askers.into_iter().map(|asker| asker.join().unwrap()) {
            met.waited_ms.extend(part.waited_ms);
            met.errors += part.errors;
        }
        (done, met)
    })
}

fn ask_until(port: u16, over: &AtomicBool) -> Met {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let mut met = Met::default();
    let mut asker = Asker::connect(port).unwrap();
    let mut due = Instant::now();
    while !over.load(Ordering::Relaxed) {
        let at = NEXT.fetch_add(1, Ordering::Relaxed).cast_signed();
        let question = if at % 2 == 0 { arriving(asked(at)) } else { leaving(at) };
        let started = Instant::now();
        match asker.ask(&question) {
            Ok(answer) if answer.starts_with("status=ok") => met.waited_ms.push(milliseconds(started)),
            _ => {
                met.errors += 1;
                asker = Asker::connect(port).unwrap();
            }
        }
        // Whoever is late does not hurry to catch up: the next question comes a pace after the answer.
        due = (due + PACE).max(Instant::now());
        thread::sleep(due.saturating_duration_since(Instant::now()));
    }
    met
}
