//! Programs that load what is exported for them, each time in a network of their own.

use std::{
    fs,
    path::PathBuf,
    process::Command,
    sync::atomic::{AtomicU16, Ordering},
};

use crate::{
    namespace::Run,
    process::finish,
    roots::{RUN_INSIDE, Root},
};

/// A folder with files, and the programs of the root folder of tools.
#[derive(Debug)]
pub struct Loader {
    outside: PathBuf,
    inside: String,
}

impl Loader {
    pub fn new() -> Self {
        static NEXT: AtomicU16 = AtomicU16::new(1);
        let name = format!("loader-{}", NEXT.fetch_add(1, Ordering::Relaxed));
        let outside = Run::current().folder.join(&name);
        fs::create_dir_all(&outside).unwrap();
        Self { outside, inside: format!("{RUN_INSIDE}/{name}") }
    }

    pub fn put(&self, name: &str, text: &str) {
        fs::write(self.outside.join(name), text).unwrap();
    }

    /// Runs a script of the shell in that folder, in a network with nothing but a loopback device; what it prints. The first
    /// command that fails ends it; what `$started` names ends with it.
    pub fn run(&self, script: &str) -> String {
        let script = format!(
            "started=\ntrap '[ -z \"$started\" ] || kill $started' EXIT\ncd {}\nip link set lo up\n{script}\n",
            self.inside
        );
        let mut command = Command::new("unshare");
        command.args(["--net", "chroot"]).arg(Root::Tools.path()).args(["/bin/sh", "-euc", &script]);
        let output = finish(command.env("LC_ALL", "C.UTF-8"));
        String::from_utf8(output.stdout).unwrap()
    }
}

impl Default for Loader {
    fn default() -> Self {
        Self::new()
    }
}
