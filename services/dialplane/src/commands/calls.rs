//! Calls: what is known of them.

mod live;

use std::process::ExitCode;

use runtime::Config;

use crate::{cli::Calls, failure::Failure};

pub(crate) async fn run(config: &Config, command: Calls) -> Result<ExitCode, Failure> {
    match command {
        Calls::Live(arguments) => live::run(config, &arguments).await,
    }
}
