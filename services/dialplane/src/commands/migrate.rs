use std::process::ExitCode;

use runtime::Config;

use super::create;
use crate::failure::{DONE, Failure};

pub(crate) async fn run(config: &Config) -> Result<ExitCode, Failure> {
    let store = create(config).await?;
    store.migrate().await?;
    store.prepare_call_partitions(store.clock_us().await?).await?;
    println!("tables are up to date");
    Ok(DONE)
}
