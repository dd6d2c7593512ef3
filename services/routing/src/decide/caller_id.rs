//! Which number a provider lets us show, and through which gate it must then be dialled.

use domain::E164;

use super::OutgoingCall;
use crate::{
    DropReason, Snapshot,
    snapshot::{Gate, Provider, ShowPolicy},
};

/// The number to show and the dial peer it is bound to, if any.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shown<'s> {
    pub(super) number: E164,
    pub(super) gate: Option<&'s Gate>,
}

pub(super) fn shown<'s>(
    snapshot: &'s Snapshot,
    provider: &Provider,
    call: &OutgoingCall<'_>,
) -> Result<Shown<'s>, DropReason> {
    let wish = call.wish.filter(|wish| may_show(snapshot, provider, *wish));
    let number = match provider.show {
        ShowPolicy::Any { fallback } | ShowPolicy::OwnPool { fallback } => wish.or(fallback),
        ShowPolicy::Fixed(Some(number)) => Some(number),
        ShowPolicy::Fixed(None) => wish
            .filter(|wish| gate(snapshot, provider, call, *wish).is_ok())
            .or(provider.account.first_on(call.node.server)),
    };
    let number = number.ok_or(DropReason::NothingToShow)?;
    Ok(Shown { number, gate: gate(snapshot, provider, call, number)? })
}

/// Whether the provider lets this number be chosen.
fn may_show(snapshot: &Snapshot, provider: &Provider, wish: E164) -> bool {
    let own =
        || snapshot.leased(wish).is_some_and(|number| number.may_be_shown && number.provider == provider.id);
    matches!(provider.show, ShowPolicy::Any { .. }) || own()
}

/// A number bound to gates is dialled through the one on this node; a provider only knows the gates of its own
/// numbers, so another's number shown through it needs none.
fn gate<'s>(
    snapshot: &'s Snapshot,
    provider: &Provider,
    call: &OutgoingCall<'_>,
    number: E164,
) -> Result<Option<&'s Gate>, DropReason> {
    let mut gates = snapshot.gates(number, provider.id).peekable();
    if gates.peek().is_none() {
        return Ok(None);
    }
    gates.find(|gate| gate.server == call.node.server).map(Some).ok_or(DropReason::GateElsewhere)
}
