//! Calls: what recorded streams tell of them.

mod assemble;
mod clock;
mod recording;
mod timeline;
mod view;

use std::process::ExitCode;

use crate::{cli::Calls, failure::Failure};

pub(crate) fn run(command: &Calls) -> Result<ExitCode, Failure> {
    match command {
        Calls::Assemble(arguments) => assemble::run(arguments),
    }
}
