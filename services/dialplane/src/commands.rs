//! One module per subcommand.

pub(crate) mod check;
pub(crate) mod example;
pub(crate) mod fallback;
pub(crate) mod import;
pub(crate) mod migrate;
pub(crate) mod peers;
pub(crate) mod providers;
pub(crate) mod route;
pub(crate) mod serve;
pub(crate) mod token;

use runtime::Config;
use store::{Options, Store};

use crate::failure::Failure;

async fn open(config: &Config) -> Result<Store, Failure> {
    Ok(Store::connect(config.store.url.expose(), Options::default()).await?)
}
