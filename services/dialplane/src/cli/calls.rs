//! Calls and what is known of them.

use clap::{Args, Subcommand};
use domain::NodeName;

#[derive(Debug, Subcommand)]
pub(crate) enum Calls {
    /// The calls that are up on all nodes, as their collectors tell
    Live(Live),
}

#[derive(Args, Debug)]
pub(crate) struct Live {
    /// Only this node's calls
    #[arg(long)]
    pub(crate) node: Option<NodeName>,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
    /// Draw it again every second, until Ctrl-C
    #[arg(long, conflicts_with = "json")]
    pub(crate) watch: bool,
}
