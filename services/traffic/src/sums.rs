use std::fmt;

use crate::outcome::Outcome;

/// What attempts, or calls, add up to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sums {
    outcomes: [i64; Outcome::ALL.len()],
    /// Of those that were answered and whose end was heard.
    pub talk_us: i64,
    /// How many those are.
    pub talks: i64,
    /// From the beginning of an attempt to the first ringing, or else to the answer.
    pub pdd_us: i64,
    /// How many came so far.
    pub pdds: i64,
}

impl Sums {
    /// How the columns are called that hold them.
    pub const COLUMNS: [&str; 16] = [
        "attempts",
        "answered",
        "user_busy",
        "no_answer",
        "rejected_by_user",
        "subscriber",
        "answered_elsewhere",
        "caller_gave_up",
        "network",
        "policy",
        "other",
        "unknown",
        "talk_us",
        "talks",
        "pdd_us",
        "pdds",
    ];

    /// In the order of [`Self::COLUMNS`].
    pub fn values(&self) -> [i64; 16] {
        let mut values = [0; 16];
        values[0] = self.attempts();
        values[1..12].copy_from_slice(&self.outcomes);
        values[12..].copy_from_slice(&[self.talk_us, self.talks, self.pdd_us, self.pdds]);
        values
    }

    /// What [`Self::values`] gave.
    pub fn of(values: [i64; 16]) -> Self {
        let mut outcomes = [0; Outcome::ALL.len()];
        outcomes.copy_from_slice(&values[1..12]);
        let [talk_us, talks, pdd_us, pdds] = [values[12], values[13], values[14], values[15]];
        Self { outcomes, talk_us, talks, pdd_us, pdds }
    }

    /// Counts one attempt; None where a time is not known.
    pub(crate) fn count(&mut self, outcome: Outcome, talk_us: Option<i64>, pdd_us: Option<i64>) {
        self.outcomes[outcome.place()] += 1;
        if let Some(talk_us) = talk_us {
            self.talk_us = self.talk_us.saturating_add(talk_us);
            self.talks += 1;
        }
        if let Some(pdd_us) = pdd_us {
            self.pdd_us = self.pdd_us.saturating_add(pdd_us);
            self.pdds += 1;
        }
    }

    pub fn add(&mut self, more: &Self) {
        let sums = self.values().into_iter().zip(more.values()).map(|(one, other)| one.saturating_add(other));
        let mut values = [0; 16];
        values.iter_mut().zip(sums).for_each(|(value, sum)| *value = sum);
        *self = Self::of(values);
    }

    pub fn of_outcome(&self, outcome: Outcome) -> i64 {
        self.outcomes[outcome.place()]
    }

    pub fn attempts(&self) -> i64 {
        self.outcomes.iter().sum()
    }

    /// Those of which is known what became of them.
    pub fn seizures(&self) -> i64 {
        self.attempts() - self.of_outcome(Outcome::Unknown)
    }

    pub fn answered(&self) -> i64 {
        self.of_outcome(Outcome::Answered)
    }

    pub fn effective(&self) -> i64 {
        Outcome::ALL.iter().filter(|it| it.is_effective()).map(|it| self.of_outcome(*it)).sum()
    }

    /// Answer seizure ratio, ITU-T E.425. None without a seizure.
    pub fn asr(&self) -> Option<Ratio> {
        Ratio::of(self.answered(), self.seizures())
    }

    /// Network effectiveness ratio, ITU-T E.425. None without a seizure.
    pub fn ner(&self) -> Option<Ratio> {
        Ratio::of(self.effective(), self.seizures())
    }

    /// Average call duration, microseconds. None where nobody talked.
    pub fn acd_us(&self) -> Option<i64> {
        (self.talks > 0).then(|| self.talk_us / self.talks)
    }

    /// Average post-dial delay, microseconds. None where nothing rang.
    pub fn pdd_us(&self) -> Option<i64> {
        (self.pdds > 0).then(|| self.pdd_us / self.pdds)
    }
}

/// A part of a whole, in hundredths of a percent, rounded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ratio(u32);

impl Ratio {
    fn of(part: i64, whole: i64) -> Option<Self> {
        let (part, whole) = (i128::from(part), i128::from(whole));
        let rounded = (part * 20_000 + whole).checked_div(whole * 2)?;
        rounded.try_into().ok().map(Self)
    }

    /// Hundredths of a percent.
    pub fn hundredths(self) -> u32 {
        self.0
    }
}

impl fmt::Display for Ratio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:02}", self.0 / 100, self.0 % 100)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_named_after_the_outcomes() {
        assert_eq!(Sums::COLUMNS[1..12], Outcome::ALL.map(Outcome::word));
        let mut values = [0; 16];
        values.iter_mut().zip(1..).for_each(|(value, number)| *value = number);
        let sums = Sums::of(values);
        values[0] = (2..=12).sum();
        assert_eq!(sums.values(), values);
        assert_eq!((sums.talk_us, sums.talks, sums.pdd_us, sums.pdds), (13, 14, 15, 16));
    }

    #[test]
    fn ratios_are_of_what_is_known() {
        let mut sums = Sums::default();
        assert_eq!((sums.asr(), sums.ner(), sums.acd_us(), sums.pdd_us()), (None, None, None, None));
        sums.count(Outcome::Unknown, None, None);
        assert_eq!((sums.attempts(), sums.asr()), (1, None));
        sums.count(Outcome::Answered, Some(60_000_000), Some(2_000_000));
        sums.count(Outcome::Answered, None, Some(1_000_000));
        sums.count(Outcome::NoAnswer, None, Some(3_000_000));
        sums.count(Outcome::Network, None, None);
        sums.count(Outcome::CallerGaveUp, None, None);
        sums.count(Outcome::Subscriber, None, None);
        assert_eq!((sums.attempts(), sums.seizures(), sums.effective()), (7, 6, 4));
        let shown = |ratio: Option<Ratio>| ratio.unwrap().to_string();
        assert_eq!((shown(sums.asr()), shown(sums.ner())), ("33.33".to_owned(), "66.67".to_owned()));
        assert_eq!((sums.acd_us(), sums.pdd_us()), (Some(60_000_000), Some(2_000_000)));
    }
}
