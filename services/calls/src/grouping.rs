//! Which legs are one call: whatever joins two channels joins their calls, for good.

use asterisk::ami::{BridgeMember, Channel};

use crate::{
    legs::Moment,
    record::{CallId, CallUpdate, Flaw},
    state::{BridgeState, Call, CallKey, Calls, Place},
    text,
    times::earliest,
};

/// A bridge where channels wait and hear nobody: being in it together means nothing.
const HOLDING: [&str; 2] = ["holding", "holding_bridge"];

impl Calls {
    /// One call from now on. The older keeps its id, the other's becomes an alias.
    pub(crate) fn join(&mut self, one: CallKey, other: CallKey, updates: &mut Vec<CallUpdate>) {
        let (older, younger) = (one.min(other), one.max(other));
        if older == younger || !self.kept.calls.contains_key(&older) {
            return;
        }
        let legs = |calls: &Self, key| calls.kept.calls.get(key).map_or(0, |call| call.legs.len());
        if legs(self, &older) + legs(self, &younger) > self.limits.legs_per_call {
            for key in [older, younger] {
                self.call(key).into_iter().for_each(|call| call.flaw(Flaw::Overflow));
            }
            return;
        }
        let ids = [self.id(older), self.id(younger)];
        let Some(loser) = self.move_legs(younger, older) else { return };
        let Some(winner) = self.kept.calls.get_mut(&older) else { return };
        let told = [winner.told.take(), loser.told];
        winner.revision = winner.revision.max(loser.revision);
        winner.legs.extend(loser.legs);
        winner.linked.extend(loser.linked);
        winner.open += loser.open;
        winner.queued |= loser.queued;
        winner.heard_us = winner.heard_us.max(loser.heard_us);
        winner.gap_us = earliest([winner.gap_us, loser.gap_us].into_iter());
        winner.closed_us = None;
        loser.flaws.into_iter().for_each(|flaw| winner.flaw(flaw));
        winner.aliases.extend(loser.aliases);
        let Some(by) = self.id(older) else { return };
        let Some(winner) = self.call(older) else { return };
        ids.into_iter().flatten().for_each(|id| winner.alias(id, &by));
        for id in told.into_iter().flatten() {
            winner.retold(id, &by, updates);
        }
        self.settle(older, updates);
    }

    /// All channels of an event that belong together.
    pub(crate) fn join_channels<'a>(
        &mut self,
        channels: impl IntoIterator<Item = Option<Channel<'a>>>,
        updates: &mut Vec<CallUpdate>,
    ) {
        let mut first: Option<Box<str>> = None;
        for channel in channels.into_iter().flatten() {
            let Some(id) = text::unique_id(&channel) else { continue };
            let Some(place) = self.place(&id) else { continue };
            match first.as_deref().and_then(|first| self.place(first)) {
                Some(known) => self.join(known.call, place.call, updates),
                None => first = Some(id.as_ref().into()),
            }
        }
    }

    /// Takes note of the linkedid an event shows for a leg.
    pub(crate) fn relink(&mut self, place: Place, channel: &Channel<'_>, updates: &mut Vec<CallUpdate>) {
        let Some(linked_id) = text::linked_id(channel) else { return };
        let Some(leg) = self.leg(place) else { return };
        if leg.linked_id.as_deref() == Some(&*linked_id) {
            return;
        }
        leg.linked_id = Some(linked_id.as_ref().into());
        match self.of_linked(&linked_id) {
            Some(call) => self.join(place.call, call, updates),
            None => self.link(place.call, &linked_id),
        }
    }

    pub(crate) fn enter_bridge(
        &mut self,
        place: Place,
        member: &BridgeMember<'_>,
        updates: &mut Vec<CallUpdate>,
    ) {
        let bridge = &member.bridge;
        let holds = |word: &str| [bridge.kind, bridge.technology].into_iter().flatten().any(|it| it.is(word));
        let Some(id) = bridge.id.map(|id| text::boxed(id.as_bytes())) else { return };
        if HOLDING.into_iter().any(holds) {
            return self.leave_bridge(place, false);
        }
        self.enter(place, id, updates);
    }

    pub(crate) fn enter(&mut self, place: Place, bridge: Box<str>, updates: &mut Vec<CallUpdate>) {
        let Some(leg) = self.leg(place).filter(|leg| leg.is_open()) else { return };
        if leg.bridge.as_ref() == Some(&bridge) {
            return;
        }
        let left = leg.bridge.replace(bridge.clone());
        leg.talked = true;
        if let Some(left) = left {
            self.left_bridge(&left);
        }
        let state = self.kept.bridges.entry(bridge).or_insert(BridgeState { call: place.call, members: 0 });
        state.members += 1;
        let call = state.call;
        self.join(call, place.call, updates);
    }

    /// `talked`: whether it was a conversation that it leaves.
    pub(crate) fn leave_bridge(&mut self, place: Place, talked: bool) {
        let Some(leg) = self.leg(place) else { return };
        leg.talked = talked && leg.talked;
        if let Some(bridge) = leg.bridge.take() {
            self.left_bridge(&bridge);
        }
    }

    pub(crate) fn merge_bridges(&mut self, from: &str, to: &str, updates: &mut Vec<CallUpdate>) {
        let call = |calls: &Self, bridge| calls.kept.bridges.get(bridge).map(|bridge| bridge.call);
        if let (Some(from), Some(to)) = (call(self, from), call(self, to)) {
            self.join(from, to, updates);
        }
    }

    /// Something was heard of it.
    pub(crate) fn heard(&mut self, place: Place, now: Moment) {
        let Some(call) = self.call(place.call) else { return };
        call.heard_us = call.heard_us.max(now.at_us);
        if let Some(leg) = call.legs.get_mut(place.leg) {
            leg.unconfirmed = false;
        }
    }
}

impl Call {
    fn alias(&mut self, id: CallId, by: &CallId) {
        if id != *by && !self.aliases.contains(&id) {
            self.aliases.push(id);
        }
    }

    /// It was told under one id and is known by another now.
    pub(crate) fn retold(&mut self, id: CallId, by: &CallId, updates: &mut Vec<CallUpdate>) {
        if id == *by {
            self.told = Some(id);
            return;
        }
        self.alias(id.clone(), by);
        updates.push(CallUpdate::Superseded { id, by: by.clone() });
    }
}
