//! Calls of our own: from a phone, or from another server of ours that has no gate for the number shown.

use domain::{Class, Digits, E164, Presentation};

use super::{Asked, candidates::Candidates, phones, service};
use crate::{Outcome, RefusalReason, Then, Trace, snapshot::Node, tables::Extension};

/// A call to a carrier, with everything parsed.
pub(super) struct OutgoingCall<'s> {
    pub(super) node: &'s Node,
    pub(super) called: E164,
    pub(super) class: Class,
    /// The number the caller wants shown.
    pub(super) wish: Option<E164>,
    pub(super) presentation: Presentation,
    /// Whether another server asks for nothing but the gate of the number shown.
    pub(super) gate_only: bool,
}

pub(super) fn from_phone<'s>(
    asked: Asked<'s, '_>,
    trace: &mut impl Trace,
) -> Result<Outcome<'s>, RefusalReason> {
    let Asked { snapshot, node, request, .. } = asked;
    let known = snapshot.extension_of_endpoint(node, request.endpoint);
    if let Some(outcome) = service::outcome(asked, known, trace) {
        return Ok(outcome);
    }
    // Who calls is who authenticated, never the number a phone wrote.
    let caller = known.filter(|extension| extension.enabled).ok_or(RefusalReason::UnknownEndpoint)?;
    trace.caller(caller.id);
    if let Some(colleague) = request.to.parse::<Digits>().ok().and_then(|to| snapshot.extension(to)) {
        return phones::colleague(asked, caller, colleague, trace);
    }
    let called = node.rules.normalise(request.to).map_err(|_| RefusalReason::NotANumber)?;
    let call = OutgoingCall {
        node,
        called,
        class: request.class.unwrap_or(caller.class),
        wish: number_to_show(asked, caller)?,
        presentation: request.presentation,
        gate_only: false,
    };
    Ok(through_carriers(asked, &call, trace))
}

/// The calling server has decided everything but what only this node knows: which of its peers is the gate.
pub(super) fn from_server<'s>(
    asked: Asked<'s, '_>,
    trace: &mut impl Trace,
) -> Result<Outcome<'s>, RefusalReason> {
    let request = asked.request;
    let call = OutgoingCall {
        node: asked.node,
        // Servers hand over international numbers, whatever the countries they stand in.
        called: international(request.to).ok_or(RefusalReason::NotANumber)?,
        class: request.class.ok_or(RefusalReason::BadHop)?,
        wish: Some(request.cli.and_then(international).ok_or(RefusalReason::BadHop)?),
        presentation: request.presentation,
        gate_only: true,
    };
    Ok(through_carriers(asked, &call, trace))
}

pub(super) fn international(text: &str) -> Option<E164> {
    text.strip_prefix('+').unwrap_or(text).parse().ok()
}

fn through_carriers<'s>(
    asked: Asked<'s, '_>,
    call: &OutgoingCall<'s>,
    trace: &mut impl Trace,
) -> Outcome<'s> {
    if let Some(wish) = call.wish {
        trace.shows(wish);
    }
    trace.called(call.called);
    trace.class(call.class);
    let attempts = Candidates::new(asked, call, trace).attempts();
    if attempts.is_empty() { Outcome::NoRoute } else { Outcome::Dial { attempts, then: Then::Hangup } }
}

/// The number the dialplan asks to show, else the extension's own.
fn number_to_show(asked: Asked<'_, '_>, caller: &Extension) -> Result<Option<E164>, RefusalReason> {
    match asked.request.cli.filter(|cli| !cli.is_empty()) {
        Some(cli) => asked.node.rules.normalise(cli).map(Some).map_err(|_| RefusalReason::BadCallerId),
        None => Ok(asked.snapshot.shown_by(caller)),
    }
}
