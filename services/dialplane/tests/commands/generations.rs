//! Edits, generations and the way back, without a router: the commands do it themselves.

use serde_json::Value;

use crate::common::{Folder, Told, ask};

const NUMBER: &str = "74957777777";

fn json(folder: &Folder, arguments: &[&str]) -> Value {
    let output = folder.run(&[arguments, &["--json"]].concat());
    serde_json::from_str(output.out())
        .unwrap_or_else(|error| panic!("{error}: {} {}", output.out(), output.err()))
}

fn numbers(folder: &Folder) -> Vec<u64> {
    let rows = json(folder, &["generations", "list"]);
    rows.as_array().unwrap().iter().map(|row| row["number"].as_u64().unwrap()).collect()
}

#[test]
fn an_edit_is_live_at_once_and_undone_as_fast() {
    let folder = Folder::with_example("edit");
    assert_eq!(numbers(&folder), [1]);
    let edit =
        ["rows", "set", "providers", "7", "enabled=false", "--actor", "ann", "--comment", "out of order"];
    let edited = folder.run(&edit);
    assert_eq!((edited.code(), edited.err()), (0, "live in generation 2\n"), "{}", edited.err());
    assert!(!ask(&folder, NUMBER, &[]).out().contains("westcall"));
    assert!(ask(&folder, NUMBER, &["--generation", "1"]).out().contains("westcall"));
    let newest = &json(&folder, &["generations", "list"])[0];
    assert_eq!((&newest["actor"], &newest["comment"]), (&"ann".into(), &"out of order".into()));
    let diff = folder.run(&["generations", "diff", "1"]);
    assert_eq!(diff.out(), "providers: 0 added, 0 removed, 1 changed\n  ~ 7: enabled true → false\n");

    assert_eq!(folder.run(&["rollback", "1"]).code(), 0);
    assert!(ask(&folder, NUMBER, &[]).out().contains("westcall"));
    assert!(!ask(&folder, NUMBER, &["--draft"]).out().contains("westcall"));
    // The tables still hold what was rolled back, so nothing goes live by itself.
    let held = folder.run(&["rows", "set", "numbers", "125", "enabled=false"]);
    assert!(held.out().contains("held"), "{}", held.out());
    assert_eq!(numbers(&folder), [3, 2, 1]);
    assert_eq!(folder.run(&["restore", "1"]).code(), 0);
    assert!(ask(&folder, NUMBER, &["--draft"]).out().contains("westcall"));
}

#[test]
fn what_is_wrong_is_named_and_not_activated() {
    let folder = Folder::with_example("wrong");
    let malformed = folder.run(&["rows", "set", "numbers", "125", "direction=sideways"]);
    assert_eq!(malformed.code(), 2);
    assert!(malformed.err().contains("numbers.direction"), "{}", malformed.err());
    assert_eq!(folder.run(&["rows", "set", "numbers", "99999", "enabled=false"]).code(), 1);
    assert_eq!(folder.run(&["rows", "remove", "numbers", "99999"]).code(), 1);
    assert_eq!(folder.run(&["rows", "list", "nombres"]).code(), 2);

    let wide = folder.run(&["rows", "set", "provider_addresses", "52", "ipaddress=128.0.0.0/2"]);
    assert_eq!(wide.code(), 1, "{} {}", wide.out(), wide.err());
    assert!(
        wide.err().contains("network-too-wide") && wide.err().contains("provider_addresses"),
        "{}",
        wide.err()
    );
    let verified = json(&folder, &["verify"]);
    assert_eq!(verified["can_be_activated"], false);
    assert_eq!(verified["findings"][0]["severity"], "error");
    assert_eq!(folder.run(&["verify"]).code(), 1);
    assert_eq!(folder.run(&["activate"]).code(), 1);
    assert_eq!(numbers(&folder), [1]);
    assert_eq!(folder.run(&["activate", "--force"]).code(), 1, "no force activates what is wrong");
}

#[test]
fn a_table_that_lost_its_rows_is_refused_until_forced() {
    let folder = Folder::with_example("shrunk");
    for row in json(&folder, &["rows", "list", "number_destinations"]).as_array().unwrap() {
        folder.run(&["rows", "remove", "number_destinations", &row["id"].to_string()]);
    }
    let refused = folder.run(&["activate"]);
    assert_eq!(refused.code(), 4, "{} {}", refused.out(), refused.err());
    assert!(
        refused.err().contains("number_destinations") && refused.err().contains("--force"),
        "{}",
        refused.err()
    );
    assert_eq!(folder.run(&["activate", "--force"]).code(), 0);
}

#[test]
fn with_manual_activation_edits_wait_and_tokens_do_not() {
    let folder = Folder::with_example("manual");
    folder.write("dialplane.toml", "[generations]\nactivation = \"manual\"\n");
    let edited = folder.run(&["rows", "set", "providers", "7", "enabled=false"]);
    assert!(edited.out().contains("dialplane activate"), "{}", edited.out());
    assert_eq!(numbers(&folder), [1]);
    assert_eq!(folder.run(&["token", "create", "--node", "asterisk-macomnet"]).code(), 0);
    assert_eq!(numbers(&folder), [2, 1]);
    assert!(ask(&folder, NUMBER, &[]).out().contains("westcall"));
    assert_eq!(folder.run(&["activate", "--comment", "now"]).code(), 0);
    assert!(!ask(&folder, NUMBER, &[]).out().contains("westcall"));
    assert_eq!(folder.run(&["activate"]).out().lines().last(), Some("nothing to activate"));
}

#[test]
fn a_mistyped_database_is_not_made() {
    let folder = Folder::new("mistyped");
    let listed = folder.run(&["generations", "list"]);
    assert_eq!(listed.code(), 3, "{} {}", listed.out(), listed.err());
    assert!(!folder.0.join("var/dialplane.sqlite").exists());
}
