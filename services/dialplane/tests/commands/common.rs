use std::{
    fs,
    path::PathBuf,
    process::{Command, Output},
};

/// A working folder for one test, removed at its end.
pub(crate) struct Folder(pub(crate) PathBuf);

impl Folder {
    pub(crate) fn new(test: &str) -> Self {
        let path = std::env::temp_dir().join(format!("dialplane-{test}-{}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub(crate) fn with_example(test: &str) -> Self {
        let folder = Self::new(test);
        assert_eq!(folder.run(&["example", "load"]).code(), 0);
        folder
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_dialplane"));
        command.current_dir(&self.0).args(arguments);
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        fs::write(self.0.join(name), text).unwrap();
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

pub(crate) trait Told {
    fn code(&self) -> i32;
    fn out(&self) -> &str;
    fn err(&self) -> &str;
}

impl Told for Output {
    fn code(&self) -> i32 {
        self.status.code().unwrap()
    }

    fn out(&self) -> &str {
        std::str::from_utf8(&self.stdout).unwrap()
    }

    fn err(&self) -> &str {
        std::str::from_utf8(&self.stderr).unwrap()
    }
}

const ASK: &[&str] = &["route", "outbound", "--node", "asterisk-macomnet", "--endpoint", "1000", "--to"];

pub(crate) fn ask(folder: &Folder, to: &str, more: &[&str]) -> Output {
    folder.run(&[ASK, &[to], more].concat())
}
