use std::process::ExitCode;

use runtime::Config;

use super::create;
use crate::failure::{DONE, Failure};

pub(crate) async fn run(config: &Config) -> Result<ExitCode, Failure> {
    create(config).await?.migrate().await?;
    println!("tables are up to date");
    Ok(DONE)
}
