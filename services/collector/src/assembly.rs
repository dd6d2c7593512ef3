//! From the journal to updates: nothing but what stands there decides, so that reading it again tells the same.

use asterisk::ami::{Block, Decoder, Event, Frame};
use bytes::BytesMut;
use calls::{CallAssembler, CallUpdate, GapReason, Limits, LiveCall, Losses};
use domain::NodeName;
use journal::{Class, Entry, Gap, Position, Record, Why};
use serde::{Deserialize, Serialize};
use store::NodeGap;

use crate::{
    clock::Clock,
    kept::{BLOCK, DAMAGED, NOTE, Note},
};

/// How often calls that fell silent are looked for, in the node's time.
const EXPIRE_EVERY_US: i64 = 1_000_000;

/// What came of some entries.
#[derive(Debug, Default)]
pub(crate) struct Told {
    pub(crate) updates: Vec<CallUpdate>,
    pub(crate) gaps: Vec<NodeGap>,
    /// Something was missing while the session stands: who is up has to be asked.
    pub(crate) must_list: bool,
}

/// The assembler of a node, and what it takes to feed it from a journal.
pub(crate) struct Assembly {
    assembler: CallAssembler,
    state: State,
}

/// What has to survive beside the assembler's own state.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct State {
    clock: Clock,
    /// When a block was received last, in the node's time.
    heard_us: Option<i64>,
    /// Whether a session stands.
    listening: bool,
    /// When Asterisk says it started.
    started: Option<Box<str>>,
    /// Entries are missing right before the next one.
    lost: bool,
    /// Channels of the list that is being answered.
    listed: u64,
    expired_us: i64,
}

#[derive(Serialize)]
struct Saved<'a> {
    state: &'a State,
    assembler: &'a calls::Checkpoint,
}

#[derive(Deserialize)]
struct Loaded {
    state: State,
    assembler: calls::Checkpoint,
}

impl Assembly {
    pub(crate) fn new(node: NodeName) -> Self {
        Self { assembler: CallAssembler::new(node, Limits::default()), state: State::default() }
    }

    /// Goes on where [`Self::save`] was called.
    pub(crate) fn restore(node: NodeName, saved: &[u8]) -> serde_json::Result<Self> {
        let Loaded { state, assembler } = serde_json::from_slice(saved)?;
        Ok(Self { assembler: CallAssembler::restore(node, Limits::default(), assembler), state })
    }

    pub(crate) fn save(&self) -> serde_json::Result<Vec<u8>> {
        serde_json::to_vec(&Saved { state: &self.state, assembler: self.assembler.checkpoint() })
    }

    /// The node's time of the last block, if there was one.
    pub(crate) fn heard_us(&self) -> Option<i64> {
        self.state.heard_us
    }

    /// Whether a session stood at the last entry. Without one nobody knows who is up.
    pub(crate) fn is_listening(&self) -> bool {
        self.state.listening
    }

    /// The calls that are up, oldest first, and how many there are beyond the first `most`.
    pub(crate) fn live(&self, most: usize) -> (Vec<LiveCall>, usize) {
        self.assembler.live_calls(most)
    }

    pub(crate) fn losses(&self) -> Losses {
        self.assembler.losses()
    }

    /// Takes what the journal has, in its order.
    pub(crate) fn take(&mut self, entry: &Entry, told: &mut Told) {
        match entry {
            Entry::Record(record) => self.record(record, told),
            Entry::Gap(gap) => self.lost(gap),
        }
    }

    fn record(&mut self, record: &Record, told: &mut Told) {
        if std::mem::take(&mut self.state.lost) {
            self.gap_until(record.time_us, GapReason::JournalLost, told);
            told.must_list = true;
        }
        match record.kind {
            BLOCK => self.block(record, told),
            DAMAGED => {
                let at_us = self.state.clock.now(record.time_us);
                self.gap(at_us, at_us, GapReason::Damaged, told);
                told.must_list = true;
            }
            NOTE => {
                // One of a newer version says nothing this one could act on.
                if let Ok(note) = serde_json::from_slice(&record.payload) {
                    self.note(&note, record.time_us, told);
                }
            }
            _ => {}
        }
    }

    fn block(&mut self, record: &Record, told: &mut Told) {
        let Some(block) = read(&record.payload) else { return };
        let at_us = self.state.clock.at(block.timestamp_us(), record.time_us);
        self.state.heard_us = Some(at_us);
        let event = Event::read(&block);
        match &event {
            Event::CoreShowChannel(_) => self.state.listed += 1,
            Event::CoreShowChannelsComplete(end) => {
                let listed = std::mem::take(&mut self.state.listed);
                // Who is missing in half a list may still be up.
                if end.items.is_some_and(|items| items != listed) {
                    told.must_list = true;
                    return;
                }
            }
            _ => {}
        }
        self.assembler.apply(&event, at_us, &mut told.updates);
        if at_us.saturating_sub(self.state.expired_us) >= EXPIRE_EVERY_US {
            self.state.expired_us = at_us;
            self.assembler.expire(at_us, &mut told.updates);
        }
    }

    fn note(&mut self, note: &Note, received_us: i64, told: &mut Told) {
        match note {
            Note::Opened => {
                self.state.listening = true;
                self.state.listed = 0;
                self.gap_until(received_us, GapReason::Disconnected, told);
            }
            Note::Closed => self.state.listening = false,
            Note::Started { when } => {
                let before = self.state.started.replace(when.clone());
                if before.is_some_and(|before| before != *when) {
                    self.assembler.restarted(&mut told.updates);
                }
            }
        }
    }

    /// What was lost may have been part of any call that was up, unless all of it was noise.
    fn lost(&mut self, gap: &Gap) {
        // A torn end is what a process left that died, and its session died with it: the next one tells that gap.
        if gap.class == Class::Keep && gap.why != Why::TornTail {
            self.state.lost = true;
            self.state.listed = 0;
        }
    }

    /// Nothing is known between the last block and now. Before the first block there was nobody to miss anything.
    fn gap_until(&mut self, received_us: i64, reason: GapReason, told: &mut Told) {
        let now_us = self.state.clock.now(received_us);
        if let Some(heard_us) = self.state.heard_us {
            self.gap(heard_us, now_us, reason, told);
        }
    }

    fn gap(&mut self, from_us: i64, to_us: i64, reason: GapReason, told: &mut Told) {
        self.assembler.gap(from_us, to_us, reason, &mut told.updates);
        told.gaps.push(NodeGap { from_us, to_us, reason });
    }
}

/// The block of a record.
fn read(bytes: &[u8]) -> Option<Block> {
    let mut decoder = Decoder::resumed(asterisk::ami::Limits::default());
    match decoder.decode(&mut BytesMut::from(bytes)) {
        Ok(Some(Frame::Event(block))) => Some(block),
        _ => None,
    }
}

/// The last number an entry stands for.
pub(crate) fn position(entry: &Entry) -> Position {
    match entry {
        Entry::Record(record) => record.position,
        Entry::Gap(gap) => gap.to,
    }
}

#[cfg(test)]
mod tests;
