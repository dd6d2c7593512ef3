//! `dialplane firewall`: what is written, what is refused, and what stays as it was then.

use std::{
    fs::{self, DirEntry},
    process::{Output, Stdio},
    thread,
    time::Duration,
};

use serde_json::Value;

use super::{
    Running,
    common::{Folder, Told},
};

fn export(folder: &Folder, format: &str, more: &[&str]) -> Output {
    folder.run(&[&["firewall", "export", "--format", format], more].concat())
}

fn read(folder: &Folder, name: &str) -> String {
    fs::read_to_string(folder.0.join(name)).unwrap()
}

/// So many carriers' addresses beside those of the example, as rows to import.
fn many(first: i64, count: i64) -> String {
    let row = |id| {
        format!(
            "[[provider_addresses]]\nid = {id}\nprovider_id = 8\ndomainname = \"203.0.113.{}\"\ndirection = \"IN\"\nproto = \"SIP\"\n",
            id - first
        )
    };
    (first..first + count).map(row).collect::<Vec<_>>().concat()
}

#[test]
fn the_example_is_exported_in_every_format() {
    let folder = Folder::with_example("firewall-formats");
    for format in [
        "nftables",
        "ipset",
        "iptables",
        "pf",
        "mikrotik",
        "freepbx",
        "pjsip",
        "kamailio",
        "opensips",
        "fail2ban",
        "aws",
        "terraform",
        "json",
        "csv",
        "plain",
    ] {
        let written = export(&folder, format, &[]);
        assert_eq!(written.code(), 0, "{format}: {}", written.err());
        assert!(written.out().contains("195.94.225.2"), "{format}: {}", written.out());
        assert_eq!(written.out(), export(&folder, format, &[]).out(), "{format} twice");
        assert!(written.err().contains("provider_addresses 1, 7: they are left out"), "{}", written.err());
    }
}

#[test]
fn questions_are_answered_and_nonsense_is_named() {
    let folder = Folder::with_example("firewall-questions");
    let plain = |more: &[&str]| export(&folder, "plain", more);
    assert!(plain(&["--server", "asterisk-msm"]).out().contains("212.5.126.1\n"), "the other servers");
    assert!(!plain(&["--server", "asterisk-msm"]).out().contains("89.208.16.1\n"), "not itself");
    assert_eq!(plain(&["--protocol", "IAX2"]).out().lines().count(), 4);
    for (more, said) in [
        (["--server", "nowhere"], "there is no enabled server `nowhere`"),
        (["--direction", "UP"], "IN, OUT or IN/OUT"),
        (["--purpose", "FUN"], "SIGNALLING, MEDIA or BOTH"),
        (["--family", "5"], "4 or 6"),
    ] {
        let refused = plain(&more);
        assert_eq!(refused.code(), 2);
        assert!(refused.err().contains(said), "{}", refused.err());
    }
    let unknown = export(&folder, "cisco", &[]);
    assert_eq!(unknown.code(), 2);
    assert!(unknown.err().contains("nftables, ipset, iptables, pf"), "{}", unknown.err());
}

#[test]
fn what_a_guard_refuses_leaves_the_old_file() {
    let folder = Folder::with_example("firewall-guards");
    let written = export(&folder, "nftables", &["--output", "carriers.nft"]);
    assert!(
        written.out().starts_with("carriers.nft written: generation "),
        "{}{}",
        written.out(),
        written.err()
    );
    let before = (read(&folder, "carriers.nft"), read(&folder, "carriers.nft.last"));

    folder.write("wide.toml", &many(900, 1).replace("203.0.113.0", "64.0.0.0/12"));
    assert_eq!(folder.run(&["import", "wide.toml"]).code(), 0);
    let refused = export(&folder, "nftables", &["--output", "carriers.nft", "--force"]);
    assert_eq!(refused.code(), 4, "{}", refused.out());
    let said = "provider_addresses 900, domainname: 64.0.0.0/12 is wider than /16";
    assert!(refused.err().contains(said), "{}", refused.err());
    assert_eq!((read(&folder, "carriers.nft"), read(&folder, "carriers.nft.last")), before);

    let nobody = export(&folder, "plain", &["--protocol", "H323", "--output", "carriers.nft"]);
    assert_eq!((nobody.code(), nobody.err().contains("no address is left")), (4, true), "{}", nobody.err());
    assert_eq!(read(&folder, "carriers.nft"), before.0);

    // A floor of one's own is another matter.
    folder.write("dialplane.toml", "[firewall]\nfloor_v4 = 12\n");
    assert_eq!(export(&folder, "nftables", &["--output", "carriers.nft"]).code(), 0);
    assert!(read(&folder, "carriers.nft").contains("64.0.0.0/12"));
}

#[test]
fn a_set_that_lost_a_third_is_written_on_demand_only() {
    let folder = Folder::with_example("firewall-shrink");
    folder.write("many.toml", &many(900, 60));
    assert_eq!(folder.run(&["import", "many.toml"]).code(), 0);
    let to_file = |more: &[&str]| export(&folder, "plain", &[&["--output", "carriers"], more].concat());
    assert_eq!(to_file(&[]).code(), 0);
    let before = (read(&folder, "carriers"), read(&folder, "carriers.last"));
    let disabled = folder.run(&["rows", "set", "providers", "8", "enabled=false"]);
    assert_eq!(disabled.code(), 0, "{}", disabled.err());
    let refused = to_file(&[]);
    assert_eq!(refused.code(), 4, "{}", refused.out());
    assert!(refused.err().contains("61 of 74 networks of the last set are missing"), "{}", refused.err());
    assert_eq!((read(&folder, "carriers"), read(&folder, "carriers.last")), before);
    assert_eq!(export(&folder, "plain", &[]).code(), 0, "a pipe has no last set");
    assert_eq!(export(&folder, "plain", &["--last", "carriers.last"]).code(), 4, "unless it is named");
    assert_eq!(to_file(&["--force"]).code(), 0);
    assert!(to_file(&[]).out().contains("is up to date"));
}

#[test]
fn a_damaged_last_set_is_said() {
    let folder = Folder::with_example("firewall-damaged");
    let to_file = |more: &[&str]| export(&folder, "plain", &[&["--output", "carriers"], more].concat());
    assert_eq!(to_file(&[]).code(), 0);
    folder.write("carriers.last", &read(&folder, "carriers.last").replace("195.94.225.2", "195.94.225.3"));
    let refused = to_file(&[]);
    assert_eq!(refused.code(), 4);
    assert!(refused.err().contains("carriers.last is damaged"), "{}", refused.err());
    let forced = to_file(&["--force"]);
    assert_eq!((forced.code(), forced.err().contains("going on without it")), (0, true), "{}", forced.err());
    assert_eq!(to_file(&[]).code(), 0, "it is whole again");
}

#[test]
fn differences_are_shown_with_whose_they_are() {
    let folder = Folder::with_example("firewall-diff");
    assert_eq!(export(&folder, "plain", &["--output", "carriers"]).code(), 0);
    let diff = |more: &[&str]| folder.run(&[&["firewall", "diff", "--last", "carriers.last"], more].concat());
    let same = diff(&[]);
    assert_eq!((same.code(), same.out()), (0, "17 unchanged\n"));
    let moved = ["rows", "set", "provider_addresses", "44", "ipaddress=195.94.225.3"];
    assert_eq!(folder.run(&moved).code(), 0);
    let differs = diff(&[]);
    assert_eq!(differs.code(), 1);
    let lines: Vec<_> = differs.out().lines().collect();
    assert_eq!(
        lines,
        [
            "- 195.94.225.2 IN/OUT SIP SIGNALLING of provider-7 (Westcall): provider_addresses 44, ipaddress",
            "+ 195.94.225.3 IN/OUT SIP SIGNALLING of provider-7 (Westcall): provider_addresses 44, ipaddress",
            "16 unchanged"
        ]
    );
    let view: Value = serde_json::from_str(diff(&["--json"]).out()).unwrap();
    assert_eq!(view["added"][0]["network"], "195.94.225.3");
    assert_eq!((&view["unchanged"], view["removed"].as_array().unwrap().len()), (&16.into(), 1));
    assert_eq!(folder.run(&["firewall", "diff", "--last", "nothing"]).code(), 2);
}

#[test]
fn without_its_database_the_newest_generation_on_disk_is_exported() {
    let folder = Folder::with_example("firewall-disk");
    let away = || {
        let mut command = folder.command(&["firewall", "export", "--format", "plain"]);
        command.env("DIALPLANE__STORE__URL", "postgres://dialplane@127.0.0.1:1/dialplane").output().unwrap()
    };
    assert_eq!(away().code(), 3, "neither database nor disk");
    keep_on_disk(&folder);
    let kept = away();
    assert_eq!((kept.code(), kept.err().contains("is from disk")), (0, true), "{}", kept.err());
    assert_eq!(kept.out(), export(&folder, "plain", &[]).out());
}

/// Whoever serves keeps generations on disk; the command only reads them.
fn keep_on_disk(folder: &Folder) {
    let mut command = folder.command(&["serve", "--roles", "router"]);
    for key in ["ROUTER__HTTP", "ROUTER__AGI", "METRICS__HTTP"] {
        command.env(format!("DIALPLANE__{key}"), "127.0.0.1:0");
    }
    let _running = Running(command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap());
    let is_generation = |entry: DirEntry| entry.path().extension().is_some_and(|name| name == "generation");
    for _ in 0..2_000 {
        let mut files = fs::read_dir(folder.0.join("var/generations")).into_iter().flatten().flatten();
        if files.any(is_generation) {
            return;
        }
        thread::sleep(Duration::from_millis(20));
    }
    panic!("no generation on disk within 40 s");
}
