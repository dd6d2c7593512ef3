use std::{fmt, sync::Arc};

/// Names the configuration an answer came from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Generation(Arc<str>);

impl Generation {
    /// An activated generation, by its number.
    pub fn number(number: u64) -> Self {
        Self(number.to_string().into())
    }

    /// Tables that were read straight from the working copy: `w` and a part of their fingerprint, equal on every
    /// replica that read the same rows.
    pub fn of_working_copy(fingerprint: u64) -> Self {
        Self(format!("w{:08x}", fingerprint >> 32).into())
    }

    /// The number of an activated one; a working copy has none.
    pub fn activated(&self) -> Option<u64> {
        self.0.parse().ok()
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Generation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn activated_ones_are_numbers_and_no_working_copy_passes_for_one() {
        assert_eq!(Generation::number(42).to_string(), "42");
        let draft = Generation::of_working_copy(0x1234_5678_9abc_def0);
        assert_eq!(draft.as_str(), "w12345678");
        assert_eq!((Generation::number(42).activated(), draft.activated()), (Some(42), None));
    }
}
