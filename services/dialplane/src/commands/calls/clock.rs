//! When events happened, as far as they say so.

/// How far time moves on with an event that bears none: the assembler needs an order, and forgets by time.
const STEP_US: i64 = 10;
/// Stretches of made-up time that are told apart; above it the oldest two become one, and what lies between is unknown.
const STRETCHES_MAX: usize = 64;

/// Gives each event a time, and knows afterwards which times it made up.
#[derive(Debug, Default)]
pub(super) struct Clock {
    last_us: i64,
    latest_us: i64,
    /// First and last of each.
    made_up: Vec<(i64, i64)>,
    making_up: bool,
}

impl Clock {
    /// The time of the next event, its own or one made up.
    pub(super) fn at(&mut self, own_us: Option<i64>) -> i64 {
        let at_us = own_us.unwrap_or(self.last_us.saturating_add(STEP_US));
        if own_us.is_none() {
            self.make_up(at_us);
        }
        self.making_up = own_us.is_none();
        self.last_us = at_us;
        self.latest_us = self.latest_us.max(at_us);
        at_us
    }

    fn make_up(&mut self, at_us: i64) {
        match self.made_up.last_mut().filter(|_| self.making_up) {
            Some((_, last_us)) => *last_us = at_us,
            None => self.made_up.push((at_us, at_us)),
        }
        if self.made_up.len() > STRETCHES_MAX {
            let (first, last) = self.made_up.remove(0);
            let next = &mut self.made_up[0];
            *next = (first.min(next.0), last.max(next.1));
        }
    }

    /// For what happens at no time of its own.
    pub(super) fn last_us(&self) -> i64 {
        self.last_us
    }

    pub(super) fn latest_us(&self) -> i64 {
        self.latest_us
    }

    /// A time, unless it was made up.
    pub(super) fn known(&self, us: Option<i64>) -> Option<i64> {
        us.filter(|us| !self.made_up.iter().any(|(first, last)| (first..=last).contains(&us)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_made_up_is_unknown() {
        let mut clock = Clock::default();
        let times: Vec<_> = [None, None, Some(500), None, Some(1_000)].map(|us| clock.at(us)).into();
        assert_eq!(times, [10, 20, 500, 510, 1_000]);
        let known: Vec<_> = times.iter().filter_map(|us| clock.known(Some(*us))).collect();
        assert_eq!(known, [500, 1_000]);
    }

    #[test]
    fn what_cannot_be_told_apart_is_unknown() {
        let mut clock = Clock::default();
        for us in 1..=200 {
            clock.at(Some(us * 1_000));
            clock.at(None);
        }
        assert_eq!(clock.made_up.len(), STRETCHES_MAX);
        assert_eq!((clock.known(Some(2_000)), clock.known(Some(200_000))), (None, Some(200_000)));
        assert_eq!(clock.known(Some(200_010)), None);
    }
}
