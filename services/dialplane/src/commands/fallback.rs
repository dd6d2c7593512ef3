use std::process::ExitCode;

use runtime::{Config, now_us};

use super::{active, open};
use crate::{
    cli::Fallback,
    failure::{DONE, Failure},
    files,
};

/// Made from the active generation: a node must not fall back to what nobody activated.
pub(crate) async fn run(config: &Config, command: Fallback) -> Result<ExitCode, Failure> {
    let Fallback::Export { node, out } = command;
    let active = active(&open(config).await?).await?;
    let text = nodes::fallback(&active.tables().into(), active.snapshot(), &node, now_us())?;
    match out {
        None => print!("{text}"),
        Some(path) if files::replace(&path, &text)? => println!("{} written", path.display()),
        Some(path) => println!("{} is up to date", path.display()),
    }
    Ok(DONE)
}
