//! What is in `deploy/`, taken by the programs it is for.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use laboratory::{Run, fresh::Layered, router::binary};
use libtest_mimic::Trial;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
/// As asked of a unit by `systemd-analyze security`, in tenths: 0 is safe from everything.
const EXPOSURE_MAX: u32 = 25;

pub(crate) fn trials() -> Vec<Trial> {
    let trials: [(&str, fn()); 4] = [
        ("alerts_are_raised_by_what_they_are_about", alerts),
        ("every_alert_has_its_page", pages),
        ("units_are_shut_tight", units),
        ("a_package_is_installed_upgraded_and_removed", package),
    ];
    let trial = |(name, story): (&str, fn())| {
        Trial::test(format!("deployment::{name}"), move || {
            story();
            Ok(())
        })
    };
    trials.into_iter().map(trial).collect()
}

fn deploy(path: &str) -> PathBuf {
    Path::new(ROOT).join("deploy").join(path)
}

fn alerts() {
    let tools = Layered::on_tools();
    for folder in ["", "tests/"] {
        fs::create_dir_all(tools.path(&format!("/tmp/prometheus/{folder}"))).unwrap();
        for entry in fs::read_dir(deploy(&format!("prometheus/{folder}"))).unwrap().flatten() {
            if entry.path().is_file() {
                let name = entry.file_name().into_string().unwrap();
                fs::copy(entry.path(), tools.path(&format!("/tmp/prometheus/{folder}{name}"))).unwrap();
            }
        }
    }
    let rules = tools.must(&["promtool", "check", "config", "/tmp/prometheus/prometheus.yml"]);
    assert!(rules.contains("rules found") && !rules.contains("FAILED"), "{rules}");
    let tests = tools.must(&["promtool", "test", "rules", "/tmp/prometheus/tests/alerts.yml"]);
    assert!(tests.contains("SUCCESS"), "{tests}");
}

/// The values of a key in a file whose lines are `key: value`.
fn values(text: &str, key: &str) -> Vec<String> {
    let lines = text.lines().map(str::trim_start);
    lines.filter_map(|line| line.trim_start_matches("- ").strip_prefix(key)).map(str::to_owned).collect()
}

fn pages() {
    let alerts = fs::read_to_string(deploy("prometheus/alerts.yml")).unwrap();
    let tests = fs::read_to_string(deploy("prometheus/tests/alerts.yml")).unwrap();
    let runbook = fs::read_to_string(Path::new(ROOT).join("docs/runbook.md")).unwrap();
    let (names, links) = (values(&alerts, "alert: "), values(&alerts, "runbook_url: "));
    assert!(names.len() >= 20, "{names:?}");
    assert_eq!(names.len(), links.len());
    for (name, link) in names.iter().zip(&links) {
        assert_eq!(*link, format!("\"docs/runbook.md#{}\"", name.to_lowercase()));
        assert!(runbook.contains(&format!("\n## {name}\n")), "the runbook has no page for {name}");
        assert!(tests.contains(&format!("alertname=\"{name}\"")), "no test raises {name}");
    }
    for page in runbook.lines().filter_map(|line| line.strip_prefix("## ")) {
        assert!(names.iter().any(|name| name == page), "{page} is no alert");
    }
}

fn units() {
    let tools = Layered::on_tools();
    // A unit that names a program that is not there is refused for that alone.
    fs::write(tools.path("/usr/bin/dialplane"), "").unwrap();
    tools.must(&["chmod", "+x", "/usr/bin/dialplane"]);
    let units: Vec<_> = fs::read_dir(deploy("systemd")).unwrap().flatten().collect();
    assert!(units.len() >= 4, "all roles in one, and each of them");
    for unit in units {
        let unit = tools.bring(&unit.path());
        let complaints = tools.must(&["systemd-analyze", "verify", &unit]);
        assert!(!complaints.contains("dialplane"), "{complaints}");
        let said = tools.must(&["systemd-analyze", "security", "--offline=true", "--no-pager", &unit]);
        let last = said.lines().rev().find(|line| line.contains("exposure level")).unwrap_or_default();
        let tenths = last.split(' ').find_map(|word| word.replacen('.', "", 1).parse::<u32>().ok());
        assert!(tenths.is_some_and(|tenths| tenths <= EXPOSURE_MAX), "{said}");
    }
}

fn package() {
    let machine = Layered::on_this_machine();
    let old = machine.bring(&built());
    machine.must(&["dpkg", "--install", &old]);
    assert_eq!(machine.must(&["stat", "-c", "%U %a", "/var/lib/dialplane"]).trim(), "dialplane 700");
    assert_eq!(
        machine.must(&["stat", "-c", "%U:%G %a", "/etc/dialplane/dialplane.toml"]).trim(),
        "root:dialplane 640"
    );
    let as_service = |words: &[&str]| {
        let shell = format!(
            "cd /var/lib/dialplane && exec dialplane --config /etc/dialplane/dialplane.toml {}",
            words.join(" ")
        );
        machine.must(&[
            "setpriv",
            "--reuid=dialplane",
            "--regid=dialplane",
            "--init-groups",
            "sh",
            "-c",
            &shell,
        ])
    };
    as_service(&["migrate"]);
    as_service(&["example", "load"]);
    let providers = as_service(&["providers", "list"]);
    assert!(providers.contains("Westcall"), "{providers}");

    // What somebody edited and what was kept is there after an upgrade.
    let edited = "[store]\nurl = \"sqlite:dialplane.sqlite\"\n\n[log]\nformat = \"json\"\n";
    fs::write(machine.path("/etc/dialplane/dialplane.toml"), edited).unwrap();
    machine.must(&["dpkg", "--install", &newer(&machine, &old)]);
    assert_eq!(fs::read_to_string(machine.path("/etc/dialplane/dialplane.toml")).unwrap(), edited);
    assert_eq!(as_service(&["providers", "list"]), providers);
    let version =
        machine.must(&["dpkg-query", "--show", "--showformat=${Version} ${db:Status-Status}", "dialplane"]);
    assert_eq!(version, "99.0.0 installed");

    machine.must(&["dpkg", "--remove", "dialplane"]);
    assert!(!machine.path("/usr/bin/dialplane").exists());
    assert!(machine.path("/etc/dialplane/dialplane.toml").exists(), "it was only removed");
    let said = machine.must(&["dpkg", "--purge", "dialplane"]);
    assert!(said.contains("holds data and was kept"), "{said}");
    assert!(!machine.path("/etc/dialplane").exists());
    assert!(machine.path("/var/lib/dialplane/dialplane.sqlite").exists(), "records are not ours to remove");
}

/// The package of the program under test. Nobody sends it anywhere: it need not be small.
fn built() -> PathBuf {
    let folder = Run::current().folder.join("package");
    fs::create_dir_all(&folder).unwrap();
    let mut build = Command::new(deploy("debian/build"));
    let output = build.env("COMPRESSION", "none").args([binary(), folder]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().into()
}

/// The same package as of a later release.
fn newer(machine: &Layered, package: &str) -> String {
    machine.must(&["dpkg-deb", "--raw-extract", package, "/tmp/newer"]);
    let control = machine.path("/tmp/newer/DEBIAN/control");
    let text = fs::read_to_string(&control).unwrap();
    let version = values(&text, "Version: ").remove(0);
    fs::write(&control, text.replace(&format!("Version: {version}"), "Version: 99.0.0")).unwrap();
    machine.must(&["dpkg-deb", "-Znone", "--build", "/tmp/newer", "/tmp/newer.deb"]);
    "/tmp/newer.deb".to_owned()
}
