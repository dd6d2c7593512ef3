//! Where decisions go that somebody keeps. The path of a question only puts them down; it waits for nobody.

use prometheus::IntCounter;
use routing::DecisionRecord;
use tokio::sync::mpsc;

/// Decisions that wait to be fetched: half a second of what two processors decide, and at the very worst, with every
/// field of every question as long as it may be, some fifty megabytes.
const WAITING_MAX: usize = 8 * 1024;

/// The near end of the queue: takes decisions for as long as there is room.
#[derive(Clone, Debug)]
pub struct DecisionSink {
    queue: mpsc::Sender<DecisionRecord>,
    lost: IntCounter,
}

/// The far end. Who fetches should come now and then, not for each: being woken costs more than a decision.
pub type Decisions = mpsc::Receiver<DecisionRecord>;

/// Makes the two ends. `lost` counts what found no room.
pub fn decisions(lost: IntCounter) -> (DecisionSink, Decisions) {
    let (queue, decisions) = mpsc::channel(WAITING_MAX);
    (DecisionSink { queue, lost }, decisions)
}

impl DecisionSink {
    /// Never waits: what finds no room, or nobody at the other end, is counted and gone.
    pub(crate) fn put(&self, record: DecisionRecord) {
        if self.queue.try_send(record).is_err() {
            self.lost.inc();
        }
    }
}

#[cfg(test)]
mod tests {
    use routing::{Decided, Question, Verb};

    use super::*;

    fn record(number: usize) -> DecisionRecord {
        let question = Question {
            verb: Verb::Outbound,
            node: "msk".parse().unwrap(),
            call: "1.1".into(),
            endpoint: "1000".into(),
            source: None,
            to: "12025550100".into(),
            from: "".into(),
            cli: None,
            presentation: domain::Presentation::Allowed,
            class: None,
            hops: None,
            asked_us: None,
        };
        let decided = Decided {
            generation: Some(1),
            hopped: false,
            status: "no_route".into(),
            reason: None,
            cause: None,
            class: None,
            caller: None,
            called: None,
            country: None,
            provider_in: None,
            attempts: Vec::new(),
        };
        let id: Box<str> = format!("1-0-{number}").into();
        DecisionRecord { root: id.clone(), id, decided_us: 0, question, decided }
    }

    #[test]
    fn what_finds_no_room_is_counted() {
        let lost = IntCounter::new("lost", "lost").unwrap();
        let (sink, mut far) = decisions(lost.clone());
        for number in 0..WAITING_MAX + 3 {
            sink.put(record(number));
        }
        assert_eq!(lost.get(), 3);
        assert_eq!(far.try_recv().unwrap(), record(0), "the oldest stay");
        sink.put(record(7));
        assert_eq!(lost.get(), 3, "there is room again");
        drop(far);
        sink.put(record(8));
        assert_eq!(lost.get(), 4);
    }
}
