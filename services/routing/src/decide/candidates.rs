//! From the providers that take a destination to the attempts of an answer, in order.

use domain::{Class, E164, GateId, PeerName, Prefix, Protocol};

use super::{
    Asked, MAX_ADDRESSES_PER_PROVIDER, MAX_ATTEMPTS,
    caller_id::{Shown, shown},
    hop::{hand_over, to_gate},
    outbound::OutgoingCall,
};
use crate::{
    Attempt, CallerId, CarrierNumber, CarrierUser, Dial, DropReason, Trace, Via,
    draw::Draws,
    snapshot::{Address, Destination, Gate, Provider},
    trace::{Candidate, CandidateKey, Place},
};

/// Collects attempts, best first, and tells the trace what became of every candidate.
pub(super) struct Candidates<'s, 'c, T> {
    asked: Asked<'s, 'c>,
    call: &'c OutgoingCall<'s>,
    /// Untouched, so that streams derived from it do not depend on what was visited before.
    draws: Draws,
    /// What is called, as the routes have it.
    prefix: Option<Prefix>,
    trace: &'c mut T,
    attempts: Vec<Attempt<'s>>,
}

impl<'s, 'c, T: Trace> Candidates<'s, 'c, T> {
    pub(super) fn new(asked: Asked<'s, 'c>, call: &'c OutgoingCall<'s>, trace: &'c mut T) -> Self {
        let draws = Draws::of_call(asked.request.node.as_str(), asked.request.call);
        Self { asked, call, draws, prefix: None, trace, attempts: Vec::with_capacity(MAX_ATTEMPTS) }
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
        self.prefix = Some(destination.prefix);
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
        match shown(self.asked.snapshot, provider, self.call) {
            Err(reason) => self.explain(provider, Some(reason)),
            Ok(Shown { number, gate: Some(gate) }) => {
                self.visit_gate(provider, number, gate);
                self.explain(provider, Some(DropReason::BoundToGate));
            }
            // A server that handed the call over wants the gate of one number and nothing else.
            Ok(_) if self.call.gate_only => self.explain(provider, Some(DropReason::NotAskedFor)),
            Ok(Shown { number, gate: None }) => {
                self.visit_addresses(provider, number);
                self.explain(provider, None);
            }
        }
    }

    /// A gate is a dial peer of its own: it needs no address of the provider, and takes the place of all of them.
    fn visit_gate(&mut self, provider: &'s Provider, number: E164, gate: &'s Gate) {
        let attempt = self.through_gate(provider, number, gate);
        match attempt
            .and_then(|attempt| if self.full() { Err(DropReason::AttemptLimit) } else { Ok(attempt) })
        {
            Ok(attempt) => self.take(at_gate(provider, gate), attempt),
            Err(reason) => self.trace.candidate(at_gate(provider, gate), Place::Dropped(reason)),
        }
        if T::COMPLETE {
            let gates = self.asked.snapshot.gates(number, provider.id);
            for other in gates.filter(|other| other.id != gate.id) {
                self.trace.candidate(at_gate(provider, other), Place::Dropped(DropReason::OtherGate));
            }
        }
    }

    fn through_gate(
        &self,
        provider: &'s Provider,
        number: E164,
        gate: &'s Gate,
    ) -> Result<Attempt<'s>, DropReason> {
        let OutgoingCall { called, class, presentation, .. } = *self.call;
        let here = gate.server == self.asked.node.server;
        if self.call.gate_only && !(here && Some(number) == self.call.wish) {
            return Err(DropReason::NotAskedFor);
        }
        if !gate.passes_caller_id && class != Class::NonCli {
            return Err(DropReason::GateWithoutCallerId);
        }
        let via = Some(self.via(provider, Some(gate.id)));
        if here {
            // Gates are accounts at a carrier, one number each: sections of the SIP driver.
            return Ok(Attempt { via, ..self.dial(provider, Protocol::Sip, &gate.peer, number) });
        }
        let call = to_gate(gate.server, called, number, class, presentation, provider.timeout_s);
        let attempt = hand_over(self.asked, call).ok_or(DropReason::GateElsewhere)?;
        Ok(Attempt { via, ..attempt })
    }

    fn visit_addresses(&mut self, provider: &'s Provider, number: E164) {
        let mut taken = 0;
        let mut draws = self.draws.clone().of_provider(provider.id);
        for group in &provider.groups {
            for position in group.shuffled(&mut draws) {
                let address = &provider.addresses[position as usize];
                if address.closed(self.asked.request.asked_us).is_some() {
                    continue;
                }
                match (self.no_room(taken), &address.peer) {
                    (None, Some(peer)) => {
                        taken += 1;
                        let attempt = self.dial(provider, address.protocol, peer, number);
                        self.take(at_address(provider, address), attempt);
                    }
                    (Some(_), _) if !T::COMPLETE => return,
                    (reason, _) => {
                        let reason = reason.unwrap_or(DropReason::IncomingOnly);
                        self.trace.candidate(at_address(provider, address), Place::Dropped(reason));
                    }
                }
            }
        }
    }

    fn no_room(&self, taken: usize) -> Option<DropReason> {
        if taken == MAX_ADDRESSES_PER_PROVIDER {
            Some(DropReason::ProviderLimit)
        } else if self.full() {
            Some(DropReason::AttemptLimit)
        } else {
            None
        }
    }

    fn dial(
        &self,
        provider: &'s Provider,
        protocol: Protocol,
        peer: &'s PeerName,
        shown: E164,
    ) -> Attempt<'s> {
        let OutgoingCall { called, class, presentation, .. } = *self.call;
        let number = CarrierNumber::Number(called);
        let user = CarrierUser { tariff_prefix: provider.tariff_prefix(class), plus: provider.plus, number };
        Attempt {
            dial: Dial::Carrier { protocol, driver: self.asked.node.driver, peer, user },
            caller_id: CallerId::Number(shown),
            presentation,
            timeout_s: provider.timeout_s,
            stop_rule: &provider.stop_rule,
            asks: None,
            via: Some(self.via(provider, None)),
        }
    }

    fn via(&self, provider: &Provider, gate: Option<GateId>) -> Via {
        Via { provider: provider.id, prefix: self.prefix, gate }
    }

    fn take(&mut self, candidate: Candidate<'s>, attempt: Attempt<'s>) {
        let peer = attempt.dial.peer().or(candidate.peer);
        self.attempts.push(attempt);
        let place = Place::Attempt { position: self.attempts.len() };
        self.trace.candidate(Candidate { peer, ..candidate }, place);
    }

    /// Tells why the addresses that were not visited stayed out: each for its own reason, else for the provider's.
    fn explain(&mut self, provider: &'s Provider, reason: Option<DropReason>) {
        if T::COMPLETE {
            explain_unvisited(self.trace, provider, reason, self.asked.request.asked_us);
        }
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
            self.explain(provider, Some(provider.closed.unwrap_or(reason)));
        }
    }
}

/// The addresses nobody would dial, and with a reason that keeps the whole provider out, all others too.
pub(super) fn explain_unvisited(
    trace: &mut impl Trace,
    provider: &Provider,
    reason: Option<DropReason>,
    asked_us: Option<i64>,
) {
    for address in &provider.addresses {
        if let Some(reason) = address.closed(asked_us).or(reason) {
            trace.candidate(at_address(provider, address), Place::Dropped(reason));
        }
    }
}

pub(super) fn at_address<'s>(provider: &'s Provider, address: &'s Address) -> Candidate<'s> {
    let key = CandidateKey::Address(address.id);
    Candidate { key, name: &provider.name, peer: address.peer.as_ref() }
}

fn at_gate<'s>(provider: &'s Provider, gate: &'s Gate) -> Candidate<'s> {
    Candidate { key: CandidateKey::Gate(gate.id), name: &provider.name, peer: Some(&gate.peer) }
}
