//! Which number a provider lets us show, and through which gate it must then be dialled.

use domain::E164;

use super::outbound::OutgoingCall;
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
        ShowPolicy::Any { fallback } | ShowPolicy::OwnPool { fallback } => {
            let acceptable =
                |number: &E164| provider.domestic || !snapshot.same_country(*number, call.called);
            let some = wish.or(fallback).ok_or(DropReason::NothingToShow)?;
            let picked = Some(some).filter(acceptable).or(fallback.filter(acceptable));
            picked.ok_or(DropReason::DomesticCallerId)?
        }
        ShowPolicy::Fixed(Some(number)) => number,
        ShowPolicy::Fixed(None) => {
            let own = || {
                let account = snapshot.account(provider.id)?;
                account.first_on(call.node.server).or_else(|| account.first())
            };
            wish.or_else(own).ok_or(DropReason::NothingToShow)?
        }
    };
    Ok(Shown { number, gate: gate(snapshot, provider, call, number) })
}

/// Whether the provider lets this number be chosen.
fn may_show(snapshot: &Snapshot, provider: &Provider, wish: E164) -> bool {
    let own = || {
        snapshot.leased(wish).is_some_and(|number| number.may_be_shown() && number.provider_id == provider.id)
    };
    matches!(provider.show, ShowPolicy::Any { .. }) || own()
}

/// A number bound to gates is dialled through the one on this node, else through the one where it is. A provider only
/// knows the gates of its own numbers, so another's number shown through it needs none.
fn gate<'s>(
    snapshot: &'s Snapshot,
    provider: &Provider,
    call: &OutgoingCall<'_>,
    number: E164,
) -> Option<&'s Gate> {
    let mut gates = snapshot.gates(number, provider.id);
    let first = gates.next()?;
    let here = |gate: &&Gate| gate.server == call.node.server;
    Some(std::iter::once(first).chain(gates).find(here).unwrap_or(first))
}
