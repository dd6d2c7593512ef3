//! A machine to which things can be done that end with the run.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::atomic::{AtomicU16, Ordering},
};

use crate::{namespace::Run, process::finish, roots::Root};

/// A root folder with a layer of its own on top: what is installed there is gone with the run.
#[derive(Debug)]
pub struct Layered {
    root: PathBuf,
}

impl Layered {
    /// On the tools of the laboratory.
    pub fn on_tools() -> Self {
        Self::on(&Root::Tools.path())
    }

    /// On this machine, whose libraries our program was linked with.
    pub fn on_this_machine() -> Self {
        Self::on(Path::new("/"))
    }

    fn on(lower: &Path) -> Self {
        static NEXT: AtomicU16 = AtomicU16::new(1);
        let name = format!("layered-{}", NEXT.fetch_add(1, Ordering::Relaxed));
        let folder = Run::current().folder.join(name);
        // A layer cannot lie on the file system of another kind that containers are made of; memory always serves.
        fs::create_dir_all(&folder).unwrap();
        finish(Command::new("mount").args(["-t", "tmpfs", "-o", "size=512m", "tmpfs"]).arg(&folder));
        let [above, work, root] = ["above", "work", "root"].map(|part| folder.join(part));
        for part in [&above, &work, &root] {
            fs::create_dir(part).unwrap();
        }
        let layers =
            format!("lowerdir={},upperdir={},workdir={}", lower.display(), above.display(), work.display());
        finish(Command::new("mount").args(["-t", "overlay", "-o", &layers, "overlay"]).arg(&root));
        let layered = Self { root };
        // Devices are mounted on a machine, and a layer does not see what is mounted on what is below it.
        let null = layered.path("/dev/null");
        if !null.exists() {
            finish(Command::new("mknod").args(["-m", "666"]).arg(null).args(["c", "1", "3"]));
        }
        layered
    }

    /// Puts a file there, and tells how it is called inside.
    pub fn bring(&self, file: &Path) -> String {
        let name = file.file_name().unwrap();
        fs::copy(file, self.root.join("tmp").join(name)).unwrap();
        format!("/tmp/{}", name.to_string_lossy())
    }

    /// Where a file of it is.
    pub fn path(&self, inside: &str) -> PathBuf {
        self.root.join(inside.trim_start_matches('/'))
    }

    /// What a program in there prints that has to succeed.
    pub fn must(&self, words: &[&str]) -> String {
        let output = finish(&mut self.command(words));
        String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned()
    }

    pub fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new("chroot");
        command.env("LC_ALL", "C.UTF-8").env("DEBIAN_FRONTEND", "noninteractive").arg(&self.root).args(words);
        command
    }
}

/// Or whoever sweeps up the run's folder would go through every file below.
impl Drop for Layered {
    fn drop(&mut self) {
        for mounted in [Some(&*self.root), self.root.parent()].into_iter().flatten() {
            let _ = Command::new("umount").arg("--lazy").arg(mounted).status();
        }
    }
}
