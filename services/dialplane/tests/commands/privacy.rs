//! How long records stay, and who may read what, as people say it.

use serde_json::Value;

use crate::common::{Folder, Told};

fn json(folder: &Folder, arguments: &[&str]) -> Value {
    let told = folder.run(arguments);
    assert_eq!(told.code(), 0, "{arguments:?}");
    serde_json::from_str(told.out()).unwrap()
}

#[test]
fn rules_of_retention_are_set_shown_and_removed() {
    let folder = Folder::with_example("retention");
    let set =
        |more: &[&str]| folder.run(&[&["retention", "set", "--reason", "the law"], more].concat()).code();
    let law = ["--country", "RU", "--mask", "180", "--remove", "1095", "--floor", "180", "--ceiling", "365"];
    assert_eq!(set(&law), 0);
    assert_eq!(set(&["--mask", "30", "--remove", "400"]), 0);
    assert_ne!(set(&["--mask", "10", "--floor", "30"]), 0, "below the floor");
    let shown = json(&folder, &["retention", "list", "--json"]);
    let rules = shown["rules"].as_array().unwrap();
    assert_eq!((rules.len(), &rules[0]["country"], &rules[0]["mask_days"]), (2, &Value::Null, &30.into()));
    assert_eq!((&rules[1]["country"], &rules[1]["ceiling_days"]), (&"RU".into(), &365.into()));
    assert_eq!(shown["nodes"].as_array().unwrap().len(), 3);
    let done = json(&folder, &["retention", "run", "--json"]);
    assert_eq!((&done[0]["calls"], &done[1]["calls"]), (&0.into(), &0.into()));
    assert_eq!(folder.run(&["retention", "remove", "--country", "RU", "--reason", "moved"]).code(), 0);
    assert_eq!(folder.run(&["retention", "remove", "--country", "RU", "--reason", "moved"]).code(), 1);
}

#[test]
fn holds_are_made_and_released_and_the_audit_knows() {
    let folder = Folder::with_example("holds");
    let hold = ["holds", "make", "--number", "12025550100", "--from", "2026-10-01", "--reason", "file 7"];
    let made = folder.run(&hold);
    assert_eq!((made.code(), made.out().trim()), (0, "1"));
    assert_eq!(folder.run(&["holds", "make", "--from", "someday", "--reason", "file 8"]).code(), 2);
    let held = json(&folder, &["holds", "list", "--json"]);
    assert_eq!((&held[0]["number"], &held[0]["released"]), (&"12025550100".into(), &Value::Null));
    assert_eq!(folder.run(&["holds", "release", "1", "--reason", "closed"]).code(), 0);
    assert_eq!(folder.run(&["holds", "release", "1", "--reason", "closed"]).code(), 1);
    let audit = json(&folder, &["audit", "--json"]);
    let told: Vec<_> =
        audit.as_array().unwrap().iter().map(|entry| (&entry["action"], &entry["reason"])).collect();
    assert_eq!(told, [(&"hold_released".into(), &"closed".into()), (&"hold_made".into(), &"file 7".into())]);
}

#[test]
fn reports_are_named_and_copied_once() {
    let folder = Folder::with_example("reports");
    assert_eq!(json(&folder, &["reports", "list", "--json"]).as_array().unwrap().len(), 9);
    assert_eq!(folder.run(&["reports", "grant", "bi"]).code(), 2, "SQLite knows no accounts");
    assert_eq!(folder.run(&["reports", "copy", "for-others.db"]).code(), 0);
    assert_eq!(folder.run(&["reports", "copy", "for-others.db"]).code(), 4);
}
