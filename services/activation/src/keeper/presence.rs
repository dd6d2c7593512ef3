//! Routers know of each other, so that one of them does what is to be done once.

use std::time::Duration;

use store::RouterBeat;
use tokio::time::Instant;

use super::{Keeper, TurnError, asked};
use crate::SILENT;

/// How often a router says that it is there.
const BEAT: Duration = Duration::from_secs(5);
/// Most of the remarks that are passed on, characters.
const DETAIL_MAX: usize = 500;

/// When this router was last heard, and whether its name comes first among those that were.
#[derive(Debug, Default)]
pub(super) struct Presence {
    last: Option<Instant>,
    shown: Option<(Option<u64>, String)>,
    first: bool,
}

impl Presence {
    /// Whether what one router does for all is up to this one. Two may think so for a moment: that costs work, nothing
    /// else, as activations exclude each other.
    pub(super) fn is_first(&self) -> bool {
        self.first
    }
}

impl Keeper {
    /// Says that this router is there, when it is time or when there is news.
    pub(super) async fn show_presence(&mut self) -> Result<(), TurnError> {
        let generation = self.active.as_deref().map(|active| active.record().number);
        let news = (generation, self.context.health.remarks());
        let due = self.presence.last.is_none_or(|last| last.elapsed() >= BEAT);
        if !due && self.presence.shown.as_ref() == Some(&news) {
            return Ok(());
        }
        let detail: String = news.1.trim_end().replace('\n', "; ").chars().take(DETAIL_MAX).collect();
        let state = match (generation, detail.is_empty()) {
            (None, _) => "not ready",
            (Some(_), true) => "ok",
            (Some(_), false) => "degraded",
        };
        let beat = RouterBeat {
            name: &self.context.router,
            generation,
            checksum: self.active.as_deref().map(|active| active.record().checksum.0),
            state,
            detail: Some(detail.as_str()).filter(|detail| !detail.is_empty()),
            version: env!("CARGO_PKG_VERSION"),
        };
        asked(self.context.store.heartbeat(beat)).await?;
        let routers = asked(self.context.store.routers()).await?;
        let mut present =
            routers.iter().filter(|router| Duration::from_micros(router.age_us.unsigned_abs()) < SILENT);
        self.presence.first = present.next().is_some_and(|first| first.name == self.context.router);
        self.presence.last = Some(Instant::now());
        self.presence.shown = Some(news);
        Ok(())
    }
}
