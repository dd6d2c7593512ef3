use std::{path::Path, process::ExitCode};

use anyhow::anyhow;
use runtime::Config;
use store::{AccountName, REPORTS};

use super::open;
use crate::{
    answer,
    cli::Reports,
    failure::{DONE, Failure},
    files::Draft,
};

pub(crate) async fn run(config: &Config, command: &Reports) -> Result<ExitCode, Failure> {
    match command {
        Reports::List { json: true } => answer::json(&REPORTS)?,
        Reports::List { json: false } => REPORTS.iter().for_each(|view| println!("{view}")),
        Reports::Grant { account } => grant(config, account).await?,
        Reports::Copy { file } => copy(config, file).await?,
    }
    Ok(DONE)
}

async fn grant(config: &Config, account: &AccountName) -> Result<(), Failure> {
    let grants = open(config).await?.report_grants(account).ok_or_else(|| {
        Failure::usage(anyhow!(
            "SQLite knows no accounts; `dialplane reports copy` writes a file for readers"
        ))
    })?;
    for grant in grants {
        println!("{grant}");
    }
    Ok(())
}

async fn copy(config: &Config, file: &Path) -> Result<(), Failure> {
    let store = open(config).await?;
    if !config.store.url.expose().starts_with("sqlite:") {
        return Err(Failure::usage(anyhow!(
            "only of SQLite; `dialplane reports grant` lets an account read"
        )));
    }
    let (draft, written) = Draft::create(file, false)?;
    store.copy_reports(draft.beside()).await?;
    draft.keep(&written)
}
