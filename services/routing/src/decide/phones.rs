//! Ringing phones of ours, here or on another server.

use domain::{Presentation, RingStrategy};

use super::{
    Asked,
    hop::{HandOver, hand_over},
};
use crate::{
    Attempt, CallerId, Dial, HopExten, HopQuestion, Outcome, RefusalReason, Then, Verb, snapshot::RingGroup,
    tables::Extension,
};

/// Who the phone is told calls.
#[derive(Clone, Copy)]
pub(super) struct Shown {
    pub(super) caller_id: CallerId,
    pub(super) presentation: Presentation,
}

/// One phone calls another.
pub(super) fn colleague<'s>(
    asked: Asked<'s, '_>,
    caller: &Extension,
    called: &'s Extension,
) -> Result<Outcome<'s>, RefusalReason> {
    let shown =
        Shown { caller_id: CallerId::Extension(caller.number), presentation: asked.request.presentation };
    only(asked, called, shown)
}

/// This phone and no other.
pub(super) fn only<'s>(
    asked: Asked<'s, '_>,
    called: &'s Extension,
    shown: Shown,
) -> Result<Outcome<'s>, RefusalReason> {
    if !called.enabled {
        return Err(RefusalReason::ExtensionDisabled);
    }
    let attempt = ring(asked, called, shown, called.dial_timeout_s).ok_or(if asked.hops > 0 {
        RefusalReason::HopLimit
    } else {
        RefusalReason::ExtensionElsewhere
    })?;
    Ok(Outcome::Dial { attempts: vec![attempt], then: Then::Hangup })
}

/// An attempt at one phone, where it can be reached.
pub(super) fn ring<'s>(
    asked: Asked<'s, '_>,
    called: &'s Extension,
    shown: Shown,
    timeout_s: u16,
) -> Option<Attempt<'s>> {
    if !called.enabled {
        return None;
    }
    if called.server_id == asked.node.server {
        let dial = Dial::Endpoint { driver: asked.node.driver, endpoint: &called.endpoint };
        return Some(here(asked, dial, shown, timeout_s));
    }
    hand_over(
        asked,
        HandOver {
            server: called.server_id,
            exten: HopExten::Extension(called.number),
            caller_id: shown.caller_id,
            presentation: shown.presentation,
            timeout_s,
            asks: HopQuestion { verb: Verb::Inbound, class: None },
        },
    )
    .map(|attempt| Attempt { stop_rule: &asked.snapshot.stop_rules().phone, ..attempt })
}

/// The attempts at the phones of a group.
pub(super) fn ring_group<'s>(asked: Asked<'s, '_>, group: &'s RingGroup, shown: Shown) -> Vec<Attempt<'s>> {
    match group.strategy {
        RingStrategy::All if group.at_once.is_empty() => Vec::new(),
        RingStrategy::All => {
            let dial = Dial::Endpoints { driver: asked.node.driver, endpoints: &group.at_once };
            vec![here(asked, dial, shown, group.timeout_s)]
        }
        RingStrategy::Order => {
            let phones = group.members.iter().filter_map(|id| asked.snapshot.extension_by_id(*id));
            phones.filter_map(|phone| ring(asked, phone, shown, group.timeout_s)).collect()
        }
    }
}

fn here<'s>(asked: Asked<'s, '_>, dial: Dial<'s>, shown: Shown, timeout_s: u16) -> Attempt<'s> {
    Attempt {
        dial,
        caller_id: shown.caller_id,
        presentation: shown.presentation,
        timeout_s,
        stop_rule: &asked.snapshot.stop_rules().phone,
        asks: None,
    }
}
