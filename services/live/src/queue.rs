use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
};

use bytes::Bytes;
use tokio::sync::Notify;

use crate::Topic;

/// Hints on their way to Redis. Whoever adds one never waits: of a full queue the oldest is dropped, since the newest
/// tells most about how things stand.
#[derive(Debug, Default)]
pub(crate) struct Queue {
    waiting: Mutex<Waiting>,
    added: Notify,
}

#[derive(Debug, Default)]
struct Waiting {
    hints: VecDeque<(Topic, Bytes)>,
    /// How many hints have ever left at the front: the place of the first one that is still here.
    left: u64,
}

/// Some hints from the front of the queue; they stay in it until [`Queue::done`].
#[derive(Debug)]
pub(crate) struct Batch {
    pub(crate) hints: Vec<(Topic, Bytes)>,
    end: u64,
}

impl Queue {
    /// Most hints that wait; of 1 KiB at most each.
    pub(crate) const LENGTH_MAX: usize = 256;

    /// Says whether an older one had to go.
    pub(crate) fn push(&self, topic: Topic, payload: Bytes) -> bool {
        let mut waiting = self.lock();
        let full = waiting.hints.len() >= Self::LENGTH_MAX;
        if full {
            waiting.leave(1);
        }
        waiting.hints.push_back((topic, payload));
        drop(waiting);
        self.added.notify_one();
        full
    }

    /// Waits for hints and shows all there are.
    pub(crate) async fn batch(&self) -> Batch {
        loop {
            let added = self.added.notified();
            if let Some(batch) = self.lock().batch() {
                return batch;
            }
            added.await;
        }
    }

    /// Takes out what was sent. A batch that was not is shown again: a doubled hint is harmless, a lost one costs time.
    pub(crate) fn done(&self, batch: &Batch) {
        let mut waiting = self.lock();
        let sent = batch.end.saturating_sub(waiting.left);
        waiting.leave(usize::try_from(sent).unwrap_or(usize::MAX));
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        // Nobody panics while holding it, and half a queue would still be one.
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Waiting {
    fn batch(&self) -> Option<Batch> {
        let hints: Vec<_> = self.hints.iter().cloned().collect();
        let end = self.left + hints.len() as u64;
        (!hints.is_empty()).then_some(Batch { hints, end })
    }

    fn leave(&mut self, count: usize) {
        let count = count.min(self.hints.len());
        self.hints.drain(..count);
        self.left += count as u64;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn numbers(batch: &Batch) -> Vec<u64> {
        let number = |(_, payload): &(Topic, Bytes)| std::str::from_utf8(payload).unwrap().parse().unwrap();
        batch.hints.iter().map(number).collect()
    }

    fn shown(queue: &Queue) -> Option<Batch> {
        queue.lock().batch()
    }

    #[tokio::test]
    async fn whoever_waits_is_woken() {
        let queue = Queue::default();
        let push = async { queue.push(Topic::Edits, Bytes::from_static(b"1")) };
        let (batch, full) = tokio::join!(queue.batch(), push);
        assert_eq!((numbers(&batch), full), (vec![1], false));
        assert_eq!(numbers(&queue.batch().await), [1], "not sent, so still there");
        queue.done(&batch);
        assert!(shown(&queue).is_none());
    }

    proptest! {
        /// Against what must hold whatever comes when: order, the newest kept, nothing sent twice once it is done.
        #[test]
        fn only_the_oldest_are_lost(steps in prop::collection::vec((0u16..600, any::<bool>()), 1..20)) {
            let queue = Queue::default();
            let (mut next, mut done_below) = (0_u64, 0);
            for (pushes, sent) in steps {
                let early = shown(&queue);
                for _ in 0..pushes {
                    queue.push(Topic::Edits, next.to_string().into());
                    next += 1;
                }
                if let (Some(batch), true) = (&early, sent) {
                    queue.done(batch);
                    done_below = numbers(batch).last().unwrap() + 1;
                }
                let kept = shown(&queue).map(|batch| numbers(&batch)).unwrap_or_default();
                let from = done_below.max(next.saturating_sub(Queue::LENGTH_MAX as u64));
                prop_assert_eq!(kept, (from..next).collect::<Vec<_>>());
            }
        }
    }
}
