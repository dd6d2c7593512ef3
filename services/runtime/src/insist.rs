use std::{borrow::Cow, error::Error, pin::pin, time::Duration};

use tokio::time::{Instant, timeout};
use tracing::{info, warn};

use crate::{Backoff, Health, chain};

/// How long one attempt may take. What is written twice has to be there once.
const PATIENCE: Duration = Duration::from_secs(30);
/// Who looks hears of an attempt that takes longer than this.
const NEWS: Duration = Duration::from_secs(3);
const PAUSES: [Duration; 2] = [Duration::from_millis(100), Duration::from_secs(5)];

/// Work that is not given up, such as rows that stand in a journal until a database takes them: tried again, after
/// pauses, until it is done, and meanwhile remarked upon.
#[derive(Clone, Debug)]
pub struct Insistence<'h> {
    pub health: &'h Health,
    /// What the readiness calls it.
    pub part: Cow<'static, str>,
    /// What is the matter while it is not done: `records wait in the journal`.
    pub waiting: &'static str,
}

impl Insistence<'_> {
    /// Tries until it is done, and tells how long the attempt took that did it. Each failure is told to `failed`, and
    /// only the first to the log.
    pub async fn until_done<T, E: Error + 'static, F: Future<Output = Result<T, E>>>(
        &self,
        attempt: impl Fn() -> F,
        failed: impl Fn(),
    ) -> (T, Duration) {
        let mut backoff = Backoff::new(PAUSES[0], PAUSES[1]);
        let mut told = false;
        loop {
            let begun = Instant::now();
            match self.attempt(attempt(), &mut told).await {
                Ok(done) => {
                    if told {
                        info!(part = %self.part, "goes on");
                        self.health.remark(self.part.clone(), None);
                    }
                    return (done, begun.elapsed());
                }
                Err(error) => self.tell(&error, &mut told),
            }
            failed();
            backoff.pause().await;
        }
    }

    async fn attempt<T, E: Error + 'static>(
        &self,
        attempt: impl Future<Output = Result<T, E>>,
        told: &mut bool,
    ) -> Result<T, String> {
        let said = |error: E| chain(&error).to_string();
        let mut working = pin!(timeout(PATIENCE, attempt));
        let done = if let Ok(done) = timeout(NEWS, &mut working).await {
            done
        } else {
            self.tell(&no_answer(NEWS), told);
            working.await
        };
        done.map_err(|_| no_answer(PATIENCE))?.map_err(said)
    }

    fn tell(&self, error: &str, told: &mut bool) {
        if !std::mem::replace(told, true) {
            warn!(part = %self.part, error, "{}", self.waiting);
            self.health.remark(self.part.clone(), Some(format!("{}: {error}", self.waiting)));
        }
    }
}

fn no_answer(within: Duration) -> String {
    format!("no answer within {} s", within.as_secs())
}

#[cfg(test)]
mod tests {
    use std::{cell::Cell, future::pending, io};

    use super::*;

    fn insistence(health: &Health) -> Insistence<'_> {
        Insistence { health, part: "rows".into(), waiting: "rows wait" }
    }

    #[tokio::test(start_paused = true)]
    async fn what_fails_is_tried_again_and_remarked_upon() {
        let (health, tries, failures) = (Health::default(), Cell::new(0), Cell::new(0));
        let attempt = || {
            tries.set(tries.get() + 1);
            let (tries, remarks) = (tries.get(), health.remarks());
            async move {
                assert_eq!(remarks.is_empty(), tries == 1, "{remarks}");
                if tries < 5 { Err(io::Error::other("gone")) } else { Ok(tries) }
            }
        };
        let (done, _) = insistence(&health).until_done(attempt, || failures.set(failures.get() + 1)).await;
        assert_eq!((done, failures.get(), health.remarks()), (5, 4, String::new()));
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_does_not_answer_is_asked_again() {
        let (health, tries) = (Health::default(), Cell::new(0));
        let attempt = || {
            tries.set(tries.get() + 1);
            let first = tries.get() == 1;
            async move { if first { pending().await } else { Ok::<_, io::Error>(()) } }
        };
        let begun = Instant::now();
        insistence(&health).until_done(attempt, || ()).await;
        assert!(begun.elapsed() >= PATIENCE);
    }
}
