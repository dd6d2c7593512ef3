//! `hop=root.att.count`: what a call that one of our servers hands over carries with it.

use std::str::FromStr;

/// The call's first decision, the attempt that handed it over, and how often it has been handed over by then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Hop {
    pub(crate) root: String,
    pub(crate) count: u8,
}

/// Longest id of a decision.
const MAX_ROOT_BYTES: usize = 64;

impl FromStr for Hop {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let mut parts = text.rsplitn(3, '.');
        let count = parts.next().and_then(|count| count.parse().ok()).ok_or(())?;
        let _attempt: u8 = parts.next().and_then(|attempt| attempt.parse().ok()).ok_or(())?;
        let root = parts.next().ok_or(())?;
        let legal = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        if root.is_empty() || root.len() > MAX_ROOT_BYTES || !root.bytes().all(legal) {
            return Err(());
        }
        Ok(Self { root: root.to_owned(), count })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hops_are_read_strictly() {
        let hop: Hop = "w1234abcd-9f-1.3.1".parse().unwrap();
        assert_eq!((&*hop.root, hop.count), ("w1234abcd-9f-1", 1));
        for bad in ["", "1", "a.1", "a.b.1", "a.1.b", ".1.1", "a b.1.1", "a\r\n.1.1", "a.1.256", "a%.1.1"] {
            assert!(bad.parse::<Hop>().is_err(), "{bad:?}");
        }
        assert!(format!("{}.1.1", "x".repeat(65)).parse::<Hop>().is_err());
    }
}
