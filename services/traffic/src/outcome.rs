use std::{fmt, str::FromStr};

use domain::Invalid;

/// What became of an attempt, in the classes that ratios are made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    Answered,
    UserBusy,
    /// It rang, and nobody answered.
    NoAnswer,
    /// A person, or that person's telephone, declined: never what a carrier refuses.
    RejectedByUser,
    /// The number or its telephone: not allocated, changed, incomplete, absent, out of order.
    Subscriber,
    /// One of several telephones that rang at once; another one was taken.
    AnsweredElsewhere,
    /// The caller left before it rang.
    CallerGaveUp,
    /// A carrier or the network could not.
    Network,
    /// A carrier would not: no credit, no right, a number it does not let through.
    Policy,
    Other,
    /// Nobody listened when it was decided.
    Unknown,
}

impl Outcome {
    pub const ALL: [Self; 11] = [
        Self::Answered,
        Self::UserBusy,
        Self::NoAnswer,
        Self::RejectedByUser,
        Self::Subscriber,
        Self::AnsweredElsewhere,
        Self::CallerGaveUp,
        Self::Network,
        Self::Policy,
        Self::Other,
        Self::Unknown,
    ];

    /// As it stands in columns, and as a column is called that counts it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Answered => "answered",
            Self::UserBusy => "user_busy",
            Self::NoAnswer => "no_answer",
            Self::RejectedByUser => "rejected_by_user",
            Self::Subscriber => "subscriber",
            Self::AnsweredElsewhere => "answered_elsewhere",
            Self::CallerGaveUp => "caller_gave_up",
            Self::Network => "network",
            Self::Policy => "policy",
            Self::Other => "other",
            Self::Unknown => "unknown",
        }
    }

    /// Whether the network did its part (ITU-T E.425): it was answered, or failed for a reason of the called side.
    pub fn is_effective(self) -> bool {
        match self {
            Self::Answered
            | Self::UserBusy
            | Self::NoAnswer
            | Self::RejectedByUser
            | Self::Subscriber
            | Self::AnsweredElsewhere => true,
            Self::CallerGaveUp | Self::Network | Self::Policy | Self::Other | Self::Unknown => false,
        }
    }

    /// Whether a rule may say so: answers and ignorance are facts.
    pub fn is_ruled(self) -> bool {
        !matches!(self, Self::Answered | Self::Unknown)
    }

    /// Its place in [`Self::ALL`].
    pub(crate) fn place(self) -> usize {
        self as usize
    }
}

impl FromStr for Outcome {
    type Err = Invalid;

    fn from_str(word: &str) -> Result<Self, Invalid> {
        let rule = "one of answered user_busy no_answer rejected_by_user subscriber answered_elsewhere \
             caller_gave_up network policy other unknown";
        let found = Self::ALL.into_iter().find(|outcome| outcome.word() == word);
        found.ok_or_else(|| Invalid::new("an outcome", rule, word))
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_back_and_stand_in_their_places() {
        for (place, outcome) in Outcome::ALL.into_iter().enumerate() {
            assert_eq!((outcome.word().parse(), outcome.place()), (Ok(outcome), place));
        }
        let error = "refused".parse::<Outcome>().unwrap_err().to_string();
        assert!(Outcome::ALL.iter().all(|outcome| error.contains(outcome.word())), "{error}");
    }
}
