use std::sync::Arc;

use ami::{Closed, Listener, Opened};
use asterisk::ami::{Event, Frame};
use journal::{Class, Journal};
use tokio::sync::Notify;

use crate::{
    kept::{self, BLOCK, DAMAGED, NOTE, Note},
    metrics::NodeMetrics,
};

/// Puts what a session hears into the node's journal. Nothing here waits: a disk that stalls fills a queue that
/// is capped, and what does not fit any more is a gap with a number.
#[derive(Debug)]
pub struct Recorder {
    journal: Arc<Journal>,
    metrics: Arc<NodeMetrics>,
    /// Told when there is a new session, whose channels are to be listed.
    opened: Arc<Notify>,
}

impl Recorder {
    pub(crate) fn new(journal: Arc<Journal>, metrics: Arc<NodeMetrics>, opened: Arc<Notify>) -> Self {
        Self { journal, metrics, opened }
    }

    fn keep(&self, class: Class, kind: u8, time_us: i64, payload: &[u8]) {
        // Who reads the journal finds what was dropped as a gap.
        let _ = self.journal.append(class, kind, time_us, payload);
    }
}

/// Writes down what no event tells.
pub(crate) fn note(journal: &Journal, note: &Note, time_us: i64) {
    let text = serde_json::to_vec(note).unwrap_or_default();
    let _ = journal.append(Class::Keep, NOTE, time_us, &text);
}

impl Listener for Recorder {
    fn opened(&mut self, opened: &Opened) {
        note(&self.journal, &Note::Opened, opened.at_us);
        self.opened.notify_one();
    }

    fn frame(&mut self, frame: &Frame, received_us: i64) {
        match frame {
            Frame::Event(block) => {
                let event = Event::read(block);
                self.metrics.heard(matches!(event, Event::Other(_)));
                self.keep(kept::class(&event), BLOCK, received_us, block.bytes());
            }
            Frame::Damaged(damaged) => {
                self.metrics.damaged.inc();
                // A broken answer to a question of ours tells of no call.
                if damaged.head.value("Response").is_some() {
                    return;
                }
                let head = damaged.head.bytes();
                self.keep(Class::Keep, DAMAGED, received_us, &head[..head.len().min(journal::PAYLOAD_MAX)]);
            }
            Frame::Banner(_) | Frame::Response(_) => {}
        }
    }

    fn closed(&mut self, _: &Closed, at_us: i64) {
        note(&self.journal, &Note::Closed, at_us);
    }
}
