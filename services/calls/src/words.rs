//! The closed sets of a record as words: the same in tables, in exports and on the command line.

use std::{fmt, str::FromStr};

use domain::Invalid;

use crate::record::{Direction, Disposition, Flaw, GapReason, HangupBy};

macro_rules! words {
    ($($type:ty, $what:literal { $($value:ident $(($of:ident))? => $word:literal),+ $(,)? })+) => {$(
        impl $type {
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$value $((GapReason::$of))? => $word),+
                }
            }
        }

        impl FromStr for $type {
            type Err = Invalid;

            fn from_str(word: &str) -> Result<Self, Invalid> {
                match word {
                    $($word => Ok(Self::$value $((GapReason::$of))?),)+
                    _ => Err(Invalid::new($what, concat!("one of" $(, " ", $word)+), word)),
                }
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.as_str())
            }
        }
    )+};
}

words! {
    Direction, "a direction" {
        Inbound => "inbound",
        Outbound => "outbound",
    }
    Disposition, "a disposition" {
        Answered => "answered",
        Cancelled => "cancelled",
        Busy => "busy",
        NoAnswer => "no_answer",
        Rejected => "rejected",
        Unavailable => "unavailable",
        Congestion => "congestion",
        Failed => "failed",
    }
    HangupBy, "who hung up" {
        Caller => "caller",
        Callee => "callee",
        Dialplan => "dialplan",
        Ami => "ami",
        NodeLost => "node_lost",
    }
    GapReason, "a reason" {
        Disconnected => "disconnected",
        JournalLost => "journal_lost",
        Damaged => "damaged",
    }
    Flaw, "a flaw" {
        Gap(Disconnected) => "gap_disconnected",
        Gap(JournalLost) => "gap_journal_lost",
        Gap(Damaged) => "gap_damaged",
        BeginningUnseen => "beginning_unseen",
        EndUnseen => "end_unseen",
        NodeLost => "node_lost",
        Expired => "expired",
        Overflow => "overflow",
    }
}

impl Flaw {
    /// The flaws of a record in one text: each once, in their order, with commas.
    pub fn list(flaws: &[Self]) -> String {
        let mut words = Vec::new();
        for word in flaws.iter().map(|flaw| flaw.as_str()) {
            if !words.contains(&word) {
                words.push(word);
            }
        }
        words.join(",")
    }
}
