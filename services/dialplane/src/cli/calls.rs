//! Calls and what is known of them.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use domain::NodeName;
use traffic::{Dimension, Kind, Per};

#[derive(Debug, Subcommand)]
pub(crate) enum Calls {
    /// Make call records of recorded AMI streams: without database, network or configuration
    Assemble(Assemble),
    /// The calls that are up on all nodes, as their collectors tell
    Live(Live),
    /// How attempts and calls ended, counted: ASR, NER, ACD, PDD and what they follow from
    Stats(Stats),
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

#[derive(Args, Debug)]
pub(crate) struct Stats {
    /// From when: 2026-11-21, 2026-11-21T14:00 or 2026-11-21T14:00+03:00 [default: a day before the end]
    #[arg(long, value_name = "TIME")]
    pub(crate) from: Option<String>,
    /// Until when [default: now, and 31 days at most]
    #[arg(long, value_name = "TIME")]
    pub(crate) to: Option<String>,
    /// One row for each: provider, prefix, country, node, direction, kind, hour, day, cause
    #[arg(long, value_delimiter = ',', value_name = "LIST")]
    pub(crate) by: Vec<Dimension>,
    /// Whose hours and days, by its name in the IANA database
    #[arg(long, default_value = "UTC")]
    pub(crate) zone: String,
    /// What is counted: attempt or call
    #[arg(long, default_value_t = Per::Attempt)]
    pub(crate) per: Per,
    /// Only these kinds: carrier, hop, local, unknown [default: of attempts carrier,unknown; of calls all but hop]
    #[arg(long, value_delimiter = ',', value_name = "LIST")]
    pub(crate) kind: Vec<Kind>,
    /// Only this node's
    #[arg(long)]
    pub(crate) node: Option<NodeName>,
    /// Only this carrier's, by its id
    #[arg(long, value_name = "ID")]
    pub(crate) provider: Option<i64>,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}
