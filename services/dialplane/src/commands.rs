//! One module per subcommand.

pub(crate) mod activate;
pub(crate) mod addresses;
pub(crate) mod audit;
pub(crate) mod calls;
pub(crate) mod check;
pub(crate) mod collectors;
pub(crate) mod decisions;
pub(crate) mod enforcement;
pub(crate) mod example;
pub(crate) mod fallback;
pub(crate) mod firewall;
pub(crate) mod generations;
pub(crate) mod holds;
pub(crate) mod import;
pub(crate) mod live;
pub(crate) mod migrate;
pub(crate) mod outcomes;
pub(crate) mod peers;
pub(crate) mod providers;
pub(crate) mod reports;
pub(crate) mod restore;
pub(crate) mod retention;
pub(crate) mod rollback;
pub(crate) mod route;
pub(crate) mod routers;
pub(crate) mod rows;
pub(crate) mod serve;
pub(crate) mod token;
pub(crate) mod verify;

use std::sync::Arc;

use activation::Active;
use anyhow::anyhow;
use runtime::Config;
use store::{Options, Store};

use crate::failure::Failure;

/// The database, which exists: a mistyped path is no new database.
async fn open(config: &Config) -> Result<Store, Failure> {
    Ok(Store::connect(config.store.url.expose(), Options { create: false, ..Options::default() }).await?)
}

/// The database; an embedded one is made where there is none.
async fn create(config: &Config) -> Result<Store, Failure> {
    Ok(Store::connect(config.store.url.expose(), Options::default()).await?)
}

/// What calls are routed by now.
async fn active(store: &Store) -> Result<Arc<Active>, Failure> {
    let active = Active::newest(store).await?;
    active.ok_or_else(|| {
        Failure::negative(anyhow!("no generation is active yet; `dialplane activate` makes the first one"))
    })
}
