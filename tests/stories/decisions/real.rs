//! Calls on the real nodes: what was decided about them, found from their records.

use std::{sync::OnceLock, thread};

use laboratory::{
    asterisk::PLANS,
    carriers::{Answer, Carrier},
    fleet::{Fleet, LIMIT, Member},
    node,
    phones::{self, Call},
    pool, stack,
    tables::DECIDED,
    wait_until,
};
use libtest_mimic::Trial;

use super::super::{inbound::asked, on_every_node, records::LOOK};

const CALLER: &str = "1031";

/// Told of one node.
type Story = fn(&str);

pub(crate) fn trials() -> Vec<Trial> {
    let stories: [(&str, Story); 3] = [
        ("attempts_name_their_providers", answered_at_the_second),
        ("calls_that_never_dialled_are_counted", never_dialled),
        ("a_call_from_outside_names_its_carrier", from_outside),
    ];
    stories
        .into_iter()
        .flat_map(|(name, story)| on_every_node(&format!("decisions::real::{name}"), story))
        .collect()
}

/// A collector of all nodes that writes where the nodes' router does.
fn watched() -> &'static Fleet {
    static WATCHED: OnceLock<(Fleet, Member)> = OnceLock::new();
    let (fleet, _collector) = WATCHED.get_or_init(|| {
        let fleet = Fleet::on(&stack().router.url());
        let [first, others @ ..] = PLANS;
        let port = |address: &str| format!("{address}:5038");
        let own = others.map(|plan| {
            let node = format!("COLLECTOR__NODES__{}", plan.name.to_ascii_uppercase());
            [
                (format!("{node}__ADDRESS"), port(plan.address)),
                (format!("{node}__SECRET"), "change-me".to_owned()),
            ]
        });
        let own: Vec<_> = own.iter().flatten().map(|(key, value)| (key.as_str(), value.as_str())).collect();
        let mut collector = fleet.collector("observer", first.name, &port(first.address), &own);
        collector.start();
        collector.wait_content();
        (fleet, collector)
    });
    fleet
}

/// The only row of what the tables have to say, cell by cell, as soon as there is one.
fn row(sql: &str) -> Vec<String> {
    let mut rows = rows(sql, 1);
    rows.remove(0)
}

fn rows(sql: &str, count: usize) -> Vec<Vec<String>> {
    wait_until(&format!("{count} rows by {sql}"), LIMIT, || {
        // Each look is a program of its own.
        thread::sleep(LOOK);
        let said = watched().by_hand(sql);
        let rows: Vec<Vec<_>> =
            said.lines().map(|line| line.split('|').map(str::to_owned).collect()).collect();
        (rows.len() == count).then_some(rows)
    })
}

fn no_number_in_the_log(number: &str) {
    let log = stack().router.log();
    assert!(!log.contains(number), "a whole number was logged: {log}");
}

fn answered_at_the_second(name: &str) {
    watched();
    let called = DECIDED.number(name, 0);
    assert_eq!(Call::new(&node(name).plan, CALLER, &called).place().status(), 200);

    let decided = row(&format!(
        "SELECT d.id, d.node, d.verb, d.status, d.caller_e164, d.country, d.attempts, d.hopped, d.generation = c.generation, \
         d.root = c.root FROM decisions d JOIN calls c ON c.decision = d.id WHERE d.called_e164 = '{called}'"
    ));
    let (id, decided) = decided.split_first().unwrap();
    assert_eq!(decided, [name, "outbound", "ok", "12025550101", "GB", "2", "0", "1", "1"]);
    let tried = rows(
        &format!(
            "SELECT d.position, d.kind, p.providername, d.prefix, d.number_shown, a.cause FROM call_attempts a \
             JOIN decision_attempts d ON d.decision = a.decision AND d.position = a.decision_attempt \
             JOIN providers p ON p.id = d.provider WHERE a.decision = '{id}' ORDER BY a.position"
        ),
        2,
    );
    let prefix = DECIDED.prefix();
    assert_eq!(
        tried,
        [
            ["1", "carrier", "refuses-503", &prefix, "12025550101", "34"],
            ["2", "carrier", "answers", &prefix, "12025550101", "16"]
        ]
    );
    let dials = rows(&format!("SELECT dial FROM decision_attempts WHERE decision = '{id}'"), 2);
    assert!(dials.iter().all(|dial| dial[0].contains(&called)), "{dials:?}");
    no_number_in_the_log(&called);
    let explained = watched().must(&["decisions", "show", id, "--explain"]);
    assert!(explained.contains("decided again, the same:") && explained.contains("attempt 2"), "{explained}");
}

/// Refused before anything was dialled: no number, and a number nobody has a route to.
fn never_dialled(name: &str) {
    watched();
    let position = PLANS.iter().position(|plan| plan.name == name).unwrap();
    let (nonsense, nowhere) = (format!("4420794{position}"), format!("44207946199{position}"));
    for (to, heard, condition, wanted) in [
        (
            &nonsense,
            484,
            format!("d.request LIKE '%\"to\":\"{nonsense}\"%'"),
            ["reject", "not_a_number", "28"],
        ),
        (&nowhere, 404, format!("d.called_e164 = '{nowhere}'"), ["no_route", "no_provider_takes_it", "3"]),
    ] {
        let outcome = Call::new(&node(name).plan, CALLER, to).place();
        assert_eq!(outcome.status(), heard, "{to}");
        let decided = row(&format!(
            "SELECT d.status, d.reason, d.cause, d.attempts, c.node, c.disposition <> 'answered' FROM decisions d \
             JOIN calls c ON c.decision = d.id WHERE {condition} AND d.node = '{name}'"
        ));
        assert_eq!(decided[..3], wanted);
        assert_eq!(decided[3..], ["0", name, "1"], "{to}");
        no_number_in_the_log(to);
    }
}

fn from_outside(name: &str) {
    watched();
    let position = PLANS.iter().position(|plan| plan.name == name).unwrap();
    let (caller, called) = (format!("1202555016{position}"), pool::PHONE.number(name));
    phones::register(&node(name).plan, "1010", Answer::Answers);
    let mut call = Call::new(&node(name).plan, "leases", &called);
    call.secret = None;
    call.address = Some(Carrier::named("leases").address());
    call.from = Some(format!("<sip:+{caller}@203.0.113.99>"));
    assert_eq!(asked(|| call.place()).status(), 200);

    let decided = row(&format!(
        "SELECT d.verb, d.status, d.called_e164, p.providername, d.attempts, a.kind, a.provider IS NULL, c.direction \
         FROM decisions d JOIN calls c ON c.decision = d.id JOIN providers p ON p.id = d.provider_in \
         JOIN decision_attempts a ON a.decision = d.id WHERE d.caller_e164 = '{caller}'"
    ));
    assert_eq!(decided, ["inbound", "ok", &called, "leases", "1", "local", "1", "inbound"]);
    no_number_in_the_log(&caller);
}
