//! Gaps, and how the lists of a node fill in who is still there. Events that arrive while a list is answered and items of
//! the list may come in any order.

use asterisk::ami::{BridgeIdRef, Channel, FullyBooted};

use crate::{
    legs::{End, Leg, Moment},
    record::{CallUpdate, Flaw, GapReason},
    state::{CallKey, Calls, Place},
    text,
    times::{SECOND_US, Sight},
};

impl Calls {
    /// Nobody listened between two times. Calls that were up then can never be complete again.
    pub(crate) fn gap(&mut self, from_us: i64, to_us: i64, reason: GapReason, updates: &mut Vec<CallUpdate>) {
        for key in self.keys() {
            let Some(call) = self.call(key) else { continue };
            if call.closed_us.is_some_and(|end_us| end_us <= from_us) || call.began_us() > to_us {
                continue;
            }
            call.flaw(Flaw::Gap(reason));
            call.gap_us = Some(call.gap_us.map_or(from_us, |us| us.min(from_us)));
            for leg in &mut call.legs {
                leg.unconfirmed |= leg.is_open();
                leg.gapped |= leg.is_open();
            }
            if call.closed_us.take().is_some() {
                self.settle(key, updates);
            }
        }
    }

    /// An item of a list of channels: what it shows was true at some time after the gap, and says nothing about when it
    /// began. Events since the gap know better.
    pub(crate) fn listed(
        &mut self,
        channel: &Channel<'_>,
        bridge: Option<BridgeIdRef<'_>>,
        now: Moment,
        updates: &mut Vec<CallUpdate>,
    ) {
        let known = text::unique_id(channel).and_then(|id| self.place(&id)).and_then(|place| self.leg(place));
        let newer = known.filter(|leg| !leg.unconfirmed).map(|leg| (leg.linked_id.clone(), leg.state));
        let Some(place) = self.know(channel, now, Sight::Met, updates) else { return };
        let Some(leg) = self.leg(place).filter(|leg| leg.is_open()) else { return };
        leg.state = channel.state().or(leg.state);
        if let Some((linked_id, state)) = newer {
            leg.linked_id = linked_id.or(leg.linked_id.take());
            leg.state = state.or(leg.state);
        }
        // Of a leg that was heard of from its beginning on nothing was missed: it may have left that bridge since.
        let followed = leg.born.is_some() && !leg.gapped;
        if let Some(bridge) = bridge.filter(|_| !followed) {
            self.enter(place, text::boxed(bridge.as_bytes()), updates);
        }
    }

    /// The list of channels is over: whoever was up before the gap and is neither on it nor was heard of since is gone.
    pub(crate) fn list_ended(&mut self, updates: &mut Vec<CallUpdate>) {
        self.end_unconfirmed(End::Unseen, Flaw::EndUnseen, updates);
    }

    /// A process that started after a channel of ours began cannot have it. Ages are whole seconds, cut off.
    pub(crate) fn booted(&mut self, booted: &FullyBooted<'_>, now: Moment, updates: &mut Vec<CallUpdate>) {
        let Some(uptime_s) = booted.uptime_s.and_then(|s| i64::try_from(s).ok()) else { return };
        let earliest_us = now.at_us.saturating_sub(uptime_s.saturating_add(1).saturating_mul(SECOND_US));
        let older = |leg: &Leg| leg.unconfirmed && leg.is_open() && leg.began_by_us() < earliest_us;
        if self.kept.calls.values().flat_map(|call| &call.legs).any(older) {
            self.restarted(updates);
        }
    }

    /// The process that had the channels before the gap is gone, and they with it.
    pub(crate) fn restarted(&mut self, updates: &mut Vec<CallUpdate>) {
        self.end_unconfirmed(End::NodeLost, Flaw::NodeLost, updates);
    }

    /// All channels are gone with the process that had them.
    pub(crate) fn node_lost(&mut self, updates: &mut Vec<CallUpdate>) {
        for key in self.keys() {
            self.close(key, End::NodeLost, Flaw::NodeLost, |_| true, updates);
        }
    }

    fn end_unconfirmed(&mut self, end: End, flaw: Flaw, updates: &mut Vec<CallUpdate>) {
        for key in self.keys() {
            self.close(key, end, flaw, |leg| leg.unconfirmed, updates);
        }
    }

    pub(crate) fn keys(&self) -> Vec<CallKey> {
        self.kept.calls.keys().copied().collect()
    }

    /// Ends those legs whose Hangup nobody will ever read.
    pub(crate) fn close(
        &mut self,
        key: CallKey,
        end: End,
        flaw: Flaw,
        which: impl Fn(&Leg) -> bool,
        updates: &mut Vec<CallUpdate>,
    ) {
        let Some(call) = self.kept.calls.get(&key) else { return };
        let gone = |(index, leg): (usize, &Leg)| (leg.is_open() && which(leg)).then_some(index);
        let gone: Vec<_> = call.legs.iter().enumerate().filter_map(gone).collect();
        for leg in &gone {
            self.end_leg(Place { call: key, leg: *leg }, end);
        }
        if gone.is_empty() {
            return;
        }
        self.call(key).into_iter().for_each(|call| call.flaw(flaw));
        self.settle(key, updates);
    }
}
