use std::process::ExitCode;

use activation::rollback;
use runtime::{Activation, Config};

use super::{generations, live, open};
use crate::{
    cli::Rollback,
    failure::{DONE, Failure},
};

/// The tables are restored last: what is live counts first.
pub(crate) async fn run(config: &Config, arguments: &Rollback) -> Result<ExitCode, Failure> {
    let store = open(config).await?;
    let held = config.generations.activation == Activation::Auto && !arguments.restore;
    let active = rollback(&store, arguments.number, held, arguments.about.order(true)).await?;
    generations::print_activated(active.record());
    if arguments.restore {
        arguments.about.sign(&store).replace_working_copy(active.tables()).await?;
        println!("the tables are those of generation {}", arguments.number);
        return live::after_edit(config, &store, &arguments.about).await;
    }
    println!(
        "the tables still hold what was rolled back: `dialplane restore {}` or mend them, then `dialplane activate`",
        arguments.number
    );
    Ok(DONE)
}
