use std::net::IpAddr;

use serde::{Deserialize, Serialize};

/// An address that a name stands for, with the port where an SRV record gives one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Found {
    pub address: IpAddr,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub port: Option<u16>,
}

/// What DNS said to a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    Addresses {
        found: Vec<Found>,
        /// How long that may be taken for true, seconds, by the records.
        ttl_s: u32,
        /// Whether nothing failed on the way. What a part of an answer lacks may be in the other part.
        whole: bool,
    },
    Failed(Failure),
}

/// Why there are no addresses. None of these takes away what is in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Failure {
    /// Nobody answered in time.
    Timeout,
    /// The servers answered that they cannot answer.
    Server,
    /// There is no such name, they say.
    NoSuchName,
    /// The name has no addresses, they say.
    Empty,
    /// More records than any carrier has.
    TooMany,
    /// All that came has to wait for a person.
    Quarantined,
    /// What came was no answer.
    Broken,
}

impl Failure {
    pub const ALL: [Self; 7] = [
        Self::Timeout,
        Self::Server,
        Self::NoSuchName,
        Self::Empty,
        Self::TooMany,
        Self::Quarantined,
        Self::Broken,
    ];

    /// As tables, metrics and people have it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Timeout => "timeout",
            Self::Server => "server_failure",
            Self::NoSuchName => "no_such_name",
            Self::Empty => "empty",
            Self::TooMany => "too_many",
            Self::Quarantined => "quarantined",
            Self::Broken => "broken",
        }
    }

    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|failure| failure.as_str() == word)
    }
}
