//! All calls in memory, and how an id leads to its leg.

use std::collections::{BTreeMap, HashMap, VecDeque};

use asterisk::ami::Channel;
use domain::NodeName;
use serde::{Deserialize, Serialize};

use crate::{
    legs::{Leg, Moment},
    limits::{Limits, Losses},
    record::{CallId, CallUpdate, Flaw},
    text,
    times::Sight,
};

/// The event that began it, so the order of keys is that of beginnings.
pub(crate) type CallKey = u64;

/// Where a leg is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) call: CallKey,
    pub(crate) leg: usize,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Call {
    pub(crate) legs: Vec<Leg>,
    /// Every linkedid that leads here.
    pub(crate) linked: Vec<Box<str>>,
    pub(crate) aliases: Vec<CallId>,
    pub(crate) revision: u32,
    /// Under which id it was told last.
    pub(crate) told: Option<CallId>,
    pub(crate) open: usize,
    pub(crate) flaws: Vec<Flaw>,
    /// A queue had it: what it says of members it gives up is said twice, in two ways.
    pub(crate) queued: bool,
    /// The first gap it lived through: what later events say about the whole is not the whole.
    pub(crate) gap_us: Option<i64>,
    pub(crate) heard_us: i64,
    /// When it was told as ended.
    pub(crate) closed_us: Option<i64>,
}

/// A bridge with somebody in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct BridgeState {
    pub(crate) call: CallKey,
    pub(crate) members: usize,
}

/// Everything that has to survive a restart; goes through serde.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checkpoint {
    pub(crate) seq: u64,
    pub(crate) calls: BTreeMap<CallKey, Call>,
    pub(crate) bridges: BTreeMap<Box<str>, BridgeState>,
    /// Ended calls that are still kept, by the time of their end.
    pub(crate) lingering: VecDeque<(i64, CallKey)>,
    pub(crate) losses: Losses,
}

pub(crate) struct Calls {
    pub(crate) node: NodeName,
    pub(crate) limits: Limits,
    pub(crate) kept: Checkpoint,
    places: HashMap<Box<str>, Place>,
    linked: HashMap<Box<str>, CallKey>,
}

impl Calls {
    pub(crate) fn new(node: NodeName, limits: Limits, kept: Checkpoint) -> Self {
        let mut calls = Self { node, limits, kept, places: HashMap::new(), linked: HashMap::new() };
        let keys: Vec<_> = calls.kept.calls.keys().copied().collect();
        for key in keys {
            calls.index(key);
        }
        calls
    }

    /// Ids that were used again lead to the younger leg, linkedids to the younger call.
    fn index(&mut self, key: CallKey) {
        let Some(call) = self.kept.calls.get(&key) else { return };
        for (leg, state) in call.legs.iter().enumerate() {
            let younger = self.places.get(&state.unique_id).is_some_and(|place| {
                self.kept.calls.get(&place.call).is_some_and(|call| call.legs[place.leg].seq > state.seq)
            });
            if !younger {
                self.places.insert(state.unique_id.clone(), Place { call: key, leg });
            }
        }
        for linked in &call.linked {
            self.linked.insert(linked.clone(), key);
        }
    }

    pub(crate) fn place(&self, unique_id: &str) -> Option<Place> {
        self.places.get(unique_id).copied()
    }

    pub(crate) fn of_linked(&self, linked_id: &str) -> Option<CallKey> {
        self.linked.get(linked_id).copied()
    }

    pub(crate) fn find(&self, channel: &Channel<'_>) -> Option<Place> {
        self.place(&text::unique_id(channel)?)
    }

    pub(crate) fn call(&mut self, key: CallKey) -> Option<&mut Call> {
        self.kept.calls.get_mut(&key)
    }

    pub(crate) fn leg(&mut self, place: Place) -> Option<&mut Leg> {
        self.kept.calls.get_mut(&place.call)?.legs.get_mut(place.leg)
    }

    /// A new leg, in the call of its linkedid or in one of its own. None if its call has too many.
    pub(crate) fn add_leg(
        &mut self,
        unique_id: &str,
        channel: &Channel<'_>,
        now: Moment,
        sight: Sight,
        updates: &mut Vec<CallUpdate>,
    ) -> Option<Place> {
        while self.places.len() >= self.limits.legs.max(1) && self.evict(updates) {}
        let linked_id = text::linked_id(channel);
        let is_own = linked_id.as_deref() == Some(unique_id);
        // An id used again begins something new, whatever its last user was part of.
        let again = is_own && self.place(unique_id).is_some();
        let known = linked_id.as_deref().filter(|_| !again).and_then(|linked| self.of_linked(linked));
        let key = known.unwrap_or_else(|| self.begin(now, updates));
        let full = self.limits.legs_per_call;
        let call = self.kept.calls.get_mut(&key)?;
        if call.legs.len() >= full {
            call.flaw(Flaw::Overflow);
            self.kept.losses.legs_refused += 1;
            return None;
        }
        let place = Place { call: key, leg: call.legs.len() };
        call.legs.push(Leg::new(unique_id, channel, now, sight));
        call.open += 1;
        call.closed_us = None;
        self.places.insert(unique_id.into(), place);
        if let Some(linked) = linked_id {
            self.link(key, &linked);
        }
        Some(place)
    }

    /// A call without legs yet, at the price of the oldest if there are too many.
    fn begin(&mut self, now: Moment, updates: &mut Vec<CallUpdate>) -> CallKey {
        while self.kept.calls.len() >= self.limits.calls.max(1) && self.evict(updates) {}
        self.kept.calls.insert(now.seq, Call { heard_us: now.at_us, ..Call::default() });
        now.seq
    }

    /// Makes this linkedid lead to this call.
    pub(crate) fn link(&mut self, key: CallKey, linked_id: &str) {
        let full = self.limits.legs_per_call;
        let Some(call) = self.kept.calls.get_mut(&key) else { return };
        if self.linked.get(linked_id) == Some(&key) {
            return;
        }
        if call.linked.len() > full {
            return call.flaw(Flaw::Overflow);
        }
        call.linked.push(linked_id.into());
        self.linked.insert(linked_id.into(), key);
    }

    /// Appends the legs of one call to another and forgets the one.
    pub(crate) fn move_legs(&mut self, from: CallKey, to: CallKey) -> Option<Call> {
        let loser = self.kept.calls.remove(&from)?;
        for leg in &loser.legs {
            let bridge = leg.bridge.as_deref().and_then(|bridge| self.kept.bridges.get_mut(bridge));
            if let Some(bridge) = bridge {
                bridge.call = to;
            }
        }
        let winner = self.kept.calls.get_mut(&to)?;
        let offset = winner.legs.len();
        for (index, leg) in loser.legs.iter().enumerate() {
            let old = Place { call: from, leg: index };
            if let Some(place) = self.places.get_mut(&leg.unique_id).filter(|place| **place == old) {
                *place = Place { call: to, leg: offset + index };
            }
        }
        for linked in &loser.linked {
            if let Some(key) = self.linked.get_mut(linked).filter(|key| **key == from) {
                *key = to;
            }
        }
        Some(loser)
    }

    /// A call nobody will ask for any more.
    pub(crate) fn forget(&mut self, key: CallKey) {
        let Some(call) = self.kept.calls.remove(&key) else { return };
        for leg in &call.legs {
            if self.places.get(&leg.unique_id).is_some_and(|place| place.call == key) {
                self.places.remove(&leg.unique_id);
            }
            if let Some(bridge) = &leg.bridge {
                self.left_bridge(bridge);
            }
        }
        for linked in &call.linked {
            if self.linked.get(linked) == Some(&key) {
                self.linked.remove(linked);
            }
        }
    }

    pub(crate) fn left_bridge(&mut self, bridge: &str) {
        let Some(state) = self.kept.bridges.get_mut(bridge) else { return };
        state.members = state.members.saturating_sub(1);
        if state.members == 0 {
            self.kept.bridges.remove(bridge);
        }
    }
}

impl Call {
    pub(crate) fn began_us(&self) -> i64 {
        self.legs.iter().map(|leg| leg.created_us).min().unwrap_or(i64::MIN)
    }

    pub(crate) fn flaw(&mut self, flaw: Flaw) {
        if let Err(place) = self.flaws.binary_search(&flaw) {
            self.flaws.insert(place, flaw);
        }
    }
}
