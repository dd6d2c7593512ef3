//! Kamailio with one tree of its module mtree, for benches to compare with.

use std::{fs, process::Command, time::Duration};

use crate::{
    namespace::Run,
    process::{Running, finish, succeeds, wait_until},
    roots::Root,
};

/// The tree's name in commands.
const TREE: &str = "numbers";
const START_LIMIT: Duration = Duration::from_mins(3);
const CONTROL: &str = "unixs:/lab/kamailio.socket";

/// A running Kamailio.
#[derive(Debug)]
pub struct Kamailio(Running);

impl Kamailio {
    /// Waits until its tree is loaded: number to direction, from the table of numbers of this Postgres database.
    pub fn start(url: &str) -> Self {
        let root = Root::Kamailio;
        assert!(root.path().exists(), "no {}; run: tests/provision --bench", root.path().display());
        let (config, inside) = Run::current().file("kamailio.cfg");
        fs::write(config, configuration(url)).unwrap();
        let mut command = root.command("/usr/sbin/kamailio");
        // In the foreground, one process for each task, memory for two trees at once.
        command.args(["-DD", "-E", "-n", "1", "-m", "4096", "-M", "64", "-f", &inside]);
        let mut running =
            Running::start("kamailio", &mut command, &Run::current().folder.join("kamailio.log"));
        wait_until("Kamailio answers", START_LIMIT, || {
            assert!(running.has_ended().is_none(), "Kamailio ended; see kamailio.log");
            succeeds(kamcmd().arg("core.uptime")).then_some(())
        });
        Self(running)
    }

    /// Reads the whole table again; ends when the new tree is in use.
    pub fn reload(&self) {
        finish(kamcmd().args(["mtree.reload", TREE]));
    }

    /// What it says of its trees.
    pub fn summary(&self) -> String {
        String::from_utf8(finish(kamcmd().arg("mtree.summary")).stdout).unwrap()
    }

    /// What all its processes hold in memory, shared pages counted once, kB.
    pub fn resident_kb(&self) -> u64 {
        self.processes().into_iter().map(proportional_kb).sum()
    }

    /// Their ids.
    pub fn processes(&self) -> Vec<u32> {
        let ours = |process: &u32| *process == self.0.id() || parent(*process) == Some(self.0.id());
        let entries = fs::read_dir("/proc").unwrap().flatten();
        entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).filter(ours).collect()
    }
}

fn kamcmd() -> Command {
    let mut command = Root::Kamailio.command("/usr/sbin/kamcmd");
    command.args(["-s", CONTROL]);
    command
}

fn parent(process: u32) -> Option<u32> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    stat.rsplit_once(") ")?.1.split(' ').nth(1)?.parse().ok()
}

fn proportional_kb(process: u32) -> u64 {
    let rollup = fs::read_to_string(format!("/proc/{process}/smaps_rollup")).unwrap_or_default();
    let line = rollup.lines().find_map(|line| line.strip_prefix("Pss:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(0)
}

fn configuration(url: &str) -> String {
    format!(
        r#"#!KAMAILIO
children=1
listen=udp:127.0.0.1:5099
disable_tcp=yes
log_stderror=yes
debug=2
loadmodule "ctl.so"
loadmodule "pv.so"
loadmodule "db_postgres.so"
loadmodule "mtree.so"
modparam("ctl", "binrpc", "{CONTROL}")
modparam("mtree", "db_url", "{url}")
modparam("mtree", "mtree", "name={TREE};dbtable=numbers;type=0")
modparam("mtree", "tprefix_column", "number")
modparam("mtree", "tvalue_column", "direction")
modparam("mtree", "fetch_rows", 10000)
request_route {{
    drop;
}}
"#
    )
}
