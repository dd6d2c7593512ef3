//! Where an export goes, and what becomes of it there.

use std::{
    fs::File,
    io::{self, IsTerminal},
    os::fd::AsFd,
    path::Path,
    process::ExitCode,
};

use anyhow::anyhow;
use exports::What;

use super::signals::Signal;
use crate::{
    failure::{DONE, Failure},
    files::Draft,
};

pub(super) enum Output {
    Standard,
    File(Draft),
}

impl Output {
    /// What is written to, and what is done with it at the end.
    pub(super) fn open(path: &Path, force: bool) -> Result<(Self, File), Failure> {
        if path != Path::new("-") {
            let (draft, file) = Draft::create(path, force)?;
            return Ok((Self::File(draft), file));
        }
        if io::stdout().is_terminal() {
            return Err(Failure::usage(anyhow!(
                "standard output is a terminal, which obeys what callers write: name a file with --output, or pipe it"
            )));
        }
        let file = io::stdout().as_fd().try_clone_to_owned().map_err(Failure::unavailable)?;
        Ok((Self::Standard, file.into()))
    }

    /// The export is whole.
    pub(super) fn keep(self, file: &File, rows: u64, what: What) -> Result<ExitCode, Failure> {
        if let Self::File(draft) = self {
            let place = draft.place().display().to_string();
            draft.keep(file)?;
            println!("{place}: {rows} {}", what.as_str());
        }
        Ok(DONE)
    }

    /// It is not, and will not be.
    pub(super) fn abandon(self, signal: Signal, rows: u64) -> ExitCode {
        match self {
            Self::Standard => eprintln!("dialplane: {signal}: the export ends after about {rows} rows"),
            Self::File(draft) => {
                eprintln!("dialplane: {signal}: {} was not written", draft.place().display());
            }
        }
        signal.exit_code()
    }
}
