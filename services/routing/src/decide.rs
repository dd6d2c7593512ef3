//! The decision itself: one pure function for live calls and for explanations.

mod caller_id;
mod candidates;
mod hop;
mod inbound;
mod outbound;
mod phones;
mod service;

use domain::ServerId;

use crate::{Decision, Outcome, RefusalReason, Request, Snapshot, Trace, Verb, snapshot::Node};

/// Most attempts one answer holds, as in the article's dialplan.
pub const MAX_ATTEMPTS: usize = 9;

/// Most addresses of one provider in an answer: past these its trouble is not the address, and the room belongs to
/// the next provider.
pub const MAX_ADDRESSES_PER_PROVIDER: usize = 3;

/// Most times a call may go from one of our servers to another.
pub const MAX_HOPS: u8 = 1;

/// Answers one question from one snapshot. Pure: equal arguments give equal answers, on every replica, with or without
/// somebody listening.
pub fn decide<'s>(snapshot: &'s Snapshot, request: &Request<'_>, trace: &mut impl Trace) -> Decision<'s> {
    let server = snapshot.server_of_peer(request.endpoint);
    let outcome = answer(snapshot, request, server, trace).unwrap_or_else(Outcome::Reject);
    Decision { generation: snapshot.generation().clone(), hopped: server.is_some(), outcome }
}

fn answer<'s>(
    snapshot: &'s Snapshot,
    request: &Request<'_>,
    server: Option<ServerId>,
    trace: &mut impl Trace,
) -> Result<Outcome<'s>, RefusalReason> {
    let node = snapshot.node(request.node).ok_or(RefusalReason::UnknownNode)?;
    let asked = Asked { snapshot, node, request, hops: hops(request, server)? };
    if let Some(server) = server {
        trace.server(server);
    }
    match (request.verb, server) {
        (Verb::Outbound, None) => outbound::from_phone(asked, trace),
        (Verb::Outbound, Some(_)) => outbound::from_server(asked, trace),
        (Verb::Inbound, None) => inbound::from_carrier(asked, trace),
        (Verb::Inbound, Some(_)) => inbound::from_server(asked, trace),
    }
}

/// A question and where it came from.
#[derive(Clone, Copy)]
struct Asked<'s, 'r> {
    snapshot: &'s Snapshot,
    node: &'s Node,
    request: &'r Request<'r>,
    /// How often the call has gone from server to server.
    hops: u8,
}

/// Only our own servers are believed that a call has been handed over; what anybody else writes there is nothing.
fn hops(request: &Request<'_>, server: Option<ServerId>) -> Result<u8, RefusalReason> {
    match (server, request.hops) {
        (None, _) => Ok(0),
        (Some(_), None | Some(0)) => Err(RefusalReason::BadHop),
        (Some(_), Some(hops)) if hops > MAX_HOPS => Err(RefusalReason::HopLimit),
        (Some(_), Some(hops)) => Ok(hops),
    }
}
