//! Which calls are asked for, and in what order.

use calls::{Direction, Disposition};
use domain::{CountryCode, E164, Invalid, NodeName, Prefix, ProviderId, shortened};
use serde::{Serialize, Serializer};
use traffic::Outcome;

/// Conditions, all of which a call has to meet. Nothing said: every call.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct CallFilter {
    /// It began at this moment or later: its start where that was seen, else its creation. UTC microseconds.
    pub from_us: Option<i64>,
    /// It began before this moment.
    pub to_us: Option<i64>,
    /// On one of these nodes, up to [`CallFilter::NODES_MAX`]; none: on any.
    pub nodes: Vec<NodeName>,
    pub direction: Option<Direction>,
    /// It came from this carrier or went to it.
    pub provider: Option<ProviderId>,
    pub provider_in: Option<ProviderId>,
    pub provider_out: Option<ProviderId>,
    pub caller: Option<NumberMatch>,
    pub called: Option<NumberMatch>,
    /// The caller's number or the called one.
    pub number: Option<NumberMatch>,
    /// One of these; none: any, and calls without one.
    pub dispositions: Vec<Disposition>,
    /// Q.850.
    pub cause: Option<u16>,
    pub sip: Option<u16>,
    /// Talked this long or longer, microseconds; calls that were not answered did not talk.
    pub talk_min_us: Option<i64>,
    /// Talked this long at most.
    pub talk_max_us: Option<i64>,
    pub complete: Option<bool>,
    /// Of the called number.
    pub country: Option<CountryCode>,
    /// One of these; none: any, and calls of which it is not known yet.
    #[serde(serialize_with = "words")]
    pub outcomes: Vec<Outcome>,
    pub root: Option<Box<str>>,
    pub decision: Option<Box<str>>,
}

impl CallFilter {
    /// Nodes that can be asked for by name at once.
    pub const NODES_MAX: usize = 100;
}

fn words<S: Serializer>(outcomes: &[Outcome], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(outcomes.iter().map(|outcome| outcome.word()))
}

/// How a number is looked for.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum NumberMatch {
    /// In international form, whole.
    Exact(E164),
    /// In international form, by its first digits.
    Prefix(Prefix),
    /// As it stood on the wire, or in international form. No index helps: every call of the time is looked at.
    Dialled(Box<str>),
}

/// What somebody dialled may be somebody's number.
impl std::fmt::Debug for NumberMatch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Exact(number) => f.debug_tuple("Exact").field(number).finish(),
            Self::Prefix(prefix) => f.debug_tuple("Prefix").field(prefix).finish(),
            Self::Dialled(text) => f.debug_tuple("Dialled").field(&shortened(text)).finish(),
        }
    }
}

/// What calls are ordered by. Equals stand in the order of node, creation and id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CallKey {
    /// When it began. The tables keep this order, so it costs the same however many calls there are.
    Start,
    /// When it ended; calls without an end come before all others. As the ones that follow, it is sorted when asked for.
    End,
    /// How long it waited for the answer or the end; not known: before all others.
    Wait,
    /// How long it talked; not answered: before all others.
    Talk,
}

/// A key and a direction; [`CallSort::ALL`] are all there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct CallSort {
    pub key: CallKey,
    pub descending: bool,
}

impl CallSort {
    pub const ALL: [Self; 8] = [
        Self { key: CallKey::Start, descending: false },
        Self { key: CallKey::Start, descending: true },
        Self { key: CallKey::End, descending: false },
        Self { key: CallKey::End, descending: true },
        Self { key: CallKey::Wait, descending: false },
        Self { key: CallKey::Wait, descending: true },
        Self { key: CallKey::Talk, descending: false },
        Self { key: CallKey::Talk, descending: true },
    ];

    /// Oldest first.
    pub const OLDEST: Self = Self::ALL[0];
    /// Newest first.
    pub const NEWEST: Self = Self::ALL[1];

    /// As it is written: `start`, and `-start` for the other direction.
    pub const fn as_str(self) -> &'static str {
        match (self.key, self.descending) {
            (CallKey::Start, false) => "start",
            (CallKey::Start, true) => "-start",
            (CallKey::End, false) => "end",
            (CallKey::End, true) => "-end",
            (CallKey::Wait, false) => "wait",
            (CallKey::Wait, true) => "-wait",
            (CallKey::Talk, false) => "talk",
            (CallKey::Talk, true) => "-talk",
        }
    }
}

impl std::fmt::Display for CallSort {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.as_str())
    }
}

impl std::str::FromStr for CallSort {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let rule = "one of start, -start, end, -end, wait, -wait, talk, -talk";
        let found = Self::ALL.into_iter().find(|sort| sort.as_str() == text);
        found.ok_or_else(|| Invalid::new("a sort", rule, text))
    }
}
