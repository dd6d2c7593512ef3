//! How numbers are shown.

use calls::{CallRecord, Party};
use domain::masked;
use exports::Row;

/// Whether numbers are shown whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Numbers {
    Masked,
    Whole,
}

impl Numbers {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Masked => "masked",
            Self::Whole => "whole",
        }
    }

    /// Whether a text is a reason to show them whole: something of 3 to 200 characters in one line.
    pub fn is_reason(text: &str) -> bool {
        let chars = text.chars().count();
        (3..=200).contains(&chars) && !text.chars().any(char::is_control) && !text.trim().is_empty()
    }

    /// A record as it is shown to people. A number in international form has no form with its end hidden.
    pub fn show_record(self, mut record: CallRecord) -> CallRecord {
        if self == Self::Masked {
            for party in [&mut record.caller, &mut record.called].into_iter().flatten() {
                *party = Party { raw: masked(&party.raw).into(), e164: None };
            }
            for leg in &mut record.legs {
                leg.channel = masked(&leg.channel).into();
            }
            for attempt in &mut record.attempts {
                attempt.dial = attempt.dial.take().map(|dial| masked(&dial).into());
            }
        }
        record
    }

    /// Shows a row of an export so.
    pub(crate) fn hide_in(self, row: &mut impl Row) {
        if self == Self::Masked {
            row.change_numbers(masked);
        }
    }

    /// A text somebody's number may stand in, as it is shown.
    pub(crate) fn show(self, text: &str) -> String {
        match self {
            Self::Whole => text.to_owned(),
            Self::Masked => masked(text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_say_something() {
        assert!(Numbers::is_reason("file 7") && Numbers::is_reason("дело"));
        for text in ["", "no", "   ", "a\nb c", &"x".repeat(201)] {
            assert!(!Numbers::is_reason(text), "{text}");
        }
    }
}
