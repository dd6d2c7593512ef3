//! Two people activate at the same time: one after the other, or one of them is told.

use std::{collections::BTreeMap, process::Stdio};

use laboratory::fleet::{Fleet, Said};
use libtest_mimic::Trial;
use serde_json::Value;

use super::{
    count, dialled, generations, name_gate_by_hand, newest, on_every_database, routed, with_article,
};

pub(crate) fn trials() -> Vec<Trial> {
    on_every_database("races::two_activate_at_once", two)
}

/// One activates what stands in the tables, the other goes back to the beginning.
fn two(url: &str) {
    let fleet = with_article(Fleet::on(url));
    let first = newest(&fleet).to_string();
    let mut gates = BTreeMap::from([(1, "westcall".to_owned())]);
    let mut overtaken = 0;
    for round in 0..count(20, 200) {
        let before = newest(&fleet);
        let gate = format!("round-{round}");
        name_gate_by_hand(&fleet, &gate);
        let [activated, back] = at_once(&fleet, [&["activate", "--json"], &["rollback", &first]]);
        let now = newest(&fleet);
        match (activated.code, back.code) {
            (0, 0) => {
                assert_eq!(now, before + 2, "{activated:?} {back:?}");
                let number: Value = serde_json::from_str(&activated.out).unwrap();
                let number = number["number"].as_u64().unwrap();
                gates.insert(number, gate);
                gates.insert(2 * before + 3 - number, "westcall".into());
            }
            (0, _) => {
                was_told(&back);
                overtaken += usize::from(back.err.contains(OVERTAKEN));
                assert_eq!(now, before + 1, "{activated:?} {back:?}");
                gates.insert(now, gate);
            }
            (_, 0) => {
                was_told(&activated);
                overtaken += 1;
                assert_eq!(now, before + 1, "{activated:?} {back:?}");
                gates.insert(now, "westcall".into());
            }
            _ => panic!("nobody won: {activated:?} {back:?}"),
        }
    }
    eprintln!("{overtaken} were told that somebody else was faster, {}", &url[..6]);
    all_are_whole(&fleet, &gates);
}

const OVERTAKEN: &str = "somebody else activated a generation meanwhile; look again";

/// Whoever comes second hears of it; whoever goes back to what is active hears that.
fn was_told(said: &Said) {
    assert_eq!(said.code, 1, "{said:?}");
    assert!(said.err.contains(OVERTAKEN) || said.err.contains("the same already"), "{said:?}");
}

fn at_once(fleet: &Fleet, commands: [&[&str]; 2]) -> [Said; 2] {
    let running = commands.map(|arguments| {
        let mut command = fleet.command(arguments);
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    });
    let said = running.map(|child| Said::of(child.wait_with_output().unwrap()));
    // Nobody is overtaken who had no connection in the first place.
    let starved = said.iter().any(|said| said.code == 3 && said.err.contains("pool timed out"));
    if starved { at_once(fleet, commands) } else { said }
}

/// Numbers without holes, each made from the one before, and every one can be decided on.
fn all_are_whole(fleet: &Fleet, gates: &BTreeMap<u64, String>) {
    let mut all = generations(fleet);
    all.reverse();
    for (row, number) in all.iter().zip(1_u64..) {
        assert_eq!(row["number"], number);
        assert_eq!(row["parent"].as_u64().unwrap_or(0), number - 1);
        let number_text = number.to_string();
        assert!(fleet.must(&["generations", "show", &number_text]).contains("gates"));
        let said = routed(fleet, &["--generation", &number_text]);
        assert!(said.code == 0 && said.out.contains(&dialled(&gates[&number])), "{number}: {said:?}");
    }
    assert_eq!(all.len(), gates.len());
}
