use std::{fs, path::Path, process::ExitCode};

use anyhow::Context;
use routing::tables::Tables;
use runtime::Config;

use super::open;
use crate::{
    cli::Import,
    failure::{DONE, Failure},
};

pub(crate) async fn run(config: &Config, arguments: &Import) -> Result<ExitCode, Failure> {
    let tables = read(&arguments.file).map_err(Failure::usage)?;
    let store = open(config).await?;
    store.migrate().await?;
    store.insert(&tables).await?;
    println!("imported {}", arguments.file.display());
    Ok(DONE)
}

fn read(path: &Path) -> anyhow::Result<Tables> {
    let text = fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display()))?;
    toml::from_str(&text).with_context(|| format!("{} is not a file of tables", path.display()))
}
