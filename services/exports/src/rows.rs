//! The rows of the three tables of records, column by column.
//!
//! The columns are those of the tables, in their order. Only instants are called otherwise: `start_us` holds a number
//! there and a point in time here, so it is `start_at`; what is left with `_us` is a length of time in microseconds.

use std::{fmt, iter};

use calls::{AttemptRecord, CallId, CallRecord, Flaw, LegRecord, Party};
use domain::ProviderId;
use traffic::{AttemptFacts, Outcome};

use crate::cell::{Cell, Column, Field, Instant};

/// What is exported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// One row for each call of each node.
    Calls,
    /// One row for each channel of a call.
    Legs,
    /// One row for each Dial of a call, failed ones too.
    Attempts,
}

impl What {
    pub const ALL: [Self; 3] = [Self::Calls, Self::Legs, Self::Attempts];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Calls => "calls",
            Self::Legs => "legs",
            Self::Attempts => "attempts",
        }
    }
}

/// A row of one of the tables.
pub trait Row: Sized {
    const WHAT: What;
    const COLUMNS: &'static [Column];

    /// Adds what stands of a call in this table.
    fn push_of(call: Recorded, rows: &mut Vec<Self>);

    /// Puts every text in which somebody's number may stand otherwise.
    fn change_numbers(&mut self, change: impl Fn(&str) -> String);

    /// The cells, in the order of the columns.
    fn cells(&self) -> impl Iterator<Item = Cell<'_>>;
}

/// A call as it is exported. Of a record without legs and attempts none are.
#[derive(Clone, Debug)]
pub struct Recorded {
    pub record: CallRecord,
    /// The carriers it came from and went to.
    pub provider_in: Option<ProviderId>,
    pub provider_out: Option<ProviderId>,
    /// Of the called number.
    pub country: Option<Box<str>>,
    pub outcome: Option<Outcome>,
    /// Of each of its attempts, in their order; nothing is known of those that have none.
    pub facts: Vec<AttemptFacts>,
}

/// A text that may be there or not.
trait Changed {
    fn change(&mut self, change: impl Fn(&str) -> String);
}

impl Changed for Box<str> {
    fn change(&mut self, change: impl Fn(&str) -> String) {
        *self = change(self).into();
    }
}

impl Changed for Option<Box<str>> {
    fn change(&mut self, change: impl Fn(&str) -> String) {
        if let Some(text) = self {
            text.change(change);
        }
    }
}

/// Names the columns of a row once.
macro_rules! rows {
    ($(
        $(#[$doc:meta])*
        $what:ident: $row:ident by $push_of:ident, numbers in $($number:ident),+ {
            $($(#[$about:meta])* $column:ident: $type:ty,)+
        }
    )+) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq)]
        pub struct $row {
            $($(#[$about])* pub $column: $type,)+
        }

        /// Most cells hold what callers wrote.
        impl fmt::Debug for $row {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($row)).field("node", &self.node).finish_non_exhaustive()
            }
        }

        impl Row for $row {
            const WHAT: What = What::$what;
            const COLUMNS: &'static [Column] = &[$(Column::of::<$type>(stringify!($column))),+];

            fn push_of(call: Recorded, rows: &mut Vec<Self>) {
                $push_of(call, rows);
            }

            fn change_numbers(&mut self, change: impl Fn(&str) -> String) {
                $(self.$number.change(&change);)+
            }

            fn cells(&self) -> impl Iterator<Item = Cell<'_>> {
                [$(self.$column.cell()),+].into_iter()
            }
        }
    )+};
}

rows! {
    /// A row of `calls`.
    Calls: Call by push_call, numbers in caller_raw, caller_e164, called_raw, called_e164 {
        node: Box<str>,
        /// When its first leg came to be.
        created_at: Instant,
        /// Of its first leg.
        unique_id: Box<str>,
        revision: i64,
        complete: bool,
        /// Why it is not complete: words with commas between them.
        flaws: Box<str>,
        root: Option<Box<str>>,
        decision: Option<Box<str>>,
        generation: Option<i64>,
        direction: Option<&'static str>,
        /// As it stood on the wire.
        caller_raw: Option<Box<str>>,
        /// Digits without a plus.
        caller_e164: Option<Box<str>>,
        called_raw: Option<Box<str>>,
        called_e164: Option<Box<str>>,
        provider_in: Option<i64>,
        provider_out: Option<i64>,
        start_at: Option<Instant>,
        first_ring_at: Option<Instant>,
        answer_at: Option<Instant>,
        end_at: Option<Instant>,
        wait_us: Option<i64>,
        ring_us: Option<i64>,
        talk_us: Option<i64>,
        disposition: Option<&'static str>,
        /// Q.850.
        cause: Option<i64>,
        sip: Option<i64>,
        hangup_by: Option<&'static str>,
        /// Of the called number.
        country: Option<Box<str>>,
        outcome: Option<&'static str>,
    }

    /// A row of `call_legs`.
    Legs: Leg by push_legs, numbers in channel {
        node: Box<str>,
        call_created_at: Instant,
        call_unique_id: Box<str>,
        /// From 1.
        position: i64,
        unique_id: Box<str>,
        linked_id: Option<Box<str>>,
        channel: Box<str>,
        start_at: Option<Instant>,
        answer_at: Option<Instant>,
        end_at: Option<Instant>,
        cause: Option<i64>,
        sip: Option<i64>,
        hangup_by: Option<&'static str>,
    }

    /// A row of `call_attempts`.
    Attempts: Attempt by push_attempts, numbers in dial {
        node: Box<str>,
        call_created_at: Instant,
        call_unique_id: Box<str>,
        /// From 1.
        position: i64,
        dial: Option<Box<str>>,
        leg: Box<str>,
        caller_leg: Option<Box<str>>,
        decision: Option<Box<str>>,
        /// Which attempt of the decision, from 1.
        decision_attempt: Option<i64>,
        start_at: Instant,
        ring_at: Option<Instant>,
        answer_at: Option<Instant>,
        end_at: Option<Instant>,
        cause: Option<i64>,
        sip: Option<i64>,
        dialstatus: Option<Box<str>>,
        provider: Option<i64>,
        /// `carrier`, `hop` or `local`.
        kind: Option<Box<str>>,
        /// The destination prefix of the route.
        prefix: Option<Box<str>>,
        /// Of the called number.
        country: Option<Box<str>>,
        outcome: Option<&'static str>,
    }
}

fn push_call(recorded: Recorded, rows: &mut Vec<Call>) {
    let Recorded { record, provider_in, provider_out, country, outcome, .. } = recorded;
    let (caller_raw, caller_e164) = party(record.caller);
    let (called_raw, called_e164) = party(record.called);
    rows.push(Call {
        node: record.id.node.as_str().into(),
        created_at: Instant(record.id.created_us),
        unique_id: record.id.unique_id,
        revision: record.revision.into(),
        complete: record.flaws.is_empty(),
        flaws: Flaw::list(&record.flaws).into(),
        root: record.root,
        decision: record.decision,
        generation: record.generation.map(|number| number.try_into().unwrap_or(i64::MAX)),
        direction: record.direction.map(calls::Direction::as_str),
        caller_raw,
        caller_e164,
        called_raw,
        called_e164,
        provider_in: provider_in.map(|id| id.0),
        provider_out: provider_out.map(|id| id.0),
        start_at: record.start_us.map(Instant),
        first_ring_at: record.first_ring_us.map(Instant),
        answer_at: record.answer_us.map(Instant),
        end_at: record.end_us.map(Instant),
        wait_us: record.wait_us,
        ring_us: record.ring_us,
        talk_us: record.talk_us,
        disposition: record.disposition.map(calls::Disposition::as_str),
        cause: record.cause.map(Into::into),
        sip: record.sip.map(Into::into),
        hangup_by: record.hangup_by.map(calls::HangupBy::as_str),
        country,
        outcome: outcome.map(Outcome::word),
    });
}

fn party(party: Option<Party>) -> (Option<Box<str>>, Option<Box<str>>) {
    let e164 = party.as_ref().and_then(|party| party.e164);
    (party.map(|party| party.raw), e164.map(|e164| e164.to_string().into()))
}

fn push_legs(Recorded { record: CallRecord { id, legs, .. }, .. }: Recorded, rows: &mut Vec<Leg>) {
    rows.extend((1..).zip(legs).map(|(position, leg)| self::leg(&id, position, leg)));
}

fn leg(call: &CallId, position: i64, leg: LegRecord) -> Leg {
    Leg {
        node: call.node.as_str().into(),
        call_created_at: Instant(call.created_us),
        call_unique_id: call.unique_id.clone(),
        position,
        unique_id: leg.unique_id,
        linked_id: leg.linked_id,
        channel: leg.channel,
        start_at: leg.start_us.map(Instant),
        answer_at: leg.answer_us.map(Instant),
        end_at: leg.end_us.map(Instant),
        cause: leg.cause.map(Into::into),
        sip: leg.sip.map(Into::into),
        hangup_by: leg.hangup_by.map(calls::HangupBy::as_str),
    }
}

fn push_attempts(
    Recorded { record: CallRecord { id, attempts, .. }, facts, .. }: Recorded,
    rows: &mut Vec<Attempt>,
) {
    let facts = facts.into_iter().chain(iter::repeat_with(AttemptFacts::default));
    rows.extend(attempts.into_iter().zip(facts).map(|(attempt, facts)| self::attempt(&id, attempt, facts)));
}

fn attempt(call: &CallId, attempt: AttemptRecord, facts: AttemptFacts) -> Attempt {
    Attempt {
        node: call.node.as_str().into(),
        call_created_at: Instant(call.created_us),
        call_unique_id: call.unique_id.clone(),
        position: attempt.position.into(),
        dial: attempt.dial,
        leg: attempt.leg,
        caller_leg: attempt.caller_leg,
        decision: attempt.decision,
        decision_attempt: attempt.decision_attempt.map(Into::into),
        start_at: Instant(attempt.start_us),
        ring_at: attempt.ring_us.map(Instant),
        answer_at: attempt.answer_us.map(Instant),
        end_at: attempt.end_us.map(Instant),
        cause: attempt.cause.map(Into::into),
        sip: attempt.sip.map(Into::into),
        dialstatus: attempt.dialstatus,
        provider: facts.provider.map(|id| id.0),
        kind: facts.kind,
        prefix: facts.prefix,
        country: facts.country,
        outcome: facts.outcome.map(Outcome::word),
    }
}
