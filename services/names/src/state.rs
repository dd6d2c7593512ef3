use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use crate::{Failure, Found, Rules};

/// What is known of a name that DNS is asked about. Survives whoever asks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    /// What was seen, in use or waiting for the hold-down.
    pub sights: Vec<Sight>,
    /// When DNS was asked last, microseconds of UTC.
    pub asked_us: Option<i64>,
    /// When it gave an answer last that could be used.
    pub good_us: Option<i64>,
    /// When the addresses in use changed last.
    pub changed_us: Option<i64>,
    /// When it is asked next.
    pub next_us: i64,
    /// How often it failed since.
    pub failures: u32,
    pub failure: Option<Failure>,
}

/// An address that a name was seen to stand for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sight {
    #[serde(flatten)]
    pub found: Found,
    pub in_use: bool,
    /// When an answer held it last, microseconds of UTC.
    pub seen_us: i64,
    /// Since when good answers lack it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub missing_us: Option<i64>,
}

/// How a name does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Condition {
    /// Never answered.
    Unknown,
    Good,
    /// The last answer was none; what is in use stays.
    Failing,
    /// There was no good answer for longer than anybody should trust the last one; what is in use stays all the same.
    Stale,
}

impl Condition {
    pub const ALL: [Self; 4] = [Self::Unknown, Self::Good, Self::Failing, Self::Stale];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Good => "good",
            Self::Failing => "failing",
            Self::Stale => "stale",
        }
    }
}

impl State {
    /// Of a name whose addresses are in use already, but of which nothing else is known any more.
    pub fn with(in_use: impl IntoIterator<Item = Found>, now_us: i64) -> Self {
        let sight = |found| Sight { found, in_use: true, seen_us: now_us, missing_us: None };
        Self { sights: in_use.into_iter().map(sight).collect(), ..Self::default() }
    }

    /// What the name stands for.
    pub fn in_use(&self) -> impl Iterator<Item = Found> {
        self.sights.iter().filter(|sight| sight.in_use).map(|sight| sight.found)
    }

    /// Of what it stands for, the addresses.
    pub(crate) fn addresses(&self) -> impl Iterator<Item = IpAddr> {
        self.in_use().map(|found| found.address)
    }

    pub(crate) fn uses(&self, address: IpAddr) -> bool {
        self.addresses().any(|known| known == address)
    }

    pub fn condition(&self, rules: &Rules, now_us: i64) -> Condition {
        match (self.good_us, self.failures) {
            (None, _) => Condition::Unknown,
            (Some(good_us), _) if now_us.saturating_sub(good_us) > rules.kept_us => Condition::Stale,
            (Some(_), 0) => Condition::Good,
            (Some(_), _) => Condition::Failing,
        }
    }
}
