//! The ends of legs and calls: when a call is told, told again, given up and forgotten.

use crate::{
    legs::{End, Leg},
    record::{CallUpdate, Flaw},
    state::{CallKey, Calls, Place},
};

impl Calls {
    pub(crate) fn ended_leg(&mut self, place: Place) {
        let bridge = self.leg(place).and_then(|leg| leg.bridge.take());
        if let Some(bridge) = bridge {
            self.left_bridge(&bridge);
        }
        if let Some(call) = self.call(place.call) {
            call.open = call.open.saturating_sub(1);
        }
    }

    pub(crate) fn end_leg(&mut self, place: Place, end: End) {
        if let Some(leg) = self.leg(place).filter(|leg| leg.is_open()) {
            leg.end = Some(end);
            self.ended_leg(place);
        }
    }

    /// Tells a call all legs of which are gone, unless it was told.
    pub(crate) fn settle(&mut self, key: CallKey, updates: &mut Vec<CallUpdate>) {
        let Some(id) = self.id(key) else { return };
        let Some(call) = self.call(key).filter(|call| call.open == 0 && call.closed_us.is_none()) else {
            return;
        };
        if let Some(told) = call.told.take() {
            call.retold(told, &id, updates);
        }
        call.told = Some(id);
        call.revision += 1;
        let end_us = call.legs.iter().filter_map(Leg::end_us).max().unwrap_or(call.heard_us);
        call.closed_us = Some(end_us);
        self.kept.lingering.push_back((end_us, key));
        let record = self.kept.calls.get(&key).and_then(|call| self.record(call));
        updates.extend(record.map(|record| CallUpdate::Ended(Box::new(record))));
    }

    pub(crate) fn tell_again(&mut self, key: CallKey, updates: &mut Vec<CallUpdate>) {
        if self.call(key).is_some_and(|call| call.closed_us.take().is_some()) {
            self.settle(key, updates);
        }
    }

    pub(crate) fn forget_old(&mut self, now_us: i64) {
        let old = now_us.saturating_sub(self.limits.linger_us);
        while let Some((_, key)) = self.kept.lingering.pop_front_if(|(end_us, _)| *end_us < old) {
            if self.kept.calls.get(&key).is_some_and(|call| call.closed_us.is_some_and(|end_us| end_us < old))
            {
                self.forget(key);
            }
        }
    }

    pub(crate) fn expire(&mut self, now_us: i64, updates: &mut Vec<CallUpdate>) {
        let silent = now_us.saturating_sub(self.limits.silence_us);
        let calls = self.kept.calls.iter().filter(|(_, call)| call.open > 0 && call.heard_us < silent);
        let keys: Vec<_> = calls.map(|(key, _)| *key).collect();
        self.kept.losses.calls_expired += keys.len() as u64;
        for key in keys {
            self.close(key, End::Abandoned, Flaw::Expired, |_| true, updates);
        }
    }

    /// Makes room: a call that was told, else the oldest. False if there is none.
    pub(crate) fn evict(&mut self, updates: &mut Vec<CallUpdate>) -> bool {
        while let Some((end_us, key)) = self.kept.lingering.pop_front() {
            if self.kept.calls.get(&key).is_some_and(|call| call.closed_us == Some(end_us)) {
                self.forget(key);
                return true;
            }
        }
        let Some((&key, _)) = self.kept.calls.first_key_value() else { return false };
        self.kept.losses.calls_evicted += 1;
        self.close(key, End::Abandoned, Flaw::Overflow, |_| true, updates);
        self.forget(key);
        true
    }
}
