use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use calls::LiveCall;
use domain::NodeName;
use tokio::{sync::Notify, time::Instant};

use super::{BOARD_LIFE, BOARDS_MAX, Board, LiveCalls};

/// What this process says of its nodes: of each the newest only, and whether that still has to be sent. Whoever posts
/// never waits.
#[derive(Debug, Default)]
pub struct Shelf {
    kept: Mutex<Kept>,
    added: Notify,
}

#[derive(Debug, Default)]
struct Kept {
    places: BTreeMap<NodeName, Place>,
    /// How many notes there ever were.
    count: u64,
}

#[derive(Debug)]
struct Place {
    note: Note,
    waits: bool,
}

/// One thing said of a node.
#[derive(Clone, Debug)]
pub struct Note {
    pub node: NodeName,
    /// None: nothing any more.
    pub live: Option<Arc<LiveCalls>>,
    /// Whether it says something else than the last note that was sent.
    pub is_news: bool,
    number: u64,
    at: Instant,
}

impl Note {
    /// How long ago it was said.
    pub fn age(&self) -> Duration {
        self.at.elapsed()
    }
}

impl Shelf {
    /// Says it, and tells whether it is news; None if there are too many nodes already.
    pub fn put(&self, live: LiveCalls) -> Option<bool> {
        self.say(live.node.clone(), Some(Arc::new(live.within_limits())))
    }

    /// Says that there is nothing to be said of a node any more, and tells whether that is news.
    pub fn withdraw(&self, node: &NodeName) -> bool {
        self.say(node.clone(), None).unwrap_or_default()
    }

    fn say(&self, node: NodeName, live: Option<Arc<LiveCalls>>) -> Option<bool> {
        let mut kept = self.lock();
        kept.places.retain(|_, place| place.note.age() < BOARD_LIFE);
        if kept.places.len() >= BOARDS_MAX && !kept.places.contains_key(&node) {
            return None;
        }
        kept.count += 1;
        let is_news = kept.places.get(&node).is_none_or(|place| {
            (place.waits && place.note.is_news) || calls(place.note.live.as_ref()) != calls(live.as_ref())
        });
        let note = Note { node: node.clone(), live, is_news, number: kept.count, at: Instant::now() };
        kept.places.insert(node, Place { note, waits: true });
        drop(kept);
        self.added.notify_one();
        Some(is_news)
    }

    /// Waits for notes, and shows all that have not been sent.
    pub async fn waiting(&self) -> Vec<Note> {
        loop {
            let added = self.added.notified();
            let waiting = self.unsent();
            if !waiting.is_empty() {
                return waiting;
            }
            added.await;
        }
    }

    /// Nobody else is to be told what is said of a node.
    pub(crate) fn settle(&self, node: &NodeName) {
        if let Some(place) = self.lock().places.get_mut(node) {
            place.waits = false;
        }
    }

    fn unsent(&self) -> Vec<Note> {
        let kept = self.lock();
        let waits = |place: &&Place| place.waits && place.note.age() < BOARD_LIFE;
        kept.places.values().filter(waits).map(|place| place.note.clone()).collect()
    }

    /// Notes what was sent, unless something newer is waiting by now.
    pub fn done(&self, note: &Note) {
        let mut kept = self.lock();
        if let Some(place) = kept.places.get_mut(&note.node).filter(|place| place.note.number == note.number)
        {
            place.waits = false;
        }
    }

    /// What is said of every node now.
    pub(crate) fn boards(&self) -> Vec<Board> {
        let kept = self.lock();
        let board = |place: &Place| {
            let age = place.note.age();
            place.note.live.clone().filter(|_| age < BOARD_LIFE).map(|live| Board { live, age })
        };
        kept.places.values().filter_map(board).collect()
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        // Nobody panics while holding it, and each place is whole by itself.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Without the time, which is always another.
fn calls(live: Option<&Arc<LiveCalls>>) -> Option<&[LiveCall]> {
    live.map(|live| &live.calls[..])
}

#[cfg(test)]
mod tests {
    use tokio::time::advance;

    use super::*;

    fn live(node: &str, at_us: i64) -> LiveCalls {
        LiveCalls {
            node: node.parse().unwrap(),
            collector: "c".into(),
            at_us,
            calls: Vec::new(),
            left_out: 0,
        }
    }

    fn times(notes: &[Note]) -> Vec<Option<i64>> {
        notes.iter().map(|note| note.live.as_ref().map(|live| live.at_us)).collect()
    }

    #[tokio::test]
    async fn of_each_node_the_newest_waits() {
        let shelf = Shelf::default();
        for at_us in 0..1_000 {
            assert!(shelf.put(live("a", at_us)).is_some() && shelf.put(live("b", at_us)).is_some());
        }
        let waiting = shelf.waiting().await;
        assert_eq!(times(&waiting), [Some(999), Some(999)]);
        shelf.put(live("a", 1_000));
        for note in &waiting {
            shelf.done(note);
        }
        assert_eq!(times(&shelf.waiting().await), [Some(1_000)], "what came meanwhile is not done");
        shelf.withdraw(&"b".parse().unwrap());
        assert_eq!(times(&shelf.waiting().await), [Some(1_000), None]);
        assert_eq!(shelf.boards().len(), 1);
    }

    #[tokio::test]
    async fn only_what_changes_is_news() {
        let shelf = Shelf::default();
        let sent = async || {
            let notes = shelf.waiting().await;
            shelf.done(&notes[0]);
            notes[0].is_news
        };
        shelf.put(live("a", 1));
        shelf.put(live("a", 2));
        assert!(sent().await, "the first one was never sent");
        shelf.put(live("a", 3));
        assert!(!sent().await);
        shelf.withdraw(&"a".parse().unwrap());
        assert!(sent().await);
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_not_said_again_is_gone() {
        let shelf = Shelf::default();
        for node in 0..BOARDS_MAX {
            assert_eq!(shelf.put(live(&format!("n{node}"), 1)), Some(true));
        }
        assert_eq!(shelf.put(live("one-more", 1)), None, "there is a limit");
        advance(BOARD_LIFE / 2).await;
        assert!(shelf.put(live("n0", 2)).is_some());
        assert_eq!(shelf.boards().len(), BOARDS_MAX);
        advance(BOARD_LIFE / 2).await;
        assert_eq!(shelf.boards().len(), 1);
        assert_eq!(times(&shelf.waiting().await), [Some(2)]);
        assert!(shelf.put(live("one-more", 3)).is_some());
    }
}
