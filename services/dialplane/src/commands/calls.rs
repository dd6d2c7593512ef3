//! Calls: what is known of them.

mod assemble;
mod clock;
mod live;
mod recording;
mod stats;
mod text;
mod timeline;
mod view;

use std::process::ExitCode;

use runtime::Config;

use crate::{cli::Calls, failure::Failure};

pub(crate) async fn run(config: &Config, command: Calls) -> Result<ExitCode, Failure> {
    match command {
        Calls::Assemble(arguments) => assemble::run(&arguments),
        Calls::Live(arguments) => live::run(config, &arguments).await,
        Calls::Stats(arguments) => stats::run(config, &arguments).await,
    }
}
