//! Automatic activation: what was edited goes live, or is refused where people can see it.

use std::{collections::BTreeMap, time::Duration};

use generations::Checksum;
use routing::Layer;
use runtime::{Activation, GenerationsConfig, chain};
use store::{Author, FINDINGS_BYTES_MAX, Marks, StoreError};
use tokio::time::Instant;
use tracing::{info, warn};

use super::{Keeper, TurnError, asked};
use crate::{Draft, DraftError, Look, Order, Part, Refusal, activate};

/// What activations of nobody in particular are signed with.
const ACTOR: &str = "automatic";
/// How long the others leave edits to the router whose turn it is.
const COURTESY: Duration = Duration::from_secs(2);
/// A scan may take this part of the time at most.
const SCAN_SHARE: u32 = 20;
/// How many activations pass between two clearings of what is too old.
const CLEARING: u64 = 16;

/// What is known of edits that are not live yet.
#[derive(Debug)]
pub(super) struct Edits {
    next_scan: Option<Instant>,
    /// By the parts they are of: what waits in one never holds up the other.
    pending: BTreeMap<Part, Pending>,
}

#[derive(Debug, Default)]
struct Pending {
    /// Since when there are marks.
    waiting: Option<Instant>,
    /// What was refused: it stays refused until somebody edits again.
    refused: Option<Refused>,
}

#[derive(Debug)]
struct Refused {
    newest_mark: Option<i64>,
    tables: Tables,
}

/// What the tables were when they were refused.
#[derive(Debug, PartialEq, Eq)]
enum Tables {
    Read(Checksum),
    /// A row could not be read, for this reason.
    Unreadable(String),
}

impl Edits {
    pub(super) fn new(config: &GenerationsConfig) -> Self {
        let next_scan = (config.scan_s > 0).then(Instant::now);
        Self { next_scan, pending: BTreeMap::new() }
    }

    fn of(&mut self, part: Part) -> &mut Pending {
        self.pending.entry(part).or_default()
    }

    fn refused(&self, part: Part) -> Option<&Refused> {
        self.pending.get(&part)?.refused.as_ref()
    }

    fn scan_is_due(&self) -> bool {
        self.next_scan.is_some_and(|due| Instant::now() >= due)
    }
}

/// Who the activated edits are by, and why, as far as the databases' columns hold it.
fn signature(marks: &Marks, otherwise: &str) -> (String, String) {
    let joined = |part: fn(&Author) -> &str, max: usize| {
        let mut parts: Vec<_> = marks.authors().iter().map(part).filter(|part| !part.is_empty()).collect();
        parts.dedup();
        parts.join("; ").chars().take(max).collect::<String>()
    };
    let (actor, comment) = (joined(|author| &author.actor, 100), joined(|author| &author.comment, 1000));
    let or = |text: String, otherwise: &str| if text.is_empty() { otherwise.to_owned() } else { text };
    (or(actor, ACTOR), or(comment, otherwise))
}

impl Keeper {
    pub(super) async fn activate_edits(&mut self) -> Result<(), TurnError> {
        if !self.is_newest {
            return Ok(());
        }
        let Some(active) = &self.active else { return self.activate_first().await };
        let parts = self.parts(active.record().held);
        for part in parts {
            let marks = asked(self.context.store.edited_in(part.tables())).await?;
            if self.is_worth_a_look(part, &marks) {
                self.activate_part(Look::Marked, part, marks.newest()).await?;
            }
        }
        if self.edits.scan_is_due() && self.presence.is_first() {
            let started = Instant::now();
            let done = self.scan(parts).await;
            let pause = Duration::from_secs(self.context.config.scan_s).max(started.elapsed() * SCAN_SHARE);
            self.edits.next_scan = Some(Instant::now() + pause);
            done?;
        }
        Ok(())
    }

    async fn scan(&mut self, parts: [Part; 2]) -> Result<(), TurnError> {
        for part in parts {
            let marks = asked(self.context.store.edited_in(part.tables())).await?;
            self.activate_part(Look::Whole, part, marks.newest()).await?;
        }
        Ok(())
    }

    /// What goes live by itself, one after another. Layers always do: a token that was revoked must not wait for anybody's
    /// draft, and what a name stands for not even for one that is refused.
    fn parts(&self, held: bool) -> [Part; 2] {
        let rest = match self.context.config.activation {
            Activation::Auto if !held => Part::All,
            Activation::Auto | Activation::Manual => Part::Layer(Layer::Tokens),
        };
        [Part::Layer(Layer::Resolved), rest]
    }

    /// A database without generations gets its first one as soon as its tables hold something.
    async fn activate_first(&mut self) -> Result<(), TurnError> {
        if self.context.config.activation == Activation::Manual || !self.edits.scan_is_due() {
            return Ok(());
        }
        self.edits.next_scan = Some(Instant::now() + COURTESY);
        match self.draft(Look::Whole, Part::All, None).await? {
            Some(draft) if !draft.is_empty() => self.settle(draft, Part::All, "the first one").await,
            _ => Ok(()),
        }
    }

    fn is_worth_a_look(&mut self, part: Part, marks: &Marks) -> bool {
        let refused = self.edits.refused(part).and_then(|refused| refused.newest_mark);
        if marks.is_empty() {
            self.edits.of(part).waiting = None;
            if refused.is_some() {
                // What was refused here was mended, and another router took note.
                self.part_accepted(part);
            }
            return false;
        }
        let since = *self.edits.of(part).waiting.get_or_insert_with(Instant::now);
        let turn = self.presence.is_first() || since.elapsed() >= COURTESY;
        let known = self.edits.refused(part).is_some_and(|refused| refused.newest_mark == marks.newest());
        turn && !known
    }

    async fn activate_part(
        &mut self,
        look: Look,
        part: Part,
        newest_mark: Option<i64>,
    ) -> Result<(), TurnError> {
        let Some(draft) = self.draft(look, part, newest_mark).await? else { return Ok(()) };
        if look == Look::Whole && self.was_refused(part, &Tables::Read(draft.manifest().checksum())) {
            return Ok(());
        }
        let comment = match look {
            Look::Marked => "edited",
            Look::Whole => "found in the tables",
        };
        self.settle(draft, part, comment).await
    }

    /// Reads the tables; nothing if a row of theirs cannot be read, which is noted like any other refusal.
    async fn draft(
        &mut self,
        look: Look,
        part: Part,
        newest_mark: Option<i64>,
    ) -> Result<Option<Draft>, TurnError> {
        match Draft::read(&self.context.store, look, part, self.active.clone()).await {
            Ok(draft) => Ok(Some(draft)),
            Err(error @ DraftError::Store(StoreError::Corrupt { .. })) => {
                let tables = Tables::Unreadable(chain(&error).to_string());
                if look == Look::Marked || !self.was_refused(part, &tables) {
                    self.refused(part, Refused { newest_mark, tables }, error.into()).await?;
                }
                Ok(None)
            }
            Err(error) => Err(error.into()),
        }
    }

    fn was_refused(&self, part: Part, tables: &Tables) -> bool {
        self.edits.refused(part).is_some_and(|refused| refused.tables == *tables)
    }

    /// Activates a draft or notes why not.
    async fn settle(&mut self, draft: Draft, part: Part, comment: &str) -> Result<(), TurnError> {
        let considered = Refused {
            newest_mark: draft.marks().newest(),
            tables: Tables::Read(draft.manifest().checksum()),
        };
        let marks = draft.marks().clone();
        let (actor, comment) = signature(&marks, comment);
        let order = Order { actor: &actor, comment: &comment, force: false };
        match activate(&self.context.store, draft, order).await {
            Ok(active) => {
                info!(generation = active.record().number, comment, "edits activated");
                self.context.metrics.activated("done");
                self.part_accepted(part);
                self.adopt(active).await;
                self.clear_old().await
            }
            Err(Refusal::Unchanged) => {
                self.part_accepted(part);
                asked(self.context.store.forget(&marks)).await
            }
            // The next turn sees what the other one did.
            Err(Refusal::Overtaken) => Ok(()),
            Err(Refusal::Store(error)) => Err(error.into()),
            Err(refusal) => self.refused(part, considered, refusal).await,
        }
    }

    /// What was refused before is history.
    pub(super) fn accepted(&mut self) {
        self.edits.pending.clear();
        self.context.health.remark("edits", None);
    }

    fn part_accepted(&mut self, part: Part) {
        self.edits.pending.remove(&part);
        if self.edits.pending.values().all(|pending| pending.refused.is_none()) {
            self.accepted();
        }
    }

    async fn refused(&mut self, part: Part, considered: Refused, refusal: Refusal) -> Result<(), TurnError> {
        self.context.metrics.activated("refused");
        warn!(error = %chain(&refusal), "edits are not activated");
        self.context.health.remark("edits", Some("not activated; `dialplane verify` says why".to_owned()));
        let newest_mark = considered.newest_mark;
        self.edits.of(part).refused = Some(considered);
        let findings = refusal.to_json(FINDINGS_BYTES_MAX);
        asked(self.context.store.refuse(ACTOR, newest_mark, &findings)).await
    }

    /// Every now and then removes generations that are too old, and the chunks only they named.
    async fn clear_old(&mut self) -> Result<(), TurnError> {
        let number = self.active.as_deref().map_or(1, |active| active.record().number);
        if !number.is_multiple_of(CLEARING) {
            return Ok(());
        }
        let kept = u32::try_from(self.context.config.kept).unwrap_or(u32::MAX);
        let cleared = crate::collect(&self.context.store, kept).await?;
        info!(cleared.generations, cleared.chunks, "old generations removed");
        Ok(())
    }
}
