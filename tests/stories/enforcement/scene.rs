use std::{
    env,
    fs::{self, Permissions},
    os::unix::fs::PermissionsExt,
    path::PathBuf,
    process::Command,
};

use laboratory::{
    Run, Running,
    fleet::{Fleet, Said},
    networks::{Ground, tools},
    sqlite,
};

use super::{probe::KNOWN, reloads::RULES};

/// An installation with a few carriers, and a node that loads them.
pub(super) struct Scene {
    pub(super) ground: Ground,
    pub(super) fleet: Fleet,
    backend: &'static str,
    folder: PathBuf,
}

const PROVIDER: &str = "[[currencies]]\nid = 1\niso = \"USD\"\nnumcode = 840\nname = \"US dollar\"\n
[[providers]]\nid = 1\nprovidername = \"carrier\"\ncurrency_id = 1\nappend_plus = false\nsells_outgoing = false\n
dial_timeout_s = 60\ncli_allowed = true\ndynamic_calls = true\n";

impl Scene {
    /// With whom the probe comes from as address 1, and so many others.
    pub(super) fn new(name: &str, backend: &'static str, others: u8) -> Self {
        let fleet = Fleet::on(&sqlite());
        let others = (0..others).map(|other| format!("203.0.113.{other}"));
        let addresses = [KNOWN.to_owned()].into_iter().chain(others);
        let rows = (1..).zip(addresses).map(|(id, address)| {
            format!(
                "[[provider_addresses]]\nid = {id}\nprovider_id = 1\ndomainname = \"{address}\"\n\
                 direction = \"IN\"\nproto = \"SIP\"\n"
            )
        });
        fleet.must(&["migrate"]);
        let said = fleet.import(&(PROVIDER.to_owned() + &rows.collect::<String>()));
        assert_eq!(said.code, 0, "{said:?}");
        let folder = Run::current().folder.join(format!("node-{name}-{backend}"));
        Self { ground: Ground::new(), fleet, backend, folder }
    }

    /// A command on the node.
    pub(super) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.fleet.command(&[&["firewall"], arguments].concat());
        command.args(["--backend", self.backend, "--folder", self.folder.to_str().unwrap()]);
        let path = env::var("PATH").unwrap_or_default();
        command.env("PATH", format!("{}:{path}", tools().display()));
        command
    }

    pub(super) fn run(&self, arguments: &[&str]) -> Said {
        Said::of(self.ground.node.within(|| self.command(arguments).output().unwrap()))
    }

    pub(super) fn must(&self, arguments: &[&str]) -> String {
        let said = self.run(arguments);
        assert_eq!(said.code, 0, "{arguments:?}: {said:?}");
        said.out
    }

    /// The same, left running.
    pub(super) fn start(&self, arguments: &[&str]) -> Running {
        let log = self.log_file();
        fs::create_dir_all(&self.folder).unwrap();
        self.ground.node.within(|| Running::start("dialplane", &mut self.command(arguments), &log))
    }

    /// What that has logged.
    pub(super) fn log(&self) -> String {
        fs::read_to_string(self.log_file()).unwrap_or_default()
    }

    fn log_file(&self) -> PathBuf {
        self.folder.join("log")
    }

    /// Loads for the first time, with the rules that ask sets.
    pub(super) fn load(&self) {
        self.must(&["apply"]);
        if self.backend == "ipset" {
            self.ground.node.feed("iptables-restore", "--noflush", RULES);
        }
    }

    /// Everything the packet filter has loaded.
    pub(super) fn loaded(&self) -> String {
        if self.backend == "nftables" {
            return self.ground.node.tool("nft", "--stateless list ruleset");
        }
        let saved = self.ground.node.tool("ipset", "save");
        // A set that was made anew has another seed.
        let mut lines: Vec<_> = saved.lines().map(|line| line.split(" bucketsize").next().unwrap()).collect();
        lines.sort_unstable();
        lines.join("\n")
    }

    /// An edit, seen to go live.
    pub(super) fn edit(&self, arguments: &[&str]) {
        self.fleet.must(&[&["rows"], arguments].concat());
    }

    /// A file of the node's, that can be run.
    pub(super) fn program(&self, name: &str, text: &str) -> String {
        fs::create_dir_all(&self.folder).unwrap();
        let file = self.folder.join(name);
        fs::write(&file, format!("#!/bin/sh\n{text}\n")).unwrap();
        fs::set_permissions(&file, Permissions::from_mode(0o755)).unwrap();
        file.to_str().unwrap().to_owned()
    }

    pub(super) fn file(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }
}
