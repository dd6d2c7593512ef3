//! Roll-ups beside an oracle that counts every attempt by itself.

use proptest::{collection::vec, option, prelude::*, sample::select};
use traffic::{Attempt, Call, Direction, Key, Kind, Outcome, RollUp, Rules, Seen, Sums};

type Made = (Call<'static>, Vec<Attempt<'static>>);

const DAY_US: i64 = 24 * 3_600 * 1_000_000;

fn code() -> impl Strategy<Value = Option<u16>> {
    option::of(select(vec![0, 1, 16, 17, 19, 21, 26, 34, 127, 403, 404, 486, 503, 603, u16::MAX]))
}

/// Also times that no clock shows.
fn time() -> impl Strategy<Value = Option<i64>> {
    option::of(prop_oneof![9 => 0..DAY_US, 1 => select(vec![i64::MIN, -1, i64::MAX])])
}

fn attempt() -> impl Strategy<Value = Attempt<'static>> {
    let words = ["ANSWER", "BUSY", "CANCEL", "CHANUNAVAIL", "CONGESTION", "NOANSWER", "a status of its own"];
    let told = (
        select(Kind::ALL),
        option::of(1..4_i64),
        option::of(select(vec!["7", "7495"])),
        option::of(select(vec!["RU", "US"])),
    );
    let times = (time(), time(), time(), time());
    (told, times, code(), code(), option::of(select(words.to_vec()))).prop_map(
        |(
            (kind, provider, prefix, country),
            (start_us, ring_us, answer_us, end_us),
            cause,
            sip,
            dialstatus,
        )| {
            let start_us = start_us.unwrap_or_default();
            Attempt {
                kind,
                provider,
                prefix,
                country,
                start_us,
                ring_us,
                answer_us,
                end_us,
                cause,
                sip,
                dialstatus,
            }
        },
    )
}

fn call() -> impl Strategy<Value = Made> {
    let direction = option::of(select(vec![Direction::Inbound, Direction::Outbound]));
    let disposition = option::of(select(vec!["answered", "cancelled", "busy", "failed"]));
    let times = (time(), time(), time(), time());
    let told = (option::of(1..4_i64), option::of(select(vec!["RU", "US"])));
    let own = (any::<bool>(), direction, told, times, code(), code(), disposition);
    (own, vec(attempt(), 0..4)).prop_map(|(own, attempts)| {
        let (complete, direction, (provider_in, country), times, cause, sip, disposition) = own;
        let (start_us, first_ring_us, answer_us, talk_us) = times;
        let call = Call {
            complete,
            direction,
            provider_in,
            country,
            start_us,
            first_ring_us,
            answer_us,
            talk_us,
            cause,
            sip,
            disposition,
        };
        (call, attempts)
    })
}

fn rolled_up(calls: &[Made]) -> RollUp {
    let mut roll_up = RollUp::default();
    for (call, attempts) in calls {
        roll_up.add(&Rules::published(), call, attempts);
    }
    roll_up
}

/// The rule that fits with the lowest priority, found by looking at all of them.
fn outcome(call: &Call<'_>, attempt: &Attempt<'_>) -> Outcome {
    let rules = Rules::published();
    let seen = Seen {
        cause: attempt.cause,
        sip: attempt.sip,
        dialstatus: attempt.dialstatus,
        rang: attempt.ring_us.is_some(),
        answered: attempt.answer_us.is_some() || attempt.dialstatus == Some("ANSWER"),
        complete: call.complete,
    };
    rules.outcome(&seen)
}

fn is_of(key: &Key, call: &Call<'_>, attempt: &Attempt<'_>) -> bool {
    key.direction == call.direction
        && key.kind == attempt.kind
        && key.provider == attempt.provider.unwrap_or(0)
        && *key.country == *attempt.country.unwrap_or("")
        && *key.prefix == *attempt.prefix.unwrap_or("")
}

fn lasted(from: Option<i64>, to: Option<i64>) -> Option<i64> {
    let us = i128::from(to?) - i128::from(from?);
    i64::try_from(us).ok().filter(|us| (0..=31 * DAY_US).contains(us))
}

fn all(sums: &RollUp) -> Sums {
    sums.attempts.values().fold(Sums::default(), |mut all, sums| {
        all.add(sums);
        all
    })
}

proptest! {
    #[test]
    fn sums_are_those_of_each_attempt_by_itself(calls in vec(call(), 0..20)) {
        let roll_up = rolled_up(&calls);
        let mut counted = 0;
        for (key, sums) in &roll_up.attempts {
            let own: Vec<_> = calls
                .iter()
                .flat_map(|(call, attempts)| attempts.iter().map(move |attempt| (call, attempt)))
                .filter(|(call, attempt)| is_of(key, call, attempt))
                .collect();
            counted += own.len();
            for known in Outcome::ALL {
                let of = own.iter().filter(|(call, attempt)| outcome(call, attempt) == known).count();
                prop_assert_eq!(sums.of_outcome(known), i64::try_from(of).unwrap());
            }
            let talks: Vec<_> = own.iter().filter_map(|(_, it)| lasted(it.answer_us, it.end_us)).collect();
            prop_assert_eq!((sums.talks, sums.talk_us), (i64::try_from(talks.len()).unwrap(), talks.iter().sum()));
            let rings: Vec<_> =
                own.iter().filter_map(|(_, it)| lasted(Some(it.start_us), it.ring_us.or(it.answer_us))).collect();
            prop_assert_eq!((sums.pdds, sums.pdd_us), (i64::try_from(rings.len()).unwrap(), rings.iter().sum()));
        }
        prop_assert_eq!(counted, calls.iter().map(|(_, attempts)| attempts.len()).sum::<usize>());
        let calls_counted: i64 = roll_up.calls.values().map(Sums::attempts).sum();
        prop_assert_eq!(calls_counted, i64::try_from(calls.len()).unwrap());
        prop_assert_eq!(roll_up.causes.values().sum::<i64>(), i64::try_from(counted).unwrap());
    }

    #[test]
    fn the_whole_is_the_sum_of_its_parts(calls in vec(call(), 0..20), cut in 0..20_usize) {
        let (first, second) = calls.split_at(cut.min(calls.len()));
        let mut parts = all(&rolled_up(first));
        parts.add(&all(&rolled_up(second)));
        prop_assert_eq!(parts, all(&rolled_up(&calls)));
    }

    #[test]
    fn a_call_is_answered_if_an_attempt_of_it_is((call, attempts) in call()) {
        let facts = RollUp::default().add(&Rules::published(), &call, &attempts);
        prop_assert_eq!(facts.attempts.len(), attempts.len());
        if facts.attempts.contains(&Outcome::Answered) {
            prop_assert_eq!(facts.outcome, Outcome::Answered);
        }
        let asr = all(&rolled_up(&[(call, attempts)])).asr();
        prop_assert!(asr.is_none_or(|asr| asr.hundredths() <= 10_000));
    }
}
