//! From one state of a name to the next.

use std::{collections::BTreeSet, net::IpAddr};

use crate::{
    Answer, Failure, Found, Guards, Rules, Sight, State, Suspicion,
    guards::{Growth, Verdict},
};

/// An address that has to wait for a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Suspect {
    pub address: IpAddr,
    pub suspicion: Suspicion,
}

/// What an answer led to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    pub state: State,
    /// Whether other addresses are in use now.
    pub changed: bool,
    pub suspects: Vec<Suspect>,
}

/// Takes note of an answer.
pub fn heard<T: Fn(IpAddr) -> bool>(
    state: &State,
    answer: &Answer,
    guards: &Guards<'_, T>,
    rules: &Rules,
    now_us: i64,
) -> Step {
    let next = State { asked_us: Some(now_us), ..state.clone() };
    match answer {
        Answer::Failed(failure) => failed(next, *failure, rules, now_us),
        Answer::Addresses { found, .. } if found.is_empty() => failed(next, Failure::Empty, rules, now_us),
        Answer::Addresses { found, ttl_s, whole } => {
            let judged = Judged { whole: *whole, ..judged(found, state, guards, rules) };
            if judged.accepted.is_empty() {
                return Step {
                    suspects: judged.suspects,
                    ..failed(next, Failure::Quarantined, rules, now_us)
                };
            }
            answered(next, judged, *ttl_s, rules, now_us)
        }
    }
}

/// Nothing but that it failed.
fn failed(mut state: State, failure: Failure, rules: &Rules, now_us: i64) -> Step {
    state.failures = state.failures.saturating_add(1);
    state.failure = Some(failure);
    state.next_us = now_us.saturating_add(rules.retry_us(state.failures));
    Step { state, changed: false, suspects: Vec::new() }
}

fn answered(mut state: State, judged: Judged, ttl_s: u32, rules: &Rules, now_us: i64) -> Step {
    state.sights.retain(|sight| sight.in_use || !judged.dropped.contains(&sight.found));
    note(&mut state, &judged, now_us);
    let since_us = |at_us: i64| now_us.saturating_sub(at_us);
    let may_change = state.changed_us.is_none_or(|at_us| since_us(at_us) >= rules.hold_down_us);
    let changed = may_change && change(&mut state, &judged, rules, now_us);
    if changed {
        state.changed_us = Some(now_us);
    }
    // What is neither in use nor waits for it.
    state.sights.retain(|sight| sight.in_use || since_us(sight.seen_us) < rules.hold_down_us);
    (state.good_us, state.failures, state.failure) = (Some(now_us), 0, None);
    state.next_us = due(&state, rules.pause_us(ttl_s), rules, now_us);
    Step { state, changed, suspects: judged.suspects }
}

/// An answer, sorted by what may become of its addresses.
struct Judged {
    whole: bool,
    accepted: BTreeSet<Found>,
    suspects: Vec<Suspect>,
    /// What waited for the hold-down and would not be accepted any more.
    dropped: BTreeSet<Found>,
    /// What is in use and a person does not want.
    rejected: BTreeSet<Found>,
}

impl Judged {
    /// An answer that is odd or not whole takes nothing away.
    fn is_clean(&self) -> bool {
        self.whole && self.suspects.is_empty()
    }
}

fn judged<T: Fn(IpAddr) -> bool>(
    found: &[Found],
    state: &State,
    guards: &Guards<'_, T>,
    rules: &Rules,
) -> Judged {
    let found: BTreeSet<_> = found.iter().map(|found| canonical(*found)).collect();
    let growth = growth(&found, state);
    let verdict = |found: &Found| guards.verdict(found.address, state, growth, rules);
    let known =
        |in_use| state.sights.iter().filter(move |sight| sight.in_use == in_use).map(|sight| sight.found);
    let mut suspects: Vec<_> = found
        .iter()
        .filter_map(|found| match verdict(found) {
            Verdict::Suspect(suspicion) => Some(Suspect { address: found.address, suspicion }),
            Verdict::Accepted | Verdict::Ignored => None,
        })
        .collect();
    suspects.dedup();
    Judged {
        whole: true,
        suspects,
        dropped: known(false).filter(|found| verdict(found) != Verdict::Accepted).collect(),
        rejected: known(true).filter(|found| verdict(found) == Verdict::Ignored).collect(),
        accepted: found.iter().copied().filter(|found| verdict(found) == Verdict::Accepted).collect(),
    }
}

fn canonical(found: Found) -> Found {
    Found { address: found.address.to_canonical(), ..found }
}

/// Addresses that wait for the hold-down count as new, so that many answers cannot bring what one must not.
fn growth(found: &BTreeSet<Found>, state: &State) -> Growth {
    let in_use: BTreeSet<_> = state.addresses().collect();
    let seen = state.sights.iter().map(|sight| sight.found.address);
    let new: BTreeSet<_> = found.iter().map(|found| found.address).chain(seen).collect();
    Growth { in_use: in_use.len(), new: new.difference(&in_use).count() }
}

/// What the answer held was seen. What it lacks is missing from then on.
fn note(state: &mut State, judged: &Judged, now_us: i64) {
    for sight in &mut state.sights {
        if judged.accepted.contains(&sight.found) {
            (sight.seen_us, sight.missing_us) = (now_us, None);
        } else if judged.is_clean() {
            sight.missing_us.get_or_insert(now_us);
        }
    }
    let known: BTreeSet<_> = state.sights.iter().map(|sight| sight.found).collect();
    let new = |found: &Found| Sight { found: *found, in_use: false, seen_us: now_us, missing_us: None };
    state.sights.extend(judged.accepted.difference(&known).map(new));
}

/// Takes into use what was seen lately; takes out of use what has been missing for the whole hold-down, and what a person
/// does not want. Whether anything changed.
fn change(state: &mut State, judged: &Judged, rules: &Rules, now_us: i64) -> bool {
    let before: BTreeSet<_> = state.in_use().collect();
    let lately = |at_us: i64| now_us.saturating_sub(at_us) < rules.hold_down_us;
    for sight in &mut state.sights {
        let gone = judged.is_clean() && sight.missing_us.is_some_and(|at_us| !lately(at_us));
        let seen = sight.in_use || sight.seen_us == now_us || lately(sight.seen_us);
        sight.in_use = seen && !gone && !judged.rejected.contains(&sight.found);
    }
    before != state.in_use().collect()
}

/// What waits for the hold-down is not kept waiting for longer than that.
fn due(state: &State, pause_us: i64, rules: &Rules, now_us: i64) -> i64 {
    let waits = state.sights.iter().any(|sight| !sight.in_use || sight.missing_us.is_some());
    let pause_us = if waits { pause_us.min(rules.hold_down_us.max(rules.ttl_floor_us)) } else { pause_us };
    now_us.saturating_add(pause_us)
}
