use std::process::ExitCode;

use activation::{Draft, Look, Part};
use runtime::Config;

use super::open;
use crate::failure::{DONE, Failure};

/// Each step prints when it succeeded; the first that fails ends the command with the exit code of its kind.
pub(crate) async fn run(config: &Config) -> Result<ExitCode, Failure> {
    println!("configuration  ok");
    let store = open(config).await?;
    store.ping().await?;
    store.check_statements().await?;
    println!("database       ok");
    let draft = Draft::read(&store, Look::Whole, Part::All, None).await?;
    let size = draft.compiled().map_err(|faults| Failure::usage(faults.clone()))?.size();
    println!(
        "tables         ok ({} servers, {} extensions, {} providers, {} numbers)",
        size.nodes, size.extensions, size.providers, size.numbers
    );
    for finding in draft.findings() {
        println!("  {finding}");
    }
    match store.latest_generation().await? {
        Some(head) => println!("generation     {}", head.number),
        None => println!("generation     none yet"),
    }
    Ok(DONE)
}
