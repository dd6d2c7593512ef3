//! The one door: events go in, updates come out.

use asterisk::ami::{Block, Channel, Event, Hangup, HangupRequest, UserEvent};
use domain::NodeName;

use crate::{
    legs::{Leg, Moment},
    limits::{Limits, Losses},
    record::{CallRecord, CallUpdate, GapReason},
    state::{Calls, Checkpoint, Place},
    text,
    times::Sight,
};

/// What the dialplan calls its reports.
const REPORT: &str = "Dialplane";

/// Makes records of the events of one node.
pub struct CallAssembler {
    pub(crate) calls: Calls,
}

impl CallAssembler {
    pub fn new(node: NodeName, limits: Limits) -> Self {
        Self::restore(node, limits, Checkpoint::default())
    }

    /// Goes on where [`Self::checkpoint`] was taken, as if nothing had been in between.
    pub fn restore(node: NodeName, limits: Limits, checkpoint: Checkpoint) -> Self {
        Self { calls: Calls::new(node, limits, checkpoint) }
    }

    /// All there is to remember; for serde.
    pub fn checkpoint(&self) -> &Checkpoint {
        &self.calls.kept
    }

    /// Takes one event in. `at_us` is when it happened, UTC microseconds: its timestamp, or when it was received if the
    /// node writes none. All times given to one assembler are of one clock.
    pub fn apply(&mut self, event: &Event<'_>, at_us: i64, updates: &mut Vec<CallUpdate>) {
        self.calls.kept.seq += 1;
        self.calls.forget_old(at_us);
        self.calls.apply(event, Moment::new(self.calls.kept.seq, at_us), updates);
    }

    /// Nobody listened between these two times. What was up then is not complete; who is still up, a list of channels
    /// tells (`CoreShowChannels`), whose items and end are events like others.
    pub fn gap(&mut self, from_us: i64, to_us: i64, reason: GapReason, updates: &mut Vec<CallUpdate>) {
        self.calls.gap(from_us, to_us, reason, updates);
    }

    /// Asterisk was started anew while nobody listened, as its `CoreStatus` tells: of what was up before the last gap only
    /// channels heard of since are there. To be called after [`Self::gap`]; a `FullyBooted` that tells its age, which is an
    /// event like others, says the same.
    pub fn restarted(&mut self, updates: &mut Vec<CallUpdate>) {
        self.calls.restarted(updates);
    }

    /// Asterisk is gone for good, and no event will say so: whatever was up is gone with it.
    pub fn node_lost(&mut self, updates: &mut Vec<CallUpdate>) {
        self.calls.node_lost(updates);
    }

    /// Tells calls that were silent for too long, forgets those that ended. To be called now and then.
    pub fn expire(&mut self, now_us: i64, updates: &mut Vec<CallUpdate>) {
        self.calls.forget_old(now_us);
        self.calls.expire(now_us, updates);
    }

    /// What is known of the calls that are up, oldest first.
    pub fn live(&self) -> impl Iterator<Item = CallRecord> {
        self.calls.kept.calls.values().filter(|call| call.open > 0).filter_map(|call| self.calls.record(call))
    }

    pub fn losses(&self) -> Losses {
        self.calls.kept.losses
    }
}

impl Calls {
    fn apply(&mut self, event: &Event<'_>, now: Moment, updates: &mut Vec<CallUpdate>) {
        match event {
            Event::Newchannel(channel) => _ = self.know(channel, now, Sight::Born, updates),
            Event::Newstate(channel) => {
                let place = self.know(channel, now, Sight::Met, updates);
                self.change(place, |leg| leg.changed_state(channel.state(), now));
            }
            Event::HangupRequest(request) => self.hangup_requested(request, now, updates),
            Event::SoftHangupRequest(request) => {
                let place = self.touch(&request.channel, now, updates);
                self.change(place, |leg| leg.soft = true);
            }
            Event::Hangup(hangup) => self.hung_up(hangup, now, updates),
            Event::Rename(rename) => {
                let place = self.touch(&rename.channel, now, updates);
                let name = text::of(rename.new_name);
                self.change(place, |leg| leg.name = name.unwrap_or_else(|| leg.name.clone()));
            }
            Event::UserEvent(event) => self.reported(event, now, updates),
            Event::DialBegin(dial) => self.dial_begun(dial, now, updates),
            Event::DialState(dial) => self.dial_went_on(dial, now, updates),
            Event::DialEnd(dial) => self.dial_ended(dial, now, updates),
            Event::FullyBooted(booted) => self.booted(booted, now, updates),
            Event::CoreShowChannel(item) => self.listed(&item.channel, item.bridge, now, updates),
            Event::Status(item) => self.listed(&item.channel, item.bridge, now, updates),
            Event::CoreShowChannelsComplete(_) => self.list_ended(updates),
            Event::Other(block) => self.hung_up_by_manager(block, now),
            _ => self.apply_join(event, now, updates),
        }
    }

    /// Events that move or join channels, and those that only show one.
    fn apply_join(&mut self, event: &Event<'_>, now: Moment, updates: &mut Vec<CallUpdate>) {
        match event {
            Event::BridgeEnter(member) => {
                if let Some(place) = self.know(&member.channel, now, Sight::Met, updates) {
                    self.enter_bridge(place, member, updates);
                }
            }
            Event::BridgeLeave(member) => {
                if let Some(place) = self.touch(&member.channel, now, updates) {
                    self.leave_bridge(place, true);
                }
            }
            Event::BridgeMerge(merge) => {
                let id = |id: Option<asterisk::ami::BridgeIdRef<'_>>| id.map(|id| text::boxed(id.as_bytes()));
                if let (Some(from), Some(to)) = (id(merge.from), id(merge.to)) {
                    self.merge_bridges(&from, &to, updates);
                }
            }
            Event::Link(link) => self.join_channels([link.first, link.second], updates),
            Event::LocalBridge(local) => self.join_channels([local.one, local.two], updates),
            Event::LocalOptimizationBegin(local) => {
                self.join_channels([local.one, local.two, local.source], updates);
            }
            Event::BlindTransfer(transfer) => self.blind_transfer(transfer, updates),
            Event::AttendedTransfer(transfer) => self.attended_transfer(transfer, updates),
            Event::Pickup(pickup) => self.join_channels([Some(pickup.channel), pickup.target], updates),
            Event::ParkedCall(parking)
            | Event::ParkedCallGiveUp(parking)
            | Event::ParkedCallTimeOut(parking)
            | Event::ParkedCallSwap(parking)
            | Event::UnParkedCall(parking) => self.parked(parking, updates),
            Event::AgentCalled(agent) | Event::AgentConnect(agent) => {
                self.join_channels([Some(agent.channel), agent.called], updates);
                self.queued(&agent.channel);
            }
            Event::QueueCallerJoin(caller) | Event::QueueEntry(caller) => self.queued(&caller.channel),
            Event::VarSet(set) => _ = set.channel.and_then(|channel| self.touch(&channel, now, updates)),
            Event::Newexten(step) => _ = self.touch(&step.channel, now, updates),
            Event::NewCallerid(channel)
            | Event::NewConnectedLine(channel)
            | Event::NewAccountCode(channel) => {
                self.touch(channel, now, updates);
            }
            _ => {}
        }
    }

    /// The leg of a channel that is known.
    pub(crate) fn touch(
        &mut self,
        channel: &Channel<'_>,
        now: Moment,
        updates: &mut Vec<CallUpdate>,
    ) -> Option<Place> {
        let id = text::unique_id(channel)?;
        let place = self.place(&id)?;
        if !self.leg(place)?.is_open() {
            return Some(place);
        }
        self.heard(place, now);
        self.relink(place, channel, updates);
        self.place(&id)
    }

    /// The leg of a channel, known or not.
    pub(crate) fn know(
        &mut self,
        channel: &Channel<'_>,
        now: Moment,
        sight: Sight,
        updates: &mut Vec<CallUpdate>,
    ) -> Option<Place> {
        let id = text::unique_id(channel)?;
        let known = self.place(&id).filter(|place| !self.is_reused(*place, now, sight));
        if known.is_some() {
            let place = self.touch(channel, now, updates);
            if sight == Sight::Born {
                self.change(place, |leg| leg.listed_early(channel, now));
            }
            return place;
        }
        self.add_leg(&id, channel, now, sight, updates)
    }

    /// Only a Newchannel after the end is another channel of the same id; before it, it is the same event again.
    fn is_reused(&mut self, place: Place, now: Moment, sight: Sight) -> bool {
        let ended_us = self.leg(place).filter(|leg| !leg.is_open()).map(|leg| leg.end_us());
        sight == Sight::Born && ended_us.is_some_and(|end_us| end_us.is_none_or(|us| now.at_us > us))
    }

    pub(crate) fn change(&mut self, place: Option<Place>, change: impl FnOnce(&mut Leg)) {
        if let Some(leg) = place.and_then(|place| self.leg(place)).filter(|leg| leg.is_open()) {
            change(leg);
        }
    }

    fn queued(&mut self, channel: &Channel<'_>) {
        let place = self.find(channel);
        if let Some(call) = place.and_then(|place| self.call(place.call)) {
            call.queued = true;
        }
    }

    fn hangup_requested(&mut self, request: &HangupRequest<'_>, now: Moment, updates: &mut Vec<CallUpdate>) {
        let place = self.touch(&request.channel, now, updates);
        self.change(place, |leg| leg.asked_to_end(now, false, request.channel.state()));
    }

    /// An item of the answer to our own `Action: Hangup` over many channels, which names them.
    fn hung_up_by_manager(&mut self, block: &Block, now: Moment) {
        if !block.name().is_some_and(|name| name.is("ChannelHungup")) {
            return;
        }
        let Some(name) = text::of(block.value("Channel")) else { return };
        let legs = self.kept.calls.values_mut().flat_map(|call| &mut call.legs);
        if let Some(leg) = legs.filter(|leg| leg.is_open()).find(|leg| leg.name == name) {
            leg.asked_to_end(now, true, None);
        }
    }

    fn hung_up(&mut self, hangup: &Hangup<'_>, now: Moment, updates: &mut Vec<CallUpdate>) {
        let Some(place) = self.know(&hangup.channel, now, Sight::Met, updates) else { return };
        let Some(leg) = self.leg(place).filter(|leg| leg.is_open()) else { return };
        leg.hung_up(hangup, now);
        self.ended_leg(place);
        self.settle(place.call, updates);
    }

    fn reported(&mut self, event: &UserEvent<'_>, now: Moment, updates: &mut Vec<CallUpdate>) {
        let Some(place) = event.channel.and_then(|channel| self.touch(&channel, now, updates)) else {
            return;
        };
        if event.name.is_some_and(|name| name.is(REPORT)) {
            self.change(Some(place), |leg| leg.reported(event));
        }
    }
}
