//! The one binary: subcommands and wiring. What they do lives in the crates they wire.

// First: the others print with its macros.
#[macro_use]
mod answer;
mod cell;
mod cli;
mod commands;
mod failure;
mod files;
mod token;

use std::process::ExitCode;

use clap::Parser;
use runtime::Config;

use crate::{
    cli::{Cli, Command},
    failure::{Failure, report},
};

fn main() -> ExitCode {
    let cli = Cli::parse();
    match run(cli) {
        Ok(code) => code,
        Err(failure) => report(&failure),
    }
}

fn run(cli: Cli) -> Result<ExitCode, Failure> {
    let config = if cli.command.is_configured() {
        Config::load(cli.config.as_deref()).map_err(Failure::usage)?
    } else {
        Config::default()
    };
    runtime::init_log(&config.log).map_err(|error| Failure::usage(anyhow::anyhow!("log.filter: {error}")))?;
    let tokio =
        tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(Failure::unavailable)?;
    tokio.block_on(dispatch(cli.command, config))
}

async fn dispatch(command: Command, config: Config) -> Result<ExitCode, Failure> {
    match command {
        Command::Serve(arguments) => commands::serve::run(config, &arguments).await,
        Command::Check => commands::check::run(&config).await,
        Command::Migrate => commands::migrate::run(&config).await,
        Command::Example(command) => commands::example::run(config, command).await,
        Command::Import(arguments) => commands::import::run(&config, &arguments).await,
        Command::Outcomes(command) => commands::outcomes::run(&config, command).await,
        Command::Rows(command) => commands::rows::run(&config, command).await,
        Command::Verify(arguments) => commands::verify::run(&config, &arguments).await,
        Command::Activate(arguments) => commands::activate::run(&config, &arguments).await,
        Command::Rollback(arguments) => commands::rollback::run(&config, &arguments).await,
        Command::Restore(arguments) => commands::restore::run(&config, &arguments).await,
        Command::Generations(command) => commands::generations::run(&config, command).await,
        Command::Routers { json } => commands::routers::run(&config, json).await,
        Command::Collectors { json } => commands::collectors::run(&config, json).await,
        Command::Providers(command) => commands::providers::run(&config, command).await,
        Command::Token(command) => commands::token::run(&config, command).await,
        Command::Route(command) => commands::route::run(&config, command).await,
        Command::Fallback(command) => commands::fallback::run(&config, command).await,
        Command::Peers(command) => commands::peers::run(&config, command).await,
        Command::Firewall(command) => commands::firewall::run(&config, command).await,
        Command::Calls(command) => commands::calls::run(&config, command).await,
        Command::Decisions(command) => commands::decisions::run(&config, command).await,
        Command::Reports(command) => commands::reports::run(&config, &command).await,
        Command::Retention(command) => commands::retention::run(&config, command).await,
        Command::Addresses(command) => commands::addresses::run(&config, command).await,
        Command::Holds(command) => commands::holds::run(&config, command).await,
        Command::Audit { limit, json } => commands::audit::run(&config, limit, json).await,
    }
}
