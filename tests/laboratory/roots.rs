use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

/// One of the root folders `tests/provision` makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Root {
    Asterisk22,
    Asterisk16,
    /// SIPp and the databases.
    Tools,
    /// A peer for benches, there only if `tests/provision --bench` made it.
    Kamailio,
}

/// Where every root folder sees the files of this run.
pub(crate) const RUN_INSIDE: &str = "/lab";

impl Root {
    pub(crate) const ALL: [Self; 3] = [Self::Asterisk22, Self::Asterisk16, Self::Tools];

    const fn name(self) -> &'static str {
        match self {
            Self::Asterisk22 => "ast22",
            Self::Asterisk16 => "ast16",
            Self::Tools => "tools",
            Self::Kamailio => "kamailio",
        }
    }

    pub(crate) fn path(self) -> PathBuf {
        let own = env::var_os(format!("DIALPLANE_LAB_{}", self.name().to_uppercase()));
        let cache =
            || env::var_os("DIALPLANE_LAB_CACHE").unwrap_or_else(|| "/var/cache/dialplane-lab".into());
        own.map_or_else(|| Path::new(&cache()).join(self.name()), PathBuf::from)
    }

    /// Fails with the command that brings what is missing.
    pub(crate) fn require_all() {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/provision");
        let check = Command::new(script).arg("--check").status();
        assert!(
            check.is_ok_and(|status| status.success()),
            "the laboratory is not provisioned; run: {script}"
        );
    }

    /// A program of this root folder.
    pub(crate) fn command(self, program: &str) -> Command {
        let mut command = Command::new("chroot");
        command.env("LC_ALL", "C.UTF-8").arg(self.path()).arg(program);
        command
    }

    /// A program of this root folder that refuses to run as root.
    pub(crate) fn command_as(self, user: &str, program: &str) -> Command {
        let mut command = Command::new("chroot");
        command.env("LC_ALL", "C.UTF-8").arg(format!("--userspec={}", self.user_ids(user)));
        command.arg(self.path()).arg(program);
        command
    }

    /// `uid:gid` as this root folder numbers them.
    pub(crate) fn user_ids(self, user: &str) -> String {
        let passwd = fs::read_to_string(self.path().join("etc/passwd")).unwrap();
        let line = passwd.lines().find(|line| line.split(':').next() == Some(user));
        let fields: Vec<&str> =
            line.unwrap_or_else(|| panic!("no user {user} in {self:?}")).split(':').collect();
        format!("{}:{}", fields[2], fields[3])
    }

    /// The first of the places that exists, as the programs of this root folder name it.
    pub(crate) fn first_existing(self, places: &[&str]) -> String {
        let found = places.iter().find(|place| self.path().join(place.trim_start_matches('/')).exists());
        (*found.unwrap_or_else(|| panic!("{self:?} has none of {places:?}"))).to_owned()
    }
}
