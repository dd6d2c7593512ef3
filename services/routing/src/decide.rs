//! The decision itself: one pure function for live calls and for explanations.

mod caller_id;
mod candidates;

use domain::{Digits, E164};

use crate::{
    Attempt, CallerId, Decision, Dial, Outcome, RefusalReason, Request, Snapshot, Trace,
    snapshot::{Extension, Node},
};
use candidates::Candidates;

/// Most attempts one answer holds, as in the article's dialplan.
pub const MAX_ATTEMPTS: usize = 9;

/// Most addresses of one provider in an answer: past these its trouble is not the address, and the room belongs to
/// the next provider.
pub const MAX_ADDRESSES_PER_PROVIDER: usize = 3;

/// Answers one question from one snapshot. Pure: equal arguments give equal answers, on every replica, with or without
/// somebody listening.
pub fn decide<'s>(snapshot: &'s Snapshot, request: &Request<'_>, trace: &mut impl Trace) -> Decision<'s> {
    let outcome = answer(snapshot, request, trace).unwrap_or_else(Outcome::Reject);
    Decision { generation: snapshot.generation().clone(), outcome }
}

fn answer<'s>(
    snapshot: &'s Snapshot,
    request: &Request<'_>,
    trace: &mut impl Trace,
) -> Result<Outcome<'s>, RefusalReason> {
    let node = snapshot.node(request.node).ok_or(RefusalReason::UnknownNode)?;
    let caller = caller(snapshot, node, request.endpoint)?;
    trace.caller(caller.id);
    if let Some(colleague) = colleague(snapshot, request.to) {
        return local(node, caller, colleague, request);
    }
    let called = node.rules.normalise(request.to).map_err(|_| RefusalReason::NotANumber)?;
    trace.called(called);
    let call = OutgoingCall {
        node,
        called,
        class: request.class.unwrap_or(caller.class),
        wish: number_to_show(node, caller, request)?,
        presentation: request.presentation,
    };
    let attempts = Candidates::new(snapshot, &call, request, trace).attempts();
    Ok(if attempts.is_empty() { Outcome::NoRoute } else { Outcome::Dial(attempts) })
}

/// A call to a carrier, with everything parsed.
struct OutgoingCall<'s> {
    node: &'s Node,
    called: E164,
    class: domain::Class,
    /// The number the caller wants shown.
    wish: Option<E164>,
    presentation: domain::Presentation,
}

/// Who calls is who authenticated, never the number a phone wrote.
fn caller<'s>(snapshot: &'s Snapshot, node: &Node, endpoint: &str) -> Result<&'s Extension, RefusalReason> {
    let known = snapshot.extension_of_endpoint(node, endpoint);
    known.filter(|extension| extension.enabled).ok_or(RefusalReason::UnknownEndpoint)
}

fn colleague<'s>(snapshot: &'s Snapshot, to: &str) -> Option<&'s Extension> {
    snapshot.extension(&to.parse::<Digits>().ok()?)
}

fn local<'s>(
    node: &Node,
    caller: &Extension,
    colleague: &'s Extension,
    request: &Request<'_>,
) -> Result<Outcome<'s>, RefusalReason> {
    if !colleague.enabled {
        return Err(RefusalReason::ExtensionDisabled);
    }
    if colleague.server != node.server {
        return Err(RefusalReason::ExtensionElsewhere);
    }
    Ok(Outcome::Dial(vec![Attempt {
        dial: Dial::Endpoint { driver: node.driver, endpoint: &colleague.endpoint },
        caller_id: CallerId::Extension(caller.number),
        presentation: request.presentation,
        timeout_s: colleague.timeout_s,
        stop_rule: &colleague.stop_rule,
    }]))
}

/// The number the dialplan asks to show, else the extension's own.
fn number_to_show(
    node: &Node,
    caller: &Extension,
    request: &Request<'_>,
) -> Result<Option<E164>, RefusalReason> {
    match request.cli.filter(|cli| !cli.is_empty()) {
        Some(cli) => node.rules.normalise(cli).map(Some).map_err(|_| RefusalReason::BadCallerId),
        None => Ok(caller.shown),
    }
}
