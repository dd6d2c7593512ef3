//! What a node has its packet filter kept by.

use std::{net::SocketAddr, path::PathBuf};

use clap::{Args, ValueEnum};
use client::Base;

use super::firewall::FirewallQuestion;

#[derive(Args, Debug)]
pub(crate) struct FirewallApply {
    #[command(flatten)]
    pub(crate) here: FirewallHere,
    /// Go on: follow edits, times that come and go, and what other hands change
    #[arg(long)]
    pub(crate) watch: bool,
    /// Say what would change, and change nothing
    #[arg(long, conflicts_with = "watch")]
    pub(crate) dry_run: bool,
    /// A program that is run after a change, without arguments: if it fails, what was loaded before is loaded again
    #[arg(long, value_name = "PROGRAM", conflicts_with = "dry_run")]
    pub(crate) check: Option<PathBuf>,
    /// How long that program may take, seconds
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u16).range(1..=300))]
    pub(crate) check_limit_s: u16,
    /// Load it even if more than 30 % of the networks that are loaded are lost
    #[arg(long)]
    pub(crate) force: bool,
    /// Where the watch shows /metrics, /livez and /readyz [default: nowhere]
    #[arg(long, value_name = "ADDRESS", requires = "watch")]
    pub(crate) metrics: Option<SocketAddr>,
}

#[derive(Args, Debug)]
pub(crate) struct FirewallStatus {
    #[command(flatten)]
    pub(crate) here: FirewallHere,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// Who says what is to be loaded here, and into what.
#[derive(Args, Debug)]
pub(crate) struct FirewallHere {
    #[command(flatten)]
    pub(crate) question: FirewallQuestion,
    /// Ask the API there instead of the database: `https://host`, or `http://127.0.0.1:8080` on this machine
    #[arg(long, value_name = "URL", requires = "token_file")]
    pub(crate) api: Option<Base>,
    /// A file that holds the token for the API
    #[arg(long, value_name = "FILE", requires = "api")]
    pub(crate) token_file: Option<PathBuf>,
    /// The certificates of those who may vouch for the API, PEM [default: those this machine trusts]
    #[arg(long, value_name = "FILE", requires = "api")]
    pub(crate) ca_file: Option<PathBuf>,
    /// The packet filter
    #[arg(long, value_enum, default_value = "nftables")]
    pub(crate) backend: PacketFilter,
    /// Where what was loaded last is kept, for the start of this machine
    #[arg(long, value_name = "FOLDER", default_value = "/var/lib/dialplane")]
    pub(crate) folder: PathBuf,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum PacketFilter {
    /// A table of its own, with rules
    Nftables,
    /// Sets, for rules of yours that ask them
    Ipset,
}
