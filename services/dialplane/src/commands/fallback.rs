use std::process::ExitCode;

use runtime::Config;

use super::open;
use crate::{
    cli::Fallback,
    failure::{DONE, Failure},
    files,
};

/// Made from the tables only if they are a valid configuration: a node must not fall back to half of one.
pub(crate) async fn run(config: &Config, command: Fallback) -> Result<ExitCode, Failure> {
    let Fallback::Export { node, out } = command;
    let (tables, snapshot) = router::load_with_tables(&open(config).await?).await?;
    let text = nodes::fallback(&tables, &snapshot, &node)?;
    match out {
        None => print!("{text}"),
        Some(path) if files::replace(&path, &text)? => println!("{} written", path.display()),
        Some(path) => println!("{} is up to date", path.display()),
    }
    Ok(DONE)
}
