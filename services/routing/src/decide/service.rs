//! Emergency and service numbers: before everything else, for everybody, whatever limits the caller has.

use domain::Digits;

use super::{Asked, MAX_ADDRESSES_PER_PROVIDER, MAX_ATTEMPTS};
use crate::{
    Attempt, CallerId, CarrierNumber, CarrierUser, Dial, DropReason, Outcome, Then, Trace,
    draw::Draws,
    snapshot::{Provider, ServiceRoute, ShowPolicy},
    tables::Extension,
    trace::{Candidate, Place},
};

/// The way to an emergency or service number of the node's country, if one was dialled. Neither an unknown phone nor
/// class, caller id or a withheld number stand in its way.
pub(super) fn outcome<'s>(
    asked: Asked<'s, '_>,
    caller: Option<&'s Extension>,
    trace: &mut impl Trace,
) -> Option<Outcome<'s>> {
    let dialled: Digits = asked.request.to.parse().ok()?;
    let routes = asked.snapshot.service_routes(asked.node.country, dialled)?;
    if let Some(caller) = caller {
        trace.caller(caller.id);
    }
    let mut attempts = Vec::new();
    for route in routes {
        let provider = &asked.snapshot.providers()[route.provider as usize];
        // Out of service is out of service; that it sells no other traffic, or not this class, does not count here.
        if provider.closed != Some(DropReason::ProviderDisabled) {
            through(asked, caller, route, provider, &mut attempts, trace);
        }
    }
    Some(if attempts.is_empty() { Outcome::NoRoute } else { Outcome::Dial { attempts, then: Then::Hangup } })
}

fn through<'s>(
    asked: Asked<'s, '_>,
    caller: Option<&Extension>,
    route: &ServiceRoute,
    provider: &'s Provider,
    attempts: &mut Vec<Attempt<'s>>,
    trace: &mut impl Trace,
) {
    let mut draws = Draws::of_call(asked.request.node.as_str(), asked.request.call).of_provider(provider.id);
    let addresses = provider.groups.iter().flat_map(|group| group.shuffled(&mut draws).collect::<Vec<_>>());
    for position in addresses.take(MAX_ADDRESSES_PER_PROVIDER).collect::<Vec<_>>() {
        let address = &provider.addresses[position as usize];
        let Some(peer) = &address.peer else { continue };
        let candidate = Candidate {
            provider: provider.id,
            provider_name: &provider.name,
            address: address.id,
            peer: Some(peer),
        };
        if attempts.len() == MAX_ATTEMPTS {
            trace.candidate(candidate, Place::Dropped(DropReason::AttemptLimit));
            continue;
        }
        let user =
            CarrierUser { tariff_prefix: None, plus: false, number: CarrierNumber::Service(route.dialled) };
        attempts.push(Attempt {
            dial: Dial::Carrier { protocol: address.protocol, driver: asked.node.driver, peer, user },
            caller_id: shown(asked, provider, caller),
            presentation: asked.request.presentation,
            timeout_s: provider.timeout_s,
            // A refusal by one carrier is never the last word here.
            stop_rule: &asked.snapshot.stop_rules().phone,
            asks: None,
        });
        trace.candidate(candidate, Place::Attempt { position: attempts.len() });
    }
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
