//! An Asterisk with nothing but a manager port and local channels, for what nobody else's calls would survive.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use crate::{
    asterisk,
    namespace::Run,
    process::{Running, finish, wait_until},
    roots::Root,
};

/// What local channels, a dialplan and queues need.
const MODULES: &str = "res_timing_timerfd pbx_config app_dial app_userevent app_verbose app_stack app_queue \
    func_channel func_strings res_clioriginate bridge_simple codec_ulaw cel_manager func_devstate";

/// Leads nowhere, keeps what an Originate brought, and plays a leg of the shipped dialplan that reports nothing.
const EXTENSIONS: &str = "[lab]
exten => keep,1,UserEvent(Kept,Plain: ${PLAIN},Hard: ${HARD})
 same => n,Answer()
 same => n,Wait(60)
exten => brief,1,Hangup(21)
exten => silent,1,Set(__DP_ID=1-a-1)
 same => n,Dial(Local/brief@lab)
";

/// Accounts beside the shipped one, by what they lack.
const ACCOUNTS: &str = "
[everything]
secret = change-me
read = all
write = all
[nothing]
secret = change-me
[deaf]
secret = change-me
write = reporting
[half-deaf]
secret = change-me
read = system,call
write = reporting
[console]
secret = change-me
read = call
write = command,reporting
";

/// A version of Asterisk, and where such a node listens.
#[derive(Clone, Copy, Debug)]
pub struct Solo {
    pub name: &'static str,
    pub address: &'static str,
    root: Root,
}

/// For stories that change nothing another one could notice, and for those that stop or restart the node.
pub const SHARED: [Solo; 2] = [
    Solo { name: "solo22", address: "192.0.2.122", root: Root::Asterisk22 },
    Solo { name: "solo16", address: "192.0.2.116", root: Root::Asterisk16 },
];
pub const FRAGILE: [Solo; 2] = [
    Solo { name: "fragile22", address: "192.0.2.132", root: Root::Asterisk22 },
    Solo { name: "fragile16", address: "192.0.2.126", root: Root::Asterisk16 },
];

/// Speaks SIP as well.
pub const SIP: Solo = Solo { name: "sip22", address: "192.0.2.142", root: Root::Asterisk22 };

/// A running one.
#[derive(Debug)]
pub struct SoloNode {
    pub solo: Solo,
    process: Running,
}

impl Solo {
    /// Starts it, and returns when it has fully booted.
    pub fn start(self) -> SoloNode {
        self.start_with("", &[])
    }

    /// The same with more modules, and files of theirs.
    pub fn start_with(self, modules: &str, files: &[(&str, &str)]) -> SoloNode {
        let (outside, inside) = Run::current().file(self.name);
        asterisk::make_folders(&outside);
        self.write(&outside, &inside);
        let put = |file: &str, text: &str| fs::write(outside.join("etc").join(file), text).unwrap();
        put("modules.conf", &asterisk::modules_conf_of(&format!("{MODULES} {modules}")));
        for (file, text) in files {
            put(file, text);
        }
        let mut command = self.root.command("/usr/sbin/asterisk");
        command.args(["-f", "-vvv", "-C", &format!("{inside}/etc/asterisk.conf")]);
        let process = Running::start(self.name, &mut command, &outside.join("console.log"));
        let node = SoloNode { solo: self, process };
        node.wait_booted();
        node
    }

    fn write(&self, outside: &Path, inside: &str) {
        let put = |file: &str, text: &str| fs::write(outside.join("etc").join(file), text).unwrap();
        put("asterisk.conf", &asterisk::asterisk_conf(self.name, self.root, inside));
        put("logger.conf", "[general]\n[logfiles]\nfull => notice,warning,error,verbose\n");
        put("extensions.conf", EXTENSIONS);
        put("cel.conf", "[general]\nenable = yes\napps = all\nevents = ALL\n[manager]\nenabled = yes\n");
        put("queues.conf", "[general]\n[lab]\nstrategy = rrmemory\n");
        for empty in ["acl.conf", "pjproject.conf", "stasis.conf", "features.conf", "cdr.conf"] {
            put(empty, "");
        }
        for general in ["ccss.conf", "udptl.conf"] {
            put(general, "[general]\n");
        }
        self.certify(outside, inside);
        put("manager.conf", &(self.manager_conf(inside) + ACCOUNTS));
    }

    /// The shipped one, with its lines for TLS.
    fn manager_conf(&self, inside: &str) -> String {
        let shipped = asterisk::manager_conf(self.address).replace(";tls", "tls");
        let own = [
            ("0.0.0.0:5039", format!("{}:5039", self.address)),
            ("/etc/asterisk/keys/manager.pem", format!("{inside}/lib/keys/node.pem")),
            ("/etc/asterisk/keys/manager.key", format!("{inside}/lib/keys/node.key")),
        ];
        own.iter().fold(shipped, |text, (sample, here)| {
            assert!(text.contains(sample), "the sample has no {sample} any more");
            text.replace(sample, here)
        })
    }

    /// An authority of its own, and a certificate by it for the address of the node.
    fn certify(&self, outside: &Path, inside: &str) {
        let keys = format!("{inside}/lib/keys");
        let names = format!("subjectAltName=IP:{}\nbasicConstraints=CA:FALSE\n", self.address);
        fs::write(outside.join("lib/keys/names"), names).unwrap();
        let openssl = |arguments: &str| {
            let arguments = arguments.replace("KEYS", &keys);
            finish(Root::Tools.command("/usr/bin/openssl").args(arguments.split(' ')))
        };
        let key = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes";
        openssl(&format!("req -x509 {key} -days 30 -subj /CN=lab -keyout KEYS/ca.key -out KEYS/ca.pem"));
        openssl(&format!("req {key} -subj /CN=node -keyout KEYS/node.key -out KEYS/node.csr"));
        openssl(
            "x509 -req -in KEYS/node.csr -CA KEYS/ca.pem -CAkey KEYS/ca.key -CAcreateserial -days 30 \
             -extfile KEYS/names -out KEYS/node.pem",
        );
    }

    /// The certificate of who vouches for this node.
    pub fn authority(&self) -> PathBuf {
        Run::current().file(self.name).0.join("lib/keys/ca.pem")
    }

    fn ask(&self, command: &str) -> Option<String> {
        let config = format!("{}/etc/asterisk.conf", Run::current().file(self.name).1);
        let mut asterisk = self.root.command("/usr/sbin/asterisk");
        let output = asterisk.args(["-C", &config, "-rx", command]).output().unwrap();
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
    }
}

impl SoloNode {
    /// What Asterisk answers to a command of its console.
    pub fn cli(&self, command: &str) -> String {
        self.solo.ask(command).unwrap_or_else(|| panic!("{} does not answer", self.solo.name))
    }

    fn wait_booted(&self) {
        wait_until(&format!("{} has booted", self.solo.name), Duration::from_mins(1), || {
            self.solo.ask("core waitfullybooted").filter(|text| text.contains("fully booted")).map(drop)
        });
    }

    /// `STOP` freezes it, `CONT` thaws it.
    pub fn signal(&self, signal: &str) {
        self.process.signal(signal);
    }
}
