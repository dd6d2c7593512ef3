//! From the providers that take a destination to the attempts of an answer, in order.

use super::{
    MAX_ADDRESSES_PER_PROVIDER, MAX_ATTEMPTS, OutgoingCall,
    caller_id::{Shown, shown},
};
use crate::{
    Attempt, CallerId, CarrierUser, Dial, DropReason, Request, Snapshot, Trace,
    draw::Draws,
    snapshot::{Address, Destination, Provider},
    trace::{Candidate, Place},
};

/// Collects attempts, best first, and tells the trace what became of every candidate.
pub(super) struct Candidates<'s, 'c, T> {
    snapshot: &'s Snapshot,
    call: &'c OutgoingCall<'s>,
    /// Untouched, so that streams derived from it do not depend on what was visited before.
    draws: Draws,
    trace: &'c mut T,
    attempts: Vec<Attempt<'s>>,
}

impl<'s, 'c, T: Trace> Candidates<'s, 'c, T> {
    pub(super) fn new(
        snapshot: &'s Snapshot,
        call: &'c OutgoingCall<'s>,
        request: &Request<'_>,
        trace: &'c mut T,
    ) -> Self {
        let draws = Draws::of_call(request.node.as_str(), request.call);
        Self { snapshot, call, draws, trace, attempts: Vec::with_capacity(MAX_ATTEMPTS) }
    }

    pub(super) fn attempts(mut self) -> Vec<Attempt<'s>> {
        let destination = self.snapshot.destination(self.call.called, self.call.class);
        if let Some(destination) = destination {
            self.visit(destination);
        }
        if T::COMPLETE {
            self.explain_the_rest(destination);
        }
        self.attempts
    }

    fn visit(&mut self, destination: &'s Destination) {
        let mut streams = self.draws.clone();
        for group in &destination.groups {
            let mut draws = streams.split();
            for index in group.shuffled(&mut draws) {
                if self.full() && !T::COMPLETE {
                    return;
                }
                self.visit_provider(&self.snapshot.providers()[index as usize]);
            }
        }
    }

    fn full(&self) -> bool {
        self.attempts.len() == MAX_ATTEMPTS
    }

    fn visit_provider(&mut self, provider: &'s Provider) {
        let shown = shown(self.snapshot, provider, self.call);
        if let Ok(shown) = shown {
            self.visit_addresses(provider, shown);
        }
        if T::COMPLETE {
            self.explain_closed(provider, shown.err());
        }
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
                match self.no_room(taken, shown) {
                    None => {
                        taken += 1;
                        self.take(provider, address, shown);
                    }
                    Some(_) if !T::COMPLETE => return,
                    Some(reason) => self.drop(provider, address, reason),
                }
            }
        }
    }

    fn no_room(&self, taken: usize, shown: Shown<'s>) -> Option<DropReason> {
        if shown.gate.is_some() && taken > 0 {
            Some(DropReason::SameGate)
        } else if taken == MAX_ADDRESSES_PER_PROVIDER {
            Some(DropReason::ProviderLimit)
        } else if self.full() {
            Some(DropReason::AttemptLimit)
        } else {
            None
        }
    }

    fn take(&mut self, provider: &'s Provider, address: &'s Address, shown: Shown<'s>) {
        let peer = shown.gate.map_or(&address.peer, |gate| &gate.peer);
        let tariff_prefix = provider.tariff_prefix(self.call.class);
        let user = CarrierUser { tariff_prefix, plus: provider.plus, number: self.call.called };
        self.attempts.push(Attempt {
            dial: Dial::Carrier { protocol: address.protocol, driver: self.call.node.driver, peer, user },
            caller_id: CallerId::Number(shown.number),
            presentation: self.call.presentation,
            timeout_s: provider.timeout_s,
            stop_rule: &provider.stop_rule,
        });
        let place = Place::Attempt { position: self.attempts.len(), shown: shown.number };
        self.trace.candidate(candidate(provider, address, peer), place);
    }

    fn drop(&mut self, provider: &'s Provider, address: &'s Address, reason: DropReason) {
        self.trace.candidate(candidate(provider, address, &address.peer), Place::Dropped(reason));
    }

    /// The providers that were not even looked at.
    fn explain_the_rest(&mut self, destination: Option<&'s Destination>) {
        let groups = destination.map(|destination| destination.groups.as_slice()).unwrap_or_default();
        for (provider, index) in self.snapshot.providers().iter().zip(0..) {
            if groups.iter().any(|group| group.members().contains(&index)) {
                continue;
            }
            let reason = provider.closed.unwrap_or(if provider.sells(self.call.class) {
                DropReason::DestinationNotTaken
            } else {
                DropReason::ClassNotSold
            });
            for address in &provider.addresses {
                self.drop(
                    provider,
                    address,
                    address.closed.filter(|_| provider.closed.is_none()).unwrap_or(reason),
                );
            }
        }
    }
}

fn candidate<'s>(provider: &'s Provider, address: &Address, peer: &'s domain::PeerName) -> Candidate<'s> {
    Candidate { provider: provider.id, provider_name: &provider.name, address: address.id, peer }
}
