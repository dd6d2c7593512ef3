//! What somebody wants to know of sums, in words of closed sets.

use std::{fmt, str::FromStr};

use domain::Invalid;

use times::Zone;

use crate::period::Period;

/// A closed set of values with a word for each.
macro_rules! words {
    ($($(#[$about:meta])* $type:ident, $what:literal { $($(#[$note:meta])* $value:ident => $word:literal),+ $(,)? })+) => {$(
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $type {
            $($(#[$note])* $value),+
        }

        impl $type {
            pub const ALL: &[Self] = &[$(Self::$value),+];

            pub fn word(self) -> &'static str {
                match self {
                    $(Self::$value => $word),+
                }
            }
        }

        impl FromStr for $type {
            type Err = Invalid;

            fn from_str(word: &str) -> Result<Self, Invalid> {
                match word {
                    $($word => Ok(Self::$value),)+
                    _ => Err(Invalid::new($what, concat!("one of" $(, " ", $word)+), word)),
                }
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.word())
            }
        }
    )+};
}

words! {
    /// What is counted.
    Per, "what is counted" {
        /// One Dial of one channel.
        Attempt => "attempt",
        /// One call of one node.
        Call => "call",
    }
    /// Where an attempt went, as its decision says.
    Kind, "a kind" {
        Carrier => "carrier",
        /// To another of our servers, where it is an attempt again.
        Hop => "hop",
        Local => "local",
        /// No decision tells.
        Unknown => "unknown",
    }
    /// What sums are told apart by.
    Dimension, "what to tell apart by" {
        Provider => "provider",
        Prefix => "prefix",
        Country => "country",
        Node => "node",
        Direction => "direction",
        Kind => "kind",
        Hour => "hour",
        Day => "day",
        Cause => "cause",
    }
}

/// What is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    pub period: Period,
    pub per: Per,
    /// In the order of the answer's columns.
    pub by: Vec<Dimension>,
    /// Only these kinds.
    pub kinds: Vec<Kind>,
    pub node: Option<Box<str>>,
    pub provider: Option<i64>,
    /// Whose hours and days they are.
    pub zone: Zone,
}

/// Why a question has no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QuestionError {
    #[error("{0} is named twice")]
    Twice(Dimension),
    #[error("causes are those of attempts, not of calls")]
    CausesOfCalls,
    #[error("causes are not kept by {0}: only by provider, node, kind, hour and day")]
    CausesBy(Dimension),
}

/// Which roll-up answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    Attempts,
    Calls,
    Causes,
}

/// A column of an answer; `cause` is several.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    Provider,
    Prefix,
    Country,
    Node,
    Direction,
    Kind,
    /// When the hour began, microseconds of UTC.
    Hour,
    /// When the day began, microseconds of the zone's own time.
    Day,
    Cause,
    Sip,
    DialStatus,
    Outcome,
}

impl Per {
    /// The kinds that count unless somebody asks for others. A hop is left out, since it is counted where it arrives; of
    /// attempts, a carrier's are what ratios are asked for.
    pub fn kinds(self) -> &'static [Kind] {
        match self {
            Self::Attempt => &[Kind::Carrier, Kind::Unknown],
            Self::Call => &[Kind::Carrier, Kind::Local, Kind::Unknown],
        }
    }
}

impl Question {
    /// Where the answer comes from, if there is one.
    pub fn source(&self) -> Result<Source, QuestionError> {
        for (at, dimension) in self.by.iter().enumerate() {
            if self.by[..at].contains(dimension) {
                return Err(QuestionError::Twice(*dimension));
            }
        }
        if !self.by.contains(&Dimension::Cause) {
            return Ok(if self.per == Per::Call { Source::Calls } else { Source::Attempts });
        }
        if self.per == Per::Call {
            return Err(QuestionError::CausesOfCalls);
        }
        let unkept = [Dimension::Prefix, Dimension::Country, Dimension::Direction];
        match self.by.iter().find(|dimension| unkept.contains(dimension)) {
            Some(dimension) => Err(QuestionError::CausesBy(*dimension)),
            None => Ok(Source::Causes),
        }
    }

    /// The columns that tell the answer's rows apart.
    pub fn columns(&self) -> Vec<Column> {
        self.by.iter().flat_map(|dimension| columns(*dimension)).copied().collect()
    }

    /// A moment of a column of this answer as people read it.
    pub fn moment(&self, column: Column, us: i64) -> String {
        if column == Column::Day { times::date(us) } else { self.zone.minute(us) }
    }
}

fn columns(dimension: Dimension) -> &'static [Column] {
    match dimension {
        Dimension::Provider => &[Column::Provider],
        Dimension::Prefix => &[Column::Prefix],
        Dimension::Country => &[Column::Country],
        Dimension::Node => &[Column::Node],
        Dimension::Direction => &[Column::Direction],
        Dimension::Kind => &[Column::Kind],
        Dimension::Hour => &[Column::Hour],
        Dimension::Day => &[Column::Day],
        Dimension::Cause => &[Column::Cause, Column::Sip, Column::DialStatus, Column::Outcome],
    }
}

impl Column {
    pub fn word(self) -> &'static str {
        match self {
            Self::Provider => "provider",
            Self::Prefix => "prefix",
            Self::Country => "country",
            Self::Node => "node",
            Self::Direction => "direction",
            Self::Kind => "kind",
            Self::Hour => "hour",
            Self::Day => "day",
            Self::Cause => "cause",
            Self::Sip => "sip",
            Self::DialStatus => "dialstatus",
            Self::Outcome => "outcome",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(per: Per, by: &[&str]) -> Result<Source, QuestionError> {
        let period = Period { from_us: 0, to_us: 1, capped: false };
        let by = by.iter().map(|word| word.parse().unwrap()).collect();
        let (kinds, zone) = (per.kinds().to_vec(), Zone::UTC);
        Question { period, per, by, kinds, node: None, provider: None, zone }.source()
    }

    #[test]
    fn a_question_names_its_source() {
        assert_eq!(asked(Per::Attempt, &[]), Ok(Source::Attempts));
        assert_eq!(asked(Per::Call, &["day", "prefix"]), Ok(Source::Calls));
        assert_eq!(asked(Per::Attempt, &["cause", "provider", "hour"]), Ok(Source::Causes));
    }

    #[test]
    fn what_cannot_be_answered_is_refused() {
        assert_eq!(asked(Per::Attempt, &["day", "day"]), Err(QuestionError::Twice(Dimension::Day)));
        assert_eq!(asked(Per::Call, &["cause"]), Err(QuestionError::CausesOfCalls));
        let prefix = Err(QuestionError::CausesBy(Dimension::Prefix));
        assert_eq!(asked(Per::Attempt, &["cause", "prefix"]), prefix);
        let error = "carriers".parse::<Dimension>().unwrap_err().to_string();
        assert!(Dimension::ALL.iter().all(|it| error.contains(it.word())), "{error}");
    }
}
