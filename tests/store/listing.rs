//! What `dialplane providers list` prints, from each database.

use std::process::Command;

use serde_json::Value;

use super::database::Database;

pub(super) async fn the_carriers_strings_follow_the_tables(database: Database) {
    dialplane(&database, &["example", "load"]);
    let strings = |number: &str| dial_strings(&database, number);
    assert_eq!(
        strings("74957777777"),
        [
            "SIP/209.124.34.104/74957777777",
            "SIP/sbc.voxbeam.com/001110174957777777",
            "SIP/sip.n1.ipport.net/+74957777777",
            "SIP/sip.voicebuy.com/999274957777777",
            "SIP/sip.zadarma.com/74957777777",
            "SIP/westcall/74957777777",
        ]
    );
    let other = strings("442038070121");
    assert_eq!((other.len(), other.iter().filter(|string| string.ends_with("442038070121")).count()), (6, 6));

    let edited = "UPDATE providers SET cli_prefix = '0099' WHERE providername = 'Voxbeam'";
    assert_eq!(database.by_hand(edited).await.unwrap(), 1);
    let strings = strings("74957777777");
    assert_eq!(strings[1], "SIP/sbc.voxbeam.com/009974957777777");
    assert_eq!(strings.len(), 6);
}

fn dial_strings(database: &Database, number: &str) -> Vec<String> {
    let listed = dialplane(database, &["providers", "list", "--json", "--dial", number]);
    let rows: Vec<Value> = serde_json::from_str(&listed).unwrap();
    let mut strings: Vec<_> =
        rows.iter().filter_map(|row| Some(row["dial_string"].as_str()?.to_owned())).collect();
    strings.sort();
    strings
}

fn dialplane(database: &Database, arguments: &[&str]) -> String {
    let mut command = Command::new(laboratory::router::binary());
    let output = command.args(arguments).env("DIALPLANE__STORE__URL", &database.url).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}
