//! Calls and what is known of them.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use domain::NodeName;

#[derive(Debug, Subcommand)]
pub(crate) enum Calls {
    /// Make call records of recorded AMI streams: without database, network or configuration
    Assemble(Assemble),
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
