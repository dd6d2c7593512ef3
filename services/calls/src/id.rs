//! The id of a call as people and programs write it: `node/created/unique id`, of which only the last may hold a slash.

use std::{fmt, str::FromStr};

use domain::Invalid;

use crate::{record::CallId, times};

impl CallId {
    /// The id of a channel that Asterisk named itself: such a name tells when it was created, so node and name will do.
    fn of_asterisk(node: &str, unique_id: &str) -> Option<Self> {
        let created_us = times::second(unique_id)?.checked_mul(times::SECOND_US)?;
        Some(Self { node: node.parse().ok()?, unique_id: unique_id.into(), created_us })
    }
}

impl fmt::Display for CallId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.node, self.created_us, self.unique_id)
    }
}

impl FromStr for CallId {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let rule = "node/created/unique id, or node/unique id where Asterisk chose that";
        let whole = || {
            let (node, rest) = text.split_once('/')?;
            let (created, unique_id) = rest.split_once('/')?;
            // Only as it is written above, so that a call has one id.
            let created_us = created.parse::<i64>().ok().filter(|us| us.to_string() == created)?;
            Some(Self { node: node.parse().ok()?, unique_id: unique_id.into(), created_us })
        };
        let short = || text.split_once('/').and_then(|(node, unique_id)| Self::of_asterisk(node, unique_id));
        whole().or_else(short).ok_or_else(|| Invalid::new("the id of a call", rule, text))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn id(node: &str, created_us: i64, unique_id: &str) -> CallId {
        CallId { node: node.parse().unwrap(), unique_id: unique_id.into(), created_us }
    }

    #[test]
    fn ids_are_read_as_they_are_written() {
        for id in
            [id("msk", 1_795_269_600_000_000, "msk-1795269600.7"), id("a", -5, ""), id("a", 0, "order/7/ё")]
        {
            assert_eq!(id.to_string().parse(), Ok(id));
        }
        let short = id("msk", 1_795_269_600_000_000, "msk-1795269600.7");
        assert_eq!("msk/msk-1795269600.7".parse(), Ok(short));
    }

    #[test]
    fn what_names_no_call_is_refused() {
        for text in
            ["", "/", "msk", "msk/", "msk/order-7", "m k/1/x", "msk/+1/x", "msk/01/x", "msk/1.5/x", "/1/x"]
        {
            assert!(text.parse::<CallId>().is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn every_id_comes_back(node in "[a-z][a-z0-9._-]{0,9}", created_us: i64, unique_id in "\\PC{0,40}") {
            let id = id(&node, created_us, &unique_id);
            prop_assert_eq!(id.to_string().parse(), Ok(id));
        }

        #[test]
        fn no_text_is_too_much(text in "\\PC{0,60}") {
            let _ = text.parse::<CallId>();
        }
    }
}
