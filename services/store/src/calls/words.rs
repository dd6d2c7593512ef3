//! The words of records as they stand in columns.

use calls::{Direction, Disposition, Flaw, GapReason, HangupBy};
use domain::Invalid;

use crate::{
    column::Scalar,
    driver::{Cells, Value},
    error::Impossible,
};

/// A closed set of values, each of which stands as a word.
macro_rules! words {
    ($($type:ty, $what:literal { $($value:ident $(($of:ident))? => $word:literal),+ $(,)? })+) => {$(
        impl Word for $type {
            fn word(self) -> &'static str {
                match self {
                    $(Self::$value $((GapReason::$of))? => $word),+
                }
            }

            fn of(word: &str) -> Result<Self, Invalid> {
                match word {
                    $($word => Ok(Self::$value $((GapReason::$of))?),)+
                    _ => Err(Invalid::new($what, concat!("one of" $(, " ", $word)+), word)),
                }
            }
        }

        impl Scalar for $type {
            fn value(scalar: Option<&Self>) -> Value<'_> {
                Value::Text(scalar.map(|value| value.word().into()))
            }

            fn read(row: &impl Cells, at: usize) -> Result<Option<Self>, Impossible> {
                Ok(row.text(at)?.map(Self::of).transpose()?)
            }
        }
    )+};
}

trait Word: Copy {
    fn word(self) -> &'static str;
    fn of(word: &str) -> Result<Self, Invalid>;
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

/// The flaws of a record in one cell: each once, in their order, with commas.
pub(super) struct Flaws(pub(super) Vec<Flaw>);

pub(super) fn flaws_value<'a>(flaws: &[Flaw]) -> Value<'a> {
    let mut words = Vec::new();
    for word in flaws.iter().map(|flaw| flaw.word()) {
        if !words.contains(&word) {
            words.push(word);
        }
    }
    Value::Text(Some(words.join(",").into()))
}

impl Scalar for Flaws {
    fn value(scalar: Option<&Self>) -> Value<'_> {
        scalar.map_or(Value::Text(None), |flaws| flaws_value(&flaws.0))
    }

    fn read(row: &impl Cells, at: usize) -> Result<Option<Self>, Impossible> {
        let Some(list) = row.text(at)? else { return Ok(None) };
        let words = list.split(',').filter(|word| !word.is_empty());
        Ok(Some(Self(words.map(Flaw::of).collect::<Result<_, _>>()?)))
    }
}
