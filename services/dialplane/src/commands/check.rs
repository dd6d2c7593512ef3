use std::process::ExitCode;

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
    let snapshot = router::load(&store).await?;
    let size = snapshot.size();
    println!(
        "tables         ok ({} servers, {} extensions, {} providers, {} numbers)",
        size.nodes, size.extensions, size.providers, size.numbers
    );
    println!("generation     {}", snapshot.generation());
    Ok(DONE)
}
