//! From an edited row to what routers answer, and back: activation, rollback, and what neither database, bus nor disk may
//! take from a router.

use laboratory::fleet::{Fleet, Member, Said, question, token_row};
use libtest_mimic::Trial;

use super::count;

mod bad_rows;
mod disk;
mod edits;
mod guard;
mod killed;
mod manual;
mod mixing;
mod names;
mod races;
mod releases;
mod rollback;
mod survival;

pub(crate) fn trials() -> Vec<Trial> {
    let stories = [
        survival::trials,
        killed::trials,
        races::trials,
        mixing::trials,
        bad_rows::trials,
        rollback::trials,
        guard::trials,
        releases::trials,
        edits::trials,
        disk::trials,
        manual::trials,
        names::trials,
    ];
    stories.into_iter().flat_map(|trials| trials()).collect()
}

/// The same story on every database, with the URL of an empty one.
fn on_every_database(name: &str, story: fn(&str)) -> Vec<Trial> {
    super::on_every_database(&format!("generations::{name}"), story)
}

/// The node of the article that asks, and its phone.
const NODE: &str = "asterisk-macomnet";

/// The article's rows and a token for the node.
fn article() -> String {
    store::ARTICLE.to_owned() + &token_row(1, 1, NODE)
}

/// The fleet with the article's rows in its first generation.
fn with_article(fleet: Fleet) -> Fleet {
    let imported = fleet.import(&article());
    assert_eq!(imported.code, 0, "{imported:?}");
    fleet
}

/// A call of the phone to Moscow. It goes out through the gate of the phone's number first.
fn ask() -> String {
    question(NODE, "1000", "74957777777")
}

/// What the first attempt dials when that gate has this name.
fn dialled(gate: &str) -> String {
    format!("SIP/{gate}/74957777777")
}

/// What the command line says is dialled first, by a generation or by the active one.
fn routed(fleet: &Fleet, more: &[&str]) -> Said {
    let asked = ["route", "outbound", "--node", NODE, "--endpoint", "1000", "--to", "74957777777"];
    fleet.run(&[&asked, more].concat())
}

/// Names that gate as an operator does.
fn name_gate(fleet: &Fleet, gate: &str) -> Said {
    fleet.run(&["rows", "set", "gates", "8", &format!("gatename={gate}")])
}

/// Names it by other hands.
fn name_gate_by_hand(fleet: &Fleet, gate: &str) {
    fleet.by_hand(&format!("UPDATE gates SET gatename = '{gate}' WHERE id = 8"));
}

fn wait_dials(members: &[&Member], gate: &str) {
    for member in members {
        member.wait_answers(&ask(), gate, |answer| answer.get("dial1") == dialled(gate));
    }
}

fn assert_dials(members: &[&Member], gate: &str) {
    for member in members {
        let answer = member.ask(&ask());
        assert_eq!((answer.get("status"), answer.get("dial1")), ("ok", &*dialled(gate)), "{}", member.name);
    }
}

/// The generations of the database, newest first.
fn generations(fleet: &Fleet) -> Vec<serde_json::Value> {
    serde_json::from_str(&fleet.must(&["generations", "list", "--json", "--limit", "100000"])).unwrap()
}

fn newest(fleet: &Fleet) -> u64 {
    generations(fleet)[0]["number"].as_u64().unwrap()
}
