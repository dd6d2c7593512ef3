//! Handing a call over to another of our servers.

use domain::{Class, E164, Presentation, ServerId};

use super::{Asked, MAX_HOPS};
use crate::{Attempt, CallerId, Dial, HopExten, HopQuestion, Verb};

/// What the other server is to do with the call.
#[derive(Clone, Copy)]
pub(super) struct HandOver {
    pub(super) server: ServerId,
    pub(super) exten: HopExten,
    pub(super) caller_id: CallerId,
    pub(super) presentation: Presentation,
    pub(super) timeout_s: u16,
    pub(super) asks: HopQuestion,
}

/// What the other server adds before its own Dial begins; its time must run out first, so that its verdict arrives.
const MARGIN_S: u16 = 5;

/// The attempt that hands the call over; none if the server cannot be reached or the call has hopped already.
pub(super) fn hand_over<'s>(asked: Asked<'s, '_>, call: HandOver) -> Option<Attempt<'s>> {
    if asked.hops >= MAX_HOPS {
        return None;
    }
    let path = asked.snapshot.path_to(call.server)?;
    Some(Attempt {
        dial: Dial::Hop { driver: asked.node.driver, path, exten: call.exten },
        caller_id: call.caller_id,
        presentation: call.presentation,
        timeout_s: call.timeout_s.saturating_add(MARGIN_S),
        stop_rule: &asked.snapshot.stop_rules().hop,
        asks: Some(call.asks),
        via: None,
    })
}

/// To the server of the gate that `shown` must be dialled through.
pub(super) fn to_gate(
    server: ServerId,
    called: E164,
    shown: E164,
    class: Class,
    presentation: Presentation,
    timeout_s: u16,
) -> HandOver {
    HandOver {
        server,
        exten: HopExten::Number(called),
        caller_id: CallerId::Number(shown),
        presentation,
        timeout_s,
        asks: HopQuestion { verb: Verb::Outbound, class: Some(class) },
    }
}
