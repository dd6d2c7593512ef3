use std::{io, path::PathBuf};

use firewall::{AddressSet, Entry, Floors, Format, Refused, RenderOptions, check_loss, render};
use packetfilter::{Applier, ApplyError, Backend, Deviation, Ruleset, ToolError, deviations};
use runtime::{chain, write_whole};
use tracing::warn;

use crate::{KnownError, source::kept_set};

/// Makes files of what is known and has them loaded.
#[derive(Clone, Debug)]
pub struct Enforcer {
    pub applier: Applier,
    pub options: RenderOptions,
    pub floors: Floors,
    /// Whether a set is loaded that lost much of what is loaded.
    pub force: bool,
    /// Where the set is kept that was loaded last.
    pub set_file: PathBuf,
}

/// What is to be loaded.
#[derive(Clone, Debug)]
pub struct Meant {
    pub set: AddressSet,
    pub text: String,
    pub ruleset: Ruleset,
}

/// How what is loaded stands to what is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// The generation whose set was loaded; nothing if none was, or the filter cannot say.
    pub loaded: Option<u64>,
    pub meant: u64,
    pub place: Place,
    pub deviations: Vec<Deviation>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// It is what is meant, whichever generation it was loaded from.
    Same,
    /// What is meant has changed since, or was never loaded.
    Behind,
    /// What was loaded was meant, and is not any more what was loaded: by other hands.
    Drifted,
}

/// Whether a set is held against what is loaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Guard {
    /// It may not lose much of it.
    Closed,
    /// It was loaded before, and what other hands made of it since is no measure.
    Open,
}

/// Why a set was not loaded. What was loaded before is loaded still.
#[derive(Debug, thiserror::Error)]
pub enum EnforceError {
    #[error(transparent)]
    Known(#[from] KnownError),
    #[error(transparent)]
    Refused(#[from] Refused),
    #[error("the packet filter cannot be read")]
    Tool(#[from] ToolError),
    #[error(transparent)]
    Apply(#[from] ApplyError),
}

impl Enforcer {
    fn format(&self) -> Format {
        match self.applier.backend {
            Backend::Nftables(_) => Format::Nftables,
            Backend::Ipset(_) => Format::Ipset,
        }
    }

    /// What is to be loaded of these entries of a generation.
    pub fn meant(&self, generation: u64, entries: Vec<Entry>) -> Result<Meant, EnforceError> {
        let set = AddressSet::new(generation, entries, self.floors)?;
        let text = render(&set, self.format(), &self.options)?;
        let ruleset = self.applier.backend.parse(&text);
        Ok(Meant { set, text, ruleset })
    }

    pub async fn status(&self, meant: &Meant) -> Result<Status, EnforceError> {
        let loaded = self.applier.loaded().await?;
        Ok(status(meant, &loaded))
    }

    /// Loads what is meant if something else is loaded, or nobody saw to it that what is loaded is good; whether it did.
    pub async fn enforce(&self, meant: &Meant) -> Result<bool, EnforceError> {
        let loaded = self.applier.loaded().await?;
        let guard = match status(meant, &loaded).place {
            Place::Same if !self.applier.was_interrupted() => return Ok(false),
            Place::Same | Place::Drifted => Guard::Open,
            Place::Behind => Guard::Closed,
        };
        self.load(meant, &loaded, guard).await?;
        Ok(true)
    }

    /// Loads what is meant. What it gives is what to compare with from then on.
    pub(crate) async fn load(
        &self,
        meant: &Meant,
        loaded: &Ruleset,
        guard: Guard,
    ) -> Result<Ruleset, EnforceError> {
        if guard == Guard::Closed && !self.force {
            self.check_shrink(meant, loaded)?;
        }
        let applied = self.applier.apply(&meant.text).await?;
        if let Err(error) = self.keep(&meant.set) {
            warn!(error = %chain(&error), "the set that is loaded is not kept on disk");
        }
        Ok(applied)
    }

    /// By the set that is loaded, if that is the one that was kept; otherwise by the networks that are.
    fn check_shrink(&self, meant: &Meant, loaded: &Ruleset) -> Result<(), Refused> {
        let last = kept_set(&self.set_file);
        match last.filter(|last| loaded.checksum() == Some(&*last.checksum().to_string())) {
            Some(last) => meant.set.check_shrink(&last),
            None => shrinks_little(&meant.ruleset, loaded),
        }
    }

    fn keep(&self, set: &AddressSet) -> io::Result<()> {
        let json = render(set, Format::Json, &RenderOptions::default()).map_err(io::Error::other)?;
        write_whole(&self.set_file, json.as_bytes(), 0o640)
    }
}

fn status(meant: &Meant, loaded: &Ruleset) -> Status {
    let deviations = deviations(&meant.ruleset, loaded);
    let place = match (deviations.is_empty(), loaded.checksum() == meant.ruleset.checksum()) {
        (true, _) => Place::Same,
        (false, true) => Place::Drifted,
        (false, false) => Place::Behind,
    };
    Status { loaded: loaded.generation(), meant: meant.set.generation(), place, deviations }
}

fn shrinks_little(meant: &Ruleset, loaded: &Ruleset) -> Result<(), Refused> {
    let (before, after) = (loaded.addresses(), meant.addresses());
    let networks = before.networks();
    let lost = networks.iter().filter(|network| !after.covers(**network)).count();
    check_loss(networks.len(), lost, after.networks().len())
}
