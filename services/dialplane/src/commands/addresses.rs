mod list;
mod quarantine;
mod resolve;

use std::process::ExitCode;

use runtime::Config;
use store::QuarantineState;

use super::open;
use crate::{cli::Addresses, failure::Failure};

pub(crate) async fn run(config: &Config, command: Addresses) -> Result<ExitCode, Failure> {
    let store = open(config).await?;
    match command {
        Addresses::List { provider, json } => list::run(config, &store, provider.as_deref(), json).await,
        Addresses::Quarantine { all, json } => quarantine::list(&store, all, json).await,
        Addresses::Approve { id, reason } => {
            quarantine::decide(&store, id, QuarantineState::Approved, &reason).await
        }
        Addresses::Reject { id, reason } => {
            quarantine::decide(&store, id, QuarantineState::Rejected, &reason).await
        }
        Addresses::Resolve { json } => resolve::run(config, &store, json).await,
    }
}
