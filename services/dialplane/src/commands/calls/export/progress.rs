//! How far an export is, for whoever watches it on a terminal.

use std::{
    convert::Infallible,
    future,
    io::{self, IsTerminal},
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use records::Watch;
use tokio::time::{Instant, sleep};

use crate::answer;

const SHOWN_EVERY: Duration = Duration::from_millis(200);
/// Begins the line again, empty.
const ANEW: &str = "\r\x1b[K";

pub(super) struct Progress {
    rows: AtomicU64,
    began: Instant,
    is_watched: bool,
}

impl Default for Progress {
    fn default() -> Self {
        Self { rows: AtomicU64::new(0), began: Instant::now(), is_watched: io::stderr().is_terminal() }
    }
}

impl Progress {
    pub(super) fn count(&self) -> u64 {
        self.rows.load(Ordering::Relaxed)
    }

    /// Draws it again and again; where nobody watches, nothing ever.
    pub(super) async fn show(&self) -> Infallible {
        if !self.is_watched {
            return future::pending().await;
        }
        loop {
            sleep(SHOWN_EVERY).await;
            answer::tell(format_args!("{ANEW}{}", line(self.count(), self.began.elapsed())));
        }
    }

    pub(super) fn clear(&self) {
        if self.is_watched {
            answer::tell(format_args!("{ANEW}"));
        }
    }
}

impl Watch for Progress {
    fn rows(&self, rows: usize) {
        self.rows.fetch_add(rows as u64, Ordering::Relaxed);
    }
}

fn line(rows: u64, since: Duration) -> String {
    let milliseconds = since.as_millis().max(1);
    let rate = u128::from(rows) * 1_000 / milliseconds;
    format!("{rows} rows, {rate} a second, {} s", since.as_secs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_of_the_whole_time() {
        assert_eq!(line(0, Duration::ZERO), "0 rows, 0 a second, 0 s");
        assert_eq!(line(150_000, Duration::from_millis(2_500)), "150000 rows, 60000 a second, 2 s");
    }
}
