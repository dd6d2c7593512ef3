use std::{
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use crate::{
    Class, Why,
    batch::Batch,
    counters::Counters,
    format::{Lost, PAYLOAD_MAX, RECORD_HEADER},
};

/// Between those who append and the one thread that writes. The lock is held for copying one record, never for I/O.
#[derive(Debug)]
pub(crate) struct Queue {
    state: Mutex<State>,
    wake: Condvar,
    bytes_max: usize,
    flush_bytes: usize,
    pub(crate) counters: Arc<Counters>,
}

#[derive(Debug)]
struct State {
    batch: Batch,
    /// The number the next record gets.
    next: u64,
    /// Bytes the writer took and has not made durable.
    in_flight: usize,
    /// Why nothing can be written at the moment.
    trouble: Option<Why>,
    hurry: bool,
    closed: bool,
    expire: bool,
}

/// What woke the writer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Woken {
    pub(crate) closed: bool,
    /// A checkpoint was written: segments may have become superfluous.
    pub(crate) expire: bool,
}

impl Queue {
    pub(crate) fn new(next: u64, bytes_max: usize, flush_bytes: usize, batch: Batch) -> Self {
        let state =
            State { batch, next, in_flight: 0, trouble: None, hurry: false, closed: false, expire: false };
        let (state, wake) = (Mutex::new(state), Condvar::new());
        Self { state, wake, bytes_max, flush_bytes, counters: Arc::default() }
    }

    /// The record's number, and why it was dropped if it was.
    pub(crate) fn append(&self, class: Class, kind: u8, time_us: i64, payload: &[u8]) -> (u64, Option<Why>) {
        let mut state = self.lock();
        let number = state.next;
        state.next += 1;
        let (before, was_empty) = (state.batch.bytes(), state.batch.is_empty());
        let refused = self.refusal(&mut state, class, payload.len());
        if let Some(why) = refused {
            state.batch.lose(number, time_us, Lost { count: 1, why, class });
            self.count_dropped(class, 1);
        } else {
            state.batch.push(number, class, kind, time_us, payload);
        }
        let full = before < self.flush_bytes && state.batch.bytes() >= self.flush_bytes;
        drop(state);
        if was_empty || full {
            self.wake.notify_one();
        }
        (number, refused)
    }

    /// Noise may fill half of the queue; what is to be kept may fill it all, and pushes noise out.
    fn refusal(&self, state: &mut State, class: Class, payload_bytes: usize) -> Option<Why> {
        if payload_bytes > PAYLOAD_MAX {
            return Some(Why::TooLarge);
        }
        if state.closed {
            return Some(Why::Closed);
        }
        let why = state.trouble.unwrap_or(Why::QueueFull);
        let fits =
            |state: &State, max| state.in_flight + state.batch.bytes() + RECORD_HEADER + payload_bytes <= max;
        let room = match class {
            Class::Noise => fits(state, self.bytes_max / 2),
            Class::Keep => {
                fits(state, self.bytes_max) || {
                    self.push_noise_out(&mut state.batch, why);
                    fits(state, self.bytes_max)
                }
            }
        };
        (!room).then_some(why)
    }

    fn push_noise_out(&self, batch: &mut Batch, why: Why) {
        if batch.has_noise() {
            let dropped = batch.drop_noise(why);
            self.count_dropped(Class::Noise, dropped);
        }
    }

    /// Gives up what is left.
    pub(crate) fn drop_rest(&self) {
        let (noise, keep) = self.lock().batch.census();
        self.count_dropped(Class::Noise, noise);
        self.count_dropped(Class::Keep, keep);
    }

    fn count_dropped(&self, class: Class, records: u64) {
        match class {
            Class::Noise => self.counters.dropped_noise(records),
            Class::Keep => self.counters.dropped_keep(records),
        }
    }

    /// Waits for something to write, then for more of it, at most `delay`; takes it.
    pub(crate) fn wait(&self, delay: Duration) -> (Batch, Woken) {
        let idle = |state: &mut State| state.batch.is_empty() && !state.closed && !state.expire;
        let gather = |state: &mut State| {
            !(state.closed || state.expire || state.trouble.is_none() && self.is_due(state))
        };
        let state = self.wake.wait_while(self.lock(), idle).unwrap_or_else(PoisonError::into_inner);
        let waited = self.wake.wait_timeout_while(state, delay, gather);
        let (mut state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        let batch = std::mem::take(&mut state.batch);
        state.in_flight = batch.bytes();
        state.hurry = false;
        (batch, Woken { closed: state.closed, expire: std::mem::take(&mut state.expire) })
    }

    fn is_due(&self, state: &State) -> bool {
        state.hurry || state.batch.bytes() >= self.flush_bytes
    }

    /// Takes back what could not be written, so that noise among it can make room for what is to be kept.
    pub(crate) fn take_back(&self, mut batch: Batch, trouble: Option<Why>) {
        let mut state = self.lock();
        if !batch.is_empty() {
            batch.append(&mut state.batch);
            state.batch = batch;
        }
        (state.in_flight, state.trouble) = (0, trouble);
    }

    pub(crate) fn hurry(&self) -> u64 {
        let mut state = self.lock();
        state.hurry = true;
        self.wake.notify_one();
        state.next - 1
    }

    pub(crate) fn expire(&self) {
        self.lock().expire = true;
        self.wake.notify_one();
    }

    pub(crate) fn close(&self) {
        self.lock().closed = true;
        self.wake.notify_one();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing in here panics half-way; a poisoned lock would only take the journal down with somebody else.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
