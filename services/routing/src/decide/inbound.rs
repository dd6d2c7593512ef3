//! Calls that arrive: from a carrier, recognised by where its signalling comes from, or from another server of ours.

use domain::{Digits, E164, RingStrategy, ServerId};

use super::{
    Asked,
    hop::{HandOver, hand_over},
    outbound::international,
    phones::{self, Ringing, Shown},
};
use crate::{
    CallerId, DialplanPlace, HopExten, HopQuestion, Outcome, RefusalReason, Then, Trace, Verb,
    snapshot::{AnswerPlace, Provider, RingGroup},
    tables::Number,
    trace::CandidateKey,
};

/// A carrier's call. Neither the From header nor anything else the other side wrote identifies anybody.
pub(super) fn from_carrier<'s>(
    asked: Asked<'s, '_>,
    trace: &mut impl Trace,
) -> Result<Outcome<'s>, RefusalReason> {
    let Asked { snapshot, request, .. } = asked;
    let provider = request.source.and_then(|source| snapshot.provider_of_source(source, request.asked_us));
    let provider = provider.ok_or(RefusalReason::UnknownSource)?;
    trace.carrier(provider.id);
    let shown = shown(asked, trace);
    let leased = called_number(asked, provider)?;
    trace.called(leased.number);
    if leased.provider_id != provider.id {
        return Err(RefusalReason::WrongProvider);
    }
    if !leased.enabled {
        return Err(RefusalReason::NumberDisabled);
    }
    if !leased.direction.allows_in() {
        return Err(RefusalReason::NumberOutgoingOnly);
    }
    if leased.echotest {
        return Ok(Outcome::Echo);
    }
    match leased.server_id {
        None => Err(RefusalReason::NoDestination),
        Some(server) if server == asked.node.server => answer_here(asked, leased, shown, trace),
        Some(server) => redirect(asked, leased, shown, server),
    }
}

/// A call another server handed over: for a number that is answered here, or for a phone here.
pub(super) fn from_server<'s>(
    asked: Asked<'s, '_>,
    trace: &mut impl Trace,
) -> Result<Outcome<'s>, RefusalReason> {
    let to = asked.request.to;
    let shown = shown(asked, trace);
    if let Some(phone) = to.parse::<Digits>().ok().and_then(|digits| asked.snapshot.extension(digits)) {
        return phones::only(asked, phone, shown, trace);
    }
    let number = international(to).ok_or(RefusalReason::NotANumber)?;
    trace.called(number);
    let leased = asked.snapshot.leased(number).ok_or(RefusalReason::UnknownNumber)?;
    // Two servers that each take the other for the number's home must not send a call round and round.
    if leased.server_id != Some(asked.node.server) {
        return Err(RefusalReason::HopLimit);
    }
    answer_here(asked, leased, shown, trace)
}

/// The number of the pool that was called. As it stands, then by the dial rules of the country; a trunk that
/// registers may be called by its login or by `s`, and then the gate it arrived at names the number.
fn called_number<'s>(asked: Asked<'s, '_>, provider: &Provider) -> Result<&'s Number, RefusalReason> {
    let Asked { snapshot, node, request, .. } = asked;
    let leased = |number: E164| snapshot.leased(number);
    let own = |found: &&Number| found.provider_id == provider.id;
    let as_written = international(request.to).and_then(leased);
    if let Some(found) = as_written.filter(own) {
        return Ok(found);
    }
    let normalised = node.rules.normalise(request.to).ok().and_then(leased);
    let of_pool = normalised.filter(own).or(as_written).or(normalised);
    // Only what cannot be a number at all is a login.
    let login = node.rules.normalise(request.to).is_err();
    let at_gate = || snapshot.number_of_gate(node.server, request.endpoint).and_then(leased);
    of_pool.or_else(|| at_gate().filter(|_| login)).ok_or(RefusalReason::UnknownNumber)
}

fn redirect<'s>(
    asked: Asked<'s, '_>,
    number: &'s Number,
    shown: Shown,
    server: ServerId,
) -> Result<Outcome<'s>, RefusalReason> {
    let attempt = hand_over(
        asked,
        HandOver {
            server,
            exten: HopExten::Number(number.number),
            caller_id: shown.caller_id,
            presentation: shown.presentation,
            timeout_s: seconds_to_answer(asked, number, shown),
            asks: HopQuestion { verb: Verb::Inbound, class: None },
        },
    );
    attempt.map(Outcome::Redirect).ok_or(RefusalReason::ServerUnreachable)
}

/// How long the other server may take: a manager, then every phone of a group. This one must not give up before.
fn seconds_to_answer(asked: Asked<'_, '_>, number: &Number, shown: Shown) -> u16 {
    let place = match asked.snapshot.place(number) {
        Some(AnswerPlace::Extension(phone)) => phone.dial_timeout_s,
        Some(AnswerPlace::Group(group)) => seconds_of_group(asked, group),
        Some(AnswerPlace::Dialplan { .. }) | None => DIALPLAN_PLACE_S,
    };
    let manager = match shown.caller_id {
        CallerId::Number(caller) => {
            asked.snapshot.manager(caller).map_or(0, |manager| manager.dial_timeout_s)
        }
        _ => 0,
    };
    place.saturating_add(manager)
}

fn seconds_of_group(asked: Asked<'_, '_>, group: &RingGroup) -> u16 {
    let phones = || group.members.iter().filter_map(|id| asked.snapshot.extension_by_id(*id));
    let turns = match group.strategy {
        RingStrategy::All => 1,
        RingStrategy::Order => phones().filter(|phone| phone.enabled).count(),
    };
    group.timeout_s.saturating_mul(u16::try_from(turns).unwrap_or(u16::MAX))
}

/// What a place in the other node's own dialplan, a queue most likely, gets to answer.
const DIALPLAN_PLACE_S: u16 = 300;

/// A known caller's manager first, then whoever answers the number.
fn answer_here<'s>(
    asked: Asked<'s, '_>,
    number: &'s Number,
    shown: Shown,
    trace: &mut impl Trace,
) -> Result<Outcome<'s>, RefusalReason> {
    let mut ringing = Ringing::new(asked, shown, trace);
    if let CallerId::Number(caller) = shown.caller_id
        && let Some(manager) = asked.snapshot.manager(caller)
    {
        ringing.ring(CandidateKey::Manager, manager, manager.dial_timeout_s);
    }
    let mut then = Then::Hangup;
    match asked.snapshot.place(number) {
        Some(AnswerPlace::Dialplan { context, exten }) => then = Then::Goto(DialplanPlace { context, exten }),
        Some(AnswerPlace::Extension(phone)) => {
            ringing.ring(CandidateKey::Phone, phone, phone.dial_timeout_s);
        }
        Some(AnswerPlace::Group(group)) => ringing.ring_group(group),
        None => (),
    }
    match (ringing.attempts, then) {
        (attempts, Then::Goto(place)) if attempts.is_empty() => Ok(Outcome::Goto(place)),
        (attempts, _) if attempts.is_empty() => Err(RefusalReason::NoDestination),
        (attempts, then) => Ok(Outcome::Dial { attempts, then }),
    }
}

/// The caller's number as the phone is told it. An empty or anonymous caller is a legal caller.
fn shown(asked: Asked<'_, '_>, trace: &mut impl Trace) -> Shown {
    let caller_id = if asked.hops > 0 { handed_over(asked) } else { from_outside(asked) };
    if let CallerId::Number(number) = caller_id {
        trace.shows(number);
    }
    Shown { caller_id, presentation: asked.request.presentation }
}

fn from_outside(asked: Asked<'_, '_>) -> CallerId {
    let from = asked.request.from;
    let number = asked.node.rules.normalise(from).ok().or_else(|| international(from));
    number.map_or(CallerId::Unknown, CallerId::Number)
}

/// Another server passes on what it showed: a colleague's extension, or an international number.
fn handed_over(asked: Asked<'_, '_>) -> CallerId {
    let from = asked.request.from;
    let colleague = from.parse().ok().and_then(|digits| asked.snapshot.extension(digits));
    colleague
        .map(|phone| CallerId::Extension(phone.number))
        .or_else(|| international(from).map(CallerId::Number))
        .unwrap_or(CallerId::Unknown)
}
