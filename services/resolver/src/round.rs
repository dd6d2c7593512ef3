//! One look at the names that are due.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::IpAddr,
    time::Duration,
};

use domain::ProviderAddressId;
use futures_util::{StreamExt, stream};
use names::{
    Answer, Condition, Decision, Failure, Found, Guards, Question, Rules, State, Suspicion, Taken, heard,
};
use routing::{
    ChunkedTables,
    tables::{ProviderAddress, ResolvedAddress},
};
use runtime::{ResolverConfig, now_us};
use store::{Author, HeardName, KeptName, QuarantineState, QuarantinedAddress, Store, StoreError};

use crate::{Dns, rules};

/// How long a turn may take; after that it is the next one's.
const TURN_LIMIT: Duration = Duration::from_mins(2);
/// Most names of a configuration that are resolved: those with the lowest ids.
const NAMES_MAX: usize = 10_000;
/// Most names of one round; the others are due at the next.
const ROUND_MAX: usize = 128;
/// Names that are asked about at the same time.
const AT_ONCE: usize = 16;
/// Most addresses of one name that wait for a person.
const WAITING_MAX: usize = 64;
/// Names that a signature lists.
const SIGNED_MAX: usize = 10;

/// Who resolved names, in the history of generations.
const ACTOR: &str = "resolver";

/// Makes rounds.
#[derive(Debug)]
pub struct Round<'r> {
    store: &'r Store,
    dns: &'r Dns,
    rules: Rules,
    holder: &'r str,
}

/// What a round did, and how the names are after it.
#[derive(Clone, Debug, Default)]
pub struct Done {
    /// What became of each question.
    pub heard: Vec<Option<Failure>>,
    /// The names that stand for other addresses now.
    pub changed: Vec<String>,
    pub suspicions: Vec<Suspicion>,
    /// How each name does.
    pub conditions: Vec<Condition>,
    /// Addresses that wait for a person.
    pub waiting: usize,
}

/// A name to ask about.
struct Due<'t> {
    row: &'t ProviderAddress,
    question: Question,
    /// Nothing is known of it, or of another question.
    state: State,
}

/// The rows with names, and what is asked for each.
type Names<'t> = BTreeMap<ProviderAddressId, (&'t ProviderAddress, Question)>;

/// What the tables say beside the configuration.
struct Known {
    kept: BTreeMap<ProviderAddressId, KeptName>,
    resolved: Vec<ResolvedAddress>,
    quarantine: Vec<QuarantinedAddress>,
}

impl<'r> Round<'r> {
    /// `holder` names this one process.
    pub fn new(store: &'r Store, dns: &'r Dns, config: &ResolverConfig, holder: &'r str) -> Self {
        Self { store, dns, rules: rules(config), holder }
    }

    /// Asks about the names of a configuration that are due; nothing if it is somebody else's turn. Where nothing is due
    /// nothing is written, so any number of processes may look every second.
    pub async fn make(&self, tables: &ChunkedTables) -> Result<Option<Done>, StoreError> {
        let names = names(tables, now_us());
        let known = self.known().await?;
        if due(&names, &known, now_us()).is_empty() && self.old(&names, &known).is_empty() {
            return Ok(Some(self.look_back(&names, &known, Done::default())));
        }
        if !self.store.take_resolver_turn(self.holder, TURN_LIMIT).await? {
            return Ok(None);
        }
        let done = self.work(tables, &names).await;
        self.store.end_resolver_turn(self.holder).await?;
        done.map(Some)
    }

    async fn work(&self, tables: &ChunkedTables, names: &Names<'_>) -> Result<Done, StoreError> {
        // Whoever had the turn before may have done it all.
        let known = self.known().await?;
        self.forget(&self.old(names, &known), &known).await?;
        let due = due(names, &known, now_us());
        let mut done = Done::default();
        if !due.is_empty() {
            let asked = stream::iter(due).map(|due| async { (self.dns.ask(&due.question).await, due) });
            let mut answers: Vec<_> = asked.buffer_unordered(AT_ONCE).collect().await;
            answers.sort_by_key(|(_, due)| due.row.id);
            self.keep(tables, &known, &answers, &mut done).await?;
        }
        Ok(self.look_back(names, &self.known().await?, done))
    }

    async fn known(&self) -> Result<Known, StoreError> {
        let kept = self.store.kept_names().await?;
        Ok(Known {
            kept: kept.into_iter().map(|kept| (kept.address, kept)).collect(),
            resolved: self.store.resolved_addresses().await?,
            quarantine: self.store.quarantined_addresses().await?,
        })
    }

    async fn keep(
        &self,
        tables: &ChunkedTables,
        known: &Known,
        answers: &[(Answer, Due<'_>)],
        done: &mut Done,
    ) -> Result<(), StoreError> {
        let resolved = known.resolved.iter().cloned().collect();
        let taken = Taken::new(&ChunkedTables { resolved_addresses: resolved, ..tables.clone() });
        let now_us = now_us();
        let mut noted = Vec::with_capacity(answers.len());
        for (answer, due) in answers {
            let decisions = decisions(&known.quarantine, due.row.id);
            let guards = Guards {
                private_allowed: due.row.private_allowed,
                decisions: &decisions,
                taken: |address| taken.from(due.row, address),
            };
            let step = heard(&due.state, answer, &guards, &self.rules, now_us);
            done.heard.push(step.state.failure);
            done.suspicions.extend(step.suspects.iter().map(|suspect| suspect.suspicion));
            if step.changed {
                done.changed.push(due.question.name.to_string());
            }
            let suspects = step.suspects.iter().map(|suspect| (suspect.address, suspect.suspicion));
            noted.push(HeardName {
                suspects: with_room(&known.quarantine, due.row.id, suspects),
                kept: KeptName { address: due.row.id, question: due.question.to_string(), state: step.state },
            });
        }
        let store = self.store.signed(signature(&done.changed));
        if !store.keep_names(self.holder, &noted, now_us).await? {
            done.changed.clear();
        }
        Ok(())
    }

    /// Names that the configuration has not had for so long that nobody should trust what they stood for.
    fn old(&self, names: &Names<'_>, known: &Known) -> Vec<ProviderAddressId> {
        let before_us = now_us().saturating_sub(self.rules.kept_us);
        let strangers = known.kept.values().filter(|kept| !names.contains_key(&kept.address));
        let old = strangers.filter(|kept| kept.state.asked_us.is_none_or(|asked_us| asked_us < before_us));
        old.map(|kept| kept.address).take(ROUND_MAX).collect()
    }

    /// Forgets them, and what waits for a person and has not been said for as long.
    async fn forget(&self, old: &[ProviderAddressId], known: &Known) -> Result<(), StoreError> {
        if !old.is_empty() {
            self.store.signed(signature(&[])).forget_names(self.holder, old).await?;
        }
        let before_us = now_us().saturating_sub(self.rules.kept_us);
        let waits =
            |row: &QuarantinedAddress| row.state == QuarantineState::Waiting && row.last_us < before_us;
        if known.quarantine.iter().any(waits) {
            self.store.forget_quarantined(before_us).await?;
        }
        Ok(())
    }

    /// How the names are.
    fn look_back(&self, names: &Names<'_>, known: &Known, done: Done) -> Done {
        let now_us = now_us();
        let condition = |id| {
            known.kept.get(id).map_or(Condition::Unknown, |kept| kept.state.condition(&self.rules, now_us))
        };
        let waiting = known.quarantine.iter().filter(|row| row.state == QuarantineState::Waiting);
        Done { conditions: names.keys().map(condition).collect(), waiting: waiting.count(), ..done }
    }
}

/// The names a configuration wants resolved: of what is enabled, and not over for good.
fn names(tables: &ChunkedTables, now_us: i64) -> Names<'_> {
    let enabled = |row: &&ProviderAddress| {
        let provider = tables.providers.get(row.provider_id.0);
        row.enabled && provider.is_some_and(|provider| provider.enabled)
    };
    let over = |row: &&ProviderAddress| row.valid_to.is_some_and(|to| to.us() <= now_us);
    let rows = tables.provider_addresses.rows().filter(enabled).filter(|row| !over(row));
    rows.filter_map(|row| Some((row.id, (row, Question::of(row)?)))).take(NAMES_MAX).collect()
}

/// The names that are due, those that have waited longest first.
fn due<'t>(names: &Names<'t>, known: &Known, now_us: i64) -> Vec<Due<'t>> {
    let mut due: Vec<_> = names
        .iter()
        .map(|(id, (row, question))| {
            let state = match known.kept.get(id) {
                Some(kept) if kept.question == question.to_string() => kept.state.clone(),
                Some(_) => State::default(),
                None => State::with(found(&known.resolved, *id), now_us),
            };
            Due { row, question: question.clone(), state }
        })
        .filter(|due| due.state.next_us <= now_us)
        .collect();
    due.sort_by_key(|due| (due.state.next_us, due.row.id));
    due.truncate(ROUND_MAX);
    due
}

fn found(resolved: &[ResolvedAddress], id: ProviderAddressId) -> impl Iterator<Item = Found> {
    let rows = resolved.iter().filter(move |row| row.provider_address_id == id);
    rows.map(|row| Found { address: row.network.net().addr(), port: row.port })
}

fn decisions(quarantine: &[QuarantinedAddress], id: ProviderAddressId) -> BTreeMap<IpAddr, Decision> {
    let of_name = quarantine.iter().filter(|row| row.provider_address == id);
    of_name
        .filter_map(|row| match row.state {
            QuarantineState::Waiting => None,
            QuarantineState::Approved => Some((row.address, Decision::Approved)),
            QuarantineState::Rejected => Some((row.address, Decision::Rejected)),
        })
        .collect()
}

/// The suspects that are known already, and as many new ones as there is room for.
fn with_room(
    quarantine: &[QuarantinedAddress],
    id: ProviderAddressId,
    suspects: impl Iterator<Item = (IpAddr, Suspicion)>,
) -> Vec<(IpAddr, Suspicion)> {
    let known: BTreeSet<_> =
        quarantine.iter().filter(|row| row.provider_address == id).map(|row| row.address).collect();
    let mut room = WAITING_MAX.saturating_sub(known.len());
    suspects
        .filter(|(address, _)| {
            let known = known.contains(address);
            let fits = known || room > 0;
            room -= usize::from(fits && !known);
            fits
        })
        .collect()
}

fn signature(changed: &[String]) -> Author {
    let names = changed.iter().take(SIGNED_MAX).map(String::as_str).collect::<Vec<_>>().join(", ");
    let more = changed.len().saturating_sub(SIGNED_MAX);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let comment = if names.is_empty() { "names".to_owned() } else { format!("DNS: {names}{more}") };
    Author { actor: ACTOR.to_owned(), comment: comment.chars().take(1_000).collect() }
}
