//! Real Asterisk nodes, set up from the very samples that `dialplan/` ships.

use std::{fs, path::Path, time::Duration};

mod config;

pub(crate) use config::{asterisk_conf, manager_conf, modules_conf_of};

use crate::{
    carriers::{Answer, CARRIERS, Carrier},
    namespace::Run,
    process::{Running, wait_until},
    roots::Root,
    router::Data,
};

/// The channel driver a node speaks SIP with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Driver {
    Pjsip,
    ChanSip,
}

/// What is fixed about one node of the laboratory.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    pub name: &'static str,
    pub driver: Driver,
    pub address: &'static str,
    /// Where it is called over IPv6; `chan_sip` listens at one address only.
    pub ipv6: Option<&'static str>,
    root: Root,
}

/// The nodes of the laboratory.
pub const PLANS: [Plan; 3] = [
    Plan {
        name: "ast22",
        driver: Driver::Pjsip,
        address: "192.0.2.22",
        ipv6: Some("2001:db8::22"),
        root: Root::Asterisk22,
    },
    Plan {
        name: "ast16",
        driver: Driver::ChanSip,
        address: "192.0.2.16",
        ipv6: None,
        root: Root::Asterisk16,
    },
    Plan {
        name: "ast16p",
        driver: Driver::Pjsip,
        address: "192.0.2.17",
        ipv6: Some("2001:db8::17"),
        root: Root::Asterisk16,
    },
];

/// The folders Asterisk expects to find.
pub(crate) fn make_folders(of_node: &Path) {
    for folder in [
        "etc",
        "run",
        "log/cdr-csv",
        "log/cdr-custom",
        "log/cel-custom",
        "spool/tmp",
        "lib/agi-bin",
        "lib/keys",
    ] {
        fs::create_dir_all(of_node.join(folder)).unwrap();
    }
}

/// A running Asterisk.
#[derive(Debug)]
pub struct Node {
    pub plan: Plan,
    pub version: String,
    _process: Running,
}

impl Node {
    /// Starts the node and returns when it has fully booted.
    pub(crate) fn start(plan: Plan, data: &Data) -> Self {
        let (outside, inside) = Run::current().file(plan.name);
        make_folders(&outside);
        config::write(&plan, data, &outside, &inside);
        let mut command = plan.root.command("/usr/sbin/asterisk");
        command.args(["-f", "-vvv", "-C", &format!("{inside}/etc/asterisk.conf")]);
        let mut process = Running::start(plan.name, &mut command, &outside.join("console.log"));
        wait_until(&format!("{} has booted", plan.name), Duration::from_secs(30), || {
            assert!(process.has_ended().is_none(), "{} ended at its start", plan.name);
            plan.ask("core waitfullybooted").is_some_and(|text| text.contains("fully booted")).then_some(())
        });
        wait_until(&format!("{} reaches the others", plan.name), Duration::from_secs(40), || {
            plan.unreachable().is_empty().then_some(())
        });
        let text = plan.cli("core show version");
        let version =
            text.lines().find(|line| line.starts_with("Asterisk")).and_then(|line| line.split(' ').nth(1));
        let version = version.unwrap_or("?").to_owned();
        Self { plan, version, _process: process }
    }

    /// What Asterisk answers to a command of its console.
    pub fn cli(&self, command: &str) -> String {
        self.plan.cli(command)
    }

    /// What this node wrote about its dialplan so far.
    pub fn log(&self) -> String {
        let file = Run::current().folder.join(self.plan.name).join("log/full");
        String::from_utf8_lossy(&fs::read(file).unwrap()).into_owned()
    }
}

impl Plan {
    /// Whether the node has a dialplan to fall back to when no router answers.
    pub fn has_fallback(&self) -> bool {
        self.name != "ast16p"
    }

    /// What the only member of its queue is called at.
    pub fn queue_member(&self) -> String {
        let position = PLANS.iter().position(|plan| plan.name == self.name).unwrap();
        format!("44770090082{position}")
    }

    /// Where somebody at an address calls this node: in the same version of IP.
    pub(crate) fn target(&self, from: &str) -> String {
        if from.contains(':') {
            format!("[{}]:5060", self.ipv6.unwrap_or_else(|| panic!("{} speaks IPv4", self.name)))
        } else {
            format!("{}:5060", self.address)
        }
    }

    /// The carriers that answer OPTIONS, but not yet this node's.
    fn unreachable(&self) -> Vec<&'static str> {
        let answer = CARRIERS.iter().filter(|carrier| carrier.is_known_to(self));
        let answer = answer.filter(|carrier| !matches!(carrier.answer, Answer::IgnoresEverything));
        let state = match self.driver {
            Driver::Pjsip => self.cli("pjsip show contacts"),
            Driver::ChanSip => self.cli("sip show peers"),
        };
        let reached = |carrier: &&Carrier| {
            let mut lines = state.lines().filter(|line| line.contains(&carrier.host()));
            lines.any(|line| line.contains(" Avail ") || line.contains(" OK ("))
        };
        answer.filter(|carrier| !reached(carrier)).map(|carrier| carrier.name).collect()
    }

    fn cli(&self, command: &str) -> String {
        self.ask(command).unwrap_or_else(|| panic!("{} does not answer", self.name))
    }

    fn ask(&self, command: &str) -> Option<String> {
        let config = format!("{}/etc/asterisk.conf", Run::current().file(self.name).1);
        let mut asterisk = self.root.command("/usr/sbin/asterisk");
        let output = asterisk.args(["-C", &config, "-rx", command]).output().unwrap();
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
    }
}
