use std::{
    collections::BTreeSet,
    fmt::{self, Write},
};

use sha2::{Digest, Sha256};

use crate::{Entry, Floors, Networks, Refused, Service, Who, guard};

/// Entries that were checked, in one order, each once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddressSet {
    generation: u64,
    checksum: Checksum,
    entries: Vec<Entry>,
}

/// SHA-256 of a set's entries, the generation aside: sets of equal content have equal checksums.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Checksum([u8; 32]);

impl fmt::Display for Checksum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Checksum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Checksum({self})")
    }
}

impl AddressSet {
    /// The entries of a generation, if all of them are allowed.
    pub fn new(generation: u64, entries: Vec<Entry>, floors: Floors) -> Result<Self, Refused> {
        let set = Self::unchecked(generation, entries);
        set.check(floors)?;
        Ok(set)
    }

    /// The same of entries that were checked when they were written.
    pub(crate) fn unchecked(generation: u64, mut entries: Vec<Entry>) -> Self {
        entries.sort_unstable();
        entries.dedup();
        Self { generation, checksum: checksum(&entries), entries }
    }

    /// Whether nothing in it is forbidden. Of a set made by [`AddressSet::new`] that is known for the floors it was given;
    /// one that was read back was checked by other floors, or by nobody.
    pub fn check(&self, floors: Floors) -> Result<(), Refused> {
        guard::check(&self.entries, floors)
    }

    /// The generation whose tables the entries are from.
    pub fn generation(&self) -> u64 {
        self.generation
    }

    pub fn checksum(&self) -> Checksum {
        self.checksum
    }

    /// Ascending by network, each once.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// All of its addresses.
    pub fn networks(&self) -> Networks {
        Networks::of(self.entries.iter().map(|entry| entry.network))
    }

    /// The addresses of one service.
    pub fn networks_of(&self, service: Service) -> Networks {
        let entries = self.entries.iter().filter(|entry| service.is_of(entry));
        Networks::of(entries.map(|entry| entry.network))
    }

    /// Whether strangers to a service can be told from those who may speak it. Media is known when somebody is there only
    /// for media, and every carrier that is there for signalling says where its media comes from, too.
    pub(crate) fn knows(&self, service: Service) -> bool {
        let is_spoken = self.entries.iter().any(|entry| service.is_of(entry));
        is_spoken && (service != Service::Media || self.is_all_media_known())
    }

    fn is_all_media_known(&self) -> bool {
        let providers = |service: Service| -> BTreeSet<&Who> {
            let entries = self.entries.iter().filter(|entry| entry.who.is_provider() && service.is_of(entry));
            entries.map(|entry| &entry.who).collect()
        };
        let heard = providers(Service::Media);
        [Service::Sip, Service::H323].into_iter().all(|service| providers(service).is_subset(&heard))
    }

    /// What every file says of itself, on one line of letters, digits and blanks, commas and semicolons.
    pub(crate) fn label(&self) -> String {
        let Self { generation, checksum, entries } = self;
        format!(
            "made by dialplane, do not edit; generation {generation}, {} entries, sha256 {checksum}",
            entries.len()
        )
    }

    /// The same for places where few characters fit: `generation-42-0123456789ab`.
    pub(crate) fn mark(&self) -> String {
        let mut mark = format!("generation-{}-", self.generation);
        for byte in &self.checksum.0[..6] {
            // Writing into a String does not fail.
            let _ = write!(mark, "{byte:02x}");
        }
        mark
    }
}

/// Of the entries' canonical lines: one JSON object each, its keys in the order of their declaration.
fn checksum(entries: &[Entry]) -> Checksum {
    let mut hasher = Sha256::new();
    for entry in entries {
        // Texts and numbers only: there is nothing in an entry that JSON cannot hold.
        hasher.update(serde_json::to_vec(entry).unwrap_or_default());
        hasher.update(b"\n");
    }
    Checksum(hasher.finalize().into())
}
