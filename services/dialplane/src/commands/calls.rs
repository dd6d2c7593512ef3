//! Calls: what is known of them.

mod assemble;
mod clock;
mod list;
mod live;
mod recording;
mod show;
mod text;
mod timeline;
mod view;
mod zone;

use std::process::ExitCode;

use runtime::Config;

use crate::{cli::Calls, failure::Failure};

pub(crate) async fn run(config: &Config, command: Calls) -> Result<ExitCode, Failure> {
    match command {
        Calls::List(arguments) => list::run(config, &arguments).await,
        Calls::Show(arguments) => show::run(config, &arguments).await,
        Calls::Assemble(arguments) => assemble::run(&arguments),
        Calls::Live(arguments) => live::run(config, &arguments).await,
    }
}
