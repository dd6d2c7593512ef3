//! The binary as people call it: what it prints, and what it exits with. Each test has a folder and a database of its
//! own.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod calls;
mod common;
mod exports;
mod firewall;
mod generations;
#[path = "../../../../tests/store/many_calls.rs"]
mod many_calls;
mod privacy;

use std::{
    collections::BTreeSet,
    fs,
    io::{BufRead, BufReader},
    process::{Child, Command, Output, Stdio},
};

use serde_json::Value;

use common::{Folder, Told, ask};

#[test]
fn the_listing_shows_every_address_and_a_dash_where_nothing_was_resolved() {
    let folder = Folder::with_example("listing");
    let listed = folder.run(&["providers", "list"]);
    assert_eq!(listed.out().matches("SIP").count(), 13, "{}", listed.out());
    for text in ["sip.n1.ipport.net [89.208.190.2]", "sbc.voxbeam.com [-]", "195.94.225.2 [195.94.225.2]"] {
        assert!(listed.out().contains(text), "{}", listed.out());
    }
}

#[test]
fn the_listing_dials_in_both_drivers_and_every_class() {
    let folder = Folder::with_example("dialling");
    let dial = |more: &[&str]| -> Vec<String> {
        let listed = folder.run(&[&["providers", "list", "--json", "--dial", "74957777777"], more].concat());
        let rows: Vec<Value> = serde_json::from_str(listed.out()).unwrap();
        rows.iter().filter_map(|row| Some(row["dial_string"].as_str()?.to_owned())).collect()
    };
    assert_eq!(dial(&[]).len(), 6);
    assert!(dial(&[]).contains(&"SIP/sbc.voxbeam.com/001110174957777777".to_owned()));
    let premium = dial(&["--driver", "pjsip", "--class", "premium"]);
    assert!(premium.contains(&"PJSIP/001110274957777777@sbc.voxbeam.com".to_owned()), "{premium:?}");
}

#[test]
fn a_route_and_its_explanation() {
    let folder = Folder::with_example("route");
    let found = ask(&folder, "84957777777", &["--explain", "--json"]);
    assert_eq!(found.code(), 0);
    let view: Value = serde_json::from_str(found.out()).unwrap();
    assert_eq!(view["attempts"][0]["dial"], "SIP/westcall/74957777777");
    let candidates = view["explanation"]["candidates"].as_array().unwrap();
    let of_kind = |kind| candidates.iter().filter(move |candidate| candidate["kind"] == kind);
    assert_eq!((of_kind("address").count(), candidates.len()), (13, 13 + of_kind("gate").count()));
    assert!(
        of_kind("gate").any(|gate| gate["provider"] == "IPport" && gate["position"] == 2),
        "{candidates:?}"
    );
    let plain: Value = serde_json::from_str(ask(&folder, "84957777777", &["--json"]).out()).unwrap();
    assert_eq!(plain["attempts"], view["attempts"]);
    assert!(plain.get("explanation").is_none());
}

#[test]
fn a_negative_answer_exits_with_1() {
    let folder = Folder::with_example("negative");
    let refused = ask(&folder, "500&PJSIP/x", &[]);
    assert_eq!((refused.code(), refused.out().starts_with("reject: not_a_number")), (1, true));
    assert_eq!(folder.run(&["token", "revoke", "node-77"]).code(), 1);
}

#[test]
fn wrong_usage_and_configuration_exit_with_2() {
    let folder = Folder::with_example("usage");
    assert_eq!(ask(&folder, "1", &["--class", "gold"]).code(), 2);
    let misspelt = folder.command(&["check"]).env("DIALPLANE__ROUTER__HTPP", "x").output().unwrap();
    assert_eq!(misspelt.code(), 2);
    assert!(misspelt.err().contains("did you mean `router.http`?"), "{}", misspelt.err());
    folder.write("dialplane.toml", "[rooter]\nhttp = \"x\"\n");
    assert_eq!(folder.run(&["check"]).code(), 2);
}

#[test]
fn an_unreachable_database_exits_with_3_and_keeps_its_password() {
    let folder = Folder::new("unreachable");
    let check = folder
        .command(&["check"])
        .env("DIALPLANE__STORE__URL", "postgres://dialplane:geheim@127.0.0.1:1/dialplane")
        .output()
        .unwrap();
    assert_eq!(check.code(), 3, "{}", check.err());
    assert!(!check.err().contains("geheim") && check.err().contains("127.0.0.1:1"), "{}", check.err());
}

#[test]
fn loading_the_example_over_data_exits_with_4() {
    let folder = Folder::with_example("guard");
    let again = folder.run(&["example", "load"]);
    assert_eq!(again.code(), 4);
    assert!(again.err().contains("not empty"), "{}", again.err());
}

#[test]
fn a_bad_import_names_place_rule_and_value_and_changes_nothing() {
    let folder = Folder::with_example("import");
    folder.write("bad.toml", "[[currencies]]\nid = 1\niso = \"rub\"\nnumcode = 643\nname = \"x\"\n");
    let bad = folder.run(&["import", "bad.toml"]);
    assert_eq!(bad.code(), 2);
    for text in ["line 3", "a currency code must be three capital letters (ISO 4217), not `rub`"] {
        assert!(bad.err().contains(text), "{}", bad.err());
    }
    folder.write("twice.toml", "[[currencies]]\nid = 1\niso = \"RUB\"\nnumcode = 643\nname = \"x\"\n");
    let twice = folder.run(&["import", "twice.toml"]);
    assert_eq!(twice.code(), 2);
    assert!(twice.err().contains("currencies") && twice.err().contains("already exists"), "{}", twice.err());
    assert_eq!(folder.run(&["check"]).code(), 0);
}

#[test]
fn an_import_refuses_what_it_does_not_know_and_keys_that_stand_twice() {
    let folder = Folder::with_example("import-unknown");
    let row = |id: u8, more: &str| {
        format!("[[currencies]]\nid = {id}\niso = \"EUR\"\nnumcode = 978\nname = \"euro\"\n{more}\n")
    };
    folder.write("odd.toml", &[row(80, "symbol = \"e\""), row(81, ""), row(82, "nmae = \"x\"")].concat());
    let odd = folder.run(&["import", "odd.toml"]);
    assert_eq!(odd.code(), 2);
    let expected = "there are no such fields: currencies.0.symbol, currencies.2.nmae";
    assert!(odd.err().contains(expected), "{}", odd.err());
    folder.write("table.toml", "[[currency]]\nid = 1\n");
    let table = folder.run(&["import", "table.toml"]);
    assert!(table.code() == 2 && table.err().contains("unknown field `currency`"), "{}", table.err());
    folder.write("keys.toml", &[row(80, ""), row(80, "")].concat());
    let keys = folder.run(&["import", "keys.toml"]);
    assert_eq!(keys.code(), 2);
    assert!(keys.err().contains("currencies 80: id stands in the table twice"), "{}", keys.err());
}

#[test]
fn tokens_are_printed_once_and_listed_without_their_secret() {
    let folder = Folder::with_example("tokens");
    let made = folder.run(&["token", "create", "--node", "asterisk-msm", "--comment", "first"]);
    let token = made.out().trim();
    assert_eq!((made.code(), token.len()), (0, 68));
    let listed = folder.run(&["token", "list", "--json"]);
    let rows: Value = serde_json::from_str(listed.out()).unwrap();
    assert_eq!(rows[0]["holder"], "asterisk-msm");
    assert!(!listed.out().contains(&token[4..]));
    let id = rows[0]["id"].as_str().unwrap();
    assert_eq!(folder.run(&["token", "revoke", id]).code(), 0);
    assert_eq!(folder.run(&["token", "create", "--node", "nowhere"]).code(), 2);
}

#[test]
fn an_incoming_call_is_explained_too() {
    let folder = Folder::with_example("inbound");
    let question =
        ["route", "inbound", "--node", "asterisk-macomnet", "--endpoint", "westcall", "--to", "74951815000"];
    let known = folder.run(&[&question[..], &["--source", "195.94.225.2", "--explain", "--json"]].concat());
    let view: Value = serde_json::from_str(known.out()).unwrap();
    assert_eq!(
        (&view["attempts"][0]["dial"], &view["explanation"]["carrier_provider_id"]),
        (&"SIP/1000".into(), &7.into())
    );
    let stranger = folder.run(&[&question[..], &["--source", "203.0.113.9"]].concat());
    assert_eq!((stranger.code(), stranger.out().starts_with("reject: unknown_source, cause 21")), (1, true));
}

#[test]
fn the_fallback_is_written_once_and_then_only_when_it_changes() {
    let folder = Folder::with_example("fallback");
    let export = ["fallback", "export", "--node", "asterisk-macomnet", "--out", "fallback.conf"];
    assert!(folder.run(&export).out().contains("written"));
    assert!(folder.run(&export).out().contains("up to date"));
    let text = fs::read_to_string(folder.0.join("fallback.conf")).unwrap();
    assert!(text.contains("[dialplane-fallback-outbound]") && text.contains("exten => 112,1,"), "{text}");
    assert_eq!(folder.run(&["fallback", "export", "--node", "nowhere"]).code(), 2);
}

#[test]
fn both_ends_of_a_hop_get_the_same_secret() {
    let folder = Folder::with_example("peers");
    let export = |node: &str| folder.run(&["peers", "export", "--node", node, "--format", "iax"]);
    let secrets = |output: &Output| -> Vec<String> {
        output.out().lines().filter_map(|line| line.strip_prefix("secret=")).map(str::to_owned).collect()
    };
    let (macomnet, msm) = (secrets(&export("asterisk-macomnet")), secrets(&export("asterisk-msm")));
    assert_eq!((macomnet.len(), msm.len()), (2, 2));
    assert_eq!(macomnet.iter().filter(|secret| msm.contains(secret)).count(), 1);
}

#[test]
fn exports_at_the_same_time_make_one_key() {
    let folder = Folder::with_example("peers-at-once");
    let start = |_| {
        let mut export = folder.command(&[
            "peers",
            "export",
            "--node",
            "asterisk-macomnet",
            "--format",
            "iax",
            "--key-file",
            "key",
        ]);
        export.stdout(Stdio::piped()).spawn().unwrap()
    };
    let exports: Vec<_> = (0..6).map(start).collect();
    let outputs = exports.into_iter().map(|export| export.wait_with_output().unwrap());
    let told: BTreeSet<_> = outputs.map(|output| (output.code(), output.stdout)).collect();
    assert!(told.len() == 1 && told.iter().all(|(code, file)| *code == 0 && !file.is_empty()));
    assert_eq!(fs::read(folder.0.join("key")).unwrap().len(), 32);
}

/// The example server; killed at the end of its test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn the_example_prints_a_question_that_really_works() {
    let folder = Folder::new("example");
    let mut command = folder.command(&["example", "serve"]);
    for key in ["ROUTER__HTTP", "ROUTER__AGI", "API__HTTP", "METRICS__HTTP"] {
        command.env(format!("DIALPLANE__{key}"), "127.0.0.1:0");
    }
    command.env("DIALPLANE__RESOLVER__ENABLED", "false");
    let mut running = Running(command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap());
    let lines = BufReader::new(running.0.stdout.take().unwrap()).lines().map(Result::unwrap);
    let mut lines = lines.skip_while(|line| !line.starts_with("curl "));
    let curl = lines.next().unwrap();
    let promised = lines.find(|line| line.starts_with("status=")).unwrap();
    let answered =
        Command::new("sh").args(["-c", &format!("{curl} --silent --max-time 5")]).output().unwrap();
    let without_ids = |line: &str| {
        line.split('&')
            .filter(|pair| !pair.starts_with("id=") && !pair.starts_with("root="))
            .collect::<Vec<_>>()
            .join("&")
    };
    assert!(promised.starts_with("status=ok&"), "{promised}");
    assert_eq!(without_ids(answered.out()), without_ids(&promised), "{curl}");
}
