//! Whatever anybody writes into a question: the grammar of Dial strings holds, and explaining changes nothing.

use crate::{
    common::{article, compiled},
    questions::{config, explained, question},
};
use proptest::prelude::*;
use routing::{Dial, Snapshot};

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

proptest! {
    #![proptest_config(config(10_000))]

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
    fn explaining_changes_nothing_and_gives_every_candidate_one_fate(question in question()) {
        explained(snapshot(), &question)?;
    }
}
