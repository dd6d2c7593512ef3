//! `dialplane firewall apply` and `status`, given on a node.

use std::{fs, time::Duration};

use laboratory::wait_until;
use libtest_mimic::Trial;
use serde_json::Value;

use super::{
    probe::{KNOWN, Passed, Probe},
    scene::Scene,
};

const LIMIT: Duration = Duration::from_mins(1);
/// A carrier's new address.
const MOVED: [&str; 4] = ["set", "provider_addresses", "2", "domainname=203.0.113.200"];

/// Told of one packet filter.
type Story = fn(&'static str);

pub(crate) fn trials() -> Vec<Trial> {
    let stories: [(&str, Story); 4] = [
        ("a_check_that_fails_takes_it_back", failed_check),
        ("killed_between_loading_and_checking", killed),
        ("what_other_hands_change_is_seen_and_mended", drift),
        ("what_must_never_be_loaded_is_not", guards),
    ];
    let told = stories.into_iter().flat_map(|(name, story)| {
        ["nftables", "ipset"].map(|backend| {
            Trial::test(format!("enforcement::{name}::{backend}"), move || {
                story(backend);
                Ok(())
            })
        })
    });
    told.collect()
}

fn failed_check(backend: &'static str) {
    let scene = Scene::new("check", backend, 3);
    let first = scene.run(&["apply", "--check", "/bin/false"]);
    assert_eq!((first.code, &*scene.loaded().replace(char::is_whitespace, "")), (1, ""), "{first:?}");
    scene.load();
    let probe = Probe::start(&scene.ground);
    let before = scene.loaded();
    scene.edit(&MOVED);
    let planned = scene.must(&["apply", "--dry-run"]);
    assert!(planned.contains("lacks 203.0.113.200") && planned.contains("203.0.113.0"), "{planned}");
    let failed = scene.run(&["apply", "--check", "/bin/false"]);
    assert_eq!((failed.code, scene.loaded()), (1, before.clone()), "{failed:?}");
    assert!(failed.err.contains("loaded again: the check failed"), "{}", failed.err);
    // The one that hears nothing any more says so by not ending.
    let slow = scene.program("slow", "sleep 600");
    let late = scene.run(&["apply", "--check", &slow, "--check-limit-s", "1"]);
    assert_eq!((late.code, scene.loaded()), (1, before.clone()), "{late:?}");
    scene.must(&["apply", "--check", "/bin/true"]);
    assert_ne!(scene.loaded(), before);
    assert!(scene.must(&["apply"]).contains("is loaded already"));
    is_unbroken(&probe_ended(probe));
}

fn killed(backend: &'static str) {
    let scene = Scene::new("killed", backend, 3);
    scene.load();
    let probe = Probe::start(&scene.ground);
    let before = scene.loaded();
    scene.edit(&MOVED);
    let hangs = scene.program("hangs", &format!("touch {}; exec sleep 600", scene.file("begun").display()));
    let killed = scene.start(&["apply", "--check", &hangs, "--check-limit-s", "300"]);
    wait_until("the check has begun", LIMIT, || scene.file("begun").exists().then_some(()));
    drop(killed);
    let after = scene.loaded();
    assert!(after != before && scene.run(&["status"]).code == 0, "the new one, whole");
    // Nobody found it good: what was loaded before is what to go back to.
    let failed = scene.run(&["apply", "--check", "/bin/false"]);
    assert_eq!((failed.code, scene.loaded()), (1, before), "{failed:?}");
    scene.must(&["apply", "--check", "/bin/true"]);
    assert_eq!(scene.loaded(), after);
    is_unbroken(&probe_ended(probe));
}

fn drift(backend: &'static str) {
    let scene = Scene::new("drift", backend, 3);
    scene.load();
    let good = scene.loaded();
    scene.must(&["status"]);
    remove_by_hand(&scene, backend);
    let said = scene.run(&["status", "--json"]);
    let status: Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!((said.code, &status["state"]), (1, &"drifted".into()), "{said:?}");
    assert_eq!(status["loaded"], status["meant"]);
    let missing = status["deviations"].as_array().unwrap().iter();
    assert!(missing.into_iter().any(|one| one["side"] == "missing" && one["what"] == KNOWN), "{status}");
    let _watch = scene.start(&["apply", "--watch"]);
    let mended = || (scene.loaded() == good).then_some(());
    wait_until("it is mended at the start", LIMIT, mended);
    wait_until("the watch knows what is loaded", LIMIT, || scene.log().contains("mended").then_some(()));
    remove_by_hand(&scene, backend);
    wait_until("it is mended while it runs", LIMIT, mended);
    if backend == "nftables" {
        scene.ground.node.tool("nft", "insert rule inet dialplane sip accept");
        wait_until("rules are mended too", LIMIT, mended);
        scene.ground.node.tool("nft", "delete table inet dialplane");
        wait_until("and a table that is gone", LIMIT, mended);
    }
    assert!(scene.log().contains("was changed by other hands"), "{}", scene.log());
}

fn remove_by_hand(scene: &Scene, backend: &str) {
    if backend == "nftables" {
        scene.ground.node.tool("nft", &format!("delete element inet dialplane sip_v4 {{ {KNOWN} }}"));
    } else {
        scene.ground.node.tool("ipset", &format!("del dialplane-sip-v4 {KNOWN}"));
    }
}

fn guards(backend: &'static str) {
    let scene = Scene::new("guards", backend, 60);
    scene.load();
    let probe = Probe::start(&scene.ground);
    let before = scene.loaded();
    let carriers = ["set", "providers", "1", "enabled=false"];
    scene.edit(&carriers);
    let empty = scene.run(&["apply"]);
    assert_eq!((empty.code, scene.loaded()), (4, before.clone()), "{empty:?}");
    assert!(empty.err.contains("no address is left"), "{}", empty.err);
    assert_eq!(scene.run(&["apply", "--force"]).code, 4, "nobody can insist on that");
    scene.edit(&["set", "providers", "1", "enabled=true"]);
    scene.fleet.by_hand("UPDATE provider_addresses SET enabled = FALSE WHERE id BETWEEN 2 AND 40");
    scene.fleet.must(&["activate"]);
    let shrunk = scene.run(&["apply"]);
    assert_eq!((shrunk.code, scene.loaded()), (4, before.clone()), "{shrunk:?}");
    scene.must(&["apply", "--force"]);
    assert_ne!(scene.loaded(), before);
    // What the machine starts with.
    let name = if backend == "nftables" { "firewall.nft" } else { "firewall.ipset" };
    let kept = fs::read_to_string(scene.file(name)).unwrap();
    let (tool, words) = if backend == "nftables" { ("nft", "-f -") } else { ("ipset", "restore -exist") };
    let loaded = scene.loaded();
    scene.ground.node.feed(tool, words, &kept);
    assert_eq!(scene.loaded(), loaded);
    is_unbroken(&probe_ended(probe));
}

fn probe_ended(probe: Probe) -> Passed {
    probe.goes_on(10);
    probe.end()
}

fn is_unbroken(passed: &Passed) {
    assert_eq!((passed.lost, passed.of_strangers), (0, 0), "{passed:?}");
}
