//! From the providers that take a destination to the attempts of an answer, in order.

use domain::Protocol;

use super::{
    Asked, MAX_ADDRESSES_PER_PROVIDER, MAX_ATTEMPTS,
    caller_id::{Shown, Way, shown},
    hop::{hand_over, to_gate},
    outbound::OutgoingCall,
};
use crate::{
    Attempt, CallerId, CarrierNumber, CarrierUser, Dial, DropReason, Trace,
    draw::Draws,
    snapshot::{Address, Destination, Provider},
    trace::{Candidate, Place},
};

/// Collects attempts, best first, and tells the trace what became of every candidate.
pub(super) struct Candidates<'s, 'c, T> {
    asked: Asked<'s, 'c>,
    call: &'c OutgoingCall<'s>,
    /// Untouched, so that streams derived from it do not depend on what was visited before.
    draws: Draws,
    trace: &'c mut T,
    attempts: Vec<Attempt<'s>>,
}

impl<'s, 'c, T: Trace> Candidates<'s, 'c, T> {
    pub(super) fn new(asked: Asked<'s, 'c>, call: &'c OutgoingCall<'s>, trace: &'c mut T) -> Self {
        let draws = Draws::of_call(asked.request.node.as_str(), asked.request.call);
        Self { asked, call, draws, trace, attempts: Vec::with_capacity(MAX_ATTEMPTS) }
    }

    pub(super) fn attempts(mut self) -> Vec<Attempt<'s>> {
        let destination = self.asked.snapshot.destination(self.call.called, self.call.class);
        if let Some(destination) = destination {
            self.visit(destination);
        }
        if T::COMPLETE {
            self.explain_the_rest(destination);
        }
        self.attempts
    }

    fn visit(&mut self, destination: Destination<'s>) {
        let mut streams = self.draws.clone();
        for group in destination.groups() {
            let mut draws = streams.split();
            for index in group.shuffled(&mut draws) {
                if self.full() && !T::COMPLETE {
                    return;
                }
                self.visit_provider(&self.asked.snapshot.providers()[index as usize]);
            }
        }
    }

    fn full(&self) -> bool {
        self.attempts.len() == MAX_ATTEMPTS
    }

    fn visit_provider(&mut self, provider: &'s Provider) {
        let shown = shown(self.asked.snapshot, provider, self.call).and_then(|shown| self.wanted(shown));
        if let Ok(shown) = shown {
            self.visit_addresses(provider, shown);
        }
        if T::COMPLETE {
            self.explain_closed(provider, shown.err());
        }
    }

    /// A server that handed the call over wants the gate of one number and nothing else.
    fn wanted(&self, shown: Shown<'s>) -> Result<Shown<'s>, DropReason> {
        let asked_for = matches!(shown.way, Way::Gate(_)) && Some(shown.number) == self.call.wish;
        if self.call.gate_only && !asked_for { Err(DropReason::NotAskedFor) } else { Ok(shown) }
    }

    /// The addresses nobody would dial, and all others too when the whole provider was dropped.
    fn explain_closed(&mut self, provider: &'s Provider, provider_reason: Option<DropReason>) {
        for address in &provider.addresses {
            if let Some(reason) = address.closed.or(provider_reason) {
                self.drop(provider, address, reason);
            }
        }
    }

    fn visit_addresses(&mut self, provider: &'s Provider, shown: Shown<'s>) {
        let mut taken = 0;
        let mut draws = self.draws.clone().of_provider(provider.id);
        for group in &provider.groups {
            for position in group.shuffled(&mut draws) {
                let address = &provider.addresses[position as usize];
                let attempt = match self.no_room(taken, shown) {
                    None => self.attempt(provider, address, shown).ok_or(DropReason::GateElsewhere),
                    Some(_) if !T::COMPLETE => return,
                    Some(reason) => Err(reason),
                };
                match attempt {
                    Ok(attempt) => {
                        taken += 1;
                        self.take(provider, address, attempt);
                    }
                    Err(reason) => self.drop(provider, address, reason),
                }
            }
        }
    }

    fn no_room(&self, taken: usize, shown: Shown<'s>) -> Option<DropReason> {
        if !matches!(shown.way, Way::Addresses) && taken > 0 {
            Some(DropReason::SameGate)
        } else if taken == MAX_ADDRESSES_PER_PROVIDER {
            Some(DropReason::ProviderLimit)
        } else if self.full() {
            Some(DropReason::AttemptLimit)
        } else {
            None
        }
    }

    fn attempt(&self, provider: &'s Provider, address: &'s Address, shown: Shown<'s>) -> Option<Attempt<'s>> {
        let OutgoingCall { called, class, presentation, .. } = *self.call;
        let (protocol, peer) = match shown.way {
            Way::Addresses => (address.protocol, address.peer.as_ref()?),
            // Gates are accounts at a carrier, one number each: sections of the SIP driver.
            Way::Gate(gate) => (Protocol::Sip, &gate.peer),
            Way::GateOn(server) => {
                let call = to_gate(server, called, shown.number, class, presentation, provider.timeout_s);
                return hand_over(self.asked, call);
            }
        };
        let number = CarrierNumber::Number(called);
        let user = CarrierUser { tariff_prefix: provider.tariff_prefix(class), plus: provider.plus, number };
        Some(Attempt {
            dial: Dial::Carrier { protocol, driver: self.asked.node.driver, peer, user },
            caller_id: CallerId::Number(shown.number),
            presentation,
            timeout_s: provider.timeout_s,
            stop_rule: &provider.stop_rule,
            asks: None,
        })
    }

    fn take(&mut self, provider: &'s Provider, address: &'s Address, attempt: Attempt<'s>) {
        let peer = match attempt.dial {
            Dial::Carrier { peer, .. } => Some(peer),
            Dial::Hop { path, .. } => Some(&path.peer),
            _ => None,
        };
        self.attempts.push(attempt);
        let place = Place::Attempt { position: self.attempts.len() };
        self.trace.candidate(Candidate { peer, ..candidate(provider, address) }, place);
    }

    fn drop(&mut self, provider: &'s Provider, address: &'s Address, reason: DropReason) {
        self.trace.candidate(candidate(provider, address), Place::Dropped(reason));
    }

    /// The providers that were not even looked at.
    fn explain_the_rest(&mut self, destination: Option<Destination<'s>>) {
        let groups: Vec<_> = destination.into_iter().flat_map(Destination::groups).collect();
        for (provider, index) in self.asked.snapshot.providers().iter().zip(0..) {
            if groups.iter().any(|group| group.members().contains(&index)) {
                continue;
            }
            let sold = provider.sells(self.call.class);
            let reason = if sold { DropReason::DestinationNotTaken } else { DropReason::ClassNotSold };
            self.explain_closed(provider, Some(provider.closed.unwrap_or(reason)));
        }
    }
}

fn candidate<'s>(provider: &'s Provider, address: &'s Address) -> Candidate<'s> {
    Candidate {
        provider: provider.id,
        provider_name: &provider.name,
        address: address.id,
        peer: address.peer.as_ref(),
    }
}
