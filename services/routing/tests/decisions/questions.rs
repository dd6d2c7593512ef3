//! Questions as anybody may ask them.

use domain::{Class, Presentation};
use proptest::prelude::*;
use routing::{CandidateKey, Explanation, Outcome, Place, Snapshot, Verb, decide};

use crate::common::Question;

/// What callers, phones and attackers write.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[0-9+() .-]{0,20}",
        "(8|\\+7|810)?[0-9]{6,12}",
        "\\PC{0,40}",
        "[0-9]{3,11}[&,^/@|;\\\\\"'${}()\r\n\0]{1,3}[A-Za-z0-9/]{0,20}",
        Just("500&PJSIP/x".to_owned()),
        Just("${SHELL(id)}".to_owned()),
        Just("1,60,g".to_owned()),
        Just("٧٤٩٥٧٧٧٧٧٧٧".to_owned()),
        Just("9".repeat(300)),
    ]
}

pub(crate) fn question() -> impl Strategy<Value = Question> {
    let who = prop_oneof![
        6 => Just("1000".to_owned()),
        1 => Just("1001".to_owned()),
        1 => Just("msm".to_owned()),
        1 => Just("westcall".to_owned()),
        1 => text(),
    ];
    let verb = prop_oneof![Just(Verb::Outbound), Just(Verb::Inbound)];
    let source = prop_oneof![
        Just(None),
        Just(Some("195.94.225.2".parse().unwrap())),
        Just(Some("89.208.190.5".parse().unwrap())),
        any::<std::net::IpAddr>().prop_map(Some),
    ];
    let called = prop_oneof![
        4 => text(),
        1 => Just("112".to_owned()),
        1 => Just("74951815000".to_owned()),
        1 => Just("74957952302".to_owned()),
        1 => Just("1001".to_owned()),
    ];
    let class = prop_oneof![
        Just(None),
        Just(Some(Class::NonCli)),
        Just(Some(Class::Cli)),
        Just(Some(Class::Premium))
    ];
    let from_where = (verb, source, text(), proptest::option::of(0u8..3));
    let asked = (who, called, proptest::option::of(text()), class, any::<bool>(), "[0-9.]{1,20}");
    (from_where, asked).prop_map(
        |((verb, source, from, hops), (endpoint, to, cli, class, withheld, call))| Question {
            verb,
            source,
            from,
            hops,
            endpoint,
            cli,
            class,
            call,
            presentation: if withheld { Presentation::Prohibited } else { Presentation::Allowed },
            ..Question::to(&to)
        },
    )
}

/// `PROPTEST_CASES` raises what costs little: `make test-slow` asks for a million.
pub(crate) fn config(cases: u32) -> ProptestConfig {
    let asked = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok());
    ProptestConfig { cases: asked.unwrap_or(cases), failure_persistence: None, ..ProptestConfig::default() }
}

/// Asserts that explaining changes nothing, that every candidate has one fate, and that what goes to carriers accounts
/// for every address there is.
pub(crate) fn explained(snapshot: &Snapshot, question: &Question) -> Result<Explanation, TestCaseError> {
    let mut explanation = Explanation::default();
    let live = question.ask(snapshot);
    prop_assert_eq!(&live, &decide(snapshot, &question.request(), &mut explanation));
    let mut keys: Vec<_> = explanation.candidates.iter().map(|candidate| candidate.key).collect();
    keys.sort();
    prop_assert!(keys.windows(2).all(|pair| pair[0] != pair[1]), "{:?}", explanation);
    let addresses = keys.iter().filter(|key| matches!(key, CandidateKey::Address(_))).count();
    let to_carriers = keys.iter().any(|key| matches!(key, CandidateKey::Address(_) | CandidateKey::Gate(_)));
    prop_assert_eq!(addresses, if to_carriers { snapshot.tables().provider_addresses.len() } else { 0 });
    let mut taken: Vec<_> =
        explanation.candidates.iter().filter_map(|candidate| position(candidate.place)).collect();
    taken.sort_unstable();
    taken.dedup();
    let dialled = match &live.outcome {
        Outcome::Dial { attempts, .. } => attempts.len(),
        _ => 0,
    };
    prop_assert_eq!(taken, (1..=dialled).collect::<Vec<_>>());
    Ok(explanation)
}

fn position(place: Place) -> Option<usize> {
    match place {
        Place::Attempt { position } => Some(position),
        Place::Dropped(_) => None,
    }
}
