//! Which version of the dialplan each node asks with: counted, and said once where it is not this router's.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use domain::NodeName;
use prometheus::{IntCounter, IntCounterVec};
use tracing::warn;

/// The version of the dialplan that belongs to this router, as the dialplan sends it in `dp`.
const DIALPLAN_VERSION: u16 = 1;

/// Most nodes counted by name; all further ones share the label `other`.
const MAX_NODES: usize = 1_024;

/// A dialplan beside this router's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Version {
    Current,
    Older,
    Newer,
    /// None was told, or nothing that is a version.
    Unknown,
}

impl Version {
    fn parse(text: &str) -> Self {
        match text.parse::<u16>() {
            Ok(DIALPLAN_VERSION) => Self::Current,
            Ok(version) if version < DIALPLAN_VERSION => Self::Older,
            Ok(_) => Self::Newer,
            Err(_) => Self::Unknown,
        }
    }

    fn as_str(self) -> &'static str {
        match self {
            Self::Current => "current",
            Self::Older => "older",
            Self::Newer => "newer",
            Self::Unknown => "unknown",
        }
    }
}

/// A counter for each version a node has asked with.
type Counted = [Option<IntCounter>; 4];

#[derive(Debug)]
pub(crate) struct Dialplans {
    questions: IntCounterVec,
    by_node: Mutex<HashMap<NodeName, Counted>>,
}

impl Dialplans {
    /// Counts with these counters, labels `node` and `version`.
    pub(crate) fn new(questions: IntCounterVec) -> Self {
        Self { questions, by_node: Mutex::default() }
    }

    /// Takes note of what a node that has proved its name says about its dialplan.
    pub(crate) fn seen(&self, node: &NodeName, dp: &str) {
        let version = Version::parse(dp);
        let mut by_node = self.by_node.lock().unwrap_or_else(PoisonError::into_inner);
        if !by_node.contains_key(node) {
            if by_node.len() == MAX_NODES {
                return self.questions.with_label_values(&["other", version.as_str()]).inc();
            }
            by_node.insert(node.clone(), Counted::default());
        }
        let Some(counted) = by_node.get_mut(node) else { return };
        let counter = counted[version as usize].get_or_insert_with(|| self.first(node, version));
        counter.inc();
    }

    fn first(&self, node: &NodeName, version: Version) -> IntCounter {
        if version != Version::Current {
            warn!(node.name = %node, dialplan.version = version.as_str(), "the dialplan is not of this router's version");
        }
        self.questions.with_label_values(&[node.as_str(), version.as_str()])
    }
}

#[cfg(test)]
mod tests {
    use prometheus::Opts;

    use super::*;

    #[test]
    fn a_version_is_a_number_or_unknown() {
        let cases = [
            ("1", "current"),
            ("0", "older"),
            ("2", "newer"),
            ("65536", "unknown"),
            ("", "unknown"),
            ("-1", "unknown"),
            ("1\r\n", "unknown"),
        ];
        for (text, version) in cases {
            assert_eq!(Version::parse(text).as_str(), version, "{text:?}");
        }
    }

    #[test]
    fn names_are_kept_up_to_a_limit() {
        let questions = IntCounterVec::new(Opts::new("x", "x"), &["node", "version"]).unwrap();
        let dialplans = Dialplans::new(questions.clone());
        for number in 0..MAX_NODES + 7 {
            dialplans.seen(&format!("node{number}").parse().unwrap(), "1");
        }
        assert_eq!(dialplans.by_node.lock().unwrap().len(), MAX_NODES);
        assert_eq!(questions.with_label_values(&["other", "current"]).get(), 7);
    }

    #[test]
    fn the_shipped_dialplan_is_of_this_version() {
        let shipped = include_str!("../../../dialplan/extensions-dialplane.conf");
        assert!(shipped.starts_with(&format!("; Dialplane, dialplan version {DIALPLAN_VERSION}.")));
        assert!(shipped.contains(&format!("Set(DP_FORM=dp={DIALPLAN_VERSION}&")));
    }
}
