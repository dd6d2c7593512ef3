//! Bytes of a node's connections go in, records of its calls come out.

use std::collections::BTreeMap;

use asterisk::ami::{Block, Decoder, Event, Fault, Frame};
use bytes::BytesMut;
use calls::{CallAssembler, CallId, CallRecord, CallUpdate, GapReason, Limits};
use domain::NodeName;

use super::clock::Clock;

/// How many events pass between two looks for records that are final.
const EVENTS_PER_LOOK: u64 = 4_096;

/// Recorded connections of one node, in the order they are read.
pub(super) struct Recording {
    assembler: CallAssembler,
    limits: Limits,
    connection: Option<Connection>,
    clock: Clock,
    updates: Vec<CallUpdate>,
    told: BTreeMap<CallId, Told>,
    looked: u64,
}

/// A call that ended, and when that became known: it may still turn out to be part of another.
struct Told {
    record: CallRecord,
    at_us: i64,
}

struct Connection {
    decoder: Decoder,
    buffer: BytesMut,
    seen: Seen,
}

/// What one connection held.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Seen {
    pub(super) events: u64,
    /// Greetings and responses.
    pub(super) others: u64,
    /// Events that should tell their time, and do not.
    pub(super) untimed: u64,
    pub(super) damaged: u64,
    /// What was wrong with the first damaged block.
    pub(super) fault: Option<Fault>,
    /// Bytes of a block that never ended.
    pub(super) torn: usize,
}

impl Recording {
    pub(super) fn new(node: NodeName) -> Self {
        let limits = Limits::default();
        Self {
            assembler: CallAssembler::new(node, limits),
            limits,
            connection: None,
            clock: Clock::default(),
            updates: Vec::new(),
            told: BTreeMap::new(),
            looked: 0,
        }
    }

    /// A new connection. Nobody listened between the one before and this one.
    pub(super) fn connect(&mut self) {
        if self.looked > 0 {
            self.gap(GapReason::Disconnected);
        }
        // A recording may begin anywhere: the greeting is no condition.
        let decoder = Decoder::resumed(asterisk::ami::Limits::default());
        self.connection = Some(Connection { decoder, buffer: BytesMut::new(), seen: Seen::default() });
    }

    /// Takes the next bytes of the connection.
    pub(super) fn read(&mut self, bytes: &[u8]) {
        let Some(mut connection) = self.connection.take() else { return };
        connection.buffer.extend_from_slice(bytes);
        while let Ok(Some(frame)) = connection.decoder.decode(&mut connection.buffer) {
            self.take(&frame, &mut connection.seen);
        }
        self.connection = Some(connection);
    }

    /// The connection is over: what was in it.
    pub(super) fn disconnect(&mut self) -> Seen {
        let Some(connection) = self.connection.take() else { return Seen::default() };
        Seen { torn: connection.buffer.len(), ..connection.seen }
    }

    fn take(&mut self, frame: &Frame, seen: &mut Seen) {
        match frame {
            Frame::Event(block) => self.apply(block, seen),
            Frame::Banner(_) | Frame::Response(_) => seen.others += 1,
            Frame::Damaged(damaged) => {
                seen.damaged += 1;
                seen.fault.get_or_insert(damaged.fault);
                self.gap(GapReason::Damaged);
            }
        }
    }

    fn apply(&mut self, block: &Block, seen: &mut Seen) {
        let event = Event::read(block);
        let own_us = block.timestamp_us();
        // What answers an action bears no time in any configuration, nor does the FullyBooted after a login.
        let timeless = block.action_id().is_some() || matches!(event, Event::FullyBooted(_));
        let at_us = if own_us.is_none() && timeless { self.clock.last_us() } else { self.clock.at(own_us) };
        seen.events += 1;
        seen.untimed += u64::from(own_us.is_none() && !timeless);
        self.looked += 1;
        self.assembler.apply(&event, at_us, &mut self.updates);
        self.keep();
    }

    /// What was up may not be complete. The assembler needs no more than where it was.
    fn gap(&mut self, reason: GapReason) {
        let now_us = self.clock.latest_us();
        self.assembler.gap(now_us, now_us, reason, &mut self.updates);
        self.keep();
    }

    fn keep(&mut self) {
        for update in self.updates.drain(..) {
            match update {
                CallUpdate::Ended(record) => {
                    let told = Told { record: *record, at_us: self.clock.latest_us() };
                    self.told.insert(told.record.id.clone(), told);
                }
                CallUpdate::Superseded { id, .. } => _ = self.told.remove(&id),
            }
        }
    }

    /// Records that nothing can change any more, in the order the calls began; now and then there are some.
    pub(super) fn finished(&mut self) -> Vec<CallRecord> {
        if self.looked < EVENTS_PER_LOOK {
            return Vec::new();
        }
        // Not to zero: that is how a first connection is told from a later one.
        self.looked = 1;
        let forgotten_us = self.clock.latest_us().saturating_sub(self.limits.linger_us);
        let finished = self.told.extract_if(.., |_, told| told.at_us < forgotten_us);
        in_order(finished.map(|(_, told)| told.record).collect())
    }

    /// All other records, those of calls that are still up among them, and what tells which times are known.
    pub(super) fn finish(self) -> (Vec<CallRecord>, Clock) {
        let told = self.told.into_values().map(|told| told.record);
        (in_order(told.chain(self.assembler.live()).collect()), self.clock)
    }

    pub(super) fn clock(&self) -> &Clock {
        &self.clock
    }
}

fn in_order(mut records: Vec<CallRecord>) -> Vec<CallRecord> {
    let began_us = |record: &CallRecord| record.start_us.unwrap_or(record.id.created_us);
    records.sort_by(|a, b| began_us(a).cmp(&began_us(b)).then_with(|| a.id.cmp(&b.id)));
    records
}
