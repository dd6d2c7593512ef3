//! Calls: what is known of them.

mod assemble;
mod carriers;
mod clock;
mod export;
mod list;
mod live;
mod recording;
mod show;
mod stats;
pub(super) mod text;
mod timeline;
mod unmask;
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
        Calls::Stats(arguments) => stats::run(config, &arguments).await,
        // Otherwise what every command waits with would be as large as this.
        Calls::Export(arguments) => Box::pin(export::run(config, &arguments)).await,
    }
}
