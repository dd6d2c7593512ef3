//! Any sequence of answers, and the few that made somebody write the rules.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::{
    collections::{BTreeMap, BTreeSet},
    net::{IpAddr, Ipv4Addr},
};

use names::{Answer, Condition, Decision, Failure, Found, Guards, Rules, State, Step, Suspicion, heard};
use proptest::prelude::*;

const SECOND_US: i64 = 1_000_000;
const DAY_US: i64 = 86_400 * SECOND_US;
const NOW_US: i64 = 1_795_269_600 * SECOND_US;

const RULES: Rules = Rules {
    ttl_floor_us: 60 * SECOND_US,
    ttl_ceiling_us: 3_600 * SECOND_US,
    hold_down_us: 600 * SECOND_US,
    kept_us: 7 * DAY_US,
    addresses_max: 16,
};

fn address(text: &str) -> IpAddr {
    text.parse().unwrap()
}

fn found(text: &str) -> Found {
    Found { address: address(text), port: None }
}

fn says(addresses: &[&str]) -> Answer {
    Answer::Addresses { found: addresses.iter().map(|text| found(text)).collect(), ttl_s: 0, whole: true }
}

/// Another provider has 198.51.100.0/24.
fn is_taken(address: IpAddr) -> bool {
    matches!(address, IpAddr::V4(v4) if v4.octets()[..3] == [198, 51, 100])
}

/// A name, its clock and what people said.
struct Name {
    state: State,
    now_us: i64,
    decisions: BTreeMap<IpAddr, Decision>,
}

impl Name {
    fn new() -> Self {
        Self { state: State::default(), now_us: NOW_US, decisions: BTreeMap::new() }
    }

    fn hears(&mut self, after_s: i64, answer: &Answer) -> Step {
        self.now_us += after_s * SECOND_US;
        let guards = Guards { private_allowed: false, decisions: &self.decisions, taken: is_taken };
        let step = heard(&self.state, answer, &guards, &RULES, self.now_us);
        self.state = step.state.clone();
        step
    }

    fn in_use(&self) -> Vec<String> {
        let mut addresses: Vec<_> = self.state.in_use().map(|found| found.address.to_string()).collect();
        addresses.sort_unstable();
        addresses
    }
}

#[test]
fn the_first_answer_is_taken_into_use_at_once() {
    let mut name = Name::new();
    assert_eq!(name.state.condition(&RULES, name.now_us), Condition::Unknown);
    assert!(name.hears(0, &says(&["192.0.2.1", "2001:db8::1", "::ffff:192.0.2.1"])).changed);
    assert_eq!(name.in_use(), ["192.0.2.1", "2001:db8::1"]);
    assert_eq!(name.state.condition(&RULES, name.now_us), Condition::Good);
    assert_eq!(name.state.next_us, NOW_US + RULES.ttl_floor_us);
}

#[test]
fn an_address_that_moved_comes_and_goes_with_the_hold_down() {
    let mut name = Name::new();
    name.hears(0, &says(&["192.0.2.1"]));
    assert!(!name.hears(60, &says(&["192.0.2.2"])).changed, "it changed a minute ago");
    assert!(name.state.next_us <= name.now_us + RULES.hold_down_us);
    assert!(name.hears(541, &says(&["192.0.2.2"])).changed);
    assert_eq!(name.in_use(), ["192.0.2.1", "192.0.2.2"], "both, until the old one is gone for long enough");
    assert!(!name.hears(60, &says(&["192.0.2.2"])).changed);
    assert!(name.hears(600, &says(&["192.0.2.2"])).changed);
    assert_eq!(name.in_use(), ["192.0.2.2"]);
    // A long time later a new one comes at once.
    assert!(name.hears(3_600, &says(&["192.0.2.2", "192.0.2.3"])).changed);
    assert_eq!(name.in_use(), ["192.0.2.2", "192.0.2.3"]);
}

#[test]
fn turns_that_are_taken_are_one_change() {
    let mut name = Name::new();
    let mut changes = 0;
    for turn in 0..200 {
        let answer = says(&[["192.0.2.1", "192.0.2.2", "192.0.2.3"][turn % 3]]);
        changes += usize::from(name.hears(60, &answer).changed);
    }
    assert_eq!((changes, name.in_use().len()), (2, 3), "the first answer, and the others together");
}

#[test]
fn a_resolver_that_is_dead_for_a_week_takes_nothing_away() {
    let mut name = Name::new();
    name.hears(0, &says(&["192.0.2.1", "192.0.2.2"]));
    let failures = [
        Answer::Failed(Failure::Timeout),
        Answer::Failed(Failure::Server),
        Answer::Failed(Failure::NoSuchName),
        says(&[]),
        Answer::Failed(Failure::TooMany),
        Answer::Failed(Failure::Broken),
    ];
    for minute in 0..8 * 24 * 60 {
        assert!(!name.hears(60, &failures[minute % failures.len()]).changed);
        assert_eq!(name.in_use().len(), 2);
    }
    assert_eq!(name.state.condition(&RULES, name.now_us), Condition::Stale, "and that is said");
    assert!(name.state.next_us <= name.now_us + RULES.ttl_ceiling_us);
    // The first answer after that starts the clock of what is missing, and no more.
    assert!(!name.hears(60, &says(&["192.0.2.1"])).changed);
    assert_eq!(name.in_use().len(), 2);
    assert_eq!(name.state.condition(&RULES, name.now_us), Condition::Good);
}

#[test]
fn each_odd_address_waits_for_its_own_reason() {
    let mut name = Name::new();
    let odd = [
        "127.0.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "10.0.0.1",
        "fe80::1",
        "198.51.100.7",
    ];
    let first = name.hears(0, &says(&odd));
    assert!(!first.changed && name.in_use().is_empty());
    assert_eq!(name.state.failure, Some(Failure::Quarantined));
    let reasons: BTreeSet<_> = first.suspects.iter().map(|suspect| suspect.suspicion).collect();
    assert_eq!(reasons, [Suspicion::Never, Suspicion::Private, Suspicion::Taken].into());
    assert_eq!(first.suspects.len(), odd.len());

    name.hears(60, &says(&["192.0.2.1"]));
    let far = name.hears(700, &says(&["192.0.2.1", "203.0.113.9", "2001:db8::9"]));
    assert_eq!(far.suspects.iter().map(|suspect| suspect.suspicion).collect::<Vec<_>>(), [Suspicion::Far; 2]);
    let many: Vec<_> = (0..5).map(|host| format!("192.0.3.{host}")).collect();
    let many: Vec<_> = many.iter().map(String::as_str).collect();
    let grown = name.hears(700, &says(&many));
    assert_eq!(grown.suspects.len(), 5);
    assert!(grown.suspects.iter().all(|suspect| suspect.suspicion == Suspicion::Growth));
    assert_eq!(name.in_use(), ["192.0.2.1"]);
}

#[test]
fn a_hundred_poisoned_addresses_change_nothing() {
    let mut name = Name::new();
    name.hears(0, &says(&["192.0.2.1", "192.0.2.2"]));
    for round in 0..100_i64 {
        let poison = (0..100)
            .map(|host| Ipv4Addr::from_bits(0xCB00_7100 + u32::try_from(round).unwrap() * 256 + host));
        let found = poison.map(|address| Found { address: address.into(), port: None }).collect();
        let step = name.hears(300, &Answer::Addresses { found, ttl_s: 0, whole: true });
        assert!(!step.changed && step.suspects.len() == 100);
    }
    assert_eq!(name.in_use(), ["192.0.2.1", "192.0.2.2"]);
}

#[test]
fn people_have_the_last_word_but_not_on_what_nobody_has() {
    let mut name = Name::new();
    name.hears(0, &says(&["192.0.2.1"]));
    for approved in ["203.0.113.9", "10.0.0.1", "198.51.100.7", "127.0.0.1"] {
        name.decisions.insert(address(approved), Decision::Approved);
    }
    let all = says(&["192.0.2.1", "203.0.113.9", "10.0.0.1", "198.51.100.7", "127.0.0.1"]);
    let step = name.hears(700, &all);
    assert_eq!(step.suspects.iter().map(|suspect| suspect.suspicion).collect::<Vec<_>>(), [Suspicion::Never]);
    assert_eq!(name.in_use(), ["10.0.0.1", "192.0.2.1", "198.51.100.7", "203.0.113.9"]);
    name.decisions.insert(address("203.0.113.9"), Decision::Rejected);
    let step = name.hears(700, &says(&["192.0.2.1", "203.0.113.9", "10.0.0.1", "198.51.100.7"]));
    assert!(step.changed && step.suspects.is_empty());
    assert_eq!(name.in_use(), ["10.0.0.1", "192.0.2.1", "198.51.100.7"]);
}

#[test]
fn private_addresses_may_be_meant() {
    let guards = Guards { private_allowed: true, decisions: &BTreeMap::new(), taken: |_| false };
    let step = heard(&State::default(), &says(&["10.0.0.1"]), &guards, &RULES, NOW_US);
    assert!(step.changed && step.suspects.is_empty());
}

#[test]
fn what_was_in_use_before_anything_is_known_stays() {
    let mut name = Name::new();
    name.state = State::with([found("192.0.2.1"), found("192.0.2.2")], NOW_US);
    assert!(!name.hears(60, &says(&["203.0.113.9"])).changed);
    assert_eq!(name.in_use(), ["192.0.2.1", "192.0.2.2"]);
}

/// An answer, after so many seconds; and what a person decided meanwhile.
type Event = (i64, Answer, Option<(IpAddr, Decision)>);

/// Addresses of a few neighbourhoods, harmless ones and others.
fn addresses() -> impl Strategy<Value = IpAddr> {
    let corner = |a, b, c| (0u8..12).prop_map(move |d| IpAddr::from([a, b, c, d]));
    prop_oneof![
        6 => corner(192, 0, 2),
        2 => corner(192, 0, 9),
        1 => corner(203, 0, 113),
        1 => corner(198, 51, 100),
        1 => corner(10, 0, 0),
        1 => corner(127, 0, 0),
        1 => corner(224, 0, 0),
        1 => (0u16..4).prop_map(|end| IpAddr::from([0x2001, 0xdb8, 0, 0, 0, 0, 0, end])),
    ]
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let port = proptest::option::of(5060u16..5062);
    let found = proptest::collection::vec((addresses(), port), 0..7);
    let some = (found, 0u32..100_000, any::<bool>()).prop_map(|(found, ttl_s, whole)| {
        let found = found.into_iter().map(|(address, port)| Found { address, port }).collect();
        Answer::Addresses { found, ttl_s, whole }
    });
    let none = proptest::sample::select(Failure::ALL.to_vec()).prop_map(Answer::Failed);
    let answer = prop_oneof![4 => some, 1 => none];
    let decision = prop_oneof![Just(Decision::Approved), Just(Decision::Rejected)];
    let decided = proptest::option::weighted(0.2, (addresses(), decision));
    proptest::collection::vec((prop_oneof![0i64..90, 500i64..800, 0i64..100_000], answer, decided), 1..60)
}

proptest! {
    #[test]
    fn no_sequence_of_answers_breaks_a_promise(events in events()) {
        let mut name = Name::new();
        let mut last_change: Option<i64> = None;
        for (after_s, answer, decided) in events {
            name.decisions.extend(decided);
            let before: BTreeSet<_> = name.state.in_use().collect();
            let step = name.hears(after_s, &answer);
            let after: BTreeSet<_> = name.state.in_use().collect();
            prop_assert_eq!(step.changed, before != after);
            if step.changed {
                prop_assert!(last_change.is_none_or(|at_us| name.now_us - at_us >= RULES.hold_down_us), "too often");
                last_change = Some(name.now_us);
            }
            if matches!(answer, Answer::Failed(_)) {
                prop_assert!(!step.changed, "a failure takes nothing away");
            }
            prop_assert!(after.is_empty() <= before.is_empty(), "the last address went");
            let suspects: BTreeSet<_> = step.suspects.iter().map(|suspect| suspect.address).collect();
            for added in after.difference(&before) {
                prop_assert!(!suspects.contains(&added.address), "{added:?} is in quarantine");
                let approved = name.decisions.get(&added.address);
                prop_assert!(approved != Some(&Decision::Rejected));
                let octets = match added.address { IpAddr::V4(v4) => v4.octets(), IpAddr::V6(_) => [0; 4] };
                prop_assert!(![127, 224].contains(&octets[0]), "{added:?} is nobody's");
                let odd = octets[0] == 10 || is_taken(added.address);
                prop_assert!(!odd || approved == Some(&Decision::Approved), "{added:?} was not approved");
            }
            if !suspects.is_empty() || matches!(answer, Answer::Addresses { whole: false, .. }) {
                let gone = before.difference(&after).find(|gone| name.decisions.get(&gone.address) != Some(&Decision::Rejected));
                prop_assert!(gone.is_none(), "an odd answer takes nothing away: {:?}", gone);
            }
            prop_assert!(name.state.next_us >= name.now_us + RULES.ttl_floor_us);
            prop_assert!(name.state.next_us <= name.now_us + RULES.ttl_ceiling_us);
            let kept = serde_json::to_string(&name.state.sights).unwrap();
            prop_assert_eq!(&serde_json::from_str::<Vec<names::Sight>>(&kept).unwrap(), &name.state.sights);
        }
    }
}
