use std::process::ExitCode;

use activation::Active;
use runtime::Config;

use super::{live, open};
use crate::{cli::Restore, failure::Failure};

pub(crate) async fn run(config: &Config, arguments: &Restore) -> Result<ExitCode, Failure> {
    let store = open(config).await?;
    let then = Active::load(&store, arguments.number, None).await?;
    arguments.about.sign(&store).replace_working_copy(then.tables()).await?;
    println!("the tables are those of generation {}; tokens stay as they are", arguments.number);
    live::after_edit(config, &store, &arguments.about).await
}
