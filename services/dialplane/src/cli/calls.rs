//! Calls and what is known of them.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use domain::NodeName;

#[derive(Debug, Subcommand)]
pub(crate) enum Calls {
    /// Make call records of recorded AMI streams: without database, network or configuration
    Assemble(Assemble),
    /// The calls that are up on all nodes, as their collectors tell
    Live(Live),
}

#[derive(Args, Debug)]
pub(crate) struct Assemble {
    /// What a node's manager port sent, one file per connection, oldest first; `-` is standard input
    #[arg(required = true, value_name = "FILE")]
    pub(crate) streams: Vec<PathBuf>,
    /// What the node is called in the ids of calls
    #[arg(long, value_name = "NAME", default_value = "node")]
    pub(crate) node: NodeName,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
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
