//! A set as it is kept and sent: everything a node needs to write any of the other formats.

use std::fmt::Write;

use serde::Deserialize;

use crate::{AddressSet, Entry, Networks, Service};

/// Why a text is no set, or not the one that was written.
#[derive(Debug, thiserror::Error)]
pub enum Damaged {
    #[error("it is no set of addresses")]
    Malformed(#[source] serde_json::Error),
    #[error("its entries do not match its checksum")]
    Checksum,
}

#[derive(Deserialize)]
struct Document {
    generation: u64,
    checksum: String,
    entries: Vec<Entry>,
}

impl AddressSet {
    /// Reads what [`crate::render`] wrote as [`crate::Format::Json`]. Whether its networks are allowed is not asked here:
    /// [`AddressSet::check`].
    pub fn from_json(text: &str) -> Result<Self, Damaged> {
        let document: Document = serde_json::from_str(text).map_err(Damaged::Malformed)?;
        let set = Self::unchecked(document.generation, document.entries);
        if set.checksum().to_string() == document.checksum { Ok(set) } else { Err(Damaged::Checksum) }
    }

    /// One line for each entry, so that people's tools can compare two of them.
    pub(crate) fn to_json(&self) -> String {
        let mut text = String::from("{\n");
        // Writing into a String does not fail.
        let _ = writeln!(text, "\"about\": \"made by dialplane, do not edit\",");
        let _ = writeln!(text, "\"generation\": {},", self.generation());
        let _ = writeln!(text, "\"checksum\": \"{}\",", self.checksum());
        text.push_str("\"entries\": [\n");
        for (at, entry) in self.entries().iter().enumerate() {
            // Texts and numbers only: there is nothing in an entry that JSON cannot hold.
            text.push_str(&serde_json::to_string(entry).unwrap_or_default());
            text.push_str(if at + 1 < self.entries().len() { ",\n" } else { "\n" });
        }
        text.push_str("],\n\"networks\": {\n");
        for service in Service::ALL {
            let end = if service == Service::Media { "\n" } else { ",\n" };
            let _ = write!(text, "\"{service}\": {}{end}", lists(&self.networks_of(service)));
        }
        text.push_str("}\n}\n");
        text
    }
}

/// Two JSON arrays of networks, which are texts without anything to escape.
fn lists(networks: &Networks) -> String {
    let quoted = |net: String| format!("\"{net}\"");
    let v4: Vec<_> = networks.v4.iter().map(|net| quoted(net.to_string())).collect();
    let v6: Vec<_> = networks.v6.iter().map(|net| quoted(net.to_string())).collect();
    format!("{{ \"v4\": [{}], \"v6\": [{}] }}", v4.join(", "), v6.join(", "))
}
