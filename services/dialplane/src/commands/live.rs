//! What an edit ends with: it goes live, waits to be activated, or is refused.

use std::process::ExitCode;

use activation::{Part, Settled, settle};
use live::{Bus, Topic};
use routing::Layer;
use runtime::{Activation, Config, Tasks};
use store::Store;

use crate::{
    cli::About,
    failure::{DONE, Failure},
};

/// Sees an edit of the configuration go live, if it goes live by itself.
pub(crate) async fn after_edit(config: &Config, store: &Store, about: &About) -> Result<ExitCode, Failure> {
    if config.generations.activation == Activation::Manual {
        println!("`dialplane activate` makes it live");
        return Ok(DONE);
    }
    if let Some(held) = held(store).await? {
        println!(
            "generation {held} was rolled back to and is held: `dialplane activate` makes all edits since live"
        );
        return Ok(DONE);
    }
    settled(config, store, Part::All, about).await
}

/// Sees tokens go live, which they do however the configuration is activated.
pub(crate) async fn after_tokens(config: &Config, store: &Store, about: &About) -> Result<ExitCode, Failure> {
    settled(config, store, Part::Layer(Layer::Tokens), about).await
}

async fn held(store: &Store) -> Result<Option<u64>, Failure> {
    let newest = store.generations(1).await?.into_iter().next();
    Ok(newest.filter(|newest| newest.held).map(|newest| newest.number))
}

async fn settled(config: &Config, store: &Store, part: Part, about: &About) -> Result<ExitCode, Failure> {
    let mut tasks = Tasks::default();
    // While what became of the edit is waited for, the routers hear of it.
    Bus::connect(&config.bus, &mut tasks).map_err(Failure::usage)?.publish(Topic::Edits, "");
    match settle(store, part, about.order(false)).await? {
        Settled::Live(Some(generation)) => eprintln!("live in generation {generation}"),
        Settled::Live(None) => {}
        Settled::Refused(findings) => return Err(Failure::negative(NotActivated(findings))),
    }
    Ok(DONE)
}

#[derive(Debug, thiserror::Error)]
#[error(
    "the edit stands in the tables and is not live; mend it or `dialplane restore` the active generation: {0}"
)]
struct NotActivated(String);
