//! Whoever activates may die on the way: what is active is then the old or the new, and whole.

use std::{process::Stdio, thread, time::Duration};

use laboratory::fleet::{Fleet, Said};
use libtest_mimic::Trial;
use tokio::time::Instant;

use super::{count, dialled, name_gate_by_hand, newest, on_every_database, routed, with_article};

pub(crate) fn trials() -> Vec<Trial> {
    let activations = on_every_database("killed::an_activation", activation);
    let imports = on_every_database("killed::an_import", import);
    [activations, imports].into_iter().flatten().collect()
}

/// Runs a command and kills it after this part of the time it takes; says whether it had ended by itself.
fn kill_after(fleet: &Fleet, arguments: &[&str], wait: Duration) -> bool {
    let mut command = fleet.command(arguments);
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    // What is tried is the moment; whatever it is, the end must be the same.
    thread::sleep(wait);
    let ended = child.try_wait().unwrap().is_some();
    child.kill().unwrap();
    child.wait().unwrap();
    ended
}

/// The moments of the rounds, from the very start to well after the usual end: not every round is as fast.
fn moment(round: usize, rounds: usize, usual: Duration) -> Duration {
    usual * u32::try_from(round * 2).unwrap() / u32::try_from(rounds).unwrap()
}

fn activation(url: &str) {
    let fleet = with_article(Fleet::on(url));
    name_gate_by_hand(&fleet, "usual");
    let begun = Instant::now();
    fleet.must(&["activate"]);
    let usual = begun.elapsed();
    let (mut old, mut new, mut active) = (0, 0, "usual".to_owned());
    let rounds = count(15, 300);
    for round in 0..rounds {
        let gate = format!("round-{round}");
        name_gate_by_hand(&fleet, &gate);
        let before = newest(&fleet);
        let ended = kill_after(&fleet, &["activate"], moment(round, rounds, usual));
        let (now, said) = settled(&fleet);
        if now == before {
            assert!(!ended && said.out.contains(&dialled(&active)), "{said:?}");
            old += 1;
        } else {
            assert!(now == before + 1 && said.out.contains(&dialled(&gate)), "{said:?}");
            new += 1;
        }
        // The dead one holds up nobody for long, and left nothing that is in the way.
        fleet.must(&["activate"]);
        let said = routed(&fleet, &[]);
        assert!(said.code == 0 && said.out.contains(&dialled(&gate)), "{said:?}");
        active = gate;
    }
    eprintln!("activations killed, {}: {old} left the old generation, {new} the new one", &url[..6]);
}

/// The newest generation, and what is routed by it: a server may still commit what a dead client asked it to.
fn settled(fleet: &Fleet) -> (u64, Said) {
    loop {
        let (now, said) = (newest(fleet), routed(fleet, &[]));
        if newest(fleet) == now {
            return (now, said);
        }
    }
}

/// Numbers one import brings.
const NUMBERS: usize = 200;

fn import(url: &str) {
    let fleet = with_article(Fleet::on(url));
    let (mut usual, mut rows) = (Duration::ZERO, 0);
    let (mut old, mut drafts, mut new) = (0, 0, 0);
    let rounds = count(15, 300);
    for round in 0..=rounds {
        let file = format!("import-{round}.toml");
        fleet.write(&file, &numbers(round));
        let begun = Instant::now();
        if round == 0 {
            fleet.must(&["import", &file]);
            (usual, rows) = (begun.elapsed(), active_numbers(&fleet));
            continue;
        }
        kill_after(&fleet, &["import", &file], moment(round - 1, rounds, usual));
        let (active, working) = (active_numbers(&fleet), working_numbers(&fleet));
        assert!(active == rows || active == rows + NUMBERS, "{active} after {rows}");
        assert!(working == rows || working == rows + NUMBERS, "{working} after {rows}");
        assert!(active <= working);
        match (active > rows, working > rows) {
            (true, _) => new += 1,
            (false, true) => drafts += 1,
            (false, false) => old += 1,
        }
        if working == rows {
            fleet.must(&["import", &file]);
        } else {
            // Its marks are there: whoever looks next makes it live, and so does a person.
            fleet.must(&["activate"]);
        }
        rows += NUMBERS;
        assert_eq!((active_numbers(&fleet), working_numbers(&fleet)), (rows, rows));
    }
    eprintln!("imports killed, {}: {old} left nothing, {drafts} a draft, {new} a generation", &url[..6]);
}

/// Numbers of Zadarma that nobody has.
fn numbers(round: usize) -> String {
    let row = |index: usize| {
        let id = 10_000 + round * NUMBERS + index;
        format!(
            "[[numbers]]\nid = {id}\nnumber = \"442079460{id:06}\"\nprovider_id = 3\ndirection = \"IN\"\n\n"
        )
    };
    (0..NUMBERS).map(row).collect()
}

fn active_numbers(fleet: &Fleet) -> usize {
    let shown = fleet.must(&["generations", "show", "--json", &newest(fleet).to_string()]);
    let shown: serde_json::Value = serde_json::from_str(&shown).unwrap();
    let rows = shown["rows"].as_array().unwrap().iter().find(|row| row[0] == "numbers").unwrap();
    usize::try_from(rows[1].as_u64().unwrap()).unwrap()
}

fn working_numbers(fleet: &Fleet) -> usize {
    fleet.by_hand("SELECT count(*) FROM numbers").parse().unwrap()
}
