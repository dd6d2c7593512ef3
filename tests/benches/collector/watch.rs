//! How long it takes from a call's end to its row.

use std::{
    sync::mpsc::{Receiver, Sender, channel},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use calls::CallId;
use store::{Options, Store};

use crate::{clock::milliseconds, node::NODE};

/// Between two looks.
const POLL: Duration = Duration::from_millis(2);
const LIMIT: Duration = Duration::from_mins(1);

type Ended = (CallId, Instant);

/// Looks after one call after another, of those that end.
pub(crate) struct Watch {
    ended: Sender<Ended>,
    watcher: JoinHandle<Vec<f64>>,
}

impl Watch {
    pub(crate) fn over(url: &str) -> Self {
        let (ended, ends) = channel();
        let url = url.to_owned();
        Self { ended, watcher: thread::spawn(move || watch(&url, &ends)) }
    }

    /// Takes note of the end of a call's first leg; the other one ends 2 ms later.
    pub(crate) fn told(&self, event: &str) {
        if !event.starts_with("Event: Hangup\r\n") {
            return;
        }
        let value = |name| event.lines().find_map(|line| line.strip_prefix(name)).unwrap();
        let id = value("Uniqueid: ");
        if id == value("Linkedid: ") {
            self.ended.send((call_id(id), Instant::now())).unwrap();
        }
    }

    /// What each of them took, once no more of them end.
    pub(crate) fn lags_ms(self) -> Vec<f64> {
        drop(self.ended);
        self.watcher.join().unwrap()
    }
}

/// `system-second.number`
fn call_id(unique_id: &str) -> CallId {
    let second: i64 = unique_id.rsplit(['-', '.']).nth(1).unwrap().parse().unwrap();
    CallId { node: NODE.parse().unwrap(), unique_id: unique_id.into(), created_us: second * 1_000_000 }
}

#[tokio::main(flavor = "current_thread")]
async fn watch(url: &str, ends: &Receiver<Ended>) -> Vec<f64> {
    let store = Store::connect(url, Options::default()).await.unwrap();
    let mut lags = Vec::new();
    while let Ok((id, told)) = ends.recv() {
        while store.call(&id).await.unwrap().is_none() {
            assert!(told.elapsed() < LIMIT, "{id:?} does not appear");
            tokio::time::sleep(POLL).await;
        }
        lags.push(milliseconds(told));
        // Those that ended meanwhile were not looked after from their end on.
        while ends.try_recv().is_ok() {}
    }
    lags
}
