//! From what a node says to ratios: `calls stats` is what the calls were, also after the rules became others.

use std::thread;

use laboratory::{fleet::LIMIT, wait_until};
use libtest_mimic::Trial;
use serde_json::Value;

use super::{CALLS, LOOK, Scene, on_every_database};

pub(crate) fn trials() -> Vec<Trial> {
    on_every_database("records::ratios::they_follow_the_calls_and_the_rules", follow)
}

/// Every call of the feed is refused by one carrier with 503, and answered by another one.
fn follow(url: &str) {
    let scene = Scene::on(url);
    let _collector = scene.collector("one");
    scene.say(0..20);
    scene.wait_number(CALLS, 20);
    let row = wait_stats(&scene, &["--by", "node"], |row| row["attempts"] == 40);
    assert_eq!((&row["node"], &row["seizures"], &row["answered"]), (&"ast22".into(), &40.into(), &20.into()));
    assert_eq!((&row["asr_percent"], &row["ner_percent"]), (&50.0.into(), &50.0.into()));
    assert_eq!(row["outcomes"]["network"], 20);
    let talk_us =
        scene.number("SELECT sum(end_us - answer_us) FROM call_attempts WHERE answer_us IS NOT NULL");
    assert_eq!((&row["talk_us"], &row["acd_us"]), (&talk_us.into(), &(talk_us / 20).into()));

    let per_call = stats(&scene, &["--per", "call"]);
    assert_eq!(
        (&per_call["rows"][0]["attempts"], &per_call["rows"][0]["asr_percent"]),
        (&20.into(), &100.0.into())
    );

    // Somebody holds that the first carrier's 503 is the subscriber's doing.
    scene.fleet.must(&["outcomes", "set", "1", "subscriber", "--sip", "503"]);
    let tested = scene.fleet.must(&["outcomes", "test", "--sip", "503", "--cause", "34"]);
    assert_eq!(tested.trim(), "subscriber, by rule 1");
    let row = wait_stats(&scene, &[], |row| row["outcomes"]["subscriber"] == 20);
    assert_eq!((&row["asr_percent"], &row["ner_percent"]), (&50.0.into(), &100.0.into()));

    refused(
        &scene,
        &["--by", "carrier"],
        "provider, prefix, country, node, direction, kind, hour, day, cause",
    );
    refused(&scene, &["--zone", "Europe/Moskow"], "Europe/Moscow");
    refused(&scene, &["--by", "cause", "--per", "call"], "not of calls");
    let capped = stats(&scene, &["--from", "2020-01-01"]);
    assert_eq!(capped["capped"], true);
}

fn stats(scene: &Scene, arguments: &[&str]) -> Value {
    let mut command = vec!["calls", "stats", "--json"];
    command.extend(arguments);
    serde_json::from_str(&scene.fleet.must(&command)).unwrap()
}

/// The first row of an answer, as soon as it is the wanted one.
fn wait_stats(scene: &Scene, arguments: &[&str], wanted: impl Fn(&Value) -> bool) -> Value {
    wait_until("what was told is summed up", LIMIT, || {
        thread::sleep(LOOK);
        let row = stats(scene, arguments)["rows"].get(0).cloned()?;
        wanted(&row).then_some(row)
    })
}

/// Usage, and what would be right.
fn refused(scene: &Scene, arguments: &[&str], allowed: &str) {
    let mut command = vec!["calls", "stats"];
    command.extend(arguments);
    let said = scene.fleet.run(&command);
    assert_eq!(said.code, 2, "{said:?}");
    assert!(said.err.contains(allowed), "{said:?}");
}
