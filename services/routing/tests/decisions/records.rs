//! What is kept of decisions.

use domain::{CountryId, ProviderId};
use proptest::prelude::*;
use routing::{Decided, Parties, Question as Kept, Snapshot, Verb, decide};

use crate::{
    common::{Question, article, compiled},
    questions::{config, question},
};

fn snapshot() -> &'static Snapshot {
    static SNAPSHOT: std::sync::OnceLock<Snapshot> = std::sync::OnceLock::new();
    SNAPSHOT.get_or_init(|| compiled(&article()))
}

fn kept(question: &Question) -> Decided {
    let mut parties = Parties::default();
    let decision = decide(snapshot(), &question.request(), &mut parties);
    assert_eq!(decision, question.ask(snapshot()), "to keep it changes nothing");
    Decided::of(snapshot(), &decision, &parties)
}

fn id_of(provider: &str) -> ProviderId {
    article().providers.iter().find(|row| row.providername == provider).unwrap().id
}

proptest! {
    #![proptest_config(config(3_000))]

    #[test]
    fn what_is_kept_decides_the_same_again(question in question()) {
        let decided = kept(&question);
        let written = serde_json::to_string(&(Kept::of(&question.request()), &decided)).unwrap();
        let (read, was): (Kept, Decided) = serde_json::from_str(&written).unwrap();
        prop_assert_eq!(&was, &decided);
        prop_assert_eq!(Decided::again(snapshot(), &read), was);
    }
}

#[test]
fn an_outgoing_call_names_provider_prefix_and_gate() {
    let decided = kept(&Question::to("84957777777"));
    assert_eq!((&*decided.status, decided.reason, decided.cause), ("ok", None, None));
    let numbers = [decided.caller, decided.called].map(|number| number.unwrap().to_string());
    assert_eq!(numbers, ["74951815000", "74957777777"]);
    assert_eq!(decided.class.unwrap().as_str(), "cli");
    assert_eq!((decided.country.unwrap().to_string().as_str(), decided.provider_in), ("RU", None));
    let first = &decided.attempts[0];
    assert_eq!((&*first.kind, first.provider), ("carrier", Some(id_of("Westcall"))));
    assert!(first.gate.is_some() && first.prefix.is_some(), "{first:?}");
    assert_eq!(first.shown.unwrap().as_str(), "74951815000");
    let dialled: Vec<_> = decided.attempts.iter().map(|attempt| attempt.dial.to_string()).collect();
    let attempts = Question::to("84957777777").ask(snapshot()).outcome;
    let wanted: Vec<_> = attempts.attempts().iter().map(|attempt| attempt.dial.to_string()).collect();
    assert_eq!(dialled, wanted);
    assert!(decided.attempts.iter().all(|attempt| attempt.provider.is_some()));
}

#[test]
fn the_prefix_is_that_of_the_longest_route() {
    let mut tables = article();
    let mut route = tables.routes[0].clone();
    route.id = domain::RouteId(9_999);
    (route.prefix, route.class) = ("7495777".parse().unwrap(), None);
    tables.routes.push(route);
    let snapshot = compiled(&tables);
    let prefixes = |to: &str| {
        let question = Kept::of(&Question::to(to).request());
        let attempts = Decided::again(&snapshot, &question).attempts;
        attempts
            .into_iter()
            .map(|attempt| attempt.prefix.map(|prefix| prefix.to_string()))
            .collect::<Vec<_>>()
    };
    let matched = prefixes("84957777777");
    assert!(
        !matched.is_empty() && matched.iter().all(|prefix| prefix.as_deref() == Some("7495777")),
        "{matched:?}"
    );
    assert!(prefixes("84951234567").iter().all(|prefix| prefix.as_deref() != Some("7495777")));
}

#[test]
fn a_call_from_outside_names_the_carrier_even_where_it_is_refused() {
    let incoming = |to: &str| Question {
        verb: Verb::Inbound,
        endpoint: "westcall".into(),
        source: Some("195.94.225.2".parse().unwrap()),
        from: "+442038070123".into(),
        ..Question::to(to)
    };
    for (to, status, reason, cause) in
        [("74951815000", "ok", None, None), ("74959999999", "reject", Some("unknown_number"), Some(1))]
    {
        let decided = kept(&incoming(to));
        assert_eq!((&*decided.status, decided.reason.as_deref(), decided.cause), (status, reason, cause));
        assert_eq!(decided.provider_in, Some(id_of("Westcall")), "{to}");
        assert_eq!(decided.caller.unwrap().to_string(), "442038070123", "{to}");
    }
    let phone = &kept(&incoming("74951815000")).attempts[0];
    assert_eq!((&*phone.kind, phone.provider, phone.prefix, phone.gate), ("local", None, None, None));
    let stranger = Question { source: None, ..incoming("74951815000") };
    let decided = kept(&stranger);
    assert_eq!((decided.reason.as_deref(), decided.provider_in), (Some("unknown_source"), None));
}

#[test]
fn a_hop_names_whose_gate_it_leads_to() {
    let node = "asterisk-msm".parse().unwrap();
    let decided = kept(&Question { node, endpoint: "1001".into(), ..Question::to("84957777777") });
    let hop = decided.attempts.iter().find(|attempt| attempt.kind == "hop").unwrap();
    assert_eq!((&*hop.dial, hop.provider), ("IAX2/macomnet/74957777777", Some(id_of("IPport"))));
    assert!(hop.gate.is_some() && hop.prefix.is_some(), "{hop:?}");
    let colleague = &kept(&Question::to("1001")).attempts[0];
    assert_eq!((&*colleague.kind, colleague.provider, colleague.gate), ("hop", None, None));
    assert_eq!(colleague.shown.unwrap().as_str(), "1000");
}

#[test]
fn a_calling_code_of_several_countries_names_none() {
    let mut tables = article();
    let russia = tables.countries.iter().find(|row| row.iso.to_string() == "RU").unwrap().clone();
    tables.countries.push(routing::tables::Country {
        id: CountryId(9_999),
        iso: "KZ".parse().unwrap(),
        ..russia
    });
    let snapshot = compiled(&tables);
    let question = Kept::of(&Question::to("84957777777").request());
    assert_eq!(Decided::again(&snapshot, &question).country, None);
}

#[test]
fn an_emergency_call_has_a_provider_and_no_prefix() {
    let decided = kept(&Question::to("112"));
    let first = &decided.attempts[0];
    assert!(first.provider.is_some() && first.prefix.is_none(), "{first:?}");
    assert_eq!((decided.called, decided.country, decided.class), (None, None, None));
}
