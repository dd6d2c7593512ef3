use std::{
    hash::{BuildHasher, RandomState},
    time::Duration,
};

use tokio::time::{Instant, sleep};

/// How long to wait before a connection is tried again: doubled from the first pause to the longest one, each between
/// its half and its whole, so that a hundred clients of one server do not return in step.
///
/// Only a connection that lasted as long as the longest pause starts the pauses afresh: a server that accepts everybody
/// and closes at once is as bad as one that is gone.
#[derive(Debug)]
pub struct Backoff {
    first: Duration,
    longest: Duration,
    next: Duration,
    connected: Option<Instant>,
    dice: RandomState,
}

impl Backoff {
    /// `first` must not be zero, nor longer than `longest`; both are put right silently.
    pub fn new(first: Duration, longest: Duration) -> Self {
        let first = first.max(Duration::from_millis(1));
        Self { first, longest: longest.max(first), next: first, connected: None, dice: RandomState::new() }
    }

    /// Notes that the connection stands now.
    pub fn connected(&mut self) {
        self.connected = Some(Instant::now());
    }

    /// Whether a connection stands, or stood until just now, for so long that its loss is news.
    pub fn was_settled(&self) -> bool {
        self.connected.is_some_and(|since| since.elapsed() >= self.longest)
    }

    /// Waits for the next pause; to be called when an attempt failed or a connection was lost.
    pub async fn pause(&mut self) {
        sleep(self.next_pause()).await;
    }

    fn next_pause(&mut self) -> Duration {
        if self.was_settled() {
            self.next = self.first;
        }
        self.connected = None;
        let whole = self.next;
        self.next = (whole * 2).min(self.longest);
        self.jittered(whole)
    }

    fn jittered(&self, whole: Duration) -> Duration {
        const STEPS: u32 = 1 << 16;
        // The standard library's hasher is seeded per process; good enough dice, and no dependency.
        let roll = self.dice.hash_one(Instant::now()) % u64::from(STEPS);
        let half = whole / 2;
        half + half * u32::try_from(roll).unwrap_or(0) / STEPS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: Duration = Duration::from_millis(100);
    const LONGEST: Duration = Duration::from_secs(10);

    async fn paused(backoff: &mut Backoff) -> Duration {
        let before = Instant::now();
        backoff.pause().await;
        before.elapsed()
    }

    /// Sleeps are rounded up to the next millisecond.
    fn is_jittered(pause: Duration, whole: Duration) -> bool {
        (whole / 2..=whole + Duration::from_millis(1)).contains(&pause)
    }

    #[tokio::test(start_paused = true)]
    async fn pauses_double_up_to_the_longest() {
        let mut backoff = Backoff::new(FIRST, LONGEST);
        for whole in [100, 200, 400, 800, 1600, 3200, 6400, 10_000, 10_000, 10_000] {
            let pause = paused(&mut backoff).await;
            assert!(is_jittered(pause, Duration::from_millis(whole)), "{pause:?} for {whole} ms");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_short_connection_does_not_shorten_the_pauses() {
        let mut backoff = Backoff::new(FIRST, LONGEST);
        for whole in [100, 200, 400] {
            backoff.connected();
            sleep(Duration::from_millis(5)).await;
            assert!(!backoff.was_settled());
            assert!(is_jittered(paused(&mut backoff).await, Duration::from_millis(whole)));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_settled_connection_starts_afresh() {
        let mut backoff = Backoff::new(FIRST, LONGEST);
        for _ in 0..9 {
            backoff.pause().await;
        }
        backoff.connected();
        sleep(LONGEST).await;
        assert!(backoff.was_settled());
        assert!(is_jittered(paused(&mut backoff).await, FIRST));
        assert!(is_jittered(paused(&mut backoff).await, 2 * FIRST));
    }

    #[tokio::test(start_paused = true)]
    async fn two_do_not_return_in_step() {
        let mut pauses = Vec::new();
        for _ in 0..20 {
            pauses.push(Backoff::new(LONGEST, LONGEST).next_pause());
        }
        pauses.sort_unstable();
        pauses.dedup();
        assert!(pauses.len() > 10, "{pauses:?}");
    }

    #[test]
    fn nonsense_is_put_right() {
        let backoff = Backoff::new(Duration::ZERO, Duration::ZERO);
        assert_eq!((backoff.first, backoff.longest), (Duration::from_millis(1), Duration::from_millis(1)));
    }
}
