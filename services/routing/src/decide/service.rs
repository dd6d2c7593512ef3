//! Emergency and service numbers: before everything else, for everybody, whatever limits the caller has.

use domain::Digits;

use super::{
    Asked, MAX_ADDRESSES_PER_PROVIDER, MAX_ATTEMPTS,
    candidates::{at_address, explain_unvisited},
};
use crate::{
    Attempt, CallerId, CarrierNumber, CarrierUser, Dial, DropReason, Outcome, Then, Trace, Via,
    draw::Draws,
    snapshot::{Address, Provider, ServiceRoute, ShowPolicy},
    tables::Extension,
    trace::Place,
};

/// The way to an emergency or service number of the node's country, if one was dialled. Neither an unknown phone nor
/// class, caller id or a withheld number stand in its way.
pub(super) fn outcome<'s, T: Trace>(
    asked: Asked<'s, '_>,
    caller: Option<&'s Extension>,
    trace: &mut T,
) -> Option<Outcome<'s>> {
    let dialled: Digits = asked.request.to.parse().ok()?;
    let routes = asked.snapshot.service_routes(asked.node.country, dialled)?;
    if let Some(caller) = caller {
        trace.caller(caller.id);
        if let Some(number) = asked.snapshot.shown_by(caller) {
            trace.shows(number);
        }
    }
    let mut service = Service { asked, caller, attempts: Vec::new(), trace };
    for route in routes {
        service.visit(route, &asked.snapshot.providers()[route.provider as usize]);
    }
    if T::COMPLETE {
        service.explain_the_rest(routes);
    }
    let attempts = service.attempts;
    Some(if attempts.is_empty() { Outcome::NoRoute } else { Outcome::Dial { attempts, then: Then::Hangup } })
}

/// Collects attempts, best first.
struct Service<'s, 'c, T> {
    asked: Asked<'s, 'c>,
    caller: Option<&'s Extension>,
    attempts: Vec<Attempt<'s>>,
    trace: &'c mut T,
}

impl<'s, T: Trace> Service<'s, '_, T> {
    fn visit(&mut self, route: &ServiceRoute, provider: &'s Provider) {
        let reason = out_of_service(provider);
        if reason.is_none() {
            self.visit_addresses(route, provider);
        }
        if T::COMPLETE {
            explain_unvisited(self.trace, provider, reason, self.asked.request.asked_us);
        }
    }

    fn visit_addresses(&mut self, route: &ServiceRoute, provider: &'s Provider) {
        let request = self.asked.request;
        let mut draws = Draws::of_call(request.node.as_str(), request.call).of_provider(provider.id);
        let mut taken = 0;
        for group in &provider.groups {
            for position in group.shuffled(&mut draws) {
                let address = &provider.addresses[position as usize];
                if address.closed(request.asked_us).is_some() {
                    continue;
                }
                let attempt = match self.no_room(taken) {
                    None => self.attempt(route, provider, address).ok_or(DropReason::IncomingOnly),
                    Some(_) if !T::COMPLETE => return,
                    Some(reason) => Err(reason),
                };
                let place = match attempt {
                    Ok(attempt) => {
                        taken += 1;
                        self.attempts.push(attempt);
                        Place::Attempt { position: self.attempts.len() }
                    }
                    Err(reason) => Place::Dropped(reason),
                };
                self.trace.candidate(at_address(provider, address), place);
            }
        }
    }

    fn no_room(&self, taken: usize) -> Option<DropReason> {
        if taken == MAX_ADDRESSES_PER_PROVIDER {
            Some(DropReason::ProviderLimit)
        } else if self.attempts.len() == MAX_ATTEMPTS {
            Some(DropReason::AttemptLimit)
        } else {
            None
        }
    }

    fn attempt(
        &self,
        route: &ServiceRoute,
        provider: &'s Provider,
        address: &'s Address,
    ) -> Option<Attempt<'s>> {
        let peer = address.peer.as_ref()?;
        let user =
            CarrierUser { tariff_prefix: None, plus: false, number: CarrierNumber::Service(route.dialled) };
        Some(Attempt {
            dial: Dial::Carrier { protocol: address.protocol, driver: self.asked.node.driver, peer, user },
            caller_id: shown(self.asked, provider, self.caller),
            presentation: self.asked.request.presentation,
            timeout_s: provider.timeout_s,
            // A refusal by one carrier is never the last word here.
            stop_rule: &self.asked.snapshot.stop_rules().phone,
            asks: None,
            via: Some(Via { provider: provider.id, prefix: None, gate: None }),
        })
    }

    /// The providers that no row lets carry the number.
    fn explain_the_rest(&mut self, routes: &[ServiceRoute]) {
        for (provider, index) in self.asked.snapshot.providers().iter().zip(0..) {
            if routes.iter().all(|route| route.provider != index) {
                let reason = out_of_service(provider).unwrap_or(DropReason::DestinationNotTaken);
                explain_unvisited(self.trace, provider, Some(reason), self.asked.request.asked_us);
            }
        }
    }
}

/// Out of service is out of service; that a provider sells no other traffic, or not this class, does not count here.
fn out_of_service(provider: &Provider) -> Option<DropReason> {
    provider.closed.filter(|reason| *reason == DropReason::ProviderDisabled)
}

/// The best number there is; none is no reason not to call.
fn shown(asked: Asked<'_, '_>, provider: &Provider, caller: Option<&Extension>) -> CallerId {
    let own = caller.and_then(|caller| asked.snapshot.shown_by(caller));
    let number = match provider.show {
        ShowPolicy::Any { fallback } | ShowPolicy::OwnPool { fallback } => own.or(fallback),
        ShowPolicy::Fixed(number) => number.or(own),
    };
    number.map_or(CallerId::Unknown, CallerId::Number)
}
