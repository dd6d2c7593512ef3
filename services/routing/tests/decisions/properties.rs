//! Whatever anybody writes into a question: the grammar of Dial strings holds, and explaining changes nothing.

use crate::common::{Question, article, compiled};
use domain::{Class, Presentation};
use proptest::prelude::*;
use routing::{Dial, Explanation, Outcome, Place, Snapshot, Verb, decide};

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

fn question() -> impl Strategy<Value = Question> {
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

/// `TECH/…` of name characters, one or two slashes, at most one `@`, at most one `+`, and nothing else.
fn is_one_dial_resource(string: &str) -> bool {
    let legal = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '@' | '.' | '_' | '-' | '+');
    string.chars().all(legal)
        && (1..=2).contains(&string.matches('/').count())
        && string.matches('@').count() <= 1
        && string.matches('+').count() <= 1
}

fn snapshot() -> &'static Snapshot {
    static SNAPSHOT: std::sync::OnceLock<Snapshot> = std::sync::OnceLock::new();
    SNAPSHOT.get_or_init(|| compiled(&article()))
}

/// `PROPTEST_CASES` raises it: `make test-slow` asks for a million.
fn config() -> ProptestConfig {
    let asked = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok());
    ProptestConfig { cases: asked.unwrap_or(10_000), failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn no_input_adds_a_leg_or_an_argument(question in question()) {
        let outcome = question.ask(snapshot()).outcome;
        prop_assert!(outcome.attempts().len() <= 9);
        for attempt in outcome.attempts() {
            let string = attempt.dial.to_string();
            // Only a group of our own phones rings in one Dial.
            let legs: Vec<_> = match attempt.dial {
                Dial::Endpoints { .. } => string.split('&').collect(),
                _ => vec![&*string],
            };
            prop_assert!(legs.into_iter().all(is_one_dial_resource), "{}", string);
        }
    }

    #[test]
    fn explaining_changes_nothing_and_gives_every_address_one_fate(question in question()) {
        let live = question.ask(snapshot());
        let mut explanation = Explanation::default();
        let explained = decide(snapshot(), &question.request(), &mut explanation);
        prop_assert_eq!(&live, &explained);
        let mut addresses: Vec<_> = explanation.candidates.iter().map(|candidate| candidate.address).collect();
        let told = addresses.len();
        addresses.sort();
        addresses.dedup();
        prop_assert_eq!(addresses.len(), told);
        // Calls to carriers are explained completely; calls to phones have no candidates.
        if let (Outcome::Dial { attempts, .. }, Verb::Outbound) = (live.outcome, question.verb)
            && told > 0
            && question.to != "112"
        {
            prop_assert_eq!(told, 13);
            let taken = explanation.candidates.iter().filter(|c| matches!(c.place, Place::Attempt { .. })).count();
            prop_assert_eq!(taken, attempts.len());
        }
    }
}
