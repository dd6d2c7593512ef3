//! Dials: who is called on whose behalf, and what became of it.

use asterisk::ami::{Channel, Dial};

use crate::{
    attempts::Attempt,
    legs::Moment,
    record::CallUpdate,
    state::{Calls, Place},
    text,
    times::Sight,
    variables::Decision,
};

impl Calls {
    pub(crate) fn dial_begun(&mut self, dial: &Dial<'_>, now: Moment, updates: &mut Vec<CallUpdate>) {
        let caller = dial.caller.and_then(|channel| self.know(&channel, now, Sight::Met, updates));
        let Some(called) = dial.called else { return };
        let Some(place) = self.know(&called, now, Sight::Met, updates) else { return };
        self.change(Some(place), |leg| {
            let local = leg.is_local();
            leg.attempt.get_or_insert_with(|| Attempt::begin(dial, now.seq, now.at_us, local));
            leg.decision.or(Decision::of(&called));
        });
        self.join_channels([dial.caller, dial.called], updates);
        let (Some(_), Some(channel)) = (caller, dial.caller) else { return };
        let caller = self.find(&channel);
        self.change(caller, |leg| {
            leg.talked = false;
            leg.decision.or(Decision::of(&channel));
        });
    }

    pub(crate) fn dial_went_on(&mut self, dial: &Dial<'_>, now: Moment, updates: &mut Vec<CallUpdate>) {
        let place = dial.called.and_then(|channel| self.touch(&channel, now, updates));
        if dial.status.is_some_and(|status| status.is("RINGING")) {
            self.change(place, |leg| leg.rang(now.at_us));
        }
    }

    pub(crate) fn dial_ended(&mut self, dial: &Dial<'_>, now: Moment, updates: &mut Vec<CallUpdate>) {
        let Some(status) = text::of(dial.status) else { return };
        if let Some(caller) = &dial.caller {
            self.touch(caller, now, updates);
        }
        let place = match &dial.called {
            Some(called) => self.touch(called, now, updates),
            None => dial.caller.as_ref().and_then(|caller| self.dialled_by(caller)),
        };
        self.join_channels([dial.caller, dial.called], updates);
        let place = dial.called.map_or(place, |called| self.find(&called));
        let Some(place) = place else { return };
        let doubtful = &*status == "CANCEL" && self.may_have_given_up(place);
        let attempt = self.leg(place).and_then(|leg| leg.attempt.as_mut()).filter(|_| !doubtful);
        if attempt.is_some_and(|attempt| attempt.end(&status, now.seq, now.at_us)) {
            self.tell_again(place.call, updates);
        }
    }

    /// A queue says `NOANSWER` of a member that it gives up, and then `CANCEL`: whether the first word was missed.
    fn may_have_given_up(&self, place: Place) -> bool {
        let Some(call) = self.kept.calls.get(&place.call) else { return false };
        let began_us = call.legs[place.leg].attempt.as_ref().map(|attempt| attempt.begin_us);
        let missed = call.gap_us.zip(began_us).is_some_and(|(gap_us, began_us)| began_us <= gap_us);
        missed && (call.queued || call.legs.iter().any(|leg| leg.born.is_none()))
    }

    /// Until Asterisk 11 the end of a Dial names the caller only: the last one it has running.
    fn dialled_by(&self, caller: &Channel<'_>) -> Option<Place> {
        let key = self.find(caller)?.call;
        let id = text::unique_id(caller)?;
        let legs = self.kept.calls.get(&key)?.legs.iter().enumerate();
        let running = legs.filter(|(_, leg)| {
            leg.attempt.as_ref().is_some_and(|it| it.end.is_none() && it.caller.as_deref() == Some(&*id))
        });
        running.map(|(leg, _)| Place { call: key, leg }).next_back()
    }
}
