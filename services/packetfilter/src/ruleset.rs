use std::collections::BTreeMap;

use crate::{Addresses, Elements};

/// What is loaded of ours, or shall be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ruleset {
    /// What it says of itself.
    pub label: Option<String>,
    pub sets: BTreeMap<String, Set>,
    /// The lines of each chain, in their order.
    pub chains: BTreeMap<String, Vec<String>>,
}

/// A set, by what it is declared as and what is in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Set {
    pub declaration: Vec<String>,
    pub elements: Elements,
}

impl Ruleset {
    /// The generation it says it was made from.
    pub fn generation(&self) -> Option<u64> {
        self.said("generation")?.parse().ok()
    }

    /// The checksum it says its addresses have.
    pub fn checksum(&self) -> Option<&str> {
        self.said("sha256")
    }

    /// The word behind this one in what it says of itself.
    fn said(&self, of: &str) -> Option<&str> {
        let mut words = self.label.as_deref()?.split([' ', ',', ';']).filter(|word| !word.is_empty());
        words.find(|word| *word == of)?;
        words.next()
    }

    /// All addresses of all sets.
    pub fn addresses(&self) -> Addresses {
        Addresses::union(self.sets.values().map(|set| set.elements.addresses()))
    }

    /// The same with its lines as the tool words them, if they are as many in each chain and set: another release of the
    /// tool may word what it has just taken in its own way.
    #[must_use]
    pub fn worded_as(&self, loaded: &Self) -> Self {
        let mut worded = self.clone();
        for (name, lines) in &mut worded.chains {
            reword(lines, loaded.chains.get(name));
        }
        for (name, set) in &mut worded.sets {
            reword(&mut set.declaration, loaded.sets.get(name).map(|loaded| &loaded.declaration));
        }
        worded
    }
}

fn reword(lines: &mut Vec<String>, loaded: Option<&Vec<String>>) {
    if let Some(loaded) = loaded.filter(|loaded| loaded.len() == lines.len()) {
        lines.clone_from(loaded);
    }
}

/// A line with single blanks, as lines are compared.
pub(crate) fn one_line(line: &str) -> String {
    line.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The parts between separators; what stands in quotes separates nothing.
pub(crate) fn unquoted(text: &str, separator: char) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let text = rest?;
        let mut in_quotes = false;
        let end = text.find(|letter: char| {
            in_quotes ^= letter == '"';
            letter == separator && !in_quotes
        });
        rest = end.map(|end| &text[end + separator.len_utf8()..]);
        Some(&text[..end.unwrap_or(text.len())])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_generation_is_read_from_the_label() {
        let generation =
            |label: &str| Ruleset { label: Some(label.into()), ..Ruleset::default() }.generation();
        assert_eq!(generation("dialplane generation 42, sha256 ab"), Some(42));
        assert_eq!(generation("generation"), None);
        assert_eq!(generation("generation 99999999999999999999"), None);
        assert_eq!(Ruleset::default().generation(), None);
    }
}
